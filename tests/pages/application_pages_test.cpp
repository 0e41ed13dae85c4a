#include "pages/application_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::pages {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHostileName = R"("><script>alert(1)</script>)";

std::string policy_of(const http::Response& response) {
  return std::string(response.headers.find("Content-Security-Policy").value_or(""));
}

TEST(ApplicationPages, EscapeWhatComesFromOutside) {
  const std::string hostile(kHostileName);
  const std::vector<std::pair<std::string, std::string>> fields = {{hostile, hostile}};
  for (const auto& response :
       {consent_page(Language::English, {hostile, hostile, hostile, {}, hostile, fields}),
        other_company_page(Language::German, {hostile, hostile, hostile, hostile}),
        sign_out_page(Language::English, {hostile, hostile, hostile, fields}),
        return_form_page(Language::English, {hostile, hostile, fields}),
        open_application_page(Language::German, hostile, hostile)}) {
    EXPECT_THAT(response.body, Not(HasSubstr("<script>")));
    EXPECT_THAT(response.body, HasSubstr("&lt;script&gt;"));
    EXPECT_THAT(policy_of(response), Not(HasSubstr("script>")));
    EXPECT_THAT(policy_of(response), HasSubstr("frame-ancestors 'none'"));
  }
}

TEST(ApplicationPages, AskForConsent) {
  const auto response = consent_page(Language::English, {"Wiki",
                                                         "Ada Adams",
                                                         "Contoso",
                                                         {Phrase::WishIdentity, Phrase::WishEmail},
                                                         "https://wiki.contoso.example/callback",
                                                         {{"request_uri", "urn:1"}}});
  EXPECT_THAT(response.body, HasSubstr("Wiki asks who you are"));
  EXPECT_THAT(response.body, HasSubstr("<li>your e-mail address</li>"));
  EXPECT_THAT(response.body, HasSubstr("You then go on to https://wiki.contoso.example."));
  EXPECT_THAT(response.body, HasSubstr(R"(name="request_uri" value="urn:1")"));
  // The answer to the form is a redirect to the application: browsers hold the policy against it as well.
  EXPECT_THAT(policy_of(response),
              HasSubstr("form-action 'self' https://wiki.contoso.example/callback; frame"));
}

TEST(ApplicationPages, PostOnlyToTheApplication) {
  const auto response = return_form_page(
      Language::English, {"Wiki", "https://wiki.contoso.example/callback", {{"code", "dwc_1"}}});
  EXPECT_THAT(policy_of(response), HasSubstr("form-action https://wiki.contoso.example/callback; frame"));
  EXPECT_THAT(response.body, HasSubstr(R"(action="https://wiki.contoso.example/callback")"));
  EXPECT_THAT(response.body, HasSubstr(R"(name="code" value="dwc_1")"));
  EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
}

TEST(ApplicationPages, SignOutNamesWhoAsks) {
  EXPECT_THAT(sign_out_page(Language::English, {"Wiki", "Ada", "", {}}).body,
              HasSubstr("Wiki asks to sign you out."));
  const auto nobody = sign_out_page(Language::English, {"", "Ada", "", {}});
  EXPECT_THAT(nobody.body, Not(HasSubstr("asks to sign you out")));
  EXPECT_THAT(policy_of(nobody), HasSubstr("form-action 'self'; frame"));
}

}  // namespace
}  // namespace doorward::pages
