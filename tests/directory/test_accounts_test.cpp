#include "directory/test_accounts.h"

#include <gmock/gmock.h>

#include "directory/directory_test.h"
#include "directory/domain_claims.h"
#include "directory/provisioning_settings.h"
#include "directory/sessions.h"

namespace doorward::directory {
namespace {

class TestAccountsTest : public DirectoryTest {
 protected:
  Account create() {
    return write([&](storage::Transaction& transaction) {
      return create_test_account(transaction, account_, kAdministrator, kNow);
    });
  }
  TestAccess open(const Account& test_account, const Employee& who) {
    return write([&](storage::Transaction& transaction) {
      return open_test_account(transaction, test_account, who, kAdministrator, kNow);
    });
  }
  std::string refusal_to_open(const Account& test_account, const Employee& who) {
    return refusal_of([&](storage::Transaction& transaction) {
      return open_test_account(transaction, test_account, who, kAdministrator, kNow);
    });
  }
  /// Whether the link still lets anybody in.
  bool lives(const AccessLinkSecret& link) {
    return read([&](storage::Transaction& transaction) { return find_access_link(transaction, link, kNow); })
        .has_value();
  }
  void set_hash(const Employee& employee) {
    write([&](storage::Transaction& transaction) {
      return set_password(transaction, employee.account, employee.id, "hash", kSupport, kNow);
    });
  }
  Employee add_administrator(std::string_view user_name) {
    return add_employee({.account = account_.id,
                         .profile = {.user_name = std::string(user_name), .email = std::string(user_name)},
                         .administrator = true});
  }

  Account account_ = add_account("Contoso");
  Employee ada_ = add_administrator("ada@contoso.com");
};

TEST_F(TestAccountsTest, OneHasThePlanAndTheSettingsAndNobodyInIt) {
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(
        set_provision_at_sign_in(transaction, account_.id, ProvisionAtSignIn::On, kSupport, kNow));
    RETURN_IF_ERROR(update_provisioning_settings(
        transaction, account_.id, {.departments = DepartmentSource::Create, .log_days = 7}, kSupport, kNow));
    return declare_custom_attribute(transaction, account_.id, {.name = "badge"}, kSupport, kNow);
  });
  const Account made = create();
  EXPECT_EQ(made.name, "Contoso (test)");
  EXPECT_EQ(made.slug, "contoso-test");
  EXPECT_EQ(made.plan, Plan::Enterprise);
  EXPECT_EQ(made.parent, account_.id);
  EXPECT_EQ(made.parent_name, "Contoso");
  EXPECT_TRUE(made.provision_at_sign_in);
  read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto settings, load_provisioning_settings(transaction, made.id));
    EXPECT_EQ(settings.departments, DepartmentSource::Create);
    EXPECT_EQ(settings.log_days, 7);
    ASSIGN_OR_RETURN(const auto attributes, list_custom_attributes(transaction, made.id));
    EXPECT_EQ(attributes.size(), 1U);
    ASSIGN_OR_RETURN(const auto employees, count_employees(transaction, made.id));
    EXPECT_EQ(employees, 0);
    return {};
  });
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'test_account.created'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'account.created'"
                  " AND details LIKE '%\"test_account_of\":\"contoso\"%'"),
            1);
}

TEST_F(TestAccountsTest, ThereAreFewAndEachHasANameOfItsOwn) {
  add_account("Contoso (test 2)");
  EXPECT_EQ(create().name, "Contoso (test)");
  EXPECT_EQ(create().name, "Contoso (test 3)");
  const Account third = create();
  const auto one_more = [&](storage::Transaction& transaction) {
    return create_test_account(transaction, account_, kAdministrator, kNow);
  };
  EXPECT_EQ(refusal_of(one_more), "directory.too_many_test_accounts");
  write([&](storage::Transaction& transaction) {
    return delete_test_account(transaction, third, kAdministrator, kNow);
  });
  EXPECT_EQ(refusal_of(one_more), "");
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'test_account.deleted'"), 1);
}

TEST_F(TestAccountsTest, NoneWithoutThePlanAndNoneOfATestAccount) {
  const Account made = create();
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_test_account(transaction, made, kAdministrator, kNow);
            }),
            "directory.test_account_of_test_account");
  const Account free = add_account("free", Plan::Free);
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_test_account(transaction, free, kAdministrator, kNow);
            }),
            "directory.plan_without_sso");
}

TEST_F(TestAccountsTest, IsFoundAndDeletedByItsOwnCompanyOnly) {
  const Account made = create();
  const Account other = add_account("Fabrikam");
  read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto own, find_test_account(transaction, account_.id, made.public_id));
    EXPECT_TRUE(own.has_value());
    ASSIGN_OR_RETURN(const auto others, find_test_account(transaction, other.id, made.public_id));
    EXPECT_FALSE(others.has_value());
    ASSIGN_OR_RETURN(const auto no_test, find_test_account(transaction, account_.id, account_.public_id));
    EXPECT_FALSE(no_test.has_value());
    return {};
  });
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return delete_test_account(transaction, other, kAdministrator, kNow);
            }),
            "directory.no_test_account");
}

TEST_F(TestAccountsTest, AnAdministratorComesInByALinkAndNoPasswordIsCopied) {
  set_hash(ada_);
  const Account made = create();
  const TestAccess access = open(made, ada_);
  EXPECT_EQ(access.employee.account, made.id);
  EXPECT_EQ(access.employee.profile.user_name, "ada@contoso.com");
  EXPECT_TRUE(access.employee.administrator);
  EXPECT_FALSE(access.employee.has_password);
  EXPECT_TRUE(lives(*access.link));
  EXPECT_EQ(access.link_expires_at, kNow + kInvitationLifetime);
  const TestAccess again = open(made, ada_);
  EXPECT_EQ(again.employee.id, access.employee.id);
  EXPECT_FALSE(lives(*access.link)) << "the newer one took its place";
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'test_account.opened'"), 2);
}

TEST_F(TestAccountsTest, NobodyElseIsLetIn) {
  const Account made = create();
  const Employee ben = add_employee(account_, "ben@contoso.com");
  EXPECT_EQ(refusal_to_open(made, ben), "directory.no_administrator");
  const Account other = add_account("Fabrikam");
  const Employee eve = add_employee(
      {.account = other.id, .profile = {.user_name = "eve@fabrikam.example"}, .administrator = true});
  EXPECT_EQ(refusal_to_open(made, eve), "directory.no_administrator");
  EXPECT_EQ(refusal_to_open(other, eve), "directory.no_administrator") << "no test account";
  const Employee stale = ada_;
  write([&](storage::Transaction& transaction) {
    return revoke_administrator(transaction, account_.id, ada_.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(refusal_to_open(made, stale), "directory.no_administrator") << "what was read before is over";
}

TEST_F(TestAccountsTest, WhoeverLosesTheRightsLosesTheTestAccountToo) {
  const Employee bob = add_administrator("bob@contoso.com");
  const Account made = create();
  using End = Result<void> (*)(storage::Transaction&, const Employee&);
  const End revoke = [](storage::Transaction& transaction, const Employee& who) {
    return revoke_administrator(transaction, who.account, who.id, LastAdministrator::Protect, kDirectory,
                                kNow);
  };
  const End deactivate = [](storage::Transaction& transaction, const Employee& who) {
    return deactivate_employee(transaction, who.account, who.id, LastAdministrator::Protect, kDirectory,
                               kNow);
  };
  const End remove = [](storage::Transaction& transaction, const Employee& who) {
    return delete_employee(transaction, who.account, who.id, LastAdministrator::Protect, kDirectory, kNow);
  };
  for (const End end : {revoke, deactivate, remove}) {
    write([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(activate_employee(transaction, account_.id, ada_.id, kSupport, kNow));
      return grant_administrator(transaction, account_.id, ada_.id, kSupport, kNow);
    });
    const Employee stand_in = open(made, ada_).employee;
    set_hash(stand_in);
    const auto token = SessionToken::issue(made);
    write([&](storage::Transaction& transaction) {
      return create_session(transaction, token, {.account = made.id, .employee = stand_in.id}, {}, kNow);
    });
    const TestAccess pending = open(made, ada_);
    write([&](storage::Transaction& transaction) { return end(transaction, ada_); });
    const Employee left = reload(stand_in);
    EXPECT_FALSE(left.active);
    EXPECT_FALSE(left.administrator);
    EXPECT_FALSE(left.has_password) << "somebody else may take over";
    EXPECT_FALSE(lives(*pending.link));
    EXPECT_FALSE(read([&](storage::Transaction& transaction) {
                   return find_session(transaction, token, kNow);
                 }).has_value());
  }
  EXPECT_TRUE(open(made, bob).employee.administrator);
}

TEST_F(TestAccountsTest, WhoeverTakesAnEmployeeOverTakesNoPasswordWithThem) {
  const Account made = create();
  const Employee sent = add_employee(made, "ada@contoso.com");
  set_hash(sent);
  const TestAccess access = open(made, ada_);
  EXPECT_EQ(access.employee.id, sent.id) << "the directory had sent this person";
  EXPECT_FALSE(access.employee.has_password) << "whoever chose it is not known";
  set_hash(access.employee);
  const TestAccess again = open(made, ada_);
  EXPECT_TRUE(again.employee.has_password) << "it is their own now";
  EXPECT_EQ(again.link_expires_at, kNow + kRecoveryLifetime);
}

TEST_F(TestAccountsTest, MatchesInTheDomainsOfItsParentAndRoutesNobody) {
  add_domain(account_, "contoso.com");
  const Account made = create();
  add_connection(made, "https://idp.example");
  read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto matching, find_matching_domain(transaction, made.id, "ada@contoso.com"));
    EXPECT_TRUE(matching.has_value());
    ASSIGN_OR_RETURN(const auto route, find_route(transaction, "ada@contoso.com"));
    EXPECT_TRUE(route && route->account == account_.id && !route->connection);
    return {};
  });
  for (const DomainProof proof : {DomainProof::Dns, DomainProof::Support, DomainProof::Administrator}) {
    EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
                return directory::add_domain(transaction,
                                             {.account = made.id, .name = "other.example", .proof = proof},
                                             kSupport, kNow);
              }),
              "directory.test_account_domains");
  }
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return claim_domain(transaction, made.id, "other.example", kAdministrator, kNow);
            }),
            "directory.test_account_domains");
}

TEST_F(TestAccountsTest, ADomainFromBeforeRoutesNobodyEither) {
  const Account made = create();
  add_connection(made, "https://idp.example");
  write([&](storage::Transaction& transaction) {
    return transaction.execute(
        "INSERT INTO domains (account_id, name, proof, added_at)"
        " VALUES ($1, 'old.example', 'dns', $2)",
        {made.id, kNow});
  });
  EXPECT_FALSE(read([&](storage::Transaction& transaction) {
                 return find_route(transaction, "ada@old.example");
               }).has_value());
}

TEST_F(TestAccountsTest, ThePlanIsThatOfTheParent) {
  const Account made = create();
  const auto lower = [&](storage::Transaction& transaction) {
    return set_plan(transaction, account_.id, Plan::Free, kSupport, kNow);
  };
  write([&](storage::Transaction& transaction) {
    return transaction.execute("UPDATE accounts SET sso_enforced_at = 1 WHERE id = $1", {made.id});
  });
  EXPECT_EQ(refusal_of(lower), "directory.sso_enforced");
  EXPECT_EQ(reload(account_).plan, Plan::Enterprise);
  write([&](storage::Transaction& transaction) {
    return transaction.execute("UPDATE accounts SET sso_enforced_at = NULL WHERE id = $1", {made.id});
  });
  write(lower);
  EXPECT_EQ(reload(made).plan, Plan::Free);
}

TEST_F(TestAccountsTest, WhileSsoIsEnforcedThereNoLinkIsGiven) {
  Account made = create();
  write([&](storage::Transaction& transaction) {
    return transaction.execute("UPDATE accounts SET sso_enforced_at = 1 WHERE id = $1", {made.id});
  });
  EXPECT_FALSE(open(reload(made), ada_).link.has_value());
}

TEST_F(TestAccountsTest, GoesWithItsParent) {
  const Account made = create();
  open(made, ada_);
  write([&](storage::Transaction& transaction) { return delete_account(transaction, account_.id); });
  EXPECT_EQ(count("SELECT count(*) FROM accounts"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM employees"), 0);
}

TEST_F(TestAccountsTest, ASoleCompanyStaysOneBesideItsTestAccounts) {
  create();
  const auto only = [&] {
    return read([&](storage::Transaction& transaction) { return find_only_company(transaction); });
  };
  EXPECT_EQ(only().value().id, account_.id);
  add_account("Fabrikam");
  EXPECT_FALSE(only().has_value());
}

}  // namespace
}  // namespace doorward::directory
