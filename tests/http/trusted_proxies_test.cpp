#include "http/trusted_proxies.h"

#include <gtest/gtest.h>

namespace doorward::http {
namespace {

std::string client(const std::vector<std::string>& trusted, std::string_view peer,
                   const std::vector<std::string>& forwarded) {
  Headers headers;
  for (const auto& field : forwarded)
    headers.add("X-Forwarded-For", field);
  return TrustedProxies::parse(trusted)->client(*Address::parse(peer), headers);
}

TEST(Address, HasOneFormForEachAddress) {
  EXPECT_EQ(Address::parse("192.0.2.1")->text(), "192.0.2.1");
  EXPECT_EQ(Address::parse("::ffff:192.0.2.1")->text(), "192.0.2.1");
  EXPECT_EQ(Address::parse("2001:DB8:0:0::1")->text(), "2001:db8::1");
  for (const std::string_view bad :
       {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::g", "a", "1.2.3.4 ", "fe80::1%eth0"}) {
    EXPECT_FALSE(Address::parse(bad)) << bad;
  }
  EXPECT_FALSE(Address::parse(std::string_view("1.2.3.4\0x", 9)));
}

TEST(TrustedProxies, RefusesWhatIsNoNetwork) {
  for (const std::string bad :
       {"", "proxy", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "::/129", "/8"}) {
    EXPECT_FALSE(TrustedProxies::parse({bad})) << bad;
  }
}

TEST(TrustedProxies, MatchByPrefix) {
  const auto proxies = TrustedProxies::parse({"10.1.0.0/15", "2001:db8::/33", "192.0.2.7"});
  ASSERT_TRUE(proxies);
  const auto trusts = [&](std::string_view address) { return proxies->trusts(*Address::parse(address)); };
  EXPECT_TRUE(trusts("10.0.255.255"));
  EXPECT_TRUE(trusts("10.1.0.1"));
  EXPECT_TRUE(trusts("::ffff:10.1.0.1"));
  EXPECT_FALSE(trusts("10.2.0.0"));
  EXPECT_TRUE(trusts("2001:db8:7fff::1"));
  EXPECT_FALSE(trusts("2001:db8:8000::1"));
  EXPECT_TRUE(trusts("192.0.2.7"));
  EXPECT_FALSE(trusts("192.0.2.6"));
  EXPECT_TRUE(TrustedProxies::parse({"0.0.0.0/0"})->trusts(*Address::parse("8.8.8.8")));
  EXPECT_FALSE(TrustedProxies::parse({"0.0.0.0/0"})->trusts(*Address::parse("::1")));
}

TEST(TrustedProxies, BelieveNobodyByDefault) {
  EXPECT_EQ(client({}, "192.0.2.1", {"198.51.100.1"}), "192.0.2.1");
  EXPECT_EQ(client({"10.0.0.1"}, "192.0.2.1", {"198.51.100.1"}), "192.0.2.1");
}

TEST(TrustedProxies, FindTheRightmostHopThatIsNotTrusted) {
  const std::vector<std::string> trusted = {"10.0.0.0/8"};
  EXPECT_EQ(client(trusted, "10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(client(trusted, "10.0.0.1", {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client(trusted, "10.0.0.1", {"6.6.6.6, 198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client(trusted, "10.0.0.1", {"6.6.6.6, 198.51.100.1, 10.0.0.2"}), "198.51.100.1");
  EXPECT_EQ(client(trusted, "10.0.0.1", {"6.6.6.6", "198.51.100.1", "10.0.0.2"}), "198.51.100.1");
  EXPECT_EQ(client(trusted, "10.0.0.1", {"198.51.100.1:4711"}), "198.51.100.1");
  EXPECT_EQ(client(trusted, "10.0.0.1", {"[2001:db8::1]:4711"}), "2001:db8::1");
  EXPECT_EQ(client(trusted, "10.0.0.1", {"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
  EXPECT_EQ(client(trusted, "::ffff:10.0.0.1", {"2001:db8::1"}), "2001:db8::1");
}

TEST(TrustedProxies, StopAtAHopThatCannotBeRead) {
  const std::vector<std::string> trusted = {"10.0.0.0/8"};
  for (const std::string hops :
       {"", "unknown", "6.6.6.6, ", "6.6.6.6, _hidden", "6.6.6.6, 1.2.3.4.5", "6.6.6.6, [::1"}) {
    EXPECT_EQ(client(trusted, "10.0.0.1", {hops}), "10.0.0.1") << hops;
  }
  EXPECT_EQ(client(trusted, "10.0.0.1", {"6.6.6.6, unknown, 10.0.0.2"}), "10.0.0.2");
}

}  // namespace
}  // namespace doorward::http
