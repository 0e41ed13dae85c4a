#include "http/target.h"

#include <gtest/gtest.h>

namespace doorward::http {
namespace {

TEST(Target, IsTakenApart) {
  const auto target = parse_target("/a%20b/%C3%BC;x=1/@:?q=1/../%2e&r=[a]|{b}");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/ü;x=1/@:");
  EXPECT_EQ(target->query, "q=1/../%2e&r=[a]|{b}");
  EXPECT_EQ(parse_target("/")->path, "/");
  EXPECT_EQ(parse_target("/?")->query, "");
  EXPECT_EQ(parse_target("/a//b/")->path, "/a//b/");
  EXPECT_EQ(parse_target("/100%25")->path, "/100%");
  EXPECT_EQ(parse_target("/...")->path, "/...");
}

TEST(Target, HasOneMeaningOnly) {
  for (const std::string_view bad : {
           "",
           "*",
           "a",
           "?",
           "http://a/",
           "a:443",
           "//evil.example.com",
           "/../a",
           "/a/..",
           "/a/../b",
           "/./a",
           "/a/.",
           "/%2e%2e/a",
           "/%2E./a",
           "/.%2e",
           "/%2e",
           "/a%2fb",
           "/a%2Fb",
           "/a%5cb",
           "/a\\b",
           "/%00",
           "/a%0d%0ab",
           "/%0a",
           "/%09",
           "/%7f",
           "/%252e%252e/",
           "/%252f",
           "/%25%32%66",
           "/%2541",
           "/%",
           "/%4",
           "/%zz",
           "/%FF",
           "/%C3",
           "/%ED%A0%80",
           "/a b",
           "/a#b",
           "/a?b#c",
           "/a?b c",
           "/a\"b",
           "/<",
           "/a|b",
           "/a^b",
           "/\xC3\xBC",
           "/?\xC3\xBC",
           "/a?\x7f",
           "/a?\x01",
       }) {
    EXPECT_FALSE(parse_target(bad)) << bad;
  }
}

}  // namespace
}  // namespace doorward::http
