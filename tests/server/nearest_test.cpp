#include "server/nearest.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace doorward::server {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"account", "audit", "employee", "sso"};

TEST(Nearest, FindsTheWordBehindATypingMistake) {
  EXPECT_EQ(nearest("acount", kWords), "account");
  EXPECT_EQ(nearest("emplyoee", kWords), "employee");
  EXPECT_EQ(nearest("sos", kWords), "sso");
  EXPECT_EQ(nearest("sso", kWords), "sso");
}

TEST(Nearest, FindsNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("", kWords), std::nullopt);
  EXPECT_EQ(nearest("frobnicate", kWords), std::nullopt);
  EXPECT_EQ(nearest(std::string(1'000'000, 'a'), kWords), std::nullopt);
  EXPECT_EQ(nearest("sso", {}), std::nullopt);
}

}  // namespace
}  // namespace doorward::server
