#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace doorward::net {

inline constexpr ErrorCode kDnsNoName = "net.dns_no_name";
/// Of one answer.
inline constexpr std::size_t kMaxTxtRecords = 100;

struct DnsOptions {
  /// `ADDRESS` or `ADDRESS:PORT` (an IPv6 address in brackets then); the system's when empty.
  std::vector<std::string> servers = {};
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
};

/// The TXT records at `name` (RFC 1035 section 3.3.14), each with its strings joined (RFC 7208 section 3.3).
/// An empty list when the name exists without any. At most `kMaxTxtRecords` are given. The name is taken as
/// it is: no search domain is added. Blocks for at most `timeout`; over TCP when the answer does not fit into
/// a datagram.
///
/// Fails with `kDnsNoName` (NotFound: the name does not exist), `net.dns_timeout`, `net.dns_refused` (the
/// server cannot be reached or does not answer for it, SERVFAIL or REFUSED), `net.dns_bad_answer`,
/// `net.dns_bad_name` (nothing that can be asked for) and `net.dns_failed`; messages are for administrators.
Result<std::vector<std::string>> lookup_txt(std::string_view name, const DnsOptions& options = {});

}  // namespace doorward::net
