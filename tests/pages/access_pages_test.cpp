#include "pages/access_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::pages {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kHostileText = R"("><script>alert(1)</script>)";

TEST(AccessPages, EscapeWhatComesFromOutside) {
  for (const auto& response :
       {choose_password_page(Language::English, {.name = kHostileText,
                                                 .account_name = kHostileText,
                                                 .user_name = kHostileText,
                                                 .link = kHostileText}),
        emergency_page(Language::German,
                       {.name = kHostileText, .account_name = kHostileText, .link = kHostileText}),
        forgotten_page(Language::English, {.email = kHostileText, .account_slug = kHostileText}),
        forgotten_sent_page(Language::German, kHostileText)}) {
    EXPECT_THAT(response.body, Not(HasSubstr("<script>")));
    EXPECT_THAT(response.body, HasSubstr("&lt;script&gt;"));
  }
}

TEST(AccessPages, SayWhatWasWrongBesideTheField) {
  const auto page =
      choose_password_page(Language::English, {.name = "Alice", .problem = Phrase::PasswordsDiffer});
  EXPECT_EQ(page.status, http::Status::BadRequest);
  EXPECT_THAT(page.body, HasSubstr("role=\"alert\""));
  EXPECT_THAT(page.body, HasSubstr("aria-describedby=\"password-hint problem\""));
}

}  // namespace
}  // namespace doorward::pages
