#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace doorward::net {

/// Where an IP address leads, as far as a server may connect to it on somebody else's word.
enum class AddressScope : std::uint8_t {
  Public,
  /// Somebody's own network: RFC 1918, carrier-grade NAT, unique local IPv6.
  Private,
  /// This machine.
  Loopback,
  /// Nothing that an identity provider could stand behind: link-local (cloud metadata services above all),
  /// multicast, unspecified, documentation, benchmarks, reserved, and tunnels that hide another address.
  Never,
};

class IpAddress {
 public:
  /// Of a socket address; nothing for other families than IPv4 and IPv6.
  static std::optional<IpAddress> of(const sockaddr& address);
  /// Dotted decimal, or IPv6 without brackets or zone.
  static std::optional<IpAddress> parse(std::string_view text);

  /// By the registries of special-purpose addresses (RFC 6890 and its successors). An IPv4 address mapped
  /// into IPv6 or behind the well-known NAT64 prefix (RFC 6052) has the scope of the IPv4 address.
  AddressScope scope() const;
  std::string text() const;

 private:
  IpAddress() = default;
  /// IPv4 in its mapped form, ::ffff:a.b.c.d.
  std::array<std::uint8_t, 16> bytes_ = {};
};

}  // namespace doorward::net
