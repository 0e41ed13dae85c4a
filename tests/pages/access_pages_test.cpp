#include "pages/access_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::pages {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kHostile = R"("><script>alert(1)</script>)";

TEST(AccessPages, EscapeWhatComesFromOutside) {
  for (const auto& response :
       {choose_password_page(
            Language::English,
            {.name = kHostile, .account_name = kHostile, .user_name = kHostile, .link = kHostile}),
        emergency_page(Language::German, {.name = kHostile, .account_name = kHostile, .link = kHostile}),
        forgotten_page(Language::English, {.email = kHostile, .account_slug = kHostile}),
        forgotten_sent_page(Language::German, kHostile)}) {
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
