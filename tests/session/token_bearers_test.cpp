#include "session/token_bearers.h"

#include "directory/departments.h"
#include "directory/directory_test.h"
#include "directory/groups.h"
#include "support/fake_clock.h"

namespace doorward::session {
namespace {

using directory::GrantToken;
using directory::TokenKind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class TokenBearersTest : public directory::DirectoryTest {
 protected:
  directory::Application add_application(directory::ApplicationKind kind, std::string_view name) {
    directory::NewApplication made{.account = account_.id, .kind = kind};
    made.settings.name = name;
    if (kind == directory::ApplicationKind::Proxy) made.settings.origins = {"https://wiki.example"};
    if (kind == directory::ApplicationKind::Service) made.settings.scope = "events";
    return write([&](storage::Transaction& transaction) {
      return directory::create_application(transaction, made, kSupport, kNow);
    });
  }

  directory::Session open_session(const directory::Employee& employee) {
    return write([&](storage::Transaction& transaction) {
      return directory::create_session(transaction, directory::SessionToken::issue(account_),
                                       {.account = account_.id, .employee = employee.id}, kLifetime,
                                       clock_.now());
    });
  }

  /// A token of a grant of its own.
  GrantToken give(const directory::Application& application, const directory::Employee* employee,
                  TokenKind kind, const directory::Session* session = nullptr) {
    const GrantToken token = GrantToken::issue(account_, kind);
    directory::NewGrant grant{.account = account_.id, .application = application.id};
    if (employee != nullptr) grant.employee = employee->id;
    if (session != nullptr) grant.session = session->id;
    grant.scope = application.settings.scope;
    grant.expires_at = clock_.now() + hours(24);
    write([&](storage::Transaction& transaction) -> Result<void> {
      ASSIGN_OR_RETURN(const auto made, directory::create_grant(transaction, grant, clock_.now()));
      directory::NewGrantToken values{.grant = made.id, .scope = made.scope};
      values.expires_at = clock_.now() + hours(1);
      return directory::add_token(transaction, account_.id, token, values, clock_.now());
    });
    return token;
  }

  /// Whose the token is: a user name, an application's name, or nothing.
  std::string whose(const GrantToken& token) {
    const auto found = must(bearers_.find(token));
    if (!found) return "";
    return found->employee ? found->employee->profile.user_name : found->application.settings.name;
  }

  std::uint64_t database_reads() {
    return metrics_
        .counter("doorward_token_checks_total", "Tokens shown, by where they were found", "from=\"database\"")
        .value();
  }

  std::vector<directory::ListedGrant> grants_of(const directory::Employee& employee) {
    return read([&](storage::Transaction& transaction) {
      return directory::list_grants_of_employee(transaction, account_.id, employee.id, clock_.now(), 10);
    });
  }

  static constexpr directory::SessionLifetime kLifetime = {hours(12), hours(24 * 7)};
  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  TokenBearers bearers_{*database_, clock_, kLifetime, metrics_};
  directory::Account account_ = add_account("contoso");
  directory::Employee ada_ = add_employee(account_, "ada@contoso.example");
  directory::Employee bob_ = add_employee(account_, "bob@contoso.example");
  directory::Application wiki_ = add_application(directory::ApplicationKind::Proxy, "Wiki");
  directory::Application portal_ = add_application(directory::ApplicationKind::Web, "Portal");
  directory::Application robot_ = add_application(directory::ApplicationKind::Service, "Robot");
};

TEST_F(TokenBearersTest, KnowsWhoseATokenIs) {
  const GrantToken access = give(portal_, &ada_, TokenKind::Access);
  const GrantToken service = give(robot_, nullptr, TokenKind::Access);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(whose(access), "ada@contoso.example");
    EXPECT_EQ(whose(service), "Robot");
  }
  EXPECT_EQ(database_reads(), 2U);
  EXPECT_EQ(whose(GrantToken::issue(account_, TokenKind::Access)), "");
}

TEST_F(TokenBearersTest, ACodeOrARefreshTokenIsNobody) {
  EXPECT_EQ(whose(give(portal_, &ada_, TokenKind::Code)), "");
  EXPECT_EQ(whose(give(portal_, &ada_, TokenKind::Refresh)), "");
  EXPECT_EQ(database_reads(), 0U);
}

TEST_F(TokenBearersTest, ReadsTheAuthorizationField) {
  const GrantToken access = give(portal_, &ada_, TokenKind::Access);
  const GrantToken proxy = give(wiki_, &ada_, TokenKind::Proxy);
  const auto who = [&](std::string authorization) {
    http::Request request;
    request.headers.set("Authorization", authorization);
    return must(bearers_.who(request)) != nullptr;
  };
  const std::string text(access.value().reveal());
  EXPECT_TRUE(who("Bearer " + text));
  EXPECT_TRUE(who("bearer " + text));
  EXPECT_FALSE(who(text));
  EXPECT_FALSE(who("Basic " + text));
  EXPECT_FALSE(who("Bearer " + text + "x"));
  // What a browser carries opens no API.
  EXPECT_FALSE(who("Bearer " + std::string(proxy.value().reveal())));
  EXPECT_EQ(must(bearers_.who({})), nullptr);
}

TEST_F(TokenBearersTest, ForgetsWhatEndedAtOnce) {
  const GrantToken ended = give(wiki_, &ada_, TokenKind::Proxy);
  const GrantToken other = give(portal_, &ada_, TokenKind::Access);
  const GrantToken bobs = give(wiki_, &bob_, TokenKind::Proxy);
  for (const GrantToken* token : {&ended, &other, &bobs})
    ASSERT_NE(whose(*token), "");
  const std::string id = must(bearers_.find(ended))->grant.public_id;
  write([&](storage::Transaction& transaction) {
    return directory::end_grant(transaction, account_.id, ada_.id, id, kNow);
  });
  EXPECT_EQ(whose(ended), "");
  EXPECT_EQ(whose(other), "ada@contoso.example");
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, account_.id, ada_.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(whose(other), "");
  EXPECT_EQ(whose(bobs), "bob@contoso.example");
}

TEST_F(TokenBearersTest, EndsWithItsSession) {
  const auto session = open_session(ada_);
  const auto second = open_session(ada_);
  const GrantToken first = give(wiki_, &ada_, TokenKind::Proxy, &session);
  const GrantToken kept = give(wiki_, &ada_, TokenKind::Proxy, &second);
  EXPECT_EQ(whose(first), "ada@contoso.example");
  EXPECT_EQ(whose(kept), "ada@contoso.example");
  write([&](storage::Transaction& transaction) {
    return directory::end_session(transaction, account_.id, session.id, clock_.now());
  });
  EXPECT_EQ(whose(first), "");
  EXPECT_EQ(whose(kept), "ada@contoso.example");
}

TEST_F(TokenBearersTest, EndsWhenTheApplicationIsSwitchedOff) {
  const GrantToken service = give(robot_, nullptr, TokenKind::Access);
  EXPECT_EQ(whose(service), "Robot");
  directory::ApplicationSettings settings = robot_.settings;
  settings.active = false;
  write([&](storage::Transaction& transaction) {
    return directory::update_application(transaction, robot_.id, settings, kSupport, kNow);
  });
  EXPECT_EQ(whose(service), "");
}

TEST_F(TokenBearersTest, FollowsWhatAnotherProcessDoes) {
  const GrantToken token = give(wiki_, &ada_, TokenKind::Proxy);
  EXPECT_EQ(whose(token), "ada@contoso.example");
  const auto other = test_database_.open();
  must(other->write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, account_.id, ada_.id,
                                          directory::LastAdministrator::MayGo, kSupport, clock_.now());
  }));
  EXPECT_EQ(whose(token), "");
}

TEST_F(TokenBearersTest, Expires) {
  const GrantToken token = give(portal_, &ada_, TokenKind::Access);
  clock_.advance(minutes(59));
  EXPECT_EQ(whose(token), "ada@contoso.example");
  clock_.advance(minutes(1));
  EXPECT_EQ(whose(token), "");
}

TEST_F(TokenBearersTest, AProxyTokenTellsWhereSomebodyBelongs) {
  write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto backend,
                     directory::create_department(transaction, {.account = account_.id, .name = "Back end"},
                                                  kSupport, kNow));
    RETURN_IF_ERROR(directory::move_employee(transaction, account_.id, ada_.id, backend.id, kSupport, kNow));
    ASSIGN_OR_RETURN(const auto group,
                     directory::create_group(transaction, {.account = account_.id, .display_name = "Crew"},
                                             kSupport, kNow));
    const std::string members[] = {ada_.public_id};
    RETURN_IF_ERROR(directory::add_members(transaction, account_.id, group.id, members, kSupport, kNow));
    return {};
  });
  const GrantToken token = give(wiki_, &ada_, TokenKind::Proxy);
  const auto bearer = must(bearers_.find(token));
  EXPECT_EQ(bearer->memberships.groups, std::vector<std::string>{"Crew"});
  ASSERT_FALSE(bearer->memberships.departments.empty());
  EXPECT_EQ(bearer->memberships.departments.front(), "Back end");
  EXPECT_EQ(bearer->application.settings.origins, std::vector<std::string>{"https://wiki.example"});
  EXPECT_TRUE(bearer->has_scope("groups"));
  EXPECT_FALSE(bearer->has_scope("group"));

  write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto groups, directory::groups_of(transaction, account_.id, ada_.id));
    return directory::delete_group(transaction, account_.id, groups.front().id, kSupport, kNow);
  });
  clock_.advance(TokenBearers::kMaxAge);
  EXPECT_TRUE(must(bearers_.find(token))->memberships.groups.empty());
}

TEST_F(TokenBearersTest, DescribesATokenOnce) {
  const GrantToken token = give(wiki_, &ada_, TokenKind::Proxy);
  int asked = 0;
  const auto describe = [&] {
    return std::string(*must(bearers_.find(token))
                            ->described([&](const Bearer&) {
                              http::Headers headers;
                              headers.add("X-Asked", std::to_string(++asked));
                              return headers;
                            })
                            .find("X-Asked"));
  };
  EXPECT_EQ(describe(), "1");
  EXPECT_EQ(describe(), "1");
}

TEST_F(TokenBearersTest, UsingAnApplicationKeepsTheSessionAlive) {
  const auto session = open_session(ada_);
  const GrantToken token = give(wiki_, &ada_, TokenKind::Proxy, &session);
  const GrantToken access = give(portal_, &bob_, TokenKind::Access);
  EXPECT_NE(whose(token), "");
  EXPECT_NE(whose(access), "");
  clock_.advance(minutes(5));
  EXPECT_NE(whose(token), "");
  EXPECT_NE(whose(access), "");
  EXPECT_EQ(grants_of(ada_).front().grant.last_used_at, kNow);
  must(bearers_.flush());
  EXPECT_EQ(grants_of(ada_).front().grant.last_used_at, clock_.now());
  EXPECT_EQ(grants_of(bob_).front().grant.last_used_at, clock_.now());
  EXPECT_EQ(count("SELECT min(last_used_at) FROM application_uses"), to_millis(clock_.now()))
      << "who used what stays known";
  const auto sessions = read([&](storage::Transaction& transaction) {
    return directory::list_sessions(transaction, account_.id, ada_.id, clock_.now());
  });
  EXPECT_EQ(sessions.front().idle_expires_at, clock_.now() + hours(12));
}

TEST_F(TokenBearersTest, ASessionThatNobodyUsedEndsIt) {
  const auto session = open_session(ada_);
  const GrantToken token = GrantToken::issue(account_, TokenKind::Proxy);
  write([&](storage::Transaction& transaction) -> Result<void> {
    directory::NewGrant grant{.account = account_.id, .application = wiki_.id};
    grant.employee = ada_.id;
    grant.session = session.id;
    grant.expires_at = session.expires_at;
    ASSIGN_OR_RETURN(const auto made, directory::create_grant(transaction, grant, kNow));
    directory::NewGrantToken values{.grant = made.id};
    values.expires_at = session.expires_at;
    return directory::add_token(transaction, account_.id, token, values, kNow);
  });
  EXPECT_NE(whose(token), "");
  clock_.advance(hours(12));
  EXPECT_EQ(whose(token), "");
}

}  // namespace
}  // namespace doorward::session
