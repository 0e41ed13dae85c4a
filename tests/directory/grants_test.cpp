#include "directory/grants.h"

#include <algorithm>
#include <latch>
#include <thread>

#include "applications_fixture.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class GrantsTest : public ApplicationsFixture {
 protected:
  void set(std::string_view sql) {
    write([&](storage::Transaction& transaction) { return transaction.execute(sql, {}); });
  }
  void revoke(const GrantToken& token, const Application& application) {
    write([&](storage::Transaction& transaction) {
      return revoke_token(transaction, token, application.id, kNow);
    });
  }
  std::vector<ListedGrant> of_bob(Timestamp now = kNow, int limit = 100) {
    return read([&](storage::Transaction& transaction) {
      return list_grants_of_employee(transaction, account_.id, bob_.id, now, limit);
    });
  }
  void touch(const Grant& grant, Timestamp at) {
    const GrantTouch touches[] = {{account_.id, grant.id, at}};
    write([&](storage::Transaction& transaction) { return touch_grants(transaction, touches); });
  }

  Application wiki_ = add_application("Wiki");
  Application mail_ = add_application("Mail");
};

TEST_F(GrantsTest, ATokenIsReadOnlyAsItsKind) {
  const GrantToken token = GrantToken::issue(account_, TokenKind::Access);
  const std::string text(token.value().reveal());
  EXPECT_TRUE(text.starts_with("dwa_" + account_.public_id + "."));
  EXPECT_TRUE(GrantToken::parse(text, TokenKind::Access));
  for (const TokenKind kind : {TokenKind::Code, TokenKind::Refresh, TokenKind::Proxy}) {
    EXPECT_FALSE(GrantToken::parse(text, kind));
    // Under the other prefix it is another secret.
    const auto renamed = GrantToken::parse(
        std::string(GrantToken::issue(account_, kind).value().reveal()).substr(0, 4) + text.substr(4), kind);
    ASSERT_TRUE(renamed);
    EXPECT_NE(renamed->hash(), token.hash());
  }
  for (const std::string& nonsense : {std::string(), text + "x", text.substr(1), std::string(84, '.')})
    EXPECT_FALSE(GrantToken::parse(nonsense, TokenKind::Access)) << nonsense;
}

TEST_F(GrantsTest, ATokenLeadsToItsPersonAndApplication) {
  const Session session = open_session(bob_);
  const Grant grant = give(wiki_, bob_, session);
  const GrantToken token = add(grant, TokenKind::Access);
  const auto found = bearer(token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account.id, account_.id);
  EXPECT_EQ(found->application.client_id, wiki_.client_id);
  EXPECT_EQ(found->employee->id, bob_.id);
  EXPECT_EQ(found->grant.public_id, grant.public_id);
  EXPECT_EQ(found->grant.sid, session.public_id);
  EXPECT_EQ(found->grant.session, session.id);
  EXPECT_EQ(found->scope, "openid") << "the token's own";
  EXPECT_EQ(found->kind, TokenKind::Access);
  EXPECT_EQ(found->expires_at, kNow + hours(1));
  EXPECT_FALSE(bearer(GrantToken::issue(account_, TokenKind::Access)));
  const auto forged = GrantToken::parse(
      "dwa_" + other_.public_id + std::string(token.value().reveal().substr(4 + 36)), TokenKind::Access);
  ASSERT_TRUE(forged);
  EXPECT_FALSE(bearer(*forged)) << "another account's prefix";
  EXPECT_EQ(count("SELECT count(*) FROM grant_tokens WHERE token_hash = 'x'"), 0);
}

TEST_F(GrantsTest, ItEndsWithTimeSessionAndWhateverLetsSomebodyIn) {
  const auto fresh = [&] { return add(give(wiki_, bob_), TokenKind::Access); };
  const GrantToken token = fresh();
  EXPECT_TRUE(bearer(token, kNow + hours(1) - Duration(1)));
  EXPECT_FALSE(bearer(token, kNow + hours(1)));

  const Session session = open_session(bob_);
  const Grant bound = give(wiki_, bob_, session);
  const GrantToken long_token = add(bound, TokenKind::Access, {}, hours(24 * 30));
  EXPECT_TRUE(bearer(long_token, kNow + hours(12) - Duration(1)));
  EXPECT_FALSE(bearer(long_token, kNow + hours(12))) << "the session was idle";

  for (const char* change :
       {"UPDATE employees SET active = 0", "UPDATE applications SET active = 0",
        "UPDATE applications SET account_id = (SELECT max(id) FROM accounts)", "DELETE FROM applications",
        "UPDATE grants SET expires_at = 0", "DELETE FROM grants", "DELETE FROM employees"}) {
    const GrantToken each = fresh();
    ASSERT_TRUE(bearer(each)) << change;
    const auto refused = database_->write([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(transaction.execute(change, {}));
      ASSIGN_OR_RETURN(const auto found, find_token_bearer(transaction, each, kNow));
      EXPECT_FALSE(found) << change;
      return fail(ErrorKind::Refused, "test.undo", "Undone.");
    });
    EXPECT_EQ(refused.error().code.name(), "test.undo") << refused.error().detail;
  }
}

TEST_F(GrantsTest, EnforcedSsoHoldsForTokensToo) {
  const Employee outsider = add_employee(account_, "carl@elsewhere.example");
  const GrantToken inside = add(give(wiki_, bob_), TokenKind::Access);
  const GrantToken outside = add(give(wiki_, outsider), TokenKind::Access);
  add_domain(account_, "contoso.com");
  EXPECT_TRUE(bearer(outside));
  set("UPDATE accounts SET sso_enforced_at = 1");
  EXPECT_TRUE(bearer(inside));
  EXPECT_FALSE(bearer(outside));
  EXPECT_EQ(refusal_to_give(new_grant(wiki_, outsider)), "directory.may_not_use_application");
  EXPECT_EQ(refusal_to_give(new_grant(wiki_, bob_)), "");
  // A test account shares its parent's domains.
  const Account trial = write([&](storage::Transaction& transaction) {
    return create_account(transaction, {.name = "trial", .plan = Plan::Enterprise, .parent = account_.id},
                          kSupport, kNow);
  });
  const Employee tester = add_employee(trial, "tess@contoso.com");
  const Application portal = add_application({.settings = settings("Portal")});
  const GrantToken theirs = add(give(portal, tester), TokenKind::Access);
  set("UPDATE accounts SET sso_enforced_at = 1");
  EXPECT_TRUE(bearer(theirs));
}

TEST_F(GrantsTest, RulesHoldForTokensToo) {
  const Department sales = add_department("Sales");
  move(bob_, sales);
  const Application chosen_one =
      add_application({.account = account_.id, .settings = chosen("Chosen", {sales.public_id})});
  const GrantToken token = add(give(chosen_one, bob_), TokenKind::Access);
  EXPECT_TRUE(bearer(token));
  set("UPDATE employees SET department_id = (SELECT min(id) FROM departments WHERE account_id = 1)"
      " WHERE account_id = 1");
  EXPECT_FALSE(bearer(token));

  ApplicationSettings admins = settings("Admins");
  admins.access = ApplicationAccess::Administrators;
  write([&](storage::Transaction& transaction) {
    return grant_administrator(transaction, account_.id, bob_.id, kSupport, kNow);
  });
  const Application theirs = add_application({.account = account_.id, .settings = admins});
  const GrantToken right = add(give(theirs, bob_), TokenKind::Access);
  EXPECT_TRUE(bearer(right));
  set("UPDATE employees SET administrator = 0");
  EXPECT_FALSE(bearer(right));
}

TEST_F(GrantsTest, NothingIsGivenToWhoMayNotUseIt) {
  constexpr std::string_view kMayNot = "directory.may_not_use_application";
  EXPECT_EQ(refusal_to_give(new_grant(wiki_, eve_)), kMayNot) << "another account's application";
  NewGrant nobody = new_grant(wiki_, bob_);
  nobody.employee.reset();
  EXPECT_EQ(refusal_to_give(nobody), kMayNot) << "only a service acts for itself";
  const Application service =
      add_application({.account = account_.id, .kind = ApplicationKind::Service, .settings = {.name = "HR"}});
  EXPECT_EQ(refusal_to_give(new_grant(service, bob_)), kMayNot);
  NewGrant of_another = nobody;
  of_another.application = service.id;
  of_another.account = other_.id;
  EXPECT_EQ(refusal_to_give(of_another), kMayNot);
  NewGrant unknown = new_grant(wiki_, bob_);
  unknown.application = ApplicationId{99};
  EXPECT_EQ(refusal_to_give(unknown), kMayNot);

  const Session session = open_session(bob_);
  NewGrant late = new_grant(wiki_, bob_);
  late.session = session.id;
  EXPECT_EQ(refusal_to_give(late), "");
  write([&](storage::Transaction& transaction) {
    return end_session(transaction, account_.id, session.id, kNow);
  });
  EXPECT_EQ(refusal_to_give(late), "directory.session_ended");
  late.session = open_session(add_employee(account_, "carl")).id;
  EXPECT_EQ(refusal_to_give(late), "directory.session_ended") << "somebody else's session";
}

TEST_F(GrantsTest, AServiceHasOneGrantForEachScope) {
  const Application service =
      add_application({.account = account_.id, .kind = ApplicationKind::Service, .settings = {.name = "HR"}});
  NewGrant wanted{.account = account_.id,
                  .application = service.id,
                  .scope = "events",
                  .expires_at = kNow + hours(1),
                  .client_address = "192.0.2.1"};
  const Grant first = give(wanted);
  const GrantToken token = add(first, TokenKind::Access);
  wanted.public_id = new_public_id();
  wanted.expires_at = kNow + hours(2);
  wanted.client_address = "192.0.2.2";
  const Grant second = give(wanted);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.public_id, first.public_id);
  EXPECT_EQ(second.expires_at, kNow + hours(2));
  EXPECT_EQ(second.client_address, "192.0.2.2");
  wanted.expires_at = kNow + hours(1);
  EXPECT_EQ(give(wanted).expires_at, kNow + hours(2)) << "never sooner";
  wanted.scope = "scim";
  EXPECT_NE(give(wanted).id, first.id);
  const auto found = bearer(token);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->employee);
}

TEST_F(GrantsTest, ACodeIsExchangedOnce) {
  const Grant grant = give(wiki_, bob_);
  const GrantToken code = add(grant, TokenKind::Code, {}, minutes(1));
  EXPECT_EQ(exchange(code, mail_).outcome, Exchange::Unknown) << "another application's";
  const Exchanged first = exchange(code, wiki_);
  ASSERT_EQ(first.outcome, Exchange::Good);
  EXPECT_EQ(first.redirect_uri, "https://app.example/callback");
  EXPECT_EQ(first.code_challenge, "challenge");
  EXPECT_EQ(first.nonce, "nonce");
  EXPECT_EQ(first.bearer->employee->id, bob_.id);
  const GrantToken access = add(grant, TokenKind::Access);
  const GrantToken refresh = add(grant, TokenKind::Refresh, first.token);
  EXPECT_EQ(exchange(code, mail_).outcome, Exchange::Unknown) << "who else has it can end nothing";
  EXPECT_TRUE(bearer(access));
  // Even after its minute.
  EXPECT_EQ(exchange(code, wiki_, kNow + minutes(2)).outcome, Exchange::Reused);
  EXPECT_FALSE(bearer(access));
  EXPECT_EQ(exchange(refresh, wiki_).outcome, Exchange::Unknown);
  EXPECT_EQ(exchange(code, wiki_).outcome, Exchange::Unknown);
  EXPECT_EQ(grants(), 0);
  EXPECT_EQ(logouts(), std::vector<std::string>{"Wiki " + bob_.public_id + " "});
  const auto entries = audit("application.token_reused");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].target, bob_.public_id);
  EXPECT_EQ(entries[0].details.at("kind").as_string(), "code");
}

TEST_F(GrantsTest, ACodeExpires) {
  const GrantToken code = add(give(wiki_, bob_), TokenKind::Code, {}, minutes(1));
  EXPECT_EQ(exchange(code, wiki_, kNow + minutes(1)).outcome, Exchange::Unknown);
  EXPECT_EQ(exchange(code, wiki_, kNow + minutes(1) - Duration(1)).outcome, Exchange::Good);
}

TEST_F(GrantsTest, OfTwoExchangesAtOnceOneIsGood) {
  for (int round = 0; round < 20; ++round) {
    const GrantToken code = add(give(wiki_, bob_), TokenKind::Code, {}, minutes(1));
    std::latch start(2);
    Exchange outcomes[2] = {};
    const auto run = [&](Exchange& outcome) {
      start.arrive_and_wait();
      outcome = exchange(code, wiki_).outcome;
    };
    {
      std::jthread one([&] { run(outcomes[0]); });
      std::jthread two([&] { run(outcomes[1]); });
    }
    EXPECT_EQ(std::count(std::begin(outcomes), std::end(outcomes), Exchange::Good), 1);
    EXPECT_EQ(std::count(std::begin(outcomes), std::end(outcomes), Exchange::Reused), 1);
    EXPECT_EQ(grants(), 0);
  }
}

TEST_F(GrantsTest, ARefreshTokenShownAgainLaterEndsTheGrant) {
  const Grant grant = give(wiki_, bob_);
  const GrantToken first = add(grant, TokenKind::Refresh, {}, hours(24 * 30));
  const Exchanged exchanged = exchange(first, wiki_);
  ASSERT_EQ(exchanged.outcome, Exchange::Good);
  const GrantToken second = add(grant, TokenKind::Refresh, exchanged.token, hours(24 * 30));
  EXPECT_EQ(exchange(first, wiki_, kNow + kRefreshRetry).outcome, Exchange::Reused);
  EXPECT_EQ(exchange(second, wiki_).outcome, Exchange::Unknown);
  EXPECT_EQ(grants(), 0);
}

TEST_F(GrantsTest, AnAnswerThatWasLostIsGivenOnceMore) {
  const Grant grant = give(wiki_, bob_);
  const GrantToken first = add(grant, TokenKind::Refresh, {}, hours(24 * 30));
  const Exchanged exchanged = exchange(first, wiki_);
  const GrantToken lost = add(grant, TokenKind::Refresh, exchanged.token, hours(24 * 30));
  const Exchanged again = exchange(first, wiki_, kNow + kRefreshRetry - Duration(1));
  ASSERT_EQ(again.outcome, Exchange::Good);
  const GrantToken second = add(grant, TokenKind::Refresh, again.token, hours(24 * 30));
  const auto undone = [&](const auto& body) {
    EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) -> Result<void> {
                body(transaction);
                return fail(ErrorKind::Refused, "test.undo", "Undone.");
              }),
              "test.undo");
  };
  const auto outcome = [&](storage::Transaction& transaction, const GrantToken& token) {
    return must(exchange_token(transaction, token, wiki_.id, kNow + seconds(5))).outcome;
  };
  // Not a third time, not the one that was lost, and of course the second.
  undone([&](storage::Transaction& t) { EXPECT_EQ(outcome(t, first), Exchange::Reused); });
  undone([&](storage::Transaction& t) { EXPECT_EQ(outcome(t, lost), Exchange::Reused); });
  undone([&](storage::Transaction& t) { EXPECT_EQ(outcome(t, second), Exchange::Good); });
}

TEST_F(GrantsTest, AnAnswerThatArrivedIsNotGivenOnceMore) {
  const Grant grant = give(wiki_, bob_);
  const GrantToken first = add(grant, TokenKind::Refresh, {}, hours(24 * 30));
  const Exchanged exchanged = exchange(first, wiki_);
  const GrantToken second = add(grant, TokenKind::Refresh, exchanged.token, hours(24 * 30));
  EXPECT_EQ(exchange(second, wiki_, kNow + seconds(1)).outcome, Exchange::Good);
  EXPECT_EQ(exchange(first, wiki_, kNow + seconds(2)).outcome, Exchange::Reused);
  EXPECT_EQ(grants(), 0);
}

TEST_F(GrantsTest, ARefreshTokenDoesNotOutliveItsTimeNorItsGrant) {
  Grant grant = give(wiki_, bob_);
  const GrantToken idle = add(grant, TokenKind::Refresh, {}, hours(24 * 30));
  EXPECT_EQ(exchange(idle, wiki_, kNow + hours(24 * 30)).outcome, Exchange::Unknown);
  const GrantToken late = add(grant, TokenKind::Refresh, {}, hours(24 * 365));
  EXPECT_EQ(exchange(late, wiki_, kNow + hours(24 * 180)).outcome, Exchange::Unknown);
  EXPECT_EQ(exchange(late, wiki_, kNow + hours(24 * 179)).outcome, Exchange::Good);
}

TEST_F(GrantsTest, ARevokedRefreshTokenEndsTheGrantAndAnAccessTokenItself) {
  const Grant grant = give(wiki_, bob_);
  const GrantToken access = add(grant, TokenKind::Access);
  const GrantToken other_access = add(grant, TokenKind::Access);
  const GrantToken refresh = add(grant, TokenKind::Refresh);
  revoke(access, mail_);
  revoke(refresh, mail_);
  EXPECT_TRUE(bearer(access)) << "another application's word";
  revoke(access, wiki_);
  EXPECT_FALSE(bearer(access));
  EXPECT_TRUE(bearer(other_access));
  std::vector<Notice> notices;
  on_notice(*database_, [&](const Notice& notice) { notices.push_back(notice); });
  revoke(refresh, wiki_);
  EXPECT_FALSE(bearer(other_access));
  EXPECT_EQ(grants(), 0);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].employee, bob_.id);
  EXPECT_TRUE(logouts().empty()) << "it asked itself";
  revoke(refresh, wiki_);
}

TEST_F(GrantsTest, ListsAreInTheOrderOfUse) {
  NewGrant wanted = new_grant(wiki_, bob_);
  wanted.device = "Bob's\nphone";
  const Grant first = give(wanted);
  const Grant second = give(mail_, bob_);
  const Session session = open_session(bob_);
  give(mail_, bob_, session);
  touch(first, kNow + minutes(2));
  touch(second, kNow + minutes(1));
  touch(first, kNow + minutes(1));
  const auto listed = of_bob();
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].grant.public_id, first.public_id);
  EXPECT_EQ(listed[0].grant.last_used_at, kNow + minutes(2)) << "never back";
  EXPECT_EQ(listed[0].grant.device, "Bob's?phone");
  EXPECT_EQ(listed[0].application_name, "Wiki");
  EXPECT_EQ(listed[0].client_id, wiki_.client_id);
  EXPECT_EQ(listed[1].grant.public_id, second.public_id);
  EXPECT_EQ(of_bob(kNow, 1).size(), 1u);
  EXPECT_EQ(of_bob(kNow + hours(12)).size(), 2u) << "its session has ended";
  EXPECT_EQ(of_bob(kNow + hours(24 * 180)).size(), 0u);
  const auto users = read([&](storage::Transaction& transaction) {
    return list_grants_of_application(transaction, account_.id, mail_.id, kNow, 10);
  });
  ASSERT_EQ(users.size(), 2u);
  EXPECT_EQ(users[0].employee_public_id, bob_.public_id);
  EXPECT_EQ(users[0].employee_name, "bob@contoso.com");
  EXPECT_TRUE(read([&](storage::Transaction& transaction) {
                return list_grants_of_application(transaction, other_.id, mail_.id, kNow, 10);
              }).empty());
}

TEST_F(GrantsTest, OneIsEndedByItsOwnerOnly) {
  const Grant grant = give(wiki_, bob_);
  const auto end = [&](AccountId account, std::optional<EmployeeId> employee) {
    return write([&](storage::Transaction& transaction) {
      return end_grant(transaction, account, employee, grant.public_id, kNow);
    });
  };
  EXPECT_FALSE(end(other_.id, {}));
  EXPECT_FALSE(end(account_.id, add_employee(account_, "carl").id));
  EXPECT_TRUE(end(account_.id, bob_.id));
  EXPECT_FALSE(end(account_.id, bob_.id));
}

TEST_F(GrantsTest, ConsentGrows) {
  const auto consented = [&](std::string_view scope) {
    return read([&](storage::Transaction& transaction) {
      return has_consented(transaction, account_.id, bob_.id, wiki_.id, scope);
    });
  };
  const auto agree = [&](std::string_view scope) {
    write([&](storage::Transaction& transaction) {
      return consent(transaction, account_.id, bob_.id, wiki_.id, scope, kNow);
    });
  };
  EXPECT_FALSE(consented(""));
  EXPECT_FALSE(consented("openid"));
  agree("openid email");
  EXPECT_TRUE(consented("email openid"));
  EXPECT_FALSE(consented("openid groups"));
  agree("groups openid");
  EXPECT_TRUE(consented("openid email groups"));
  EXPECT_EQ(count("SELECT count(*) FROM consents WHERE scope = 'openid email groups'"), 1);
  EXPECT_FALSE(read([&](storage::Transaction& transaction) {
    return has_consented(transaction, account_.id, bob_.id, mail_.id, "openid");
  }));
}

}  // namespace
}  // namespace doorward::directory
