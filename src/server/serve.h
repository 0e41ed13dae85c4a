#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "server/config.h"

namespace doorward::server {

/// Called once the server answers, with its public URL without a final slash.
using OnReady = std::function<Result<void>(const std::string& public_url)>;

/// Runs the server until SIGINT or SIGTERM; then lets running requests finish. SIGHUP reads the TLS files
/// again. Prints one line on standard output when it is ready, unless `on_ready` is given instead.
Result<void> serve(const Config& config, const OnReady& on_ready = {});

}  // namespace doorward::server
