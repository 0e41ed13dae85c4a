#pragma once

#include "http/message.h"

namespace doorward::console {

/// GET /console/…: the frame in which the console's script draws every screen.
Result<http::Response> console_page(const http::Request& request);

/// GET /console/assets/{name}
Result<http::Response> console_asset(const http::Request& request);

}  // namespace doorward::console
