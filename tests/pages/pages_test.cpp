#include "pages/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::pages {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHostile = R"("><script>alert(1)</script>)";

TEST(Pages, EscapeWhatComesFromOutside) {
  SignInPage sign_in;
  sign_in.email = kHostile;
  sign_in.return_to = kHostile;
  sign_in.account_name = std::string(kHostile);
  HomePage home;
  home.display_name = home.account_name = home.user_name = home.email = home.department = kHostile;
  home.sessions.push_back({std::string(kHostile), std::string(kHostile), std::string(kHostile), {}, false});
  TestPassedPage test;
  test.account_name = test.employee = kHostile;
  test.received.emplace_back(kHostile, kHostile);
  PostForm form{std::string(kHostile), {{std::string(kHostile), std::string(kHostile)}}};
  for (const auto& response :
       {sign_in_page(Language::English, sign_in), home_page(Language::German, home),
        test_passed_page(Language::English, test), post_form_page(Language::English, form),
        ask_sign_out_page(Language::English, {std::string(kHostile), "https://sso.example"}, kHostile),
        application_signed_out_page(Language::German, {std::string(kHostile), std::string(kHostile)})}) {
    EXPECT_THAT(response.body, Not(HasSubstr("<script>")));
    EXPECT_THAT(response.body, HasSubstr("&lt;script&gt;"));
  }
}

TEST(Pages, HoldNoInlineStyleOrScript) {
  const auto response = password_page(Language::English, http::Status::Ok, {});
  EXPECT_THAT(response.body, Not(HasSubstr("style=")));
  EXPECT_THAT(response.body, Not(HasSubstr("<style")));
  EXPECT_THAT(response.body, Not(HasSubstr("onclick")));
}

TEST(Pages, ShowTheReferenceNumber) {
  const auto response =
      trouble_page(Language::English, {Trouble::Deactivated, http::Status::Forbidden, "K7QM-2XPD"});
  EXPECT_EQ(response.status, http::Status::Forbidden);
  EXPECT_THAT(response.body, HasSubstr("K7QM-2XPD"));
}

TEST(Pages, ShowARequestNumberWhereOnlyTheLogTellsMore) {
  TroublePage values;
  EXPECT_THAT(trouble_page(Language::English, values).body, Not(HasSubstr("Request number")));
  values.request_id = "0123456789abcdef";
  const auto response = trouble_page(Language::English, values);
  EXPECT_THAT(response.body, HasSubstr("Request number"));
  EXPECT_THAT(response.body, HasSubstr("0123456789abcdef"));
  EXPECT_THAT(response.body, HasSubstr("Go to the home page"));
  EXPECT_THAT(response.body, Not(HasSubstr("Reference number")));
  values.trouble = Trouble::TooOld;
  EXPECT_THAT(trouble_page(Language::English, values).body, HasSubstr("Sign in again"));
}

TEST(Pages, NameTheirLanguage) {
  EXPECT_THAT(signed_out_page(Language::German).body, HasSubstr("<html lang=\"de\">"));
}

}  // namespace
}  // namespace doorward::pages
