#include "net/address.h"

#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace doorward::net {
namespace {

using enum AddressScope;

AddressScope scope_of(std::string_view text) {
  const auto address = IpAddress::parse(text);
  EXPECT_TRUE(address) << text;
  return address->scope();
}

struct Range {
  const char* first;
  const char* last;
  AddressScope scope;
};

// The whole IPv4 space, without a gap: each range's first and last address, and its neighbours in the next
// line.
constexpr Range kIpv4[] = {
    {"0.0.0.0", "0.255.255.255", Never},
    {"1.0.0.0", "9.255.255.255", Public},
    {"10.0.0.0", "10.255.255.255", Private},
    {"11.0.0.0", "100.63.255.255", Public},
    {"100.64.0.0", "100.100.100.199", Private},
    {"100.100.100.200", "100.100.100.200", Never},
    {"100.100.100.201", "100.127.255.255", Private},
    {"100.128.0.0", "126.255.255.255", Public},
    {"127.0.0.0", "127.255.255.255", Loopback},
    {"128.0.0.0", "168.63.129.15", Public},
    {"168.63.129.16", "168.63.129.16", Never},
    {"168.63.129.17", "169.253.255.255", Public},
    {"169.254.0.0", "169.254.255.255", Never},
    {"169.255.0.0", "172.15.255.255", Public},
    {"172.16.0.0", "172.31.255.255", Private},
    {"172.32.0.0", "191.255.255.255", Public},
    {"192.0.0.0", "192.0.0.255", Never},
    {"192.0.1.0", "192.0.1.255", Public},
    {"192.0.2.0", "192.0.2.255", Never},
    {"192.0.3.0", "192.88.98.255", Public},
    {"192.88.99.0", "192.88.99.255", Never},
    {"192.88.100.0", "192.167.255.255", Public},
    {"192.168.0.0", "192.168.255.255", Private},
    {"192.169.0.0", "198.17.255.255", Public},
    {"198.18.0.0", "198.19.255.255", Never},
    {"198.20.0.0", "198.51.99.255", Public},
    {"198.51.100.0", "198.51.100.255", Never},
    {"198.51.101.0", "203.0.112.255", Public},
    {"203.0.113.0", "203.0.113.255", Never},
    {"203.0.114.0", "223.255.255.255", Public},
    {"224.0.0.0", "255.255.255.255", Never},
};

std::uint32_t number_of(const char* text) {
  in_addr address = {};
  EXPECT_EQ(inet_pton(AF_INET, text, &address), 1);
  return ntohl(address.s_addr);
}

TEST(AddressScope, CoversTheWholeIpv4Space) {
  std::uint64_t next = 0;
  for (const Range& range : kIpv4) {
    EXPECT_EQ(number_of(range.first), next) << range.first;
    EXPECT_EQ(scope_of(range.first), range.scope) << range.first;
    EXPECT_EQ(scope_of(range.last), range.scope) << range.last;
    next = std::uint64_t{number_of(range.last)} + 1;
  }
  EXPECT_EQ(next, std::uint64_t{1} << 32);
}

TEST(AddressScope, LooksThroughMappedAndNat64Addresses) {
  for (const Range& range : kIpv4) {
    for (const std::string prefix : {"::ffff:", "64:ff9b::"}) {
      EXPECT_EQ(scope_of(prefix + range.first), range.scope) << prefix << range.first;
      EXPECT_EQ(scope_of(prefix + range.last), range.scope) << prefix << range.last;
    }
  }
}

TEST(AddressScope, KnowsIpv6) {
  const Range ranges[] = {
      {"::", "::", Never},
      {"::1", "::1", Loopback},
      {"::2", "::fffe:ffff:ffff", Never},
      {"::7f00:1", "::127.0.0.1", Never},
      {"::ffff:0:0:0", "64:ff9a:ffff::", Never},
      {"64:ff9b::1:0:0", "64:ff9b:1::1", Never},
      {"100::", "100::ffff", Never},
      {"1fff:ffff::", "1fff:ffff::", Never},
      {"2000::", "2000:ffff::", Public},
      {"2001::", "2001:1ff:ffff::", Never},
      {"2001:200::", "2001:db7:ffff::", Public},
      {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Never},
      {"2001:db9::", "2001:ffff::", Public},
      {"2002::", "2002:ffff:ffff::1", Never},
      {"2002:7f00:1::", "2002:808:808::", Never},
      {"2003::", "2606:4700::1111", Public},
      {"3ffe::", "3ffe:ffff::", Public},
      {"3fff::", "3fff:fff:ffff::", Never},
      {"3fff:1000::", "3fff:ffff::", Public},
      {"4000::", "5f00::1", Never},
      {"8000::", "fbff::", Never},
      {"fc00::", "fdff:ffff::", Private},
      {"fd00:ec2::253", "fd00:ec2::255", Private},
      {"fd00:ec2::254", "fd00:ec2::254", Never},
      {"fe00::", "fe7f::", Never},
      {"fe80::1", "febf::", Never},
      {"fec0::", "feff::", Never},
      {"ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Never},
      {"ff02::1", "ff0e::1", Never},
  };
  for (const Range& range : ranges) {
    EXPECT_EQ(scope_of(range.first), range.scope) << range.first;
    EXPECT_EQ(scope_of(range.last), range.scope) << range.last;
  }
}

TEST(IpAddress, ReadsSocketAddresses) {
  sockaddr_storage storage = {};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(storage);
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(443);
  ipv4.sin_addr.s_addr = htonl(0xA9FEA9FE);
  auto address = IpAddress::of(reinterpret_cast<const sockaddr&>(storage));
  ASSERT_TRUE(address);
  EXPECT_EQ(address->text(), "169.254.169.254");
  EXPECT_EQ(address->scope(), Never);

  storage = {};
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(storage);
  ipv6.sin6_family = AF_INET6;
  ASSERT_EQ(inet_pton(AF_INET6, "2606:4700::1111", &ipv6.sin6_addr), 1);
  address = IpAddress::of(reinterpret_cast<const sockaddr&>(storage));
  ASSERT_TRUE(address);
  EXPECT_EQ(address->text(), "2606:4700::1111");
  EXPECT_EQ(address->scope(), Public);

  storage = {};
  storage.ss_family = AF_UNIX;
  EXPECT_FALSE(IpAddress::of(reinterpret_cast<const sockaddr&>(storage)));
}

TEST(IpAddress, ReadsTextStrictly) {
  EXPECT_EQ(IpAddress::parse("::FFFF:1.2.3.4")->text(), "1.2.3.4");
  EXPECT_EQ(IpAddress::parse("2001:DB8::0:1")->text(), "2001:db8::1");
  for (const char* text : {"", "example.com", "127.1", "0x7f.0.0.1", "1.2.3", "1.2.3.256", "1.2.3.4.5",
                           " 1.2.3.4", "[::1]", "fe80::1%eth0", ":::", "1.2.3.4/8", "01.2.3.4"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

}  // namespace
}  // namespace doorward::net
