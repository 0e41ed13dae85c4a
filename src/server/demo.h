#pragma once

#include <cstdint>

#include "base/result.h"
#include "server/config.h"

namespace doorward::server {

struct DemoOptions {
  std::uint16_t simulator_port = 8090;
};

/// A portal door to try out: a company with employees, connected to the Entra simulator, which runs beside it
/// until the server ends. Uses a database of its own beside the configured one. Prints where everything is.
Result<void> demo(const Config& config, const DemoOptions& options);

}  // namespace doorward::server
