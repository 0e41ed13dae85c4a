#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace doorward {

/// An absolute http or https URL, taken apart by the same parser that net/ fetches with, so that what was
/// checked is what is fetched. Refused is what readers of URLs disagree on or what has no place in ours: user
/// information, fragments, characters outside RFC 3986 (backslashes, anything not ASCII), any number of
/// slashes but two, host names with empty labels.
class Url {
 public:
  static constexpr std::size_t kMaxLength = 2048;

  static Result<Url> parse(std::string_view text);

  /// The normalised spelling: scheme and host in lower case, default port left out.
  const std::string& text() const { return text_; }
  const std::string& scheme() const { return scheme_; }
  /// A name, an IPv4 address, or an IPv6 address without brackets.
  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }
  /// Begins with a slash.
  const std::string& path() const { return path_; }
  /// Without the question mark; empty when there is none.
  const std::string& query() const { return query_; }
  bool is_https() const { return scheme_ == "https"; }
  /// Scheme, host and, unless it is the default, port: `https://sso.example.com:8443`.
  const std::string& origin() const { return origin_; }
  /// The host is `localhost` or an address of the loopback range.
  bool is_loopback() const;

 private:
  Url() = default;
  std::string text_, scheme_, host_, path_, query_, origin_;
  std::uint16_t port_ = 0;
};

}  // namespace doorward
