#include "directory/applications.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "applications_fixture.h"
#include "crypto/hash.h"
#include "directory/application_checks.h"
#include "directory/domains.h"
#include "directory/test_accounts.h"

namespace doorward::directory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ApplicationsTest : public ApplicationsFixture {
 protected:
  std::optional<Application> find(std::string_view client_id) {
    return read([&](storage::Transaction& transaction) { return find_application(transaction, client_id); });
  }
  std::optional<Application> find_origin(std::string_view origin) {
    return read(
        [&](storage::Transaction& transaction) { return find_application_by_origin(transaction, origin); });
  }
  std::string refusal_to_update(const Application& application, const ApplicationSettings& wanted) {
    return refusal_of([&](storage::Transaction& transaction) {
      return update_application(transaction, application.id, wanted, kAdministrator, kNow);
    });
  }
  std::vector<std::string> names(std::optional<AccountId> account) {
    std::vector<std::string> names;
    for (const Application& each :
         read([&](storage::Transaction& transaction) { return list_applications(transaction, account); }))
      names.push_back(each.settings.name);
    return names;
  }
  Application add_proxy(std::string_view name, std::string_view origin) {
    return add_application({.account = account_.id,
                            .kind = ApplicationKind::Proxy,
                            .settings = {.name = std::string(name), .origins = {std::string(origin)}}});
  }
};

// The fixture has two companies.
TEST_F(ApplicationsTest, AnAdministratorClaimsOriginsInProvenDomainsOnly) {
  const auto claim = [&](std::string_view origin) {
    return refusal(ApplicationKind::Proxy, {.name = "Wiki", .origins = {std::string(origin)}});
  };
  EXPECT_EQ(claim("https://wiki.contoso.example"), kOriginUnproven.name());
  write([&](storage::Transaction& transaction) {
    return directory::add_domain(
        transaction, {.account = account_.id, .name = "contoso.example", .proof = DomainProof::Administrator},
        kAdministrator, kNow);
  });
  EXPECT_EQ(claim("https://wiki.contoso.example"), kOriginUnproven.name()) << "their word alone";
  write([&](storage::Transaction& transaction) {
    return remove_domain(transaction, account_.id, "contoso.example", kAdministrator, kNow);
  });
  add_domain(account_, "contoso.example");
  EXPECT_EQ(claim("https://wiki.fabrikam.example"), kOriginUnproven.name());
  EXPECT_EQ(claim("https://notcontoso.example"), kOriginUnproven.name());
  EXPECT_EQ(claim("https://contoso.example.fabrikam.example"), kOriginUnproven.name());
  EXPECT_EQ(claim("http://localhost:3000"), kOriginUnproven.name());
  const Application wiki = add_proxy("Wiki", "https://WIKI.contoso.example:8443");
  EXPECT_EQ(wiki.settings.origins, std::vector<std::string>{"https://wiki.contoso.example:8443"});

  ApplicationSettings wanted = wiki.settings;
  wanted.origins.emplace_back("https://wiki.fabrikam.example");
  EXPECT_EQ(refusal_to_update(wiki, wanted), kOriginUnproven.name());
  const Application by_support = write([&](storage::Transaction& transaction) {
    return update_application(transaction, wiki.id, wanted, kSupport, kNow);
  });
  // What support let stand does not hinder an administrator's other changes.
  wanted = by_support.settings;
  wanted.name = "Encyclopaedia";
  EXPECT_EQ(update(by_support, wanted).settings.origins.size(), 2u);
}

TEST_F(ApplicationsTest, AnAdministratorKeepsADomainThatApplicationsStandOn) {
  const auto remove = [&](std::string_view domain) -> Result<std::vector<std::string>> {
    return database_->write([&](storage::Transaction& transaction) {
      return remove_domain(transaction, account_.id, domain, kAdministrator, kNow);
    });
  };
  add_domain(account_, "contoso.example");
  add_domain(account_, "wikis.contoso.example");
  const Application wiki = add_proxy("Wiki", "https://my.wikis.contoso.example");
  add_proxy("Board", "https://contoso.example:8443");
  EXPECT_TRUE(remove("wikis.contoso.example")) << "the other one proves the wiki's as well";
  const auto refused = remove("contoso.example");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code.name(), kDomainInUse.name());
  EXPECT_THAT(refused.error().message, HasSubstr("“Board” https://contoso.example:8443"));
  EXPECT_THAT(refused.error().message, HasSubstr("“Wiki” https://my.wikis.contoso.example"));
  EXPECT_EQ(count("SELECT count(*) FROM domains WHERE name = 'contoso.example'"), 1);
  EXPECT_TRUE(find_origin("https://contoso.example:8443"));
  ApplicationSettings without = wiki.settings;
  without.origins.clear();
  without.active = false;
  update(wiki, without);
  EXPECT_THAT(remove("contoso.example").error().message, Not(HasSubstr("Wiki")));
}

TEST_F(ApplicationsTest, WithADomainGoesWhatItProved) {
  const auto remove = [&](std::string_view domain) {
    return write([&](storage::Transaction& transaction) {
      return remove_domain(transaction, account_.id, domain, kSupport, kNow);
    });
  };
  add_domain(account_, "contoso.example");
  add_domain(account_, "contoso.test");
  const Application wiki = add_proxy("Wiki", "https://wiki.contoso.example");
  ApplicationSettings more = wiki.settings;
  more.origins = {"https://wiki.contoso.example", "https://wiki.contoso.test", "https://notcontoso.example"};
  write([&](storage::Transaction& transaction) {
    return update_application(transaction, wiki.id, more, kSupport, kNow);
  });
  EXPECT_THAT(remove("contoso.example"), ElementsAre("https://wiki.contoso.example"));
  EXPECT_FALSE(find_origin("https://wiki.contoso.example"));
  EXPECT_TRUE(find_origin("https://wiki.contoso.test"));
  EXPECT_TRUE(find_origin("https://notcontoso.example")) << "support's word, which the domain had no part in";
  EXPECT_EQ(audit("application.updated").size(), 2u);

  // Whoever proves it next has it, and the first cannot come back.
  add_domain(other_, "contoso.example");
  write([&](storage::Transaction& transaction) {
    return create_application(transaction,
                              {.account = other_.id,
                               .kind = ApplicationKind::Proxy,
                               .settings = {.name = "Wiki", .origins = {"https://wiki.contoso.example"}}},
                              kAdministrator, kNow);
  });
  EXPECT_EQ(find_origin("https://wiki.contoso.example")->account, other_.id);
  EXPECT_EQ(refusal(ApplicationKind::Proxy, {.name = "Again", .origins = {"https://x.contoso.example"}}),
            kOriginUnproven.name());
}

TEST_F(ApplicationsTest, ATestAccountLosesWhatItsParentsDomainProved) {
  add_domain(account_, "contoso.example");
  const Account trial = write([&](storage::Transaction& transaction) {
    return create_test_account(transaction, account_, kSupport, kNow);
  });
  write([&](storage::Transaction& transaction) {
    return create_application(transaction,
                              {.account = trial.id,
                               .kind = ApplicationKind::Proxy,
                               .settings = {.name = "Wiki", .origins = {"https://trial.contoso.example"}}},
                              kAdministrator, kNow);
  });
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return remove_domain(transaction, account_.id, "contoso.example", kAdministrator, kNow);
            }),
            kDomainInUse.name());
  write([&](storage::Transaction& transaction) {
    return remove_domain(transaction, account_.id, "contoso.example", kSupport, kNow);
  });
  EXPECT_FALSE(find_origin("https://trial.contoso.example"));
}

// Where nobody else is, no proof was asked for.
TEST_F(ApplicationsTest, OnAServerForOneCompanyADomainProvesNoOrigin) {
  write([&](storage::Transaction& transaction) { return delete_account(transaction, other_.id); });
  add_domain(account_, "contoso.example");
  add_proxy("Wiki", "https://wiki.contoso.example");
  write([&](storage::Transaction& transaction) {
    return remove_domain(transaction, account_.id, "contoso.example", kAdministrator, kNow);
  });
  EXPECT_TRUE(find_origin("https://wiki.contoso.example"));
}

TEST_F(ApplicationsTest, EachAccountReadsWhatSupportDidToAnApplicationOfAll) {
  const Account late = add_account("late");
  Application portal = write([&](storage::Transaction& transaction) {
    return create_application(transaction, {.settings = settings("Portal")}, kSupport, kNow);
  });
  give(portal, bob_);
  give(portal, eve_);
  const Employee amy = add_employee(other_, "amy@fabrikam.com");
  give(portal, amy);
  ApplicationSettings off = portal.settings;
  off.active = false;
  write([&](storage::Transaction& transaction) {
    return update_application(transaction, portal.id, off, kSupport, kNow);
  });
  write([&](storage::Transaction& transaction) {
    return delete_application(transaction, portal.id, kSupport, kNow);
  });
  for (const auto& [account, ended] :
       {std::pair(account_.id, 1), std::pair(other_.id, 2), std::pair(late.id, 0)}) {
    auto entries =
        read([&](storage::Transaction& transaction) { return list_audit(transaction, account, {}, 100); });
    std::erase_if(entries, [&](const AuditEntry& entry) { return entry.target != portal.client_id; });
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0].action, "application.deleted");
    EXPECT_EQ(entries[1].action, "application.updated");
    EXPECT_EQ(entries[1].actor.kind, ActorKind::Support);
    EXPECT_EQ(entries[1].details.at("name"), "Portal");
    EXPECT_EQ(entries[1].details.at("grants_ended"), ended) << "its own, and nobody else's";
    EXPECT_EQ(entries[2].action, "application.created");
  }
  EXPECT_EQ(count("SELECT count(*) FROM events WHERE type LIKE 'application.%'"), 0);
}

TEST_F(ApplicationsTest, WhatIsSaidIsKept) {
  const Department sales = add_department("Sales");
  const Group staff = add_group("Staff");
  ApplicationSettings wanted = chosen(" Wiki ", {sales.public_id}, {staff.public_id});
  wanted.asks_consent = true;
  wanted.access_token_format = AccessTokenFormat::Jwt;
  wanted.id_token_algorithm = "ES256";
  wanted.post_logout_redirect_uris = {"https://app.example/bye", "http://localhost:3000/bye"};
  wanted.jwks = R"({"keys":[]})";
  const Application made = add_application({.account = account_.id, .settings = wanted});
  wanted.name = "Wiki";
  EXPECT_EQ(made.settings, wanted);
  const auto found = find(made.client_id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->settings, wanted);
  EXPECT_EQ(found->account, account_.id);
  EXPECT_EQ(found->created_at, kNow);
  ASSERT_EQ(audit("application.created").size(), 1u);
  EXPECT_EQ(audit("application.created")[0].target, made.client_id);

  ApplicationSettings next = settings("Intranet");
  next.scope = "openid  email openid";
  const Application changed = update(made, next);
  next.scope = "openid email";
  EXPECT_EQ(changed.settings, next);
  EXPECT_EQ(find(made.client_id)->settings, next);
  EXPECT_EQ(count("SELECT count(*) FROM application_rules"), 0);
  const auto entries = audit("application.updated");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_TRUE(std::ranges::any_of(entries[0].details.at("changed").as_array(),
                                  [](const json::Value& name) { return name.as_string() == "jwks"; }));
  update(changed, next);
  EXPECT_EQ(audit("application.updated").size(), 1u) << "nothing differs";
}

TEST_F(ApplicationsTest, AnEmptyScopeIsTheKindsOwn) {
  const auto scope_of = [&](ApplicationKind kind) {
    return add_application(
               {.account = account_.id, .kind = kind, .settings = {.name = std::string(to_text(kind))}})
        .settings.scope;
  };
  EXPECT_EQ(scope_of(ApplicationKind::Web), "openid profile email");
  EXPECT_EQ(scope_of(ApplicationKind::Public), "openid profile email");
  EXPECT_EQ(scope_of(ApplicationKind::Proxy), "openid profile email groups departments");
  EXPECT_EQ(scope_of(ApplicationKind::Service), "events");
}

TEST_F(ApplicationsTest, RedirectAddressesLeadNowhereElse) {
  int number = 0;
  const auto with = [&](ApplicationKind kind, std::string_view uri) {
    return refusal(kind, {.name = "app " + std::to_string(++number), .redirect_uris = {std::string(uri)}});
  };
  using enum ApplicationKind;
  for (const char* uri :
       {"https://app.example/cb", "https://app.example:8443/cb?x=1", "http://127.0.0.1:8000/",
        "http://localhost/cb", "http://[::1]/cb", "http://wiki.localhost:9/cb"}) {
    EXPECT_EQ(with(Web, uri), "") << uri;
  }
  for (const std::string& uri :
       {std::string(), std::string("http://app.example/cb"), std::string("https://app.example/cb#here"),
        std::string("https://user@app.example/cb"), std::string("https://app.example\\@evil.example/"),
        std::string("javascript:alert(1)"), std::string("data:text/html,x"), std::string("//app.example/"),
        std::string("https://app.example/c b"), std::string("https:/app.example/"),
        std::string("com.example.app:/cb"), "https://app.example/" + std::string(3000, 'a'),
        std::string("http://localhost.evil.example/cb"), std::string("https://app.example/\0", 21)}) {
    EXPECT_EQ(with(Web, uri), "directory.application_settings") << uri;
  }
  for (const char* uri : {"com.example.app:/cb", "com.example.app://cb", "https://app.example/native"})
    EXPECT_EQ(with(Public, uri), "") << uri;
  for (const char* uri : {"javascript:alert(1)", "myapp:/cb", "com.example.app:", "com.example.app:/cb#x",
                          "com.example.app:/c b", ".a:/x", "http://app.example/x"}) {
    EXPECT_EQ(with(Public, uri), "directory.application_settings") << uri;
  }
  EXPECT_EQ(with(Service, "https://app.example/cb"), "directory.application_settings");
  EXPECT_EQ(with(Proxy, "https://app.example/cb"), "directory.application_settings");
}

TEST_F(ApplicationsTest, WhatDoesNotFitTheKindIsRefused) {
  using enum ApplicationKind;
  constexpr std::string_view kRefused = "directory.application_settings";
  EXPECT_EQ(refusal(Web, {.name = "a", .scope = "openid scim"}), kRefused);
  EXPECT_EQ(refusal(Web, {.name = "a", .scope = "openid admin"}), kRefused);
  EXPECT_EQ(refusal(Service, {.name = "a", .scope = "openid"}), kRefused);
  EXPECT_EQ(refusal(Proxy, {.name = "a", .scope = "events"}), kRefused);
  EXPECT_EQ(refusal(Web, {.name = "a", .id_token_algorithm = "none"}), kRefused);
  EXPECT_EQ(refusal(Web, {.name = "a", .id_token_algorithm = "HS256"}), kRefused);
  EXPECT_EQ(refusal(Web, {.name = "a", .origins = {"https://wiki.example"}}), kRefused);
  EXPECT_EQ(refusal(Proxy, {.name = "a", .origins = {"https://wiki.example/path"}}), kRefused);
  EXPECT_EQ(refusal(Proxy, {.name = "a", .origins = {"http://wiki.example"}}), kRefused);
  EXPECT_EQ(refusal(Proxy, {.name = "a", .asks_consent = true}), kRefused);
  EXPECT_EQ(refusal(Proxy, {.name = "a", .access_token_format = AccessTokenFormat::Jwt}), kRefused);
  EXPECT_EQ(refusal(Proxy, {.name = "a", .backchannel_logout_uri = "https://wiki.example/x"}), kRefused);
  EXPECT_EQ(refusal(Web, {.name = "a", .backchannel_logout_uri = "http://wiki.example/x"}), kRefused);
  EXPECT_EQ(refusal(Public, {.name = "a", .jwks = "{}"}), kRefused);
  EXPECT_EQ(refusal(Web, {.name = "a", .jwks = std::string(300'000, 'x')}), kRefused);
  EXPECT_EQ(refusal(Service, {.name = "a", .access = ApplicationAccess::Administrators}), kRefused);
  EXPECT_EQ(refusal(Mobile, {.name = "a"}), kRefused);
  EXPECT_EQ(refusal(Web, {.name = "  "}), "directory.value_missing");
  EXPECT_EQ(refusal(Web, {.name = "a", .redirect_uris = std::vector<std::string>(51, "https://a.example")}),
            kRefused);
  EXPECT_EQ(refusal(Web, chosen("a", {new_public_id()})), "directory.no_department");
  EXPECT_EQ(refusal(Web, chosen("a", {}, {new_public_id()})), kNoGroup.name());
  EXPECT_EQ(names(account_.id), std::vector<std::string>{});
}

TEST_F(ApplicationsTest, AnotherAccountsDepartmentIsUnknown) {
  const Department theirs = write([&](storage::Transaction& transaction) {
    return create_department(transaction, {.account = other_.id, .name = "Sales"}, kSupport, kNow);
  });
  EXPECT_EQ(refusal(ApplicationKind::Web, chosen("a", {theirs.public_id})), "directory.no_department");
}

TEST_F(ApplicationsTest, OneOfAllAccountsHasNoRulesAndIsNoService) {
  const auto refused = [&](ApplicationKind kind, const ApplicationSettings& wanted) {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_application(transaction, {.kind = kind, .settings = wanted}, kSupport, kNow);
    });
  };
  EXPECT_EQ(refused(ApplicationKind::Web, chosen("a", {})), "directory.application_settings");
  EXPECT_EQ(refused(ApplicationKind::Service, {.name = "a"}), "directory.application_settings");
  EXPECT_EQ(refused(ApplicationKind::Web, settings("Portal")), "");
  EXPECT_EQ(names({}), std::vector<std::string>{"Portal"}) << "the mobile app is not listed";
  EXPECT_EQ(names(account_.id), std::vector<std::string>{});
}

TEST_F(ApplicationsTest, NamesAreUniqueWithinTheAccount) {
  const Application wiki = add_application("Wiki");
  EXPECT_EQ(refusal(ApplicationKind::Web, settings("WIKI")), kApplicationNameTaken.name());
  const Application other = add_application({.account = other_.id, .settings = settings("Wiki")});
  const Application intranet = add_application("Intranet");
  EXPECT_EQ(refusal_to_update(intranet, settings("wiki")), kApplicationNameTaken.name());
  EXPECT_EQ(update(wiki, settings("WIKI")).settings.name, "WIKI");
  const auto own = [&](std::optional<AccountId> account, std::string_view text) {
    const auto found = database_->read(
        [&](storage::Transaction& transaction) { return find_own_application(transaction, account, text); });
    return found ? found->client_id : std::string(found.error().code.name());
  };
  EXPECT_EQ(own(account_.id, "wiki"), wiki.client_id);
  EXPECT_EQ(own(account_.id, wiki.client_id), wiki.client_id);
  EXPECT_EQ(own(account_.id, other.client_id), kNoApplication.name()) << "another account's";
  EXPECT_EQ(own({}, wiki.client_id), kNoApplication.name());
  EXPECT_EQ(own({}, kMobileClientId), kMobileClientId);
}

TEST_F(ApplicationsTest, AnOriginBelongsToOne) {
  add_domain(account_, "contoso.example");
  const Application wiki = add_proxy("Wiki", "HTTPS://Wiki.Contoso.example:443/");
  EXPECT_EQ(wiki.settings.origins, std::vector<std::string>{"https://wiki.contoso.example"});
  EXPECT_EQ(find_origin("https://wiki.contoso.example")->client_id, wiki.client_id);
  EXPECT_FALSE(find_origin("https://wiki.contoso.example:8443"));
  EXPECT_EQ(refusal(ApplicationKind::Proxy, {.name = "b", .origins = {"https://wiki.contoso.example"}}),
            kOriginTaken.name());
  // One's own again is nobody else's.
  ApplicationSettings more = wiki.settings;
  more.origins.push_back("https://blog.contoso.example");
  EXPECT_EQ(update(wiki, more).settings.origins.size(), 2u);
  // A redirect URI that looks like one stands for nothing.
  add_application(
      {.account = account_.id, .settings = {.name = "c", .redirect_uris = {"https://c.contoso.example"}}});
  EXPECT_FALSE(find_origin("https://c.contoso.example"));
}

TEST_F(ApplicationsTest, AccessFollowsDepartmentsGroupsAndRights) {
  const Department sales = add_department("Sales");
  const Department berlin = add_department("Berlin", sales.id);
  const Group staff = add_group("Staff");
  const Application by_department =
      add_application({.account = account_.id, .settings = chosen("a", {sales.public_id})});
  const Application by_group =
      add_application({.account = account_.id, .settings = chosen("b", {}, {staff.public_id})});
  const Application nobodys = add_application({.account = account_.id, .settings = chosen("c", {})});
  EXPECT_FALSE(may(by_department, bob_));
  EXPECT_FALSE(may(by_group, bob_));
  EXPECT_FALSE(may(nobodys, bob_));
  move(bob_, berlin);
  EXPECT_TRUE(may(by_department, bob_)) << "below the department counts";
  join(staff, bob_);
  EXPECT_TRUE(may(by_group, bob_));

  const Application everyones = add_application("d");
  EXPECT_TRUE(may(everyones, bob_));
  EXPECT_FALSE(may(everyones, eve_)) << "of another account";
  const Application all = add_application({.settings = settings("e")});
  EXPECT_TRUE(may(all, bob_));
  EXPECT_TRUE(may(all, eve_));

  ApplicationSettings for_administrators = settings("f");
  for_administrators.access = ApplicationAccess::Administrators;
  const Application theirs = add_application({.account = account_.id, .settings = for_administrators});
  EXPECT_FALSE(may(theirs, bob_));
  write([&](storage::Transaction& transaction) {
    return grant_administrator(transaction, account_.id, bob_.id, kSupport, kNow);
  });
  EXPECT_TRUE(may(theirs, bob_));

  ApplicationSettings off = settings("d");
  off.active = false;
  EXPECT_FALSE(may(update(everyones, off), bob_));
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, bob_.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_FALSE(may(by_group, bob_));
  EXPECT_FALSE(may(all, bob_));
}

TEST_F(ApplicationsTest, TwoSecretsForRotation) {
  const Application wiki = add_application("Wiki");
  const Application other = add_application("Other");
  const auto issue = [&] {
    return write([&](storage::Transaction& transaction) {
      return add_application_secret(transaction, wiki, kAdministrator, kNow);
    });
  };
  const auto matches = [&](const Application& application, std::string_view secret) {
    return read([&](storage::Transaction& transaction) {
      return is_application_secret(transaction, application.id, secret);
    });
  };
  EXPECT_FALSE(matches(wiki, ""));
  const IssuedApplicationSecret first = issue();
  const IssuedApplicationSecret second = issue();
  EXPECT_TRUE(first.value.reveal().starts_with("dws_"));
  EXPECT_TRUE(matches(wiki, first.value.reveal()));
  EXPECT_TRUE(matches(wiki, second.value.reveal()));
  EXPECT_FALSE(matches(other, first.value.reveal()));
  EXPECT_FALSE(matches(wiki, std::string(first.value.reveal()) + " "));
  EXPECT_FALSE(matches(wiki, crypto::sha256(first.value.reveal())));
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return add_application_secret(transaction, wiki, kAdministrator, kNow);
            }),
            kTooManyApplicationSecrets.name());
  const auto remove = [&](const Application& application, std::string_view id) {
    return refusal_of([&](storage::Transaction& transaction) {
      return remove_application_secret(transaction, application, id, kAdministrator, kNow);
    });
  };
  EXPECT_EQ(remove(other, first.secret.public_id), "directory.no_application_secret");
  EXPECT_EQ(remove(wiki, first.secret.public_id), "");
  EXPECT_FALSE(matches(wiki, first.value.reveal()));
  EXPECT_TRUE(matches(wiki, second.value.reveal()));
  EXPECT_EQ(audit("application.secret_added").size(), 2u);
  EXPECT_EQ(audit("application.secret_removed").size(), 1u);
  EXPECT_EQ(
      json::serialize(audit("application.secret_added")[0].details).find(std::string(second.value.reveal())),
      std::string::npos);
  const Application spa =
      add_application({.account = account_.id, .kind = ApplicationKind::Public, .settings = settings("SPA")});
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return add_application_secret(transaction, spa, kAdministrator, kNow);
            }),
            "directory.application_settings");
}

TEST_F(ApplicationsTest, ADeletedOneLeavesNothing) {
  const Application wiki = add_application(
      {.account = account_.id, .settings = chosen("Wiki", {add_department("Sales").public_id})});
  write([&](storage::Transaction& transaction) {
    return add_application_secret(transaction, wiki, kAdministrator, kNow);
  });
  const auto remove = [&](ApplicationId id) {
    return refusal_of([&](storage::Transaction& transaction) {
      return delete_application(transaction, id, kAdministrator, kNow);
    });
  };
  EXPECT_EQ(remove(wiki.id), "");
  EXPECT_EQ(remove(wiki.id), kNoApplication.name());
  EXPECT_EQ(remove(find(kMobileClientId)->id), "directory.mobile_application");
  for (const char* left :
       {"SELECT count(*) FROM application_rules", "SELECT count(*) FROM application_secrets",
        "SELECT count(*) FROM application_addresses"}) {
    EXPECT_EQ(count(left), 0) << left;
  }
  EXPECT_EQ(audit("application.deleted").size(), 1u);
}

TEST_F(ApplicationsTest, AnAccountHasAtMost200) {
  write([&](storage::Transaction& transaction) -> Result<void> {
    for (int i = 0; i < kMaxApplications; ++i) {
      RETURN_IF_ERROR(create_application(
          transaction, {.account = account_.id, .settings = {.name = std::to_string(i)}}, kSupport, kNow));
    }
    return {};
  });
  EXPECT_EQ(refusal(ApplicationKind::Web, settings("more")), "directory.too_many_applications");
  add_application({.account = other_.id, .settings = settings("theirs")});
}

TEST_F(ApplicationsTest, AChangeMakesTheCachesForget) {
  std::vector<AccountId> told;
  on_notice(*database_, [&](const Notice& notice) { told.push_back(notice.account); });
  const Application wiki = add_application("Wiki");
  EXPECT_EQ(told, std::vector<AccountId>{account_.id});
  told.clear();
  add_application({.settings = settings("Portal")});
  EXPECT_EQ(told, (std::vector<AccountId>{account_.id, other_.id}));
}

}  // namespace
}  // namespace doorward::directory
