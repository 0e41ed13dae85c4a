#include "signin/forwarded.h"

#include <gtest/gtest.h>

namespace doorward::signin {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

http::Request with(const Fields& fields) {
  http::Request request;
  for (const auto& [name, value] : fields)
    request.headers.add(name, value);
  return request;
}

std::string origin_of(const Fields& fields) {
  return forwarded_origin(with(fields)).value_or("none");
}

TEST(Forwarded, TheProxySaysWhereTheBrowserIs) {
  EXPECT_EQ(origin_of({{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "wiki.example"}}),
            "https://wiki.example");
  EXPECT_EQ(origin_of({{"X-Forwarded-Proto", "http"}, {"X-Forwarded-Host", "127.0.0.2:8443"}}),
            "http://127.0.0.2:8443");
  EXPECT_EQ(origin_of({{"X-Original-URL", "https://Wiki.example:443/a?b=https://evil.example"}}),
            "https://wiki.example");
  EXPECT_EQ(origin_of({{"X-Original-URL", "https://wiki.example?x"}}), "https://wiki.example");
}

TEST(Forwarded, SaysNothingWhereTheProxySaysNothing) {
  EXPECT_EQ(origin_of({}), "none");
  EXPECT_EQ(origin_of({{"Host", "wiki.example"}}), "none");
  EXPECT_EQ(origin_of({{"X-Forwarded-Host", "wiki.example"}}), "none");
  EXPECT_EQ(origin_of({{"X-Forwarded-Proto", "https"}}), "none");
  EXPECT_EQ(origin_of({{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", ""}}), "none");
  EXPECT_EQ(origin_of({{"X-Original-URL", "/a"}}), "none");
}

/// A client's own field beside the proxy's must not choose whose token counts.
TEST(Forwarded, BelievesNobodyWhenTwoSayDifferently) {
  const Fields proxy = {{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "wiki.example"}};
  const auto also = [&](Fields more) {
    more.insert(more.begin(), proxy.begin(), proxy.end());
    return origin_of(more);
  };
  EXPECT_EQ(also({{"X-Original-URL", "https://other.example/"}}), "none");
  EXPECT_EQ(also({{"X-Original-URL", "http://wiki.example/"}}), "none");
  EXPECT_EQ(also({{"X-Original-URL", "nonsense"}}), "none");
  EXPECT_EQ(also({{"X-Original-URL", ""}}), "none");
  EXPECT_EQ(also({{"X-Original-URL", "https://wiki.example/a"}}), "https://wiki.example");
  EXPECT_EQ(also({{"x-forwarded-host", "other.example"}}), "none");
  EXPECT_EQ(also({{"X-Forwarded-Proto", "http"}}), "none");
  EXPECT_EQ(origin_of({{"X-Original-URL", "https://wiki.example/"}, {"X-Forwarded-Host", "other.example"}}),
            "none");
  EXPECT_EQ(
      origin_of({{"X-Original-URL", "https://wiki.example/"}, {"X-Original-URL", "https://b.example/"}}),
      "none");
}

TEST(Forwarded, OriginsHaveOneSpelling) {
  EXPECT_EQ(normal_origin("HTTPS://Wiki.Example:443"), "https://wiki.example");
  EXPECT_EQ(normal_origin("https://wiki.example"), "https://wiki.example");
  EXPECT_EQ(normal_origin("https://wiki.example:8443"), "https://wiki.example:8443");
  for (const char* text : {"https://wiki.example/a", "https://wiki.example?a", "https://user@wiki.example",
                           "https://wiki.example,b", "ftp://wiki.example", "://wiki.example", "https://",
                           "https://wiki..example", "", "https://wiki example"})
    EXPECT_EQ(normal_origin(text), std::nullopt) << text;
}

TEST(Forwarded, FindsThePathThatWasAskedFor) {
  EXPECT_EQ(forwarded_target(with({{"X-Forwarded-Uri", "/a?b=c%20d"}})), "/a?b=c%20d");
  EXPECT_EQ(forwarded_target(with({{"X-Original-URL", "https://wiki.example/a?b"}})), "/a?b");
  EXPECT_EQ(forwarded_target(with({{"X-Original-URL", "https://wiki.example"}})), "/");
  EXPECT_EQ(forwarded_target(with({{"X-Forwarded-Uri", "a"}})), "/");
  EXPECT_EQ(forwarded_target(with({})), "/");
}

TEST(Forwarded, TellsPeopleFromPrograms) {
  const auto navigates = [](const Fields& fields) { return is_navigation(with(fields)); };
  EXPECT_TRUE(navigates({{"Sec-Fetch-Mode", "navigate"}}));
  EXPECT_TRUE(navigates({{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}}));
  EXPECT_FALSE(navigates({}));
  EXPECT_FALSE(navigates({{"Accept", "*/*"}}));
  EXPECT_FALSE(navigates({{"Accept", "application/json"}}));
  for (const char* mode : {"cors", "no-cors", "same-origin", "websocket"})
    EXPECT_FALSE(navigates({{"Sec-Fetch-Mode", mode}, {"Accept", "text/html"}})) << mode;
  for (const char* mark : {"Upgrade", "Sec-WebSocket-Key", "X-Requested-With"})
    EXPECT_FALSE(navigates({{"Sec-Fetch-Mode", "navigate"}, {mark, "x"}})) << mark;
  // A form cannot be sent again after signing in.
  for (const char* field : {"X-Forwarded-Method", "X-Original-Method"}) {
    EXPECT_FALSE(navigates({{"Sec-Fetch-Mode", "navigate"}, {field, "POST"}})) << field;
    EXPECT_TRUE(navigates({{"Sec-Fetch-Mode", "navigate"}, {field, "GET"}})) << field;
  }
  http::Request post = with({{"Accept", "text/html"}});
  post.method = http::Method::Post;
  EXPECT_FALSE(is_navigation(post));
}

}  // namespace
}  // namespace doorward::signin
