#pragma once

#include <cstdint>

#include "base/result.h"
#include "server/config.h"

namespace doorward::server {

struct DemoOptions {
  std::uint16_t simulator_port = 8090;
};

/// A portal door to try out: a company with employees, connected to the Entra simulator, which runs beside it
/// until the server ends and keeps its state beside the database. Uses the configured database, so that the
/// command line works beside the demo, and refuses one that holds anything but an earlier demo. Prints where
/// everything is.
Result<void> demo(const Config& config, const DemoOptions& options);

}  // namespace doorward::server
