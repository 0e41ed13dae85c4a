#include "oidc/address_limit.h"

#include <gtest/gtest.h>

namespace doorward::oidc {
namespace {

constexpr Timestamp kNow = from_millis(1'800'000'000'000);

TEST(AddressLimit, CountsEachAddressForAMinute) {
  AddressLimit limit(2);
  EXPECT_TRUE(limit.take("192.0.2.7", kNow));
  EXPECT_TRUE(limit.take("192.0.2.7", kNow));
  EXPECT_TRUE(limit.is_reached("192.0.2.7", kNow));
  EXPECT_FALSE(limit.take("192.0.2.7", kNow));
  EXPECT_TRUE(limit.take("192.0.2.8", kNow));
  EXPECT_TRUE(limit.take("192.0.2.7", kNow + AddressLimit::kWindow));
}

TEST(AddressLimit, LookingCountsNothing) {
  AddressLimit limit(1);
  EXPECT_FALSE(limit.is_reached("192.0.2.7", kNow));
  EXPECT_FALSE(limit.is_reached("192.0.2.7", kNow));
  limit.count("192.0.2.7", kNow);
  EXPECT_TRUE(limit.is_reached("192.0.2.7", kNow));
}

TEST(AddressLimit, AnIpv6NetworkIsOneAddress) {
  AddressLimit limit(1);
  EXPECT_TRUE(limit.take("2001:db8:1:2::1", kNow));
  EXPECT_FALSE(limit.take("2001:db8:1:2:ffff::9", kNow));
  EXPECT_TRUE(limit.take("2001:db8:1:3::1", kNow));
}

}  // namespace
}  // namespace doorward::oidc
