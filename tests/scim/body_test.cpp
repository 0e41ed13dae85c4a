#include "scim/body.h"

#include <gtest/gtest.h>

#include "scim/protocol/errors.h"

namespace doorward::scim {
namespace {

std::string refusal(std::string_view content_type, std::string body) {
  http::Request request;
  if (!content_type.empty()) request.headers.set("Content-Type", content_type);
  request.body = std::move(body);
  const auto read = read_body(request);
  return read ? std::string() : std::string(read.error().code.name());
}

TEST(BodyTest, TakesScimAndPlainJson) {
  for (const char* type :
       {"application/scim+json", "application/json", "Application/SCIM+JSON; charset=UTF-8",
        "application/json; charset=\"utf-8\"", ""}) {
    EXPECT_EQ(refusal(type, "{}"), "") << type;
  }
}

TEST(BodyTest, RefusesOtherTypesAndCharsets) {
  for (const char* type : {"text/plain", "application/xml", "application/x-www-form-urlencoded",
                           "application/scim+json; charset=utf-16", "application/json; charset=iso-8859-1"}) {
    EXPECT_EQ(refusal(type, "{}"), http::kUnsupportedMediaType.name()) << type;
  }
}

TEST(BodyTest, RefusesWhatIsNoJson) {
  const std::string type = "application/scim+json";
  for (const std::string& body :
       {std::string(), std::string("  "), std::string("{"), std::string(R"({"a":1,"a":2})"),
        std::string("\xff"), std::string(100, '['), std::string(R"({"a":"\ud800"})")}) {
    EXPECT_EQ(refusal(type, body), protocol::kInvalidSyntax.name()) << body;
  }
}

TEST(BodyTest, RefusesWhatIsTooLong) {
  EXPECT_EQ(refusal("application/scim+json", '"' + std::string(1024 * 1024, 'a') + '"'),
            protocol::kPayloadTooLarge.name());
}

}  // namespace
}  // namespace doorward::scim
