#pragma once

#include <string>
#include <string_view>

#include "http/request_reader.h"

namespace doorward::http {

/// A request target taken apart.
struct Target {
  std::string path;   ///< As `Request::path`.
  std::string query;  ///< As `Request::query`.
};

/// Reads a target in origin-form (RFC 9112 section 3.2.1) and refuses every path that could name something
/// else to a proxy or to a file system: dot segments, encoded slashes, backslashes and control characters,
/// what would change if it were decoded once more, and text that is not UTF-8.
Result<Target, Refusal> parse_target(std::string_view target);

}  // namespace doorward::http
