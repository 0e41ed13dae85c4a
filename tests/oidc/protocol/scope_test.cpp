#include "oidc/protocol/scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::oidc::protocol {
namespace {

using testing::ElementsAre;

TEST(Scope, CountsEachNameOnceInItsOrder) {
  EXPECT_THAT(Scope("openid email openid profile").names(), ElementsAre("openid", "email", "profile"));
  EXPECT_EQ(Scope("  openid   email ").text(), "openid email");
  EXPECT_TRUE(Scope("").empty());
  EXPECT_TRUE(Scope("   ").empty());
}

TEST(Scope, LeavesOutWhatIsNoScopeToken) {
  EXPECT_EQ(Scope("openid \"x\" back\\slash caf\xC3\xA9 tab\there email").text(), "openid email");
  EXPECT_EQ(Scope(std::string_view("a\0b c", 5)).text(), "c");
  EXPECT_EQ(Scope("! # [ ] ~").text(), "! # [ ] ~");
}

TEST(Scope, ComparesNamesByTheirBytes) {
  const Scope scope("openid email");
  EXPECT_TRUE(scope.has("email"));
  EXPECT_FALSE(scope.has("Email"));
  EXPECT_FALSE(scope.has("mail"));
  EXPECT_FALSE(scope.has(""));
}

TEST(Scope, IntersectsAndContains) {
  const Scope asked("openid offline_access scim");
  const Scope open("email openid offline_access");
  EXPECT_EQ(asked.intersection(open).text(), "openid offline_access");
  EXPECT_FALSE(asked.within(open));
  EXPECT_TRUE(asked.intersection(open).within(open));
  EXPECT_TRUE(Scope("").within(open));
  EXPECT_FALSE(open.within(Scope("")));
}

TEST(Scope, OfManyNamesIsReadInProportion) {
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += "s" + std::to_string(i) + ' ';
  EXPECT_EQ(Scope(text).names().size(), 100'000U);
}

}  // namespace
}  // namespace doorward::oidc::protocol
