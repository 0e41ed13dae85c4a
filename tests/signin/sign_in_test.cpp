#include "signin/sign_in.h"

#include <gmock/gmock.h>

#include "crypto/password.h"
#include "directory/attempts.h"
#include "directory/directory_test.h"
#include "json/json.h"
#include "support/cookie_jar.h"
#include "support/fake_clock.h"

namespace doorward::signin {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kPassword = "correct horse battery";
constexpr std::string_view kPasswordField = "&password=correct+horse+battery";

/// A company with one connection and a proven domain, and a browser.
class SignInTest : public directory::DirectoryTest {
 protected:
  using Handler = Result<http::Response> (SignIn::*)(const http::Request&);

  SignInTest() {
    add_connection(contoso_, "https://idp.example/contoso");
    add_domain(contoso_, "contoso.example");
    set_password(ada_);
  }

  void set_password(const directory::Employee& employee, std::string_view password = kPassword) {
    // The cheapest cost that Argon2 takes.
    const std::string hash = crypto::hash_password(crypto::Secret(std::string(password)), {8, 1});
    write([&](storage::Transaction& transaction) {
      return directory::set_password(transaction, employee.account, employee.id, hash, kSupport, kNow);
    });
  }

  void enforce(const directory::Account& account) {
    write([&](storage::Transaction& transaction) {
      return directory::enforce_sso(transaction, account.id, "test", kSupport, kNow);
    });
  }

  http::Request request() {
    http::Request made;
    made.path = "/sign-in";
    made.client_address = "192.0.2.7";
    made.request_id = "request-1";
    made.headers.set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
    jar_.send_with(made);
    return made;
  }
  http::Request posted(std::string body) {
    http::Request made = request();
    made.method = http::Method::Post;
    made.headers.set("Content-Type", "application/x-www-form-urlencoded");
    made.body = std::move(body);
    return made;
  }

  http::Response handle(Handler handler, const http::Request& request) {
    auto response = must((sign_in_.*handler)(request));
    jar_.keep(response);
    return response;
  }
  http::Response get(Handler handler, std::string query = {}) {
    http::Request made = request();
    made.query = std::move(query);
    return handle(handler, made);
  }
  http::Response post(Handler handler, std::string body = {}) {
    return handle(handler, posted(std::move(body)));
  }

  http::Response choose(std::string_view email, std::string_view more = {}) {
    return post(&SignIn::choose, "email=" + percent_encode(email) + std::string(more));
  }
  http::Response try_password(std::string_view email, std::string_view more = kPasswordField) {
    return post(&SignIn::password, "email=" + percent_encode(email) + std::string(more));
  }

  static std::string location(const http::Response& response) {
    return std::string(response.headers.find("Location").value_or(""));
  }

  /// Who the browser is signed in as; empty for nobody.
  std::string who() {
    const auto found = must(sessions_.who(request()));
    return found ? found->employee.profile.user_name : std::string();
  }
  std::vector<directory::Session> sessions_of(const directory::Employee& employee) {
    return read([&](storage::Transaction& transaction) {
      return directory::list_sessions(transaction, employee.account, employee.id, clock_.now());
    });
  }
  std::vector<directory::Attempt> attempts(const directory::Account& account) {
    return read([&](storage::Transaction& transaction) {
      return directory::list_attempts(transaction, account.id, std::nullopt, 50);
    });
  }

  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  session::Sessions sessions_{*database_, clock_, {true, {}}, metrics_};
  SignIn sign_in_{{*database_, clock_, sessions_, "https://sso.portal.example", metrics_}};
  test::CookieJar jar_;
  directory::Account contoso_ = add_account("contoso");
  directory::Employee ada_ = add_employee(contoso_, "ada@contoso.example");
  directory::Employee bob_ = add_employee(contoso_, "bob@contoso.example");
};

TEST_F(SignInTest, TheFirstPageAsksForTheAddressOnly) {
  const auto page = get(&SignIn::form, "return_to=%2Freports&email=ada%40contoso.example");
  EXPECT_EQ(page.status, http::Status::Ok);
  EXPECT_THAT(page.body, HasSubstr("name=\"return_to\" value=\"/reports\""));
  EXPECT_THAT(page.body, HasSubstr("value=\"ada@contoso.example\""));
  EXPECT_THAT(page.body, Not(HasSubstr("type=\"password\"")));
}

TEST_F(SignInTest, TheFirstPageKnowsTheCompanyOfTheLink) {
  EXPECT_THAT(get(&SignIn::form, "account=contoso").body, HasSubstr("Sign in to contoso"));
  http::Request unknown = request();
  unknown.query = "account=nobody";
  const auto refused = sign_in_.form(unknown);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::NotFound);
}

TEST_F(SignInTest, NeverLeadsToAnotherSite) {
  for (const char* target : {"https%3A%2F%2Fevil.example%2F", "%2F%2Fevil.example", "%2F%5Cevil.example",
                             "javascript%3Aalert(1)", "%2F%09%2Fevil.example", "evil.example"}) {
    const std::string field = std::string("&return_to=") + target;
    EXPECT_THAT(get(&SignIn::form, field.substr(1)).body, HasSubstr("name=\"return_to\" value=\"/\""))
        << target;
    EXPECT_THAT(choose("ada@contoso.example", field).body, HasSubstr("name=\"return_to\" value=\"/\""))
        << target;
    jar_ = {};
    EXPECT_EQ(location(try_password("ada@contoso.example", std::string(kPasswordField) + field)), "/")
        << target;
    // Somebody who is signed in already is sent on at once.
    EXPECT_EQ(location(get(&SignIn::form, field.substr(1))), "/") << target;
    jar_ = {};
  }
}

TEST_F(SignInTest, WhoeverMustShowAnewWhoTheyAreIsAskedAlthoughSignedIn) {
  try_password("ada@contoso.example");
  ASSERT_EQ(who(), "ada@contoso.example");
  EXPECT_EQ(location(get(&SignIn::form, "return_to=%2Freports")), "/reports");
  const auto asked = get(&SignIn::form, "return_to=%2Freports&reauthenticate=1");
  EXPECT_THAT(asked.body, HasSubstr("name=\"reauthenticate\" value=\"1\""));
  // The demand travels on to the provider and past the password page.
  const auto page = choose("ada@contoso.example", "&return_to=%2Freports&reauthenticate=1");
  EXPECT_THAT(page.body, HasSubstr("return_to=%2Freports&amp;reauthenticate=1\""));
  EXPECT_THAT(page.body, HasSubstr("name=\"reauthenticate\" value=\"1\""));
  EXPECT_THAT(choose("ada@contoso.example").body, Not(HasSubstr("reauthenticate")));
  enforce(contoso_);
  EXPECT_EQ(location(choose("ada@contoso.example", "&reauthenticate=1")),
            "/saml/contoso/login?login_hint=ada%40contoso.example&return_to=%2F&reauthenticate=1");
}

TEST_F(SignInTest, AProvenDomainOffersTheCompanyAccount) {
  const auto page = choose("ada@contoso.example", "&return_to=%2Freports%3Fa%3D1%26b%3D2");
  EXPECT_EQ(page.status, http::Status::Ok);
  EXPECT_THAT(page.body, HasSubstr("href=\"/saml/contoso/login?login_hint=ada%40contoso.example"));
  EXPECT_THAT(page.body, HasSubstr("return_to=%2Freports%3Fa%3D1%26b%3D2\""));
  EXPECT_THAT(page.body, HasSubstr("type=\"password\""));
  // Another address goes to the same place.
  EXPECT_THAT(page.body, HasSubstr("href=\"/sign-in?return_to=%2Freports%3Fa%3D1%26b%3D2&amp;account=\""));
}

TEST_F(SignInTest, EnforcedItLeadsStraightThere) {
  enforce(contoso_);
  EXPECT_EQ(location(choose("ADA@Contoso.Example", "&return_to=%2Freports")),
            "/saml/contoso/login?login_hint=ADA%40Contoso.Example&return_to=%2Freports");
}

TEST_F(SignInTest, AnAddressCannotAddFieldsToTheLink) {
  enforce(contoso_);
  EXPECT_EQ(location(choose("a&purpose=test#@contoso.example")),
            "/saml/contoso/login?login_hint=a%26purpose%3Dtest%23%40contoso.example&return_to=%2F");
}

TEST_F(SignInTest, AServerForOneCompanyDoesNotAskWhichOne) {
  const auto page = choose("contractor@elsewhere.example");
  EXPECT_THAT(page.body, HasSubstr("/saml/contoso/login?"));
  EXPECT_THAT(page.body, HasSubstr("<input type=\"hidden\" name=\"account\""));
}

TEST_F(SignInTest, AmongSeveralCompaniesTheAddressDecides) {
  const auto fabrikam = add_account("fabrikam");
  add_connection(fabrikam, "https://idp.example/fabrikam");
  add_domain(fabrikam, "fabrikam.example");
  EXPECT_THAT(choose("eve@fabrikam.example").body, HasSubstr("/saml/fabrikam/login?"));
  EXPECT_THAT(choose("ada@contoso.example").body, HasSubstr("/saml/contoso/login?"));
  // Nobody's domain: the company is asked for.
  const auto unknown = choose("eve@elsewhere.example");
  EXPECT_THAT(unknown.body, Not(HasSubstr("/login?")));
  EXPECT_THAT(unknown.body, HasSubstr("<input id=\"account\" name=\"account\""));
  // The link said which.
  EXPECT_THAT(choose("eve@elsewhere.example", "&account=fabrikam").body, HasSubstr("/saml/fabrikam/login?"));
  EXPECT_THAT(choose("eve@elsewhere.example", "&account=nobody").body, HasSubstr("<input id=\"account\""));
}

TEST_F(SignInTest, SeveralConnectionsNeedAnAddressOfOurs) {
  const auto second = add_connection(contoso_, "https://idp.example/second", "second");
  EXPECT_THAT(choose("contractor@elsewhere.example").body, Not(HasSubstr("/saml/contoso/login")));
  EXPECT_THAT(choose("ada@contoso.example").body, HasSubstr("/saml/contoso/login"));
  add_domain(contoso_, "second.example", second.id);
  EXPECT_THAT(choose("eve@second.example").body, HasSubstr("/saml/contoso/login"));
}

TEST_F(SignInTest, APlanWithoutSsoHasPasswordsOnly) {
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, contoso_.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_THAT(choose("ada@contoso.example").body, Not(HasSubstr("/saml/")));
}

TEST_F(SignInTest, AsksAgainForAnAddress) {
  for (const std::string& body :
       {std::string(), std::string("email="), std::string("email=+++"), "email=" + std::string(321, 'a'),
        std::string("email=a%40contoso.example&email=b%40contoso.example")}) {
    for (const Handler handler : {&SignIn::choose, &SignIn::password}) {
      const auto page = post(handler, body + "&password=x&return_to=%2Freports&account=contoso");
      EXPECT_EQ(page.status, http::Status::BadRequest) << body;
      EXPECT_THAT(page.body, HasSubstr("Enter your e-mail address")) << body;
      EXPECT_THAT(page.body, HasSubstr("value=\"/reports\"")) << body;
      EXPECT_THAT(page.body, HasSubstr("value=\"contoso\"")) << body;
    }
  }
  http::Request no_form = request();
  no_form.body = "email=ada%40contoso.example";
  EXPECT_FALSE(sign_in_.choose(no_form));
  EXPECT_FALSE(sign_in_.password(no_form));
}

TEST_F(SignInTest, APasswordOpensASession) {
  const auto response =
      try_password(" Ada@Contoso.example ", std::string(kPasswordField) + "&return_to=%2Freports");
  EXPECT_EQ(response.status, http::Status::SeeOther);
  EXPECT_EQ(location(response), "/reports");
  EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
  EXPECT_EQ(who(), "ada@contoso.example");
  const std::string cookie(*response.headers.find("Set-Cookie"));
  EXPECT_THAT(cookie, StartsWith("__Host-doorward_session="));
  EXPECT_THAT(cookie, HasSubstr("; Secure"));
  EXPECT_THAT(cookie, HasSubstr("; HttpOnly"));
  EXPECT_THAT(cookie, HasSubstr("; SameSite=Lax"));
  const auto session = sessions_of(ada_).at(0);
  EXPECT_EQ(session.method, directory::SignInMethod::Password);
  EXPECT_EQ(session.client_address, "192.0.2.7");
  EXPECT_EQ(attempts(contoso_).at(0).outcome, directory::AttemptOutcome::Success);
  EXPECT_EQ(attempts(contoso_).at(0).employee, ada_.public_id);
}

TEST_F(SignInTest, RefusesAllWhoDoNotKnowThePasswordAlike) {
  const auto echo_free = [](std::string body, std::string_view name) {
    for (const std::string& shown : {std::string(name), percent_encode(name)}) {
      for (auto at = body.find(shown); at != std::string::npos; at = body.find(shown))
        body.replace(at, shown.size(), "*");
    }
    return body;
  };
  std::vector<http::Response> answers;
  // A wrong password, an employee without a password, somebody who does not exist, and a leaver.
  const auto leaver = add_employee(contoso_, "eve@contoso.example");
  set_password(leaver);
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, contoso_.id, leaver.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  for (const char* name :
       {"ada@contoso.example", "bob@contoso.example", "nobody@contoso.example", "eve@contoso.example"}) {
    auto answer = try_password(name, "&password=wrong");
    EXPECT_EQ(answer.status, http::Status::Unauthorized) << name;
    answer.body = echo_free(answer.body, name);
    answers.push_back(std::move(answer));
  }
  for (const auto& answer : answers) {
    EXPECT_EQ(answer.body, answers.front().body);
    EXPECT_EQ(answer.headers.all(), answers.front().headers.all());
  }
  EXPECT_EQ(who(), "");
  // None of this fills the list of attempts, which strangers could flood.
  EXPECT_TRUE(attempts(contoso_).empty());
}

TEST_F(SignInTest, AWrongPasswordKeepsTheWayToTheCompanyAccount) {
  const auto page = try_password("ada@contoso.example", "&password=wrong&return_to=%2Freports");
  EXPECT_THAT(page.body,
              HasSubstr("/saml/contoso/login?login_hint=ada%40contoso.example&amp;return_to=%2Freports"));
  EXPECT_THAT(page.body, HasSubstr("name=\"return_to\" value=\"/reports\""));
  EXPECT_THAT(page.body, Not(HasSubstr("wrong")));
}

TEST_F(SignInTest, PasswordsThatNobodyHasCostNothing) {
  for (const std::string& password : {std::string(), std::string(1025, 'x')}) {
    for (const char* name : {"ada@contoso.example", "nobody@contoso.example"})
      EXPECT_EQ(try_password(name, "&password=" + password).status, http::Status::Unauthorized);
  }
  EXPECT_EQ(count("SELECT count(*) FROM password_attempts"), 0);
}

TEST_F(SignInTest, APasswordIsOfOneCompany) {
  const auto fabrikam = add_account("fabrikam");
  // The same name, without a domain that could tell whose it is.
  const auto elsewhere = add_employee(fabrikam, "eve@elsewhere.example");
  set_password(elsewhere);
  EXPECT_EQ(try_password("eve@elsewhere.example").status, http::Status::Unauthorized);
  EXPECT_EQ(try_password("eve@elsewhere.example", std::string(kPasswordField) + "&account=contoso").status,
            http::Status::Unauthorized);
  EXPECT_EQ(try_password("eve@elsewhere.example", std::string(kPasswordField) + "&account=nobody").status,
            http::Status::Unauthorized);
  EXPECT_EQ(who(), "");
  EXPECT_EQ(try_password("eve@elsewhere.example", std::string(kPasswordField) + "&account=fabrikam").status,
            http::Status::SeeOther);
  EXPECT_EQ(who(), "eve@elsewhere.example");
}

TEST_F(SignInTest, SlowsGuessesDownMoreAndMore) {
  for (const char* name : {"ada@contoso.example", "nobody@contoso.example"}) {
    const directory::PasswordLimits limits;
    for (int i = 0; i < limits.free_per_user; ++i)
      ASSERT_EQ(try_password(name, "&password=wrong").status, http::Status::Unauthorized) << name << i;
    for (const int wait : {1, 2, 4, 8}) {
      const auto slowed = try_password(name, "&password=wrong");
      EXPECT_EQ(slowed.status, http::Status::TooManyRequests) << name;
      EXPECT_EQ(slowed.headers.find("Retry-After"), std::to_string(wait)) << name;
      // Not even the right one, or guessing would go on.
      EXPECT_EQ(try_password(name).status, http::Status::TooManyRequests) << name;
      clock_.advance(seconds(wait));
      EXPECT_EQ(try_password(name, "&password=wrong").status, http::Status::Unauthorized) << name << wait;
    }
  }
}

TEST_F(SignInTest, OneNameHasOneCounterHoweverItIsWritten) {
  for (const char* name : {"ada@contoso.example", "ADA@contoso.example", " ada@CONTOSO.example",
                           "Ada@contoso.example", "aDa@contoso.example"})
    ASSERT_EQ(try_password(name, "&password=wrong").status, http::Status::Unauthorized) << name;
  EXPECT_EQ(try_password("adA@contoso.example").status, http::Status::TooManyRequests);
}

TEST_F(SignInTest, TheRightPasswordForgetsTheWrongOnes) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i)
      try_password("ada@contoso.example", "&password=wrong");
    EXPECT_EQ(try_password("ada@contoso.example").status, http::Status::SeeOther) << round;
  }
}

TEST_F(SignInTest, EnforcedItTakesNoPasswords) {
  enforce(contoso_);
  EXPECT_EQ(try_password("ada@contoso.example", "&password=wrong").status, http::Status::Unauthorized);
  const auto refused = try_password("ada@contoso.example");
  EXPECT_EQ(refused.status, http::Status::Forbidden);
  EXPECT_FALSE(refused.headers.find("Set-Cookie"));
  EXPECT_EQ(who(), "");
  const auto record = attempts(contoso_).at(0);
  EXPECT_EQ(record.finding, "identity.sso_enforced");
  EXPECT_EQ(record.employee, ada_.public_id);
  EXPECT_THAT(refused.body, HasSubstr(record.reference));
  EXPECT_THAT(refused.body, HasSubstr("Please use your company account"));
  const auto report = must(json::parse(record.report));
  EXPECT_THAT(json::serialize(report), Not(HasSubstr("horse")));
}

TEST_F(SignInTest, TellsALeaverWhoKnowsThePassword) {
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, contoso_.id, ada_.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  const auto refused = try_password("ada@contoso.example");
  EXPECT_EQ(refused.status, http::Status::Forbidden);
  EXPECT_THAT(refused.body, HasSubstr("Your access has been switched off"));
  EXPECT_THAT(refused.body, HasSubstr(attempts(contoso_).at(0).reference));
  EXPECT_EQ(attempts(contoso_).at(0).finding, "identity.deactivated");
  EXPECT_EQ(who(), "");
}

TEST_F(SignInTest, ANewSignInEndsTheOldSessionOfTheBrowser) {
  try_password("ada@contoso.example");
  const test::CookieJar first = jar_;
  set_password(bob_);
  try_password("bob@contoso.example");
  EXPECT_EQ(who(), "bob@contoso.example");
  EXPECT_TRUE(sessions_of(ada_).empty());
  jar_ = first;
  EXPECT_EQ(who(), "");
}

TEST_F(SignInTest, HomeShowsOnesOwn) {
  EXPECT_EQ(location(get(&SignIn::home)), "/sign-in");
  try_password("ada@contoso.example");
  jar_ = {};
  try_password("ada@contoso.example");
  set_password(bob_);
  const test::CookieJar ada = jar_;
  jar_ = {};
  try_password("bob@contoso.example");
  const std::string of_bob = sessions_of(bob_).at(0).public_id;
  jar_ = ada;
  const auto page = get(&SignIn::home);
  EXPECT_EQ(page.status, http::Status::Ok);
  EXPECT_THAT(page.body, HasSubstr("ada@contoso.example"));
  EXPECT_THAT(page.body, HasSubstr("Firefox on Linux"));
  EXPECT_THAT(page.body, HasSubstr("192.0.2.7"));
  EXPECT_THAT(page.body, HasSubstr("15 Jan 2027, 08:00 UTC"));
  EXPECT_THAT(page.body, HasSubstr("this browser"));
  EXPECT_THAT(page.body, HasSubstr("action=\"/sessions/end\""));
  EXPECT_THAT(page.body, Not(HasSubstr(of_bob)));
  EXPECT_THAT(page.body, Not(HasSubstr("\"/console/\"")));
  EXPECT_EQ(page.headers.find("Cache-Control"), "no-store");
  write([&](storage::Transaction& transaction) {
    return directory::grant_administrator(transaction, contoso_.id, ada_.id, kSupport, kNow);
  });
  EXPECT_THAT(get(&SignIn::home).body, HasSubstr("/console/"));
}

TEST_F(SignInTest, EndsOnesOwnSessionsOnly) {
  set_password(bob_);
  try_password("bob@contoso.example");
  jar_ = {};
  try_password("ada@contoso.example");
  jar_ = {};
  try_password("ada@contoso.example");
  const auto of_bob = sessions_of(bob_).at(0);
  EXPECT_EQ(location(post(&SignIn::end_session, "id=" + of_bob.public_id)), "/");
  EXPECT_EQ(sessions_of(bob_).size(), 1U);
  for (const char* id : {"", "id=", "id=nonsense", "id=%27+OR+1%3D1"})
    EXPECT_EQ(location(post(&SignIn::end_session, id)), "/") << id;
  ASSERT_EQ(sessions_of(ada_).size(), 2U);

  const auto other = sessions_of(ada_).at(1);
  post(&SignIn::end_session, "id=" + other.public_id);
  ASSERT_EQ(sessions_of(ada_).size(), 1U);
  EXPECT_EQ(who(), "ada@contoso.example");
}

TEST_F(SignInTest, EndsAllOthers) {
  set_password(bob_);
  try_password("bob@contoso.example");
  for (int i = 0; i < 3; ++i) {
    jar_ = {};
    try_password("ada@contoso.example");
  }
  EXPECT_EQ(location(post(&SignIn::end_other_sessions)), "/");
  EXPECT_EQ(sessions_of(ada_).size(), 1U);
  EXPECT_EQ(sessions_of(bob_).size(), 1U);
  EXPECT_EQ(who(), "ada@contoso.example");
}

TEST_F(SignInTest, StrangersEndNothing) {
  try_password("ada@contoso.example");
  jar_ = {};
  EXPECT_EQ(location(post(&SignIn::end_session, "id=" + sessions_of(ada_).at(0).public_id)), "/sign-in");
  EXPECT_EQ(location(post(&SignIn::end_other_sessions)), "/sign-in");
  EXPECT_EQ(sessions_of(ada_).size(), 1U);
}

TEST_F(SignInTest, SigningOutEndsTheSessionAndTheCookie) {
  try_password("ada@contoso.example");
  const test::CookieJar before = jar_;
  const auto page = post(&SignIn::sign_out);
  EXPECT_EQ(page.status, http::Status::Ok);
  EXPECT_THAT(page.body, HasSubstr("You are signed out"));
  EXPECT_TRUE(jar_.all().empty());
  EXPECT_TRUE(sessions_of(ada_).empty());
  jar_ = before;
  EXPECT_EQ(who(), "");
  // Nobody signed in: the same page, and a stale cookie goes.
  EXPECT_THAT(post(&SignIn::sign_out).body, HasSubstr("You are signed out"));
  EXPECT_TRUE(jar_.all().empty());
}

TEST_F(SignInTest, SigningOutOfACompanyAccountGoesOnAtTheProvider) {
  const auto token = directory::SessionToken::issue(contoso_);
  write([&](storage::Transaction& transaction) {
    return directory::create_session(transaction, token, {.account = contoso_.id, .employee = ada_.id},
                                     sessions_.lifetime(), clock_.now());
  });
  http::Response response;
  sessions_.set_cookie(response, token);
  jar_.keep(response);
  EXPECT_EQ(location(post(&SignIn::sign_out)), "/saml/contoso/logout");
}

}  // namespace
}  // namespace doorward::signin
