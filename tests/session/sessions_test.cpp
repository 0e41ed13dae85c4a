#include "session/sessions.h"

#include "directory/directory_test.h"
#include "support/cookie_jar.h"
#include "support/fake_clock.h"

namespace doorward::session {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class SessionsTest : public directory::DirectoryTest {
 protected:
  /// Somebody who is signed in with a browser of their own.
  struct Visitor {
    directory::SessionToken token;
    directory::Session session;
    http::Request request;
  };

  Visitor sign_in(const directory::Account& account, const directory::Employee& employee) {
    auto token = directory::SessionToken::issue(account);
    auto session = write([&](storage::Transaction& transaction) {
      return directory::create_session(transaction, token, {.account = account.id, .employee = employee.id},
                                       sessions_.lifetime(), clock_.now());
    });
    http::Response response;
    sessions_.set_cookie(response, token);
    test::CookieJar jar;
    jar.keep(response);
    http::Request request;
    jar.send_with(request);
    return {std::move(token), std::move(session), std::move(request)};
  }

  /// The user name behind a request; empty for nobody.
  std::string who(const http::Request& request) {
    const auto found = must(sessions_.who(request));
    return found ? found->employee.profile.user_name : std::string();
  }

  std::uint64_t database_reads() {
    return metrics_
        .counter("doorward_session_checks_total", "Requests with a session cookie, by where it was found",
                 "from=\"database\"")
        .value();
  }

  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  Sessions sessions_{*database_, clock_, {false, {hours(12), hours(24 * 7)}}, metrics_};
  directory::Account account_ = add_account("contoso");
  directory::Employee ada_ = add_employee(account_, "ada@contoso.example");
  directory::Employee bob_ = add_employee(account_, "bob@contoso.example");
};

TEST_F(SessionsTest, KnowsWhoIsSignedIn) {
  const Visitor visitor = sign_in(account_, ada_);
  EXPECT_EQ(who(visitor.request), "ada@contoso.example");
  EXPECT_EQ(who({}), "");
}

TEST_F(SessionsTest, ReadsTheDatabaseOnce) {
  const Visitor visitor = sign_in(account_, ada_);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(who(visitor.request), "ada@contoso.example");
  EXPECT_EQ(database_reads(), 1U);
}

TEST_F(SessionsTest, DescribesASessionOnce) {
  const Visitor visitor = sign_in(account_, ada_);
  int asked = 0;
  const auto description = [&] {
    return must(sessions_.who(visitor.request))->described([&](const directory::SignedIn& signed_in) {
      ++asked;
      return signed_in.employee.profile.user_name + " " + std::to_string(asked);
    });
  };
  EXPECT_EQ(description(), "ada@contoso.example 1");
  EXPECT_EQ(description(), "ada@contoso.example 1");
  write([&](storage::Transaction& transaction) {
    return directory::grant_administrator(transaction, account_.id, ada_.id, kSupport, clock_.now());
  });
  EXPECT_EQ(description(), "ada@contoso.example 2");
}

TEST_F(SessionsTest, TakesNoForgedCookies) {
  const Visitor visitor = sign_in(account_, ada_);
  const std::string good(visitor.token.value().reveal());
  std::string flipped = good;
  flipped.back() = flipped.back() == 'A' ? 'B' : 'A';
  for (const std::string& cookie : {std::string(), std::string("x"), good + "x", good.substr(1), flipped,
                                    good + "; doorward_session=" + flipped}) {
    http::Request request;
    request.headers.set("Cookie", "doorward_session=" + cookie);
    EXPECT_EQ(who(request), "") << cookie;
  }
}

TEST_F(SessionsTest, ForgetsAnEndedSessionAtOnce) {
  const Visitor ended = sign_in(account_, ada_);
  const Visitor other = sign_in(account_, ada_);
  EXPECT_EQ(who(ended.request), "ada@contoso.example");
  EXPECT_EQ(who(other.request), "ada@contoso.example");
  write([&](storage::Transaction& transaction) {
    return directory::end_session(transaction, account_.id, ended.session.id, {});
  });
  EXPECT_EQ(who(ended.request), "");
  EXPECT_EQ(who(other.request), "ada@contoso.example");
}

TEST_F(SessionsTest, ForgetsWhoeverIsDeactivatedAtOnce) {
  const Visitor ada = sign_in(account_, ada_);
  const Visitor bob = sign_in(account_, bob_);
  EXPECT_EQ(who(ada.request), "ada@contoso.example");
  EXPECT_EQ(who(bob.request), "bob@contoso.example");
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, account_.id, ada_.id,
                                          directory::LastAdministrator::MayGo, kSupport, clock_.now());
  });
  EXPECT_EQ(who(ada.request), "");
  EXPECT_EQ(who(bob.request), "bob@contoso.example");
}

TEST_F(SessionsTest, ShowsNewRightsAtOnce) {
  const Visitor ada = sign_in(account_, ada_);
  EXPECT_FALSE(must(sessions_.who(ada.request))->employee.administrator);
  write([&](storage::Transaction& transaction) {
    return directory::grant_administrator(transaction, account_.id, ada_.id, kSupport, clock_.now());
  });
  EXPECT_TRUE(must(sessions_.who(ada.request))->employee.administrator);
}

/// The command line beside a running server is another process with a connection of its own.
TEST_F(SessionsTest, FollowsWhatAnotherProcessDoes) {
  const Visitor ada = sign_in(account_, ada_);
  EXPECT_EQ(who(ada.request), "ada@contoso.example");
  const auto other = test_database_.open();
  must(other->write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, account_.id, ada_.id,
                                          directory::LastAdministrator::MayGo, kSupport, clock_.now());
  }));
  EXPECT_EQ(who(ada.request), "");
}

TEST_F(SessionsTest, EndsWhenNobodyUsesIt) {
  const Visitor visitor = sign_in(account_, ada_);
  for (int i = 0; i < 5; ++i) {
    clock_.advance(hours(11));
    EXPECT_EQ(who(visitor.request), "ada@contoso.example") << i;
  }
  clock_.advance(hours(12));
  EXPECT_EQ(who(visitor.request), "");
}

TEST_F(SessionsTest, EndsAfterItsLongestLife) {
  const Visitor visitor = sign_in(account_, ada_);
  for (int i = 0; i < 24 * 7 - 1; ++i) {
    clock_.advance(hours(1));
    ASSERT_EQ(who(visitor.request), "ada@contoso.example") << i;
  }
  clock_.advance(hours(1));
  EXPECT_EQ(who(visitor.request), "");
}

TEST_F(SessionsTest, WritesLastSeenTimesTogether) {
  const Visitor visitor = sign_in(account_, ada_);
  who(visitor.request);
  clock_.advance(minutes(5));
  who(visitor.request);
  const auto stored = [&] {
    return read([&](storage::Transaction& transaction) {
      return directory::list_sessions(transaction, account_.id, ada_.id, clock_.now());
    });
  };
  EXPECT_EQ(stored().front().last_seen_at, kNow);
  must(sessions_.flush());
  EXPECT_EQ(stored().front().last_seen_at, clock_.now());
  EXPECT_EQ(stored().front().idle_expires_at, clock_.now() + hours(12));
}

TEST_F(SessionsTest, CookieIsForThisHostOnly) {
  metrics::Registry metrics;
  const Sessions secure(*database_, clock_, {true, {}}, metrics);
  http::Response response;
  secure.set_cookie(response, directory::SessionToken::issue(account_));
  const std::string cookie(*response.headers.find("Set-Cookie"));
  EXPECT_TRUE(cookie.starts_with("__Host-doorward_session=")) << cookie;
  for (const char* part : {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}) {
    EXPECT_NE(cookie.find(part), std::string::npos) << cookie;
  }
  EXPECT_EQ(cookie.find("Domain"), std::string::npos) << cookie;
}

}  // namespace
}  // namespace doorward::session
