#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace doorward::http {

/// An IP address as 16 bytes; IPv4 addresses in their mapped form (RFC 4291 section 2.5.5.2), so that both
/// spellings are equal.
class Address {
 public:
  static std::optional<Address> parse(std::string_view text);
  /// IPv4 in dotted form, IPv6 in its canonical form (RFC 5952).
  std::string text() const;
  /// Whether the first `bits` bits are those of `network`.
  bool in(const Address& network, int bits) const;
  bool is_v4() const;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// The proxies in front of us, whose word about the client is believed.
class TrustedProxies {
 public:
  /// Addresses and networks in CIDR form.
  static Result<TrustedProxies> parse(const std::vector<std::string>& networks);

  bool trusts(const Address& address) const;

  /// The client of a request that came from `peer`: the rightmost hop of X-Forwarded-For that is no trusted
  /// proxy. What lies left of it is the client's own claim. A hop that cannot be read ends the search at the
  /// proxy that wrote it.
  std::string client(const Address& peer, const Headers& headers) const;

 private:
  struct Network {
    Address address;
    int bits;
  };
  std::vector<Network> networks_;
};

}  // namespace doorward::http
