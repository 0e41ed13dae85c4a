#include "signin/auth_headers.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace doorward::signin {
namespace {

session::Bearer bearer(const directory::Employee& employee, std::string scope,
                       session::Memberships memberships = {}) {
  directory::TokenBearer found;
  found.account.slug = "contoso";
  found.application.account = directory::AccountId{1};
  found.employee = employee;
  found.scope = std::move(scope);
  return session::Bearer({std::move(found), std::move(memberships)});
}

/// Of an application of one account, or of all of them.
http::Headers about_email(bool verified, bool of_all_accounts, std::string scope = "openid email") {
  directory::TokenBearer found;
  if (!of_all_accounts) found.application.account = directory::AccountId{1};
  found.employee = directory::Employee{};
  found.employee->profile.email = "zoe@contoso.example";
  found.scope = std::move(scope);
  return auth_headers(session::Bearer({.bearer = std::move(found), .email_verified = verified}));
}

directory::Employee zoe() {
  directory::Employee employee;
  employee.public_id = "7b0c";
  employee.profile.user_name = "zoe@contoso.example";
  employee.profile.email = "zoe@contoso.example";
  employee.profile.display_name = "Zoë, 100 %";
  return employee;
}

constexpr const char* kAll = "openid profile email groups departments";

TEST(AuthHeaders, SayWhoItIs) {
  const auto headers =
      auth_headers(bearer(zoe(), kAll, {.departments = {"Back end", "R,D"}, .groups = {"Crew", "Ümlaut"}}));
  EXPECT_EQ(headers.find("X-Auth-User"), "zoe@contoso.example");
  EXPECT_EQ(headers.find("X-Auth-Email"), "zoe@contoso.example");
  EXPECT_EQ(headers.find("X-Auth-Name"), "Zo%C3%AB, 100 %25");
  EXPECT_EQ(headers.find("X-Auth-Subject"), "7b0c");
  EXPECT_EQ(headers.find("X-Auth-Account"), "contoso");
  EXPECT_EQ(headers.find("X-Auth-Groups"), "Crew,%C3%9Cmlaut");
  EXPECT_EQ(headers.find("X-Auth-Departments"), "Back end,R%2CD");
  EXPECT_EQ(headers.find("X-Auth-Administrator"), "false");
}

/// A field that is left out would let the client's own one through.
TEST(AuthHeaders, AllOfThemAreAlwaysThere) {
  directory::Employee nobody;
  const auto headers = auth_headers(bearer(nobody, ""));
  EXPECT_EQ(headers.all().size(), 9U);
  EXPECT_EQ(headers.find("X-Auth-Email-Verified"), "false");
  for (const char* name : {"User", "Email", "Name", "Groups", "Departments"})
    EXPECT_EQ(headers.find(std::string("X-Auth-") + name), "") << name;
  nobody.administrator = true;
  EXPECT_EQ(auth_headers(bearer(nobody, "")).find("X-Auth-Administrator"), "true");
}

TEST(AuthHeaders, AnAddressThatIsNotVerifiedIsSaidToBe) {
  for (const bool of_all_accounts : {false, true}) {
    const auto headers = about_email(true, of_all_accounts);
    EXPECT_EQ(headers.find("X-Auth-Email"), "zoe@contoso.example");
    EXPECT_EQ(headers.find("X-Auth-Email-Verified"), "true");
  }
  EXPECT_EQ(about_email(false, false).find("X-Auth-Email"), "zoe@contoso.example");
  EXPECT_EQ(about_email(false, false).find("X-Auth-Email-Verified"), "false");
  EXPECT_EQ(about_email(false, true).find("X-Auth-Email"), "") << "another company's, perhaps";
  EXPECT_EQ(about_email(false, true).find("X-Auth-Email-Verified"), "false");
  EXPECT_EQ(about_email(true, false, "openid").find("X-Auth-Email"), "");
  EXPECT_EQ(about_email(true, false, "openid").find("X-Auth-Email-Verified"), "false");
}

TEST(AuthHeaders, TheScopeSaysWhatIsTold) {
  const session::Memberships memberships = {.departments = {"Back end"}, .groups = {"Crew"}};
  const auto headers = auth_headers(bearer(zoe(), "openid email groups", memberships));
  EXPECT_EQ(headers.find("X-Auth-User"), "zoe@contoso.example");
  EXPECT_EQ(headers.find("X-Auth-Email"), "zoe@contoso.example");
  EXPECT_EQ(headers.find("X-Auth-Groups"), "Crew");
  EXPECT_EQ(headers.find("X-Auth-Name"), "");
  EXPECT_EQ(headers.find("X-Auth-Departments"), "");
}

TEST(AuthHeaders, ValuesCannotEndAField) {
  EXPECT_EQ(encode_value("a\r\nX-Auth-Administrator: true"), "a%0D%0AX-Auth-Administrator: true");
  EXPECT_EQ(encode_value(std::string("\0", 1)), "%00");
  EXPECT_EQ(encode_value(" a b "), "%20a b%20");
  EXPECT_EQ(encode_value("100%25"), "100%2525");
  EXPECT_EQ(encode_value(""), "");
}

TEST(AuthHeaders, DecodingGivesTheValueBack) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte)
    every += static_cast<char>(byte);
  EXPECT_EQ(percent_decode(encode_value(every)), every);
}

TEST(AuthHeaders, ListsAreBounded) {
  const std::vector<std::string> many(1000, std::string(100, 'x'));
  const std::string list = encode_names(many);
  EXPECT_LE(list.size(), kMaxNames);
  EXPECT_GT(list.size(), kMaxNames - 102);
  EXPECT_TRUE(list.ends_with(std::string(100, 'x')));
  const std::vector<std::string> huge = {std::string(2 * kMaxNames, 'x')};
  EXPECT_EQ(encode_names(huge), "");
}

}  // namespace
}  // namespace doorward::signin
