#include "directory/census.h"

#include "directory/identity.h"
#include "directory_test.h"
#include "provisioning_test.h"

namespace doorward::directory {
namespace {

class CensusTest : public ProvisioningTest {
 protected:
  CensusTest() { add_domain(account_, "contoso.com"); }

  Census census(const Account& account) {
    return read([&](storage::Transaction& transaction) { return take_census(transaction, account.id); });
  }
  Census census() { return census(account_); }
  OutsiderPage outsiders(const std::optional<std::string>& after = {}, int limit = 100) {
    return read([&](storage::Transaction& transaction) {
      return list_outsiders(transaction, account_.id, after, limit);
    });
  }
  std::vector<std::string> names(const OutsiderPage& page) {
    std::vector<std::string> names;
    for (const Outsider& outsider : page.outsiders)
      names.push_back(outsider.employee.profile.user_name);
    return names;
  }
  std::string refusal_to_set(const Account& account, const Employee& employee, Loss loss) {
    return refusal_of([&](storage::Transaction& transaction) {
      return set_loss(transaction, account.id, employee.id, loss, kAdministrator, kNow);
    });
  }
  void accept(const Employee& employee) { EXPECT_EQ(refusal_to_set(account_, employee, Loss::Accepted), ""); }
  std::string refusal_to_accept_all(std::int64_t expected) {
    return refusal_of([&](storage::Transaction& transaction) {
      return accept_all_losses(transaction, account_.id, expected, kAdministrator, kNow);
    });
  }
  void set_email(const Employee& employee, std::string_view email) {
    write([&](storage::Transaction& transaction) {
      Profile profile = employee.profile;
      profile.email = email;
      return update_profile(transaction, account_.id, employee.id, profile, kAdministrator, kNow);
    });
  }
  void deactivate(const Employee& employee) {
    write([&](storage::Transaction& transaction) {
      return deactivate_employee(transaction, account_.id, employee.id, LastAdministrator::MayGo, kSupport,
                                 kNow);
    });
  }
  std::vector<std::string> actions() {
    std::vector<std::string> actions;
    for (const AuditEntry& entry : read([&](storage::Transaction& transaction) {
           return list_audit(transaction, account_.id, std::nullopt, 200);
         })) {
      if (entry.action.starts_with("setup.")) actions.push_back(entry.action);
    }
    return actions;
  }
};

TEST_F(CensusTest, CountsByTheDomainOfTheAddress) {
  add_employee(account_, "in", "in@CONTOSO.com");
  add_employee(account_, "at-end", "a@evil.example@contoso.com");
  add_employee(account_, "out", "out@contoso.com.evil.example");
  add_employee(account_, "below", "below@mail.contoso.com");
  add_employee({.account = account_.id, .profile = {.user_name = "none"}});
  add_employee(account_, "no-address", "contoso.com");
  deactivate(add_employee(account_, "gone", "gone@contoso.com"));
  add_employee(add_account("fabrikam"), "other", "other@contoso.com");
  EXPECT_EQ(census().active, 6);
  EXPECT_EQ(census().outside, 4);
  EXPECT_EQ(names(outsiders()), (std::vector<std::string>{"no-address", "none", "out", "below"}));
  add_domain(account_, "mail.contoso.com");
  EXPECT_EQ(census().outside, 3);
}

TEST_F(CensusTest, AnotherAccountsDomainIsOutside) {
  add_domain(add_account("fabrikam"), "fabrikam.com");
  add_employee(account_, "out@fabrikam.com");
  EXPECT_EQ(census().outside, 1);
}

TEST_F(CensusTest, CountsAdministratorsWhoCouldStillComeIn) {
  add_employee({.account = account_.id,
                .profile = {.user_name = "out", .email = "out@elsewhere.example"},
                .administrator = true});
  EXPECT_EQ(census().administrators_inside, 0);
  const Employee inside = add_employee({.account = account_.id,
                                        .profile = {.user_name = "in", .email = "in@contoso.com"},
                                        .administrator = true});
  EXPECT_EQ(census().administrators_inside, 1);
  EXPECT_EQ(census().administrators_with_password, 0);
  const Employee plain = add_employee(account_, "plain@contoso.com");
  for (const Employee& employee : {inside, plain}) {
    write([&](storage::Transaction& transaction) {
      return set_password(transaction, account_.id, employee.id, "hash", kSupport, kNow);
    });
  }
  EXPECT_EQ(census().administrators_with_password, 1);
  deactivate(inside);
  EXPECT_EQ(census().administrators_inside, 0);
  EXPECT_EQ(census().administrators_with_password, 0);
}

TEST_F(CensusTest, ATestAccountSharesItsParentsDomains) {
  const Account test = write([&](storage::Transaction& transaction) {
    return create_account(transaction, {.name = "test", .plan = Plan::Enterprise, .parent = account_.id},
                          kSupport, kNow);
  });
  add_employee(test, "in@contoso.com");
  add_employee(test, "out@own.example");
  EXPECT_EQ(census(test).outside, 1);
  add_domain(account_, "own.example");
  EXPECT_EQ(census(test).outside, 0);
}

TEST_F(CensusTest, TheDomainFollowsTheAddressHoweverItIsWritten) {
  const Employee manual = add_employee(account_, "manual@contoso.com");
  const ProvisionedEmployee provisioned = create("provisioned@contoso.com");
  EXPECT_EQ(census().outside, 0);
  set_email(manual, "manual@elsewhere.example");
  EXPECT_EQ(census().outside, 1);
  EmployeeRecord record = record_of(provisioned);
  record.profile.email = "provisioned@elsewhere.example";
  update(provisioned, record);
  EXPECT_EQ(census().outside, 2);
  join(this->record("new@elsewhere.example"));
  EXPECT_EQ(census().outside, 3);
  set_email(manual, "Manual@Contoso.COM");
  EXPECT_EQ(census().outside, 2);
  EXPECT_EQ(count("SELECT count(*) FROM employees WHERE email_domain = 'contoso.com'"), 1);
}

TEST_F(CensusTest, ListsOutsidersInPagesByDomainAndName) {
  for (const char* email : {"c@b.example", "a@b.example", "z@a.example", "in@contoso.com", "B@b.example"})
    add_employee(account_, email);
  const OutsiderPage first = outsiders({}, 2);
  EXPECT_EQ(names(first), (std::vector<std::string>{"z@a.example", "a@b.example"}));
  ASSERT_TRUE(first.next);
  const OutsiderPage second = outsiders(first.next, 2);
  EXPECT_EQ(names(second), (std::vector<std::string>{"B@b.example", "c@b.example"}));
  EXPECT_FALSE(second.next);
  EXPECT_FALSE(outsiders({}, 4).next);
  // Whoever stood at the end of the page is inside by now: nobody may be passed over.
  set_email(first.outsiders.back().employee, "a@contoso.com");
  EXPECT_EQ(names(outsiders(first.next, 2)), (std::vector<std::string>{"z@a.example", "B@b.example"}));
  EXPECT_EQ(outsiders("nobody", 9).outsiders.size(), 3u);
}

TEST_F(CensusTest, ALossIsAcceptedAndTakenBack) {
  const Employee out = add_employee(account_, "out@elsewhere.example");
  accept(out);
  accept(out);
  EXPECT_EQ(census().accepted, 1);
  EXPECT_TRUE(outsiders().outsiders.at(0).accepted);
  EXPECT_EQ(refusal_to_set(account_, out, Loss::Refused), "");
  EXPECT_EQ(refusal_to_set(account_, out, Loss::Refused), "");
  EXPECT_EQ(census().accepted, 0);
  EXPECT_FALSE(outsiders().outsiders.at(0).accepted);
  EXPECT_EQ(actions(), (std::vector<std::string>{"setup.loss_refused", "setup.loss_accepted"}));
}

TEST_F(CensusTest, OnlyAnOutsidersLossCanBeAccepted) {
  const Employee inside = add_employee(account_, "in@contoso.com");
  const Employee gone = add_employee(account_, "gone@elsewhere.example");
  deactivate(gone);
  const Account fabrikam = add_account("fabrikam");
  const Employee stranger = add_employee(fabrikam, "x@elsewhere.example");
  for (const Loss loss : {Loss::Accepted, Loss::Refused}) {
    EXPECT_EQ(refusal_to_set(account_, inside, loss), "directory.not_outside");
    EXPECT_EQ(refusal_to_set(account_, gone, loss), "directory.not_outside");
    EXPECT_EQ(refusal_to_set(account_, stranger, loss), kNoEmployee.name());
  }
  EXPECT_EQ(count("SELECT count(*) FROM accepted_losses"), 0);
}

TEST_F(CensusTest, AnAcceptedLossCountsOnlyWhileItIsOne) {
  const Employee moved = add_employee(account_, "moved@elsewhere.example");
  const Employee left = add_employee(account_, "left@elsewhere.example");
  accept(moved);
  accept(left);
  EXPECT_EQ(census().accepted, 2);
  set_email(moved, "moved@contoso.com");
  EXPECT_EQ(census().accepted, 1);
  deactivate(left);
  EXPECT_EQ(census().accepted, 0);
  write([&](storage::Transaction& transaction) {
    return delete_employee(transaction, account_.id, left.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(count("SELECT count(*) FROM accepted_losses"), 1);
}

TEST_F(CensusTest, NobodyIsAcceptedUnseen) {
  add_employee(account_, "in@contoso.com");
  accept(add_employee(account_, "a@elsewhere.example"));
  add_employee(account_, "b@elsewhere.example");
  const Account fabrikam = add_account("fabrikam");
  add_employee(fabrikam, "c@elsewhere.example");
  for (const std::int64_t wrong : {0, 1, 3})
    EXPECT_EQ(refusal_to_accept_all(wrong), "directory.census_changed");
  EXPECT_EQ(census().accepted, 1);
  EXPECT_EQ(refusal_to_accept_all(2), "");
  EXPECT_EQ(refusal_to_accept_all(2), "");
  EXPECT_EQ(census().accepted, 2);
  EXPECT_EQ(census(fabrikam).accepted, 0);
  EXPECT_EQ(actions(), (std::vector<std::string>{"setup.all_losses_accepted", "setup.loss_accepted"}));
  const auto audit = read([&](storage::Transaction& transaction) {
    return list_audit(transaction, account_.id, std::nullopt, 1);
  });
  EXPECT_EQ(audit.at(0).details.at("employees").as_int64(), 2);
}

TEST_F(CensusTest, ForgetsTheLossesOfOneAccount) {
  const Account fabrikam = add_account("fabrikam");
  const Employee other = add_employee(fabrikam, "x@elsewhere.example");
  EXPECT_EQ(refusal_to_set(fabrikam, other, Loss::Accepted), "");
  accept(add_employee(account_, "a@elsewhere.example"));
  write([&](storage::Transaction& transaction) { return forget_losses(transaction, account_.id); });
  EXPECT_EQ(census().accepted, 0);
  EXPECT_EQ(census(fabrikam).accepted, 1);
}

TEST_F(CensusTest, CountsTheActiveInADomain) {
  add_employee(account_, "a@contoso.com");
  deactivate(add_employee(account_, "b@contoso.com"));
  add_employee(add_account("fabrikam"), "c@contoso.com");
  const auto in_domain = [&](std::string_view name) {
    return read([&](storage::Transaction& transaction) {
      return count_active_in_domain(transaction, account_.id, name);
    });
  };
  EXPECT_EQ(in_domain("contoso.com"), 1);
  EXPECT_EQ(in_domain("nobody.example"), 0);
}

}  // namespace
}  // namespace doorward::directory
