#include "net/address.h"

#include <algorithm>
#include <cstring>
#include <span>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace doorward::net {

namespace {

struct Range4 {
  std::uint32_t base;
  int prefix;
  AddressScope scope;
};

constexpr std::uint32_t ip(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24 | b << 16 | c << 8 | d;
}

/// The first that matches decides; what none matches is public.
constexpr Range4 kRanges4[] = {
    // The metadata services of Azure and Alibaba stand outside the link-local range.
    {ip(168, 63, 129, 16), 32, AddressScope::Never}, {ip(100, 100, 100, 200), 32, AddressScope::Never},
    {ip(0, 0, 0, 0), 8, AddressScope::Never},        {ip(10, 0, 0, 0), 8, AddressScope::Private},
    {ip(100, 64, 0, 0), 10, AddressScope::Private},  {ip(127, 0, 0, 0), 8, AddressScope::Loopback},
    {ip(169, 254, 0, 0), 16, AddressScope::Never},   {ip(172, 16, 0, 0), 12, AddressScope::Private},
    {ip(192, 0, 0, 0), 24, AddressScope::Never},     {ip(192, 0, 2, 0), 24, AddressScope::Never},
    {ip(192, 88, 99, 0), 24, AddressScope::Never},   {ip(192, 168, 0, 0), 16, AddressScope::Private},
    {ip(198, 18, 0, 0), 15, AddressScope::Never},    {ip(198, 51, 100, 0), 24, AddressScope::Never},
    {ip(203, 0, 113, 0), 24, AddressScope::Never},   {ip(224, 0, 0, 0), 3, AddressScope::Never},
};

struct Range6 {
  std::array<std::uint16_t, 8> base;
  int prefix;
  AddressScope scope;
};

/// The first that matches decides; what none matches lies outside the space that is handed out.
constexpr Range6 kRanges6[] = {
    {{0, 0, 0, 0, 0, 0, 0, 1}, 128, AddressScope::Loopback},
    // The metadata service of Amazon.
    {{0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254}, 128, AddressScope::Never},
    {{0xfc00}, 7, AddressScope::Private},
    // Protocol assignments: Teredo, benchmarks, ORCHID.
    {{0x2001, 0}, 23, AddressScope::Never},
    {{0x2001, 0x0db8}, 32, AddressScope::Never},
    // 6to4 hides an IPv4 address.
    {{0x2002}, 16, AddressScope::Never},
    {{0x3fff}, 20, AddressScope::Never},
    {{0x2000}, 3, AddressScope::Public},
};

bool in_range(std::span<const std::uint8_t, 16> bytes, const Range6& range) {
  for (int bit = 0; bit < range.prefix; bit += 8) {
    const auto at = static_cast<std::size_t>(bit / 8);
    const unsigned word = range.base[at / 2];
    const unsigned expected = at % 2 == 0 ? word >> 8 : word & 0xFF;
    const int bits = std::min(8, range.prefix - bit);
    const unsigned mask = 0xFF00U >> bits & 0xFF;
    if (((bytes[at] ^ expected) & mask) != 0) return false;
  }
  return true;
}

AddressScope scope_of_ipv4(std::uint32_t address) {
  for (const Range4& range : kRanges4) {
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - range.prefix);
    if ((address & mask) == range.base) return range.scope;
  }
  return AddressScope::Public;
}

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::uint8_t, 12> kNat64Prefix = {0x00, 0x64, 0xff, 0x9b};

}  // namespace

std::optional<IpAddress> IpAddress::of(const sockaddr& address) {
  IpAddress result;
  if (address.sa_family == AF_INET) {
    sockaddr_in ipv4 = {};
    std::memcpy(&ipv4, &address, sizeof(ipv4));
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), result.bytes_.begin());
    std::memcpy(&result.bytes_[12], &ipv4.sin_addr, 4);
    return result;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 ipv6 = {};
    std::memcpy(&ipv6, &address, sizeof(ipv6));
    std::memcpy(result.bytes_.data(), &ipv6.sin6_addr, 16);
    return result;
  }
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  IpAddress result;
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  if (inet_pton(AF_INET6, terminated.c_str(), result.bytes_.data()) == 1) return result;
  if (inet_pton(AF_INET, terminated.c_str(), &result.bytes_[12]) != 1) return std::nullopt;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), result.bytes_.begin());
  return result;
}

AddressScope IpAddress::scope() const {
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin()) ||
      std::equal(kNat64Prefix.begin(), kNat64Prefix.end(), bytes_.begin())) {
    return scope_of_ipv4(ip(bytes_[12], bytes_[13], bytes_[14], bytes_[15]));
  }
  for (const Range6& range : kRanges6) {
    if (in_range(bytes_, range)) return range.scope;
  }
  return AddressScope::Never;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer = {};
  const bool ipv4 = std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
  if (ipv4) {
    inet_ntop(AF_INET, &bytes_[12], buffer.data(), buffer.size());
  } else {
    inet_ntop(AF_INET6, bytes_.data(), buffer.data(), buffer.size());
  }
  return buffer.data();
}

}  // namespace doorward::net
