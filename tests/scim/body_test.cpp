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

TEST(BodyTest, RefusesACompressedBody) {
  http::Request request;
  request.body = "{}";
  request.headers.set("Content-Encoding", "Identity");
  EXPECT_TRUE(read_body(request));
  for (const char* coding : {"gzip", "br", "gzip, identity", "nonsense"}) {
    request.headers.set("Content-Encoding", coding);
    const auto refused = read_body(request);
    EXPECT_EQ(refused ? "" : refused.error().code.name(), protocol::kUnknownCoding.name()) << coding;
  }
}

TEST(BodyTest, AnswersInTheTypeThatIsWanted) {
  const struct {
    std::string_view accept;
    std::string_view type;
  } rows[] = {
      {"", "application/scim+json"},
      {"application/scim+json", "application/scim+json"},
      {"application/json", "application/json"},
      {"APPLICATION/JSON;charset=utf-8", "application/json"},
      {"application/json, application/scim+json", "application/scim+json"},
      {"application/json;q=0.9, application/scim+json;q=0.1", "application/json"},
      {"application/scim+json;q=0.5, application/json;q=0.1", "application/scim+json"},
      {"application/scim+json;q=0, */*", "application/json"},
      {"application/json;q=0, */*", "application/scim+json"},
      {"application/json, text/plain, */*", "application/scim+json"},
      {"application/json, */*;q=0.1", "application/json"},
      {"application/*;q=0.2, application/json;q=0.1", "application/scim+json"},
      {"*/*", "application/scim+json"},
      {"text/html", "application/scim+json"},
      {"application/json;q=x", "application/scim+json"},
      {",;q=1,;", "application/scim+json"},
  };
  for (const auto& row : rows) {
    http::Request request;
    if (!row.accept.empty()) request.headers.set("Accept", row.accept);
    http::Response response = scim_response(http::Status::Ok, json::Object());
    choose_media_type(request, response);
    EXPECT_EQ(response.headers.find("Content-Type"), row.type) << row.accept;
  }
  http::Request request;
  request.headers.set("Accept", "application/json");
  http::Response empty = scim_response(http::Status::NoContent, nullptr);
  choose_media_type(request, empty);
  EXPECT_FALSE(empty.headers.find("Content-Type"));
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
