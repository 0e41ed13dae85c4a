#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "server/config.h"

namespace doorward::server {

/// One thing that was tried.
struct CheckResult {
  enum class Status : std::uint8_t { Ok, Warning, Problem };
  /// Stable: `configuration`, `database`, `key_file`, `public_url`, `tls`, `listen`, `outbound`, `mail`,
  /// `disk`, `clock`.
  std::string_view name;
  Status status;
  std::string message;
};

std::string_view to_text(CheckResult::Status status);

/// Tries whether a server could run here. Makes no file: what is missing and would be made is said.
std::vector<CheckResult> check_installation(const ConfigSources& sources, const Clock& clock);

}  // namespace doorward::server
