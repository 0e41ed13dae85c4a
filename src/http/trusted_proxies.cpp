#include "http/trusted_proxies.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/text.h"
#include "http/grammar.h"

namespace doorward::http {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr int kMappedBits = 96;

/// A hop may carry a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
std::string_view without_port(std::string_view hop) {
  if (hop.starts_with('[')) {
    const auto close = hop.find(']');
    return close == std::string_view::npos ? hop : hop.substr(1, close - 1);
  }
  if (std::count(hop.begin(), hop.end(), ':') == 1) return hop.substr(0, hop.find(':'));
  return hop;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  Address address;
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes_.begin());
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data() + kMappedPrefix.size()) == 1)
    return address;
  return std::nullopt;
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (is_v4()) {
    inet_ntop(AF_INET, bytes_.data() + kMappedPrefix.size(), out.data(), out.size());
  } else {
    inet_ntop(AF_INET6, bytes_.data(), out.data(), out.size());
  }
  return out.data();
}

bool Address::in(const Address& network, int bits) const {
  const auto whole = bits / 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + whole, network.bytes_.begin())) return false;
  const int rest = bits % 8;
  const auto index = static_cast<std::size_t>(whole);
  return rest == 0 || ((bytes_[index] ^ network.bytes_[index]) >> (8 - rest)) == 0;
}

bool Address::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string_view text : networks) {
    const auto slash = std::min(text.find('/'), text.size());
    const auto address = Address::parse(text.substr(0, slash));
    const int most = address && address->is_v4() && text.find(':') == std::string_view::npos ? 32 : 128;
    int bits = most;
    bool valid = address.has_value();
    if (slash < text.size()) {
      const auto digits = text.substr(slash + 1);
      const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
      valid = valid && !digits.empty() && is_digit(digits.front()) && parsed.ec == std::errc() &&
              parsed.ptr == digits.data() + digits.size() && bits <= most;
    }
    if (!valid) {
      return fail(
          ErrorKind::InvalidInput, "http.trusted_proxy",
          fmt::format("“{}” is not an address or a network of a trusted proxy. Write it like 192.0.2.1, "
                      "10.0.0.0/8 or 2001:db8::/32.",
                      printable(text)));
    }
    proxies.networks_.push_back(Network{*address, most == 32 ? bits + kMappedBits : bits});
  }
  return proxies;
}

bool TrustedProxies::trusts(const Address& address) const {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const Network& network) { return address.in(network.address, network.bits); });
}

std::string TrustedProxies::client(const Address& peer, const Headers& headers) const {
  Address client = peer;
  if (networks_.empty() || !trusts(client)) return client.text();
  const auto& fields = headers.all();
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (!equal_ignoring_ascii_case(field->first, "x-forwarded-for")) continue;
    const auto hops = split(field->second, ',');
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
      const auto address = Address::parse(without_port(trim(*hop)));
      if (!address) return client.text();
      client = *address;
      if (!trusts(client)) return client.text();
    }
  }
  return client.text();
}

}  // namespace doorward::http
