#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "base/url.h"
#include "net/send.h"

namespace doorward::net {

using FetchPolicy = OutboundPolicy;

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

/// Gets `url` by `send` and follows redirects, each checked like the first address. Blocks for at most
/// `total_timeout`.
///
/// Besides the failures of `send`: `net.http_status` (anything but 2xx), `net.redirect_invalid`,
/// `net.redirect_to_http`, `net.too_many_redirects`.
Result<FetchResponse> fetch(const Url& url, const FetchOptions& options = {});

}  // namespace doorward::net
