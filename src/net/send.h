#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/url.h"

namespace doorward::net {

/// What a request may reach besides public addresses over https. An address that an administrator typed, or a
/// server redirected to, must not lead into the operator's own network.
struct OutboundPolicy {
  /// RFC 1918, carrier-grade NAT and unique local addresses: for providers inside the company.
  bool allow_private = false;
  /// This machine: for the demo and tests.
  bool allow_loopback = false;
  bool allow_plain_http = false;
};

/// What becomes of an answer's body beyond `max_bytes`.
enum class Excess : std::uint8_t {
  Refuse,   ///< The answer counts as a failure.
  Discard,  ///< It is cut off: for answers of which only the status matters.
};

struct SendOptions {
  OutboundPolicy policy;
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds total_timeout = std::chrono::seconds(15);
  /// Of the answer's body.
  std::size_t max_bytes = 4 * 1024 * 1024;
  Excess excess = Excess::Refuse;
  /// PEM file of certificates that are trusted besides the system's; empty for none.
  std::string extra_ca_file;
};

enum class SendMethod : std::uint8_t { Get, Post, Put, Patch, Delete };
/// `GET`.
std::string_view name_of(SendMethod method);

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

struct SendRequest {
  SendMethod method = SendMethod::Get;
  Url url;
  HeaderFields headers = {};
  /// Sent with POST, PUT and PATCH, and with the others when it is not empty.
  std::string body = {};
};

struct SendResponse {
  int status = 0;
  /// In the order they came.
  HeaderFields headers;
  std::string body;

  /// The first field of that name, compared without case.
  std::optional<std::string_view> header(std::string_view name) const;
  /// The absolute address that a `Location` header leads to, resolved against the request's; empty without.
  std::string redirect;
};

/// Sends one request and takes whatever HTTP answer comes; redirects are not followed, so that a secret in a
/// header reaches nobody else. The guard looks at the address of every socket that is about to connect, so
/// that no name server can lead around it. Neither proxies, cookies, netrc nor compression are used. Blocks
/// for at most `total_timeout`.
///
/// Each failure has its own code, and a message for administrators: `net.name_not_found`,
/// `net.address_refused`, `net.not_https`, `net.connection_failed`, `net.timeout`,
/// `net.certificate_untrusted`, `net.certificate_expired`, `net.certificate_not_yet_valid`,
/// `net.certificate_name`, `net.tls_failed`, `net.too_large`, `net.compressed`, `net.answer_broken`,
/// `net.ca_file`, `net.header_invalid` (a field of the request that could not be sent unchanged).
Result<SendResponse> send(const SendRequest& request, const SendOptions& options = {});

}  // namespace doorward::net
