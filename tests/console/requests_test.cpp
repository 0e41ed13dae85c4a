#include "console/requests.h"

#include <gmock/gmock.h>

#include "console/console_test.h"

namespace doorward::console {
namespace {

using testing::HasSubstr;

class RequestsTest : public ConsoleTest {
 protected:
  static http::Request with_body(std::string_view type, std::string body) {
    http::Request request;
    request.headers.set("Content-Type", type);
    request.body = std::move(body);
    return request;
  }
  static std::string refusal(const Result<json::Object>& outcome) {
    return outcome ? std::string() : std::string(outcome.error().code.name());
  }
};

TEST_F(RequestsTest, ABodyIsAJsonObjectAndSaysSo) {
  EXPECT_EQ(must(json_body(with_body("application/json", R"({"a":1})"))).at("a").as_int64(), 1);
  EXPECT_TRUE(json_body(with_body("Application/JSON; charset=utf-8", "{}")));
  // What a form of another site can send without being asked first.
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"}) {
    EXPECT_EQ(refusal(json_body(with_body(type, "{}"))), "http.unsupported_media_type") << type;
  }
  for (const char* body : {"[]", "1", "null", "\"text\""})
    EXPECT_EQ(refusal(json_body(with_body("application/json", body))), "api.bad_body") << body;
  for (const char* body : {"", "{", R"({"a":1,"a":2})"})
    EXPECT_NE(refusal(json_body(with_body("application/json", body))), "") << body;
  EXPECT_TRUE(
      json_body(with_body("application/json", "{\"a\":\"" + std::string(70'000, 'a') + "\"}"), 100'000));
  EXPECT_NE(refusal(json_body(with_body("application/json", "{\"a\":\"" + std::string(70'000, 'a') + "\"}"))),
            "");
}

TEST_F(RequestsTest, MembersThatMustBeThere) {
  const json::Object body = {{"yes", true}, {"seven", 7}, {"half", 0.5}, {"text", "7"}, {"none", nullptr}};
  EXPECT_TRUE(must(required_bool(body, "yes")));
  EXPECT_EQ(must(required_integer(body, "seven", 1, 7)), 7);
  for (const char* name : {"seven", "text", "none", "absent"})
    EXPECT_FALSE(required_bool(body, name)) << name;
  for (const char* name : {"yes", "half", "text", "none", "absent"})
    EXPECT_FALSE(required_integer(body, name, 0, 10)) << name;
  const auto outside = required_integer(body, "seven", 8, 9);
  ASSERT_FALSE(outside);
  EXPECT_THAT(outside.error().message, HasSubstr("from 8 to 9"));
}

TEST_F(RequestsTest, AnAdministratorActsInTheirOwnName) {
  const auto admission = must(admit_administrator(sessions_, administrator_));
  ASSERT_FALSE(admission.refusal);
  EXPECT_EQ(admission.account(), contoso_.account.id);
  EXPECT_EQ(admission.actor().kind, directory::ActorKind::Administrator);
  EXPECT_EQ(admission.actor().name, "ada@contoso.example");
  EXPECT_EQ(must(admit_administrator(sessions_, employee_)).refusal->status, http::Status::Forbidden);
  EXPECT_EQ(must(admit_administrator(sessions_, {})).refusal->status, http::Status::Unauthorized);
}

TEST_F(RequestsTest, AVersionNamesAStateAndAnotherOneIsRefused) {
  const json::Object state{{"name", "Sales"}, {"parent", nullptr}};
  const json::Object other{{"name", "Sales"}, {"parent", "a"}};
  EXPECT_NE(version_of(state), version_of(other));
  EXPECT_TRUE(check_version({{"version", version_of(state)}}, state));
  EXPECT_TRUE(check_version({}, state));
  const auto refused = check_version({{"version", version_of(state)}}, other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, kChangedMeanwhile);
  EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
  const auto no_text = check_version({{"version", 1}}, state);
  ASSERT_FALSE(no_text);
  EXPECT_EQ(no_text.error().kind, ErrorKind::InvalidInput);
}

}  // namespace
}  // namespace doorward::console
