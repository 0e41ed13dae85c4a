#include "console/console_page.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::console {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string page() {
  const auto response = console_page({});
  return response ? response->body : std::string();
}

/// What an attribute of the page says.
std::string attribute(const std::string& name) {
  const std::string text = page();
  const auto at = text.find(name + "=\"/console/assets/") + name.size() + 2;
  return text.substr(at, text.find('"', at) - at);
}

TEST(ConsolePage, AllowsItsOwnFilesOnly) {
  const auto response = console_page({});
  ASSERT_TRUE(response);
  const std::string policy(response->headers.find("Content-Security-Policy").value_or(""));
  EXPECT_THAT(policy, StartsWith("default-src 'none';"));
  EXPECT_THAT(policy, HasSubstr("script-src 'self'"));
  EXPECT_THAT(policy, HasSubstr("connect-src 'self'"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, HasSubstr("base-uri 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, Not(HasSubstr("http")));
}

TEST(ConsolePage, HasNothingInline) {
  EXPECT_THAT(page(), Not(HasSubstr("style=")));
  EXPECT_THAT(page(), Not(HasSubstr("<style")));
  EXPECT_THAT(page(), Not(HasSubstr("onload")));
  EXPECT_THAT(page(), HasSubstr("></script>"));
}

TEST(ConsolePage, IsTheSameForEveryAddress) {
  http::Request deep;
  deep.path = "/console/sign-ins/<script>";
  EXPECT_EQ(console_page(deep)->body, page());
}

TEST(ConsoleAsset, ServesWhatThePageNames) {
  for (const auto& [name, type] : {std::pair{"href", "text/css"}, std::pair{"src", "text/javascript"}}) {
    http::Request request;
    request.path = attribute(name);
    const auto asset = console_asset(request);
    ASSERT_TRUE(asset) << request.path;
    EXPECT_THAT(std::string(*asset->headers.find("Content-Type")), StartsWith(type));
    EXPECT_THAT(std::string(*asset->headers.find("Cache-Control")), HasSubstr("immutable"));
    EXPECT_GT(asset->body.size(), 1000U);
  }
}

TEST(ConsoleAsset, ServesNothingElse) {
  for (const char* path :
       {"/console/assets/", "/console/assets/console.js", "/console/assets/../../etc/passwd"}) {
    http::Request request;
    request.path = path;
    EXPECT_FALSE(console_asset(request)) << path;
  }
}

}  // namespace
}  // namespace doorward::console
