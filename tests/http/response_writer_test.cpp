#include "http/response_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AnswerContext context(Method method = Method::Get, AfterAnswer after = AfterAnswer::KeepAlive) {
  AnswerContext result;
  result.method = method;
  result.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  result.request_id = "0123";
  result.after = after;
  return result;
}

TEST(ResponseWriter, WritesTheHead) {
  const auto response = Response::text(Status::NotFound, "no").with_header("X-A", "b");
  EXPECT_EQ(
      write_head(response, context(Method::Get, AfterAnswer::Close)),
      "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Request-Id: 0123\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nX-A: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
}

TEST(ResponseWriter, KeepsTheFramingToItself) {
  Response response;
  for (const std::string_view own :
       {"content-length", "Transfer-Encoding", "CONNECTION", "Date", "X-Request-ID"}) {
    response.headers.add(own, "forged");
  }
  EXPECT_THAT(write_head(response, context()), Not(HasSubstr("forged")));
}

TEST(ResponseWriter, AddsTheDefaultsThatAnAnswerLacks) {
  Headers fields;
  fields.set("X-Frame-Options", "DENY");
  fields.set("Cache-Control", "no-store");
  const DefaultFields defaults(fields);
  auto with_defaults = context();
  with_defaults.defaults = &defaults;
  const auto plain = write_head(Response::text(Status::Ok, ""), with_defaults);
  EXPECT_THAT(plain, HasSubstr("\r\nX-Frame-Options: DENY\r\nCache-Control: no-store\r\n"));
  const auto cached =
      write_head(Response::text(Status::Ok, "").with_header("cache-control", "max-age=60"), with_defaults);
  EXPECT_THAT(cached, HasSubstr("\r\ncache-control: max-age=60\r\n"));
  EXPECT_THAT(cached, HasSubstr("\r\nX-Frame-Options: DENY\r\n"));
  EXPECT_THAT(cached, Not(HasSubstr("no-store")));
}

TEST(ResponseWriter, KnowsWhichAnswersHaveNoBody) {
  auto response = Response::text(Status::Ok, "12345");
  EXPECT_TRUE(has_body(response, Method::Get));
  EXPECT_FALSE(has_body(response, Method::Head));
  EXPECT_THAT(write_head(response, context(Method::Head)), HasSubstr("Content-Length: 5\r\n"));
  for (const auto status : {Status::NoContent, Status::NotModified}) {
    response.status = status;
    EXPECT_FALSE(has_body(response, Method::Get));
    EXPECT_THAT(write_head(response, context()), Not(HasSubstr("Content-Length")));
  }
}

TEST(ResponseWriter, SendsNoHeaderThatHoldsAnother) {
  const auto sendable = [](std::string_view name, std::string_view value) {
    Headers headers;
    headers.add(name, value);
    return is_sendable(headers);
  };
  EXPECT_TRUE(sendable("X-A", "b c\t\xC3\xBC"));
  EXPECT_TRUE(sendable("X-A", ""));
  EXPECT_FALSE(sendable("X-A", "b\r\nSet-Cookie: c"));
  EXPECT_FALSE(sendable("X-A", "b\n"));
  EXPECT_FALSE(sendable("X-A", std::string_view("\0", 1)));
  EXPECT_FALSE(sendable("X A", "b"));
  EXPECT_FALSE(sendable("X:", "b"));
  EXPECT_FALSE(sendable("", "b"));
}

TEST(HttpDate, IsWrittenAsRfc9110Says) {
  EXPECT_EQ(format_http_date(from_millis(784'111'777'999)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(from_millis(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_http_date(from_millis(1'709'164'799'000)), "Wed, 28 Feb 2024 23:59:59 GMT");
}

}  // namespace
}  // namespace doorward::http
