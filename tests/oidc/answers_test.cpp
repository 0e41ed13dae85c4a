#include "oidc/answers.h"

#include <gtest/gtest.h>

namespace doorward::oidc {
namespace {

http::Request posted(std::string body) {
  http::Request request;
  request.method = http::Method::Post;
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.body = std::move(body);
  return request;
}

TEST(Answers, ReadAFormWhoseNamesAreThereOnce) {
  const auto form = read_form(posted("a=1&b=x%20y&c="));
  ASSERT_TRUE(form);
  EXPECT_EQ(find(*form, "b"), "x y");
  EXPECT_EQ(find(*form, "c"), "");
  EXPECT_EQ(find(*form, "d"), "");
  const auto twice = read_form(posted("a=1&a=1"));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().error, "invalid_request");
  http::Request json = posted("{}");
  json.headers.set("Content-Type", "application/json");
  EXPECT_FALSE(read_form(json));
}

TEST(Answers, WriteAFormThatReadsTheSame) {
  const protocol::Parameters parameters = {{"a b", "ü&="}, {"empty", ""}, {"a", "+"}};
  EXPECT_EQ(http::Form::parse(to_form(parameters))->fields(), parameters);
}

TEST(Answers, AnybodyMayAskWhetherAPageMayAsk) {
  const auto response = preflight({});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, http::Status::NoContent);
  EXPECT_EQ(response->headers.find("Access-Control-Allow-Origin"), "*");
  EXPECT_FALSE(response->headers.find("Access-Control-Allow-Credentials"));
}

}  // namespace
}  // namespace doorward::oidc
