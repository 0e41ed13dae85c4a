#include "console/profile_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "crypto/password.h"

namespace doorward::console {
namespace {

using testing::HasSubstr;

constexpr crypto::PasswordCost kCheap{.memory_kib = 64, .passes = 1};

class ProfileApiTest : public ConsoleTest {
 protected:
  void give_password(const directory::Employee& employee, const std::string& password) {
    const std::string hash = crypto::hash_password(crypto::Secret(password), kCheap);
    write([&](storage::Transaction& transaction) {
      return directory::set_password(transaction, employee.account, employee.id, hash, kSupport, kNow);
    });
  }
  bool has_password(const directory::Employee& employee, const std::string& password) {
    const auto hash = read([&](storage::Transaction& transaction) {
      return directory::password_hash(transaction, employee.account, employee.id);
    });
    return hash && crypto::verify_password(*hash, crypto::Secret(password));
  }
  http::Request ben() { return request_of(contoso_.account, contoso_.employee); }
  static std::string body(const std::string& current, const std::string& wanted) {
    return json::serialize(json::Object{{"current", current}, {"new", wanted}});
  }
  std::string change(const http::Request& from, const std::string& current, const std::string& wanted) {
    return refused(profile_, &ProfileApi::change_password, {.body = body(current, wanted), .from = &from});
  }
  bool lives(const http::Request& request) { return must(sessions_.who(request)) != nullptr; }
  json::Array sessions_of(const http::Request& from) {
    return sent(profile_, &ProfileApi::sessions, {.from = &from}).at("sessions").as_array();
  }
  void enforce_sso() {
    add_connection(contoso_.account, "https://idp.example/contoso");
    add_domain(contoso_.account, "contoso.example");
    write([&](storage::Transaction& transaction) {
      return directory::enforce_sso(transaction, contoso_.account.id, "test", kSupport, kNow);
    });
  }

  ProfileApi profile_{{*database_, clock_, sessions_}};
};

TEST_F(ProfileApiTest, IsForWhoeverIsSignedIn) {
  const http::Request nobody;
  for (const auto handler : {&ProfileApi::profile, &ProfileApi::change_password, &ProfileApi::sessions,
                             &ProfileApi::end_session, &ProfileApi::end_other_sessions})
    EXPECT_EQ(refused(profile_, handler, {.name = "x", .body = "{}", .from = &nobody}), "session.none");
  const auto mine = sent(profile_, &ProfileApi::profile, {.from = &employee_});
  EXPECT_EQ(mine.at("employee").at("userName").as_string(), "ben@contoso.example");
  EXPECT_EQ(mine.at("account").at("name").as_string(), "contoso");
  EXPECT_FALSE(mine.at("department").at("name").as_string().empty());
  EXPECT_FALSE(mine.at("password").at("changeable").as_bool());
  EXPECT_EQ(mine.at("password").at("obstacle").as_string(), "no-password");
}

TEST_F(ProfileApiTest, ChangesThePassword) {
  give_password(contoso_.employee, "the old password");
  http::Request here = ben();
  here.headers.set("User-Agent", "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/128.0");
  const http::Request elsewhere = ben();
  const auto answered = must(send(profile_, &ProfileApi::change_password,
                                  {.body = body("the old password", "the new password"), .from = &here}));
  ASSERT_EQ(answered.status, http::Status::Ok) << answered.body;
  EXPECT_TRUE(has_password(contoso_.employee, "the new password"));
  EXPECT_FALSE(has_password(contoso_.employee, "the old password"));
  EXPECT_FALSE(lives(here));
  EXPECT_FALSE(lives(elsewhere));
  EXPECT_TRUE(lives(administrator_));
  test::CookieJar jar;
  jar.keep(answered);
  http::Request afterwards;
  jar.send_with(afterwards);
  EXPECT_TRUE(lives(afterwards));
  const auto left = sessions_of(afterwards);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left.at(0).at("device").as_string(), "Firefox on Windows");
  EXPECT_THAT(answered.body, testing::Not(HasSubstr("password\":")));
}

TEST_F(ProfileApiTest, RefusesWhatMustNotBecomeAPassword) {
  give_password(contoso_.employee, "the old password");
  const http::Request me = ben();
  for (const std::string& wanted :
       {std::string("short"), std::string(2000, 'a'), std::string("no UTF-8 \xff\xff")})
    EXPECT_NE(change(me, "the old password", wanted), "");
  EXPECT_EQ(change(me, "the old password", "the old password"), "profile.same_password");
  for (const char* text : {"{}", R"({"current":"the old password"})", R"({"new":"the new password"})",
                           R"({"current":"the old password","new":7})",
                           R"({"current":"the old password","new":"the new password","employee":"x"})"})
    EXPECT_NE(refused(profile_, &ProfileApi::change_password, {.body = text, .from = &me}), "") << text;
  EXPECT_TRUE(has_password(contoso_.employee, "the old password"));
  EXPECT_TRUE(lives(me));
}

TEST_F(ProfileApiTest, CountsGuesses) {
  give_password(contoso_.employee, "the old password");
  const http::Request me = ben();
  // Nobody can have these, so that they are no guesses.
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(change(me, "", "the new password"), "profile.wrong_password");
    EXPECT_EQ(change(me, std::string(2000, 'a'), "the new password"), "profile.wrong_password");
  }
  std::string code;
  for (int guesses = 0; guesses < 20 && code != "profile.too_many_attempts"; ++guesses)
    code = change(me, "a wrong password", "the new password");
  EXPECT_EQ(code, "profile.too_many_attempts");
  // The right one has to wait like any other, and clears the counter.
  EXPECT_EQ(change(me, "the old password", "the new password"), "profile.too_many_attempts");
  clock_.advance(std::chrono::minutes(20));
  EXPECT_EQ(change(me, "the old password", "the new password"), "");
  EXPECT_EQ(change(ben(), "a wrong password", "another password"), "profile.wrong_password");
}

TEST_F(ProfileApiTest, LeavesPasswordsToTheDirectoryWhereSsoIsTheOnlyWayIn) {
  give_password(contoso_.employee, "the old password");
  enforce_sso();
  const http::Request me = ben();
  ASSERT_TRUE(lives(me));
  EXPECT_EQ(change(me, "the old password", "the new password"), "profile.sso_enforced");
  const auto mine = sent(profile_, &ProfileApi::profile, {.from = &me});
  EXPECT_EQ(mine.at("password").at("obstacle").as_string(), "sso-enforced");
  EXPECT_TRUE(has_password(contoso_.employee, "the old password"));
  EXPECT_EQ(change(administrator_, "the old password", "the new password"), "profile.sso_enforced");
}

TEST_F(ProfileApiTest, SignsOutElsewhere) {
  const http::Request here = ben();
  const http::Request there = ben();
  const http::Request third = ben();
  const auto all = sessions_of(here);
  ASSERT_EQ(all.size(), 4U);
  std::string other;
  std::string own;
  for (const auto& each : all)
    (each.at("current").as_bool() ? own : other) = std::string(each.at("id").as_string());
  EXPECT_EQ(refused(profile_, &ProfileApi::end_session, {.name = own, .from = &here}),
            "profile.current_session");
  EXPECT_EQ(refused(profile_, &ProfileApi::end_session, {.name = other, .from = &here}), "");
  EXPECT_EQ(refused(profile_, &ProfileApi::end_session, {.name = other, .from = &here}),
            "profile.no_session");
  EXPECT_EQ(sessions_of(here).size(), 3U);
  EXPECT_EQ(sent(profile_, &ProfileApi::end_other_sessions, {.from = &here}).at("ended").as_int64(), 2);
  EXPECT_TRUE(lives(here));
  EXPECT_FALSE(lives(there));
  EXPECT_FALSE(lives(third));
  EXPECT_TRUE(lives(administrator_));
  EXPECT_EQ(sent(profile_, &ProfileApi::end_other_sessions, {.from = &here}).at("ended").as_int64(), 0);
}

TEST_F(ProfileApiTest, SessionsOfOthersAreOutOfReach) {
  const auto theirs = sessions_of(administrator_);
  ASSERT_EQ(theirs.size(), 1U);
  const std::string id(theirs.at(0).at("id").as_string());
  const auto foreign = request_of(fabrikam_.account, fabrikam_.employee);
  for (const http::Request& request : {employee_, foreign})
    EXPECT_EQ(refused(profile_, &ProfileApi::end_session, {.name = id, .from = &request}),
              "profile.no_session");
  EXPECT_EQ(refused(profile_, &ProfileApi::end_session, {.name = "", .from = &employee_}),
            "profile.no_session");
  EXPECT_TRUE(lives(administrator_));
}

}  // namespace
}  // namespace doorward::console
