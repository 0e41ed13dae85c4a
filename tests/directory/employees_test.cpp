#include "directory/employees.h"

#include "directory/departments.h"
#include "directory/events.h"
#include "directory/notices.h"
#include "directory/provisioning.h"
#include "directory/sessions.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

class EmployeesTest : public DirectoryTest {
 protected:
  Employee add_administrator(std::string_view user_name) {
    return add_employee(
        {.account = account_.id, .profile = {.user_name = std::string(user_name)}, .administrator = true});
  }
  std::string refusal_to_create(const Profile& profile) {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_employee(transaction, {.account = account_.id, .profile = profile}, kSupport, kNow);
    });
  }
  std::string refusal_to_deactivate(const Employee& employee, LastAdministrator last) {
    return refusal_of([&](storage::Transaction& transaction) {
      return deactivate_employee(transaction, account_.id, employee.id, last, kDirectory, kNow);
    });
  }
  SessionToken open_session(const Employee& employee) {
    SessionToken token = SessionToken::issue(account_);
    write([&](storage::Transaction& transaction) {
      return create_session(transaction, token, {.account = account_.id, .employee = employee.id}, {}, kNow);
    });
    return token;
  }
  bool is_signed_in(const SessionToken& token) {
    return read([&](storage::Transaction& transaction) { return find_session(transaction, token, kNow); })
        .has_value();
  }
  std::int64_t version_of(const Employee& employee) {
    return read([&](storage::Transaction& transaction) {
             return find_provisioned(transaction, account_.id, employee.public_id);
           })
        ->version;
  }
  std::vector<std::string> event_types() {
    std::vector<std::string> types;
    for (const Event& event : read([&](storage::Transaction& transaction) {
           return events_after(transaction, account_.id, EventId{}, 100);
         })) {
      types.push_back(event.type);
    }
    return types;
  }

  Account account_ = add_account("contoso");
};

TEST_F(EmployeesTest, ValuesComeBackAsTheyWereSent) {
  const Profile profile{.user_name = " Bob@CONTOSO.com",
                        .email = "Bob@Contoso.COM",
                        .given_name = "Bo\xcc\x88 b",
                        .family_name = "O'Neil; DROP TABLE employees",
                        .display_name = "日本\n",
                        .locale = "de-DE",
                        .object_id = "AAAAAAAA-0000-4000-8000-000000000001",
                        .external_id = "Bob"};
  const Employee bob =
      add_employee({.account = account_.id, .profile = profile, .origin = Origin::Directory});
  EXPECT_EQ(bob.profile, profile);
  const Employee again = reload(bob);
  EXPECT_EQ(again.profile, profile);
  EXPECT_EQ(again.origin, Origin::Directory);
  EXPECT_TRUE(again.active);
  EXPECT_FALSE(again.administrator);
  EXPECT_FALSE(again.has_password);
  EXPECT_EQ(again.created_at, kNow);
}

TEST_F(EmployeesTest, UserNamesAreUniqueByFoldedCase) {
  add_employee(account_, "Straße@contoso.com");
  EXPECT_EQ(refusal_to_create({.user_name = "STRASSE@contoso.com"}), kUserNameTaken.name());
  add_employee(account_, "jose\xcc\x81");
  EXPECT_EQ(refusal_to_create({.user_name = "JOS\xc3\x89"}), kUserNameTaken.name());
  add_employee(add_account("fabrikam"), "strasse@contoso.com");
}

TEST_F(EmployeesTest, RefusesValuesThatAreNone) {
  EXPECT_EQ(refusal_to_create({.user_name = ""}), "directory.value_missing");
  EXPECT_EQ(refusal_to_create({.user_name = "  "}), "directory.value_missing");
  EXPECT_EQ(refusal_to_create({.user_name = "a", .email = "\xc0\xaf"}), "directory.value_not_text");
  EXPECT_EQ(refusal_to_create({.user_name = std::string("a\0b", 3)}), "directory.value_not_text");
  EXPECT_EQ(refusal_to_create({.user_name = "a", .display_name = std::string(1025, 'x')}),
            "directory.value_too_long");
}

TEST_F(EmployeesTest, IsFoundByEachName) {
  const Employee bob = add_employee(account_, "bob", "Bob@contoso.com");
  add_employee(account_, "x", "team@contoso.com");
  add_employee(account_, "y", "team@contoso.com");
  const auto found = [&](std::string_view name) {
    const auto employee = read([&](storage::Transaction& transaction) {
      return find_employee_by_any_name(transaction, account_.id, name);
    });
    return employee ? employee->profile.user_name : "nobody";
  };
  EXPECT_EQ(found("BOB"), "bob");
  EXPECT_EQ(found(" bob@CONTOSO.com "), "bob");
  EXPECT_EQ(found(bob.public_id), "bob");
  EXPECT_EQ(found("team@contoso.com"), "nobody");
  EXPECT_EQ(found(""), "nobody");
  EXPECT_EQ(found("%"), "nobody");
}

TEST_F(EmployeesTest, AUserNameBeatsAnothersAddress) {
  add_employee(account_, "first", "shared@contoso.com");
  add_employee(account_, "shared@contoso.com", "other@contoso.com");
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return find_employee_by_any_name(transaction, account_.id, "shared@contoso.com");
            })->profile.user_name,
            "shared@contoso.com");
}

TEST_F(EmployeesTest, AnotherAccountsEmployeeIsOutOfReach) {
  const Employee bob = add_employee(account_, "bob");
  const Account other = add_account("fabrikam");
  const auto refused = [&](auto change) {
    return refusal_of([&](storage::Transaction& t) { return change(t); });
  };
  EXPECT_EQ(refused([&](auto& t) { return load_employee(t, other.id, bob.id); }), kNoEmployee.name());
  EXPECT_EQ(refused([&](auto& t) {
              return deactivate_employee(t, other.id, bob.id, LastAdministrator::MayGo, kSupport, kNow);
            }),
            kNoEmployee.name());
  EXPECT_EQ(refused([&](auto& t) { return grant_administrator(t, other.id, bob.id, kSupport, kNow); }),
            kNoEmployee.name());
  EXPECT_EQ(refused([&](auto& t) { return set_password(t, other.id, bob.id, "x", kSupport, kNow); }),
            kNoEmployee.name());
  EXPECT_EQ(refused([&](auto& t) {
              return delete_employee(t, other.id, bob.id, LastAdministrator::MayGo, kSupport, kNow);
            }),
            kNoEmployee.name());
  EXPECT_TRUE(reload(bob).active);
}

TEST_F(EmployeesTest, DeactivationEndsEverythingAtOnce) {
  add_administrator("keeper");
  const Employee bob = add_administrator("bob");
  const SessionToken first = open_session(bob);
  const SessionToken second = open_session(bob);
  std::vector<Notice> notices;
  on_notice(*database_, [&](const Notice& notice) { notices.push_back(notice); });
  EXPECT_EQ(refusal_to_deactivate(bob, LastAdministrator::Protect), "");
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].employee, bob.id);
  EXPECT_FALSE(is_signed_in(first));
  EXPECT_FALSE(is_signed_in(second));
  EXPECT_FALSE(reload(bob).active);
  EXPECT_FALSE(reload(bob).administrator);
  EXPECT_EQ(event_types().back(), "employee.deactivated");
  // No new session either, from a sign-in that was on its way.
  EXPECT_THROW(open_session(bob), std::runtime_error);
}

TEST_F(EmployeesTest, ComingBackRestoresNoAdminRights) {
  add_administrator("keeper");
  const Employee bob = add_administrator("bob");
  EXPECT_EQ(refusal_to_deactivate(bob, LastAdministrator::Protect), "");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return grant_administrator(transaction, account_.id, bob.id, kSupport, kNow);
            }),
            "directory.inactive_administrator");
  write([&](storage::Transaction& transaction) {
    return activate_employee(transaction, account_.id, bob.id, kDirectory, kNow);
  });
  EXPECT_TRUE(reload(bob).active);
  EXPECT_FALSE(reload(bob).administrator);
  EXPECT_EQ(event_types().back(), "employee.reactivated");
  write([&](storage::Transaction& transaction) {
    return grant_administrator(transaction, account_.id, bob.id, kSupport, kNow);
  });
  EXPECT_TRUE(reload(bob).administrator);
}

TEST_F(EmployeesTest, RepeatingAChangeTellsNobodyTwice) {
  const Employee bob = add_employee(account_, "bob");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(refusal_to_deactivate(bob, LastAdministrator::Protect), "");
    write([&](storage::Transaction& transaction) {
      return update_profile(transaction, account_.id, bob.id, {.user_name = "bob", .locale = "fr"},
                            kDirectory, kNow);
    });
  }
  EXPECT_EQ(event_types(),
            (std::vector<std::string>{"employee.created", "employee.deactivated", "employee.updated"}));
}

TEST_F(EmployeesTest, TheLastActiveAdministratorIsProtectedUnlessForced) {
  const Employee ada = add_administrator("ada");
  const Employee bob = add_administrator("bob");
  EXPECT_EQ(refusal_to_deactivate(bob, LastAdministrator::Protect), "");
  EXPECT_EQ(refusal_to_deactivate(ada, LastAdministrator::Protect), kLastAdministrator.name());
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return revoke_administrator(transaction, account_.id, ada.id, LastAdministrator::Protect,
                                          kSupport, kNow);
            }),
            kLastAdministrator.name());
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return delete_employee(transaction, account_.id, ada.id, LastAdministrator::Protect, kSupport,
                                     kNow);
            }),
            kLastAdministrator.name());
  EXPECT_TRUE(reload(ada).administrator);
  EXPECT_EQ(refusal_to_deactivate(ada, LastAdministrator::MayGo), "");
}

TEST_F(EmployeesTest, TwoAdministratorsCannotRemoveEachOtherAtOnce) {
  const Employee ada = add_administrator("ada");
  const Employee bob = add_administrator("bob");
  const std::string both = refusal_of([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(
        revoke_administrator(transaction, account_.id, ada.id, LastAdministrator::Protect, kSupport, kNow));
    return revoke_administrator(transaction, account_.id, bob.id, LastAdministrator::Protect, kSupport, kNow);
  });
  EXPECT_EQ(both, kLastAdministrator.name());
  EXPECT_TRUE(reload(ada).administrator);
}

TEST_F(EmployeesTest, AnInactiveAdministratorCannotBeMade) {
  EXPECT_EQ(
      refusal_of([&](storage::Transaction& transaction) {
        return create_employee(
            transaction,
            {.account = account_.id, .profile = {.user_name = "bob"}, .active = false, .administrator = true},
            kSupport, kNow);
      }),
      "directory.inactive_administrator");
}

TEST_F(EmployeesTest, APasswordChangeEndsTheSessions) {
  const Employee bob = add_employee(account_, "bob");
  const SessionToken token = open_session(bob);
  write([&](storage::Transaction& transaction) {
    return set_password(transaction, account_.id, bob.id, "$argon2id$1", kSupport, kNow);
  });
  EXPECT_FALSE(is_signed_in(token));
  EXPECT_TRUE(reload(bob).has_password);
  const auto hash = [&] {
    return read(
        [&](storage::Transaction& transaction) { return password_hash(transaction, account_.id, bob.id); });
  };
  EXPECT_EQ(hash(), "$argon2id$1");
  write([&](storage::Transaction& transaction) {
    return set_password(transaction, account_.id, bob.id, "", kSupport, kNow);
  });
  EXPECT_EQ(hash(), std::nullopt);
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE details LIKE '%argon%' OR target LIKE '%argon%'"), 0);
}

TEST_F(EmployeesTest, RenamingKeepsUserNamesUnique) {
  const Employee bob = add_employee(account_, "bob");
  add_employee(account_, "eve");
  const auto rename = [&](std::string_view name) {
    return refusal_of([&](storage::Transaction& transaction) {
      return update_profile(transaction, account_.id, bob.id, {.user_name = std::string(name)}, kDirectory,
                            kNow);
    });
  };
  EXPECT_EQ(rename("EVE"), kUserNameTaken.name());
  EXPECT_EQ(rename("BOB"), "");
  EXPECT_EQ(reload(bob).profile.user_name, "BOB");
}

TEST_F(EmployeesTest, AFreedUserNameMakesANewEmployee) {
  const Employee bob = add_employee(account_, "bob");
  write([&](storage::Transaction& transaction) {
    return delete_employee(transaction, account_.id, bob.id, LastAdministrator::Protect, kDirectory, kNow);
  });
  EXPECT_EQ(event_types().back(), "employee.deleted");
  const Employee successor = add_employee(account_, "bob");
  EXPECT_NE(successor.id, bob.id);
  EXPECT_NE(successor.public_id, bob.public_id);
}

TEST_F(EmployeesTest, MovesBetweenDepartmentsOfTheAccount) {
  const Employee bob = add_employee(account_, "bob");
  const Department sales = write([&](storage::Transaction& transaction) {
    return create_department(transaction, {.account = account_.id, .name = "Sales"}, kSupport, kNow);
  });
  write([&](storage::Transaction& transaction) {
    return move_employee(transaction, account_.id, bob.id, sales.id, kSupport, kNow);
  });
  EXPECT_EQ(reload(bob).department, sales.id);
  const Account other = add_account("fabrikam");
  const Employee eve = add_employee(other, "eve");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return move_employee(transaction, other.id, eve.id, sales.id, kSupport, kNow);
            }),
            "directory.no_department");
}

TEST_F(EmployeesTest, EveryChangeCountsTheVersionAndNothingElseDoes) {
  const Employee bob = add_employee(account_, "bob");
  const Department sales = write([&](storage::Transaction& transaction) {
    return create_department(transaction, {.account = account_.id, .name = "Sales"}, kSupport, kNow);
  });
  std::int64_t expected = 1;
  const auto expect_change = [&](std::string_view what, auto change) {
    for (int times = 0; times < 2; ++times)
      write(change);
    EXPECT_EQ(version_of(bob), ++expected) << what << ", twice";
  };
  using T = storage::Transaction;
  expect_change("profile", [&](T& t) {
    return update_profile(t, account_.id, bob.id, {.user_name = "bob", .locale = "fr"}, kDirectory, kNow);
  });
  expect_change("department",
                [&](T& t) { return move_employee(t, account_.id, bob.id, sales.id, kSupport, kNow); });
  expect_change("grant", [&](T& t) { return grant_administrator(t, account_.id, bob.id, kSupport, kNow); });
  expect_change("revoke", [&](T& t) {
    return revoke_administrator(t, account_.id, bob.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  expect_change("deactivation", [&](T& t) {
    return deactivate_employee(t, account_.id, bob.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  expect_change("activation",
                [&](T& t) { return activate_employee(t, account_.id, bob.id, kSupport, kNow); });
  open_session(bob);
  EXPECT_EQ(version_of(bob), expected);
  write([&](T& t) { return set_password(t, account_.id, bob.id, "$argon2id$1", kSupport, kNow); });
  EXPECT_EQ(version_of(bob), ++expected);
  write([&](T& t) { return delete_department(t, account_.id, sales.id, kSupport, kNow); });
  EXPECT_EQ(version_of(bob), ++expected);
}

TEST_F(EmployeesTest, RightsOfAGroupAreVoidAfterADeactivation) {
  add_administrator("keeper");
  const Employee bob = add_administrator("bob");
  const auto rights = [&] {
    return *read([&](storage::Transaction& transaction) {
      return transaction.first(
          "SELECT administrator, rights_void, administrator_group_id IS NOT NULL FROM employees WHERE id = "
          "$1",
          {bob.id},
          [](const storage::Row& row) { return std::vector<bool>{row.flag(0), row.flag(1), row.flag(2)}; });
    });
  };
  const auto act = [&](auto change) {
    write([&](storage::Transaction& transaction) {
      return change(transaction, account_.id, bob.id, kSupport, kNow);
    });
  };
  const auto deactivate = [&] { EXPECT_EQ(refusal_to_deactivate(bob, LastAdministrator::Protect), ""); };
  const auto come_by_group = [&] {
    write([&](storage::Transaction& transaction) {
      return transaction.execute("UPDATE employees SET administrator_group_id = 7 WHERE id = $1", {bob.id});
    });
  };
  deactivate();
  EXPECT_EQ(rights(), (std::vector<bool>{false, false, false})) << "a person's own rights";
  act(activate_employee);
  act([](auto& t, auto account, auto id, const Actor& actor, Timestamp now) {
    return grant_administrator(t, account, id, actor, now);
  });
  come_by_group();
  deactivate();
  EXPECT_EQ(rights(), (std::vector<bool>{false, true, false}));
  act(activate_employee);
  deactivate();
  act(activate_employee);
  EXPECT_EQ(rights(), (std::vector<bool>{false, true, false})) << "until somebody grants them";
  act([](auto& t, auto account, auto id, const Actor& actor, Timestamp now) {
    return grant_administrator(t, account, id, actor, now);
  });
  EXPECT_EQ(rights(), (std::vector<bool>{true, false, false}));
  come_by_group();
  act([](auto& t, auto account, auto id, const Actor& actor, Timestamp now) {
    return revoke_administrator(t, account, id, LastAdministrator::Protect, actor, now);
  });
  EXPECT_EQ(rights(), (std::vector<bool>{false, false, false}));
}

TEST_F(EmployeesTest, ADeletionLeavesATombstone) {
  const Employee bob =
      add_employee({.account = account_.id, .profile = {.user_name = "bob", .display_name = "Bob Roe"}});
  write([&](storage::Transaction& transaction) {
    return delete_employee(transaction, account_.id, bob.id, LastAdministrator::Protect, kAdministrator,
                           kNow);
  });
  const auto tombstone = read([&](storage::Transaction& transaction) {
    return find_deleted_employee(transaction, account_.id, bob.public_id);
  });
  ASSERT_TRUE(tombstone.has_value());
  EXPECT_EQ(tombstone->display_name, "Bob Roe");
  EXPECT_EQ(tombstone->actor.kind, ActorKind::Administrator);
  EXPECT_EQ(tombstone->actor.name, kAdministrator.name);
}

TEST_F(EmployeesTest, IsCalledByTheBestName) {
  EXPECT_EQ(add_employee({.account = account_.id, .profile = {.user_name = "a", .display_name = "A B"}})
                .shown_name(),
            "A B");
  EXPECT_EQ(add_employee({.account = account_.id, .profile = {.user_name = "b", .family_name = "Roe"}})
                .shown_name(),
            "Roe");
  EXPECT_EQ(add_employee({.account = account_.id, .profile = {.user_name = "c"}}).shown_name(), "c");
}

}  // namespace
}  // namespace doorward::directory
