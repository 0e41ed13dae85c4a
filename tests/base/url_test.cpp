#include "base/url.h"

#include <gtest/gtest.h>

namespace doorward {
namespace {

std::string text_of(std::string_view text) {
  const auto url = Url::parse(text);
  return url ? url->text() : "";
}

std::string why_not(std::string_view text) {
  const auto url = Url::parse(text);
  return url ? "" : url.error().message;
}

TEST(Url, TakesAnAddressApart) {
  const auto url = Url::parse("https://SSO.Example.com:8443/a/b?x=1&y=2");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme(), "https");
  EXPECT_EQ(url->host(), "sso.example.com");
  EXPECT_EQ(url->port(), 8443);
  EXPECT_EQ(url->path(), "/a/b");
  EXPECT_EQ(url->query(), "x=1&y=2");
  EXPECT_EQ(url->origin(), "https://sso.example.com:8443");
  EXPECT_EQ(url->text(), "https://sso.example.com:8443/a/b?x=1&y=2");
  EXPECT_TRUE(url->is_https());
  EXPECT_FALSE(Url::parse("http://example.com")->is_https());
}

TEST(Url, NormalisesSpellings) {
  EXPECT_EQ(text_of("HTTPS://EXAMPLE.COM"), "https://example.com/");
  EXPECT_EQ(text_of("https://example.com:443/"), "https://example.com/");
  EXPECT_EQ(text_of("https://example.com:0443/"), "https://example.com/");
  EXPECT_EQ(text_of("https://example.com:/"), "https://example.com/");
  EXPECT_EQ(text_of("http://example.com:80"), "http://example.com/");
  EXPECT_EQ(text_of("http://example.com:443"), "http://example.com:443/");
  EXPECT_EQ(text_of("https://example.com:80"), "https://example.com:80/");
  EXPECT_EQ(text_of("https://example.com/a/./b/../c"), "https://example.com/a/c");
  EXPECT_EQ(text_of("https://example.com/../.."), "https://example.com/");
  EXPECT_EQ(text_of("https://example.com?q"), "https://example.com/?q");
  EXPECT_EQ(text_of("https://example.com?"), "https://example.com/");
  EXPECT_EQ(text_of("https://example.com/A%2Fb?C=%41"), "https://example.com/A%2Fb?C=%41")
      << "case and escapes stay";
  EXPECT_EQ(text_of("https://example.com/?a?b/c@d:e"), "https://example.com/?a?b/c@d:e");
}

TEST(Url, ReadsIpAddresses) {
  const auto url = Url::parse("https://[2001:DB8:0::1]:8443/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host(), "2001:db8::1");
  EXPECT_EQ(url->origin(), "https://[2001:db8::1]:8443");
  EXPECT_EQ(text_of("https://127.0.0.1/"), "https://127.0.0.1/");
  // Spellings that inet_aton takes come out as the address that they are.
  for (const char* text : {"http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/",
                           "http://0177.0.0.1/"}) {
    EXPECT_EQ(text_of(text), "http://127.0.0.1/") << text;
  }
}

TEST(Url, KnowsLoopback) {
  for (const char* text :
       {"http://localhost", "http://LOCALHOST:8080/x", "http://127.0.0.1", "http://127.255.0.9",
        "http://[::1]", "http://[0:0:0:0:0:0:0:1]/", "http://127.1"}) {
    EXPECT_TRUE(Url::parse(text)->is_loopback()) << text;
  }
  for (const char* text : {"http://example.com", "http://localhost.example.com",
                           "http://127.0.0.1.example.com", "http://127.example", "http://128.0.0.1",
                           "http://[::2]", "http://[::ffff:127.0.0.1]", "http://0.0.0.0"}) {
    EXPECT_FALSE(Url::parse(text)->is_loopback()) << text;
  }
}

TEST(Url, RefusesOtherSchemesAndRelativeForms) {
  for (const char* text :
       {"", "example.com", "//example.com/", "/path", "ftp://example.com", "file:///etc/passwd",
        "javascript:alert(1)", "https:example.com", "https:/example.com", "://example.com",
        "httpsx://example.com", "data:text/html,x", "gopher://example.com", "https", "https:"}) {
    EXPECT_NE(why_not(text).find("must begin with https:// or http://"), std::string::npos) << text;
  }
}

TEST(Url, RefusesUserInformation) {
  for (const char* text :
       {"https://user@example.com/", "https://user:password@example.com/", "https://:@example.com/",
        "https://@example.com/", "https://example.org@example.com", "https://a@b@example.com",
        "https://example.org:443@example.com"}) {
    EXPECT_NE(why_not(text).find("user name or password"), std::string::npos) << text;
  }
  EXPECT_EQ(text_of("https://example.com/a@b"), "https://example.com/a@b");
}

TEST(Url, RefusesFragments) {
  for (const char* text : {"https://example.com#", "https://example.com#frag", "https://example.com/?x#y",
                           "https://example.com/#/app"}) {
    EXPECT_NE(why_not(text).find("fragment"), std::string::npos) << text;
  }
}

TEST(Url, RefusesWhatReadersDisagreeOn) {
  for (const char* text : {"http:\\\\example.com",
                           "https://example.com\\@example.org/",
                           "https://example.com/a\\b",
                           "https://example.com/a b",
                           "https://exa\tmple.com/",
                           "https://example.com/\n",
                           " https://example.com",
                           "https://example.com/\x7f",
                           "https://example.com/<x>",
                           "https://example.com/\"",
                           "https://example.com/{a}",
                           "https://example.com/ü",
                           "https://müller.example/",
                           "https://\xff/",
                           "https://example.com/%",
                           "https://example.com/%2",
                           "https://example.com/%zz",
                           "https://example.com/?%",
                           "https://ex%41mple.com/",
                           "https://example.com%2f/",
                           "https://[fe80::1%25eth0]/",
                           "https:///example.com",
                           "https:////example.com",
                           "https://",
                           "https://?x",
                           "https://example.com/%2e%2e/x",
                           "https://example.com/.%2E/x",
                           "https://example.com/a/%2e"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
  EXPECT_FALSE(Url::parse(std::string_view("https://example.com/\0x", 22)));
  EXPECT_FALSE(Url::parse(std::string_view("https://example.com\0.example.org/", 33)));
}

TEST(Url, RefusesHostsThatAreNone) {
  for (const char* text : {"https://.example.com", "https://example.com.", "https://localhost.",
                           "https://a..b/",        "https://./",           "https://*.example.com/",
                           "https://a,b/",         "https://a;b/",         "https://a'b/",
                           "https://(a)/",         "https://[::1/",        "https://::1/",
                           "https://[::g]/",       "https://[]/",          "https://[v1.x]/",
                           "https://1.2.3.256/",   "https://1.2.3.4.5/",   "https://256.256.256.256/",
                           "https://4294967296/",  "https://[::1]x/",      "https://1.2.3.08/"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

TEST(Url, RefusesPortsThatAreNone) {
  for (const char* text :
       {"https://example.com:0/", "https://example.com:65536/", "https://example.com:99999999999/",
        "https://example.com:80x/", "https://example.com:-1/", "https://example.com:+443/",
        "https://example.com:1:2/", "https://[::1]:x/"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
  EXPECT_EQ(Url::parse("https://example.com:65535/")->port(), 65535);
}

TEST(Url, HasAMaximumLength) {
  const std::string base = "https://example.com/";
  EXPECT_TRUE(Url::parse(base + std::string(Url::kMaxLength - base.size(), 'x')));
  EXPECT_NE(why_not(base + std::string(Url::kMaxLength - base.size() + 1, 'x')).find("longer than 2048"),
            std::string::npos);
  EXPECT_FALSE(Url::parse(std::string(10'000'000, 'x')));
}

TEST(Url, ErrorsQuoteTheInputSafely) {
  const std::string message = why_not("https://example.com/\x1b[31m" + std::string(1000, 'x'));
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_LT(message.size(), 400U);
}

}  // namespace
}  // namespace doorward
