#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "base/url.h"

namespace doorward::net {

/// What a fetch may reach besides public addresses over https. An address that an administrator typed, or a
/// server redirected to, must not lead into the operator's own network.
struct FetchPolicy {
  /// RFC 1918, carrier-grade NAT and unique local addresses: for providers inside the company.
  bool allow_private = false;
  /// This machine: for the demo and tests.
  bool allow_loopback = false;
  bool allow_plain_http = false;
};

struct FetchOptions {
  FetchPolicy policy;
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
  /// Of the whole fetch, redirects included.
  std::chrono::milliseconds total_timeout = std::chrono::seconds(15);
  std::size_t max_bytes = 4 * 1024 * 1024;
  int max_redirects = 5;
  std::string accept = "*/*";
  /// PEM file of certificates that are trusted besides the system's; empty for none.
  std::string extra_ca_file;
};

struct FetchResponse {
  /// Where the answer came from in the end.
  Url url;
  std::string content_type;
  std::string body;
};

/// Gets `url` and follows redirects, each checked like the first address. The guard looks at the address of
/// every socket that is about to connect, so that no name server can lead around it. Neither proxies,
/// cookies, netrc nor compression are used. Blocks for at most `total_timeout`.
///
/// Each failure has its own code, and a message for administrators: `net.name_not_found`,
/// `net.address_refused`, `net.not_https`, `net.connection_failed`, `net.timeout`,
/// `net.certificate_untrusted`, `net.certificate_expired`, `net.certificate_not_yet_valid`,
/// `net.certificate_name`, `net.tls_failed`, `net.too_large`, `net.http_status` (anything but 2xx),
/// `net.redirect_invalid`, `net.redirect_to_http`, `net.too_many_redirects`, `net.compressed`,
/// `net.answer_broken`, `net.ca_file`.
Result<FetchResponse> fetch(const Url& url, const FetchOptions& options = {});

}  // namespace doorward::net
