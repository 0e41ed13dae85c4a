#include "directory/accounts.h"

#include <algorithm>

#include "directory/audit.h"
#include "directory/departments.h"
#include "directory/events.h"
#include "directory/notices.h"
#include "directory/sessions.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

class AccountsTest : public DirectoryTest {
 protected:
  std::string refusal_to_create(std::string_view name) {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_account(transaction, {.name = std::string(name)}, kSupport, kNow);
    });
  }
  std::string refusal_to_enforce(const Account& account, std::string_view reason = "go live") {
    return refusal_of([&](storage::Transaction& transaction) {
      return enforce_sso(transaction, account.id, reason, kAdministrator, kNow);
    });
  }
  Account found(std::string_view name) {
    return read([&](storage::Transaction& transaction) { return find_account(transaction, name); });
  }
};

TEST_F(AccountsTest, ASlugShapedNameIsItsOwnSlug) {
  EXPECT_EQ(add_account("contoso").slug, "contoso");
  const Account capital = add_account("Fabrikam-2");
  EXPECT_EQ(capital.slug, "fabrikam-2");
  EXPECT_EQ(capital.name, "Fabrikam-2");
}

TEST_F(AccountsTest, OtherNamesGetAFreeSlug) {
  EXPECT_EQ(add_account("Contoso, Ltd.").slug, "contoso-ltd");
  EXPECT_EQ(add_account("Contoso (Ltd)").slug, "contoso-ltd-2");
  EXPECT_EQ(add_account("  Ünïcode  ").slug, "n-code");
  EXPECT_EQ(add_account("日本").slug, "account");
  EXPECT_EQ(add_account("Ελλάδα").slug, "account-2");
  const std::string slug = add_account(std::string(200, 'x') + " y").slug;
  EXPECT_EQ(slug, std::string(63, 'x'));
}

TEST_F(AccountsTest, NamesAndSlugsAreUniqueWithoutRegardToCase) {
  add_account("Contoso");
  EXPECT_EQ(refusal_to_create("CONTOSO"), "directory.account_exists");
  add_account("Straße GmbH");
  EXPECT_EQ(refusal_to_create("STRASSE GMBH"), "directory.account_exists");
  add_account("Two Words");
  // Would be found as "Two Words" by its slug.
  EXPECT_EQ(refusal_to_create("two-words"), "directory.account_exists");
}

TEST_F(AccountsTest, RefusesNamesThatAreNone) {
  EXPECT_EQ(refusal_to_create(" \t"), "directory.value_missing");
  EXPECT_EQ(refusal_to_create("\xff"), "directory.value_not_text");
  EXPECT_EQ(refusal_to_create(std::string_view("a\0b", 3)), "directory.value_not_text");
  EXPECT_EQ(refusal_to_create(std::string(2000, 'a')), "directory.value_too_long");
}

TEST_F(AccountsTest, IsFoundBySlugNameAndPublicId) {
  const Account account = add_account("Contoso, Ltd.");
  for (const std::string& name : {std::string("contoso-ltd"), std::string("CONTOSO-LTD"),
                                  std::string(" contoso, LTD. "), account.public_id}) {
    EXPECT_EQ(found(name).id, account.id) << name;
  }
  EXPECT_EQ(refusal_of([](storage::Transaction& transaction) { return find_account(transaction, "nobody"); }),
            "directory.no_account");
  const auto by_slug = [&](std::string_view slug) {
    return read([&](storage::Transaction& transaction) { return find_account_by_slug(transaction, slug); });
  };
  EXPECT_TRUE(by_slug("Contoso-LTD"));
  EXPECT_FALSE(by_slug("Contoso, Ltd."));
  EXPECT_FALSE(by_slug(account.public_id));
}

TEST_F(AccountsTest, ListsInPages) {
  for (int i = 0; i < 5; ++i)
    add_account("account-" + std::to_string(i));
  const auto page = [&](std::optional<AccountId> after) {
    return read([&](storage::Transaction& transaction) { return list_accounts(transaction, after, 3); });
  };
  const auto first = page(std::nullopt);
  ASSERT_EQ(first.size(), 3u);
  const auto second = page(first.back().id);
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(second.back().name, "account-4");
}

TEST_F(AccountsTest, StartsWithADefaultDepartmentAndWithoutProvisioning) {
  const Account account = add_account("contoso", Plan::Free);
  EXPECT_FALSE(account.provision_at_sign_in);
  EXPECT_FALSE(account.sso_enforced_at);
  EXPECT_EQ(account.created_at, kNow);
  EXPECT_TRUE(read([&](storage::Transaction& transaction) {
                return default_department(transaction, account.id);
              }).is_default);
}

TEST_F(AccountsTest, EnforcingNeedsPlanConnectionAndDomain) {
  const Account account = add_account("contoso", Plan::Free);
  EXPECT_EQ(refusal_to_enforce(account), "directory.plan_without_sso");
  write([&](storage::Transaction& transaction) {
    return set_plan(transaction, account.id, Plan::Enterprise, kSupport, kNow);
  });
  EXPECT_EQ(refusal_to_enforce(account), "directory.no_connection");
  const Connection connection = add_connection(account, "https://idp.example");
  EXPECT_EQ(refusal_to_enforce(account), "directory.no_domain");
  add_domain(account, "contoso.com");
  write([&](storage::Transaction& transaction) {
    return set_connection_state(transaction, account.id, connection.id, ConnectionState::Inactive, kSupport,
                                kNow);
  });
  EXPECT_EQ(refusal_to_enforce(account), "directory.no_connection");
  write([&](storage::Transaction& transaction) {
    return set_connection_state(transaction, account.id, connection.id, ConnectionState::Active, kSupport,
                                kNow);
  });
  EXPECT_EQ(refusal_to_enforce(account, " "), "directory.value_missing");
  EXPECT_EQ(refusal_to_enforce(account), "");
  EXPECT_EQ(reload(account).sso_enforced_at, kNow);
}

class EnforcedTest : public AccountsTest {
 protected:
  EnforcedTest() {
    add_domain(account_, "contoso.com");
    EXPECT_EQ(refusal_to_enforce(account_), "");
  }
  Account account_ = add_account("contoso");
  Connection connection_ = add_connection(account_, "https://idp.example");
};

TEST_F(EnforcedTest, OnlySupportStopsIt) {
  for (const Actor& actor :
       {kAdministrator, kDirectory, Actor{ActorKind::Employee, "x"}, Actor{ActorKind::System, "x"}}) {
    EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
                return stop_enforcing_sso(transaction, account_.id, "please", actor, kNow);
              }),
              "directory.support_only");
  }
  EXPECT_TRUE(reload(account_).sso_enforced_at);
  write([&](storage::Transaction& transaction) {
    return stop_enforcing_sso(transaction, account_.id, "ticket 7", kSupport, kNow);
  });
  EXPECT_FALSE(reload(account_).sso_enforced_at);
  const auto audit = read([&](storage::Transaction& transaction) {
    return list_audit(transaction, account_.id, std::nullopt, 1);
  });
  EXPECT_EQ(audit.at(0).action, "sso.disabled");
  EXPECT_EQ(audit.at(0).actor.name, "operator");
  EXPECT_EQ(audit.at(0).details.at("reason").as_string(), "ticket 7");
  auto events = read([&](storage::Transaction& transaction) {
    return events_after(transaction, account_.id, EventId{}, 10);
  });
  std::erase_if(events, [](const Event& event) { return !event.type.starts_with("sso."); });
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].type, "sso.enabled");
  EXPECT_EQ(events[1].type, "sso.disabled");
}

TEST_F(AccountsTest, EnforcingEndsTheSessionsOfPasswords) {
  const Account account = add_account("contoso");
  const Account other = add_account("fabrikam");
  const Connection connection = add_connection(account, "https://idp.example");
  add_domain(account, "contoso.com");
  const auto open = [&](const Account& where, SignInMethod method) {
    const Employee bob = add_employee(where, new_public_id());
    const SessionToken token = SessionToken::issue(where);
    write([&](storage::Transaction& transaction) {
      NewSession session{.account = where.id, .employee = bob.id, .method = method};
      if (method == SignInMethod::Saml) session.provider = ProviderSession{connection.id, "bob", "", ""};
      return create_session(transaction, token, session, {}, kNow);
    });
    return token;
  };
  const SessionToken by_password = open(account, SignInMethod::Password);
  const SessionToken by_sso = open(account, SignInMethod::Saml);
  const SessionToken elsewhere = open(other, SignInMethod::Password);
  std::vector<Notice> notices;
  on_notice(*database_, [&](const Notice& notice) { notices.push_back(notice); });
  EXPECT_EQ(refusal_to_enforce(account), "");
  const auto lives = [&](const SessionToken& token) {
    return read([&](storage::Transaction& transaction) { return find_session(transaction, token, kNow); })
        .has_value();
  };
  EXPECT_FALSE(lives(by_password));
  EXPECT_TRUE(lives(by_sso));
  EXPECT_TRUE(lives(elsewhere));
  EXPECT_TRUE(std::ranges::any_of(notices, [&](const Notice& notice) {
    return notice.account == account.id && !notice.employee && !notice.session;
  })) << "caches must forget them";
  const auto audit = read([&](storage::Transaction& transaction) {
    return list_audit(transaction, account.id, std::nullopt, 1);
  });
  EXPECT_EQ(audit.at(0).details.at("sessions_ended").as_int64(), 1);
}

TEST_F(EnforcedTest, APasswordThatWasCheckedBeforeOpensNoSession) {
  const Employee bob = add_employee(account_, "bob@contoso.com");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_session(
                  transaction, SessionToken::issue(account_),
                  {.account = account_.id, .employee = bob.id, .method = SignInMethod::Password}, {}, kNow);
            }),
            "directory.sso_enforced");
}

TEST_F(EnforcedTest, EnforcingAgainKeepsTheFirstTime) {
  write([&](storage::Transaction& transaction) {
    return enforce_sso(transaction, account_.id, "again", kAdministrator, kNow + std::chrono::hours(1));
  });
  EXPECT_EQ(reload(account_).sso_enforced_at, kNow);
}

TEST_F(EnforcedTest, ThePlanCannotBeLowered) {
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return set_plan(transaction, account_.id, Plan::Free, kSupport, kNow);
            }),
            "directory.sso_enforced");
  EXPECT_EQ(reload(account_).plan, Plan::Enterprise);
}

TEST_F(EnforcedTest, TheLastConnectionStays) {
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return delete_connection(transaction, account_.id, connection_.id, kAdministrator, kNow);
            }),
            "directory.last_connection");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return set_connection_state(transaction, account_.id, connection_.id, ConnectionState::Inactive,
                                          kAdministrator, kNow);
            }),
            "directory.last_connection");
  add_connection(account_, "https://second.example", "second");
  write([&](storage::Transaction& transaction) {
    return delete_connection(transaction, account_.id, connection_.id, kAdministrator, kNow);
  });
}

TEST_F(AccountsTest, DeletingTakesEverythingOfTheAccountAndNothingElse) {
  const Account account = add_account("contoso");
  const Account other = add_account("fabrikam");
  for (const Account& each : {account, other}) {
    add_connection(each, "https://idp.example");
    add_domain(each, each.slug + ".com");
    const Employee bob = add_employee(each, "bob");
    write([&](storage::Transaction& transaction) {
      return create_session(transaction, SessionToken::issue(each), {.account = each.id, .employee = bob.id},
                            {}, kNow);
    });
  }
  write([&](storage::Transaction& transaction) { return delete_account(transaction, account.id); });
  EXPECT_EQ(count("SELECT count(*) FROM accounts"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM employees"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM departments"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM connections"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM domains"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM sessions"), 1);
  EXPECT_EQ(
      refusal_of([&](storage::Transaction& transaction) { return delete_account(transaction, account.id); }),
      "directory.no_account");
  // A later account is never mistaken for the deleted one.
  EXPECT_GT(add_account("contoso").id, other.id);
}

TEST_F(AccountsTest, EachChangeOfTheSetupCountsItsVersionUp) {
  const Account account = add_account("contoso");
  std::int64_t version = account.setup_version;
  const auto expect_newer = [&](const char* what) {
    const std::int64_t now =
        *read([&](storage::Transaction& transaction) { return find_setup_version(transaction, "Contoso"); });
    EXPECT_GT(now, version) << what;
    version = now;
  };
  const Connection connection = add_connection(account, "https://idp.example");
  expect_newer("connection");
  add_domain(account, "contoso.com");
  expect_newer("domain");
  write([&](storage::Transaction& transaction) {
    return update_settings(transaction, account.id, connection.id, {.allow_sha1 = true}, kSupport, kNow);
  });
  expect_newer("settings");
  EXPECT_EQ(refusal_to_enforce(account), "");
  expect_newer("enforced");
}

TEST_F(AccountsTest, PlansHaveNames) {
  EXPECT_EQ(parse_plan("enterprise"), Plan::Enterprise);
  EXPECT_EQ(parse_plan(to_text(Plan::Free)), Plan::Free);
  EXPECT_EQ(parse_plan("Enterprise"), std::nullopt);
}

}  // namespace
}  // namespace doorward::directory
