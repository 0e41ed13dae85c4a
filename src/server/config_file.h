#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace doorward::server {

/// One value of a TOML file, without a meaning yet.
struct FileValue {
  /// Dotted, as in `tls.certificate_file`.
  std::string key;
  enum class Shape : std::uint8_t { Scalar, List, EmptyTable, Other } shape;
  /// One text for a scalar, any number for a list.
  std::vector<std::string> texts;
  int line = 0;
};

/// Reads a TOML document; the error names the line.
Result<std::vector<FileValue>> parse_config_file(std::string_view text);

}  // namespace doorward::server
