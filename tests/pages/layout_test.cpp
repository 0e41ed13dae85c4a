#include "pages/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::pages {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Layout, CarriesStrictHeaders) {
  const auto response =
      page(http::Status::Forbidden, Language::English, "A & B", html("<p>{}</p>", "<main>"));
  const auto policy = response.headers.find("Content-Security-Policy");
  ASSERT_TRUE(policy);
  EXPECT_THAT(std::string(*policy), HasSubstr("default-src 'none'"));
  EXPECT_THAT(std::string(*policy), HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(std::string(*policy), Not(HasSubstr("unsafe")));
  EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
  EXPECT_THAT(response.body, HasSubstr("<title>A &amp; B · Doorward</title>"));
  EXPECT_THAT(response.body, HasSubstr("<p>&lt;main&gt;</p>"));
}

/// Browsers apply form-action to the redirects after a form: a page whose form ends at a provider must allow
/// it.
TEST(Layout, FormsMayLeaveOnlyWhereTheyMust) {
  const auto own = page(http::Status::Ok, Language::English, "x", {});
  EXPECT_THAT(std::string(*own.headers.find("Content-Security-Policy")), HasSubstr("form-action 'self';"));
  const auto provider = page(http::Status::Ok, Language::English, "x", {}, FormTarget::Elsewhere);
  EXPECT_THAT(std::string(*provider.headers.find("Content-Security-Policy")),
              HasSubstr("form-action 'self' https: http:;"));
  auto one = page(http::Status::Ok, Language::English, "x", {});
  allow_forms_to(one, "https://app.example/callback");
  EXPECT_THAT(std::string(*one.headers.find("Content-Security-Policy")),
              HasSubstr("form-action https://app.example/callback; frame-ancestors 'none'"));
}

TEST(Layout, WritesAnAddressAsASource) {
  EXPECT_EQ(form_source("https://app.example/callback?tenant=1"), "https://app.example/callback");
  EXPECT_EQ(form_source("http://127.0.0.1:8080/"), "http://127.0.0.1:8080/");
  EXPECT_EQ(form_source("com.example.app:/callback"), "com.example.app:");
  EXPECT_EQ(form_source("http://[::1]:8080/callback"), "http:");
  // Nothing in an address adds to the policy.
  EXPECT_EQ(form_source("https://app.example/a;b,c"), "https://app.example/a%3Bb%2Cc");
  EXPECT_EQ(form_source("a b; script-src *:x"), "'none'");
  EXPECT_EQ(form_source("callback"), "'none'");
}

/// At an application's host our stylesheet is at another origin, and nothing of that host may be loaded.
TEST(Layout, APageAtAnotherHostTakesItsStyleFromOurs) {
  const auto abroad =
      page(http::Status::Ok, Language::English, "x", {}, FormTarget::Ourselves, {}, "https://sso.example");
  const std::string policy(*abroad.headers.find("Content-Security-Policy"));
  EXPECT_THAT(policy, HasSubstr("style-src https://sso.example;"));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("form-action 'self'"));
  EXPECT_THAT(policy, Not(HasSubstr("script-src")));
  EXPECT_THAT(abroad.body, HasSubstr("href=\"https://sso.example/assets/"));
}

}  // namespace
}  // namespace doorward::pages
