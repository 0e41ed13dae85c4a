#include "session/return_to.h"

#include <gtest/gtest.h>

namespace doorward::session {
namespace {

constexpr std::string_view kOrigin = "https://sso.example.com";

TEST(ReturnTo, KeepsOurOwnPaths) {
  EXPECT_EQ(safe_return_to("/", kOrigin), "/");
  EXPECT_EQ(safe_return_to("/reports?year=2026&x=%2F", kOrigin), "/reports?year=2026&x=%2F");
  EXPECT_EQ(safe_return_to("https://sso.example.com/reports", kOrigin), "/reports");
  EXPECT_EQ(safe_return_to("/oauth2/authorize?redirect_uri=https://app.example.com/", kOrigin),
            "/oauth2/authorize?redirect_uri=https://app.example.com/");
}

TEST(ReturnTo, LeadsNowhereElse) {
  for (const std::string_view wanted :
       {"", "reports", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/",
        "https://sso.example.com.evil.example/", "https://sso.example.com@evil.example/",
        "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", " /", "/a b", "/a\\..\\b",
        "https://sso.example.com//evil.example", "HTTPS://sso.example.com/x"}) {
    EXPECT_EQ(safe_return_to(wanted, kOrigin), "/") << wanted;
  }
  EXPECT_EQ(safe_return_to("/" + std::string(kMaxReturnTo, 'a'), kOrigin), "/");
}

}  // namespace
}  // namespace doorward::session
