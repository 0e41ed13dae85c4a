#pragma once

#include <string_view>

#include "http/message.h"

namespace doorward::pages {

/// Where the pages' stylesheet is served; the address changes with its content, so that it may be cached for
/// ever.
std::string_view stylesheet_path();
std::string_view submit_script_path();

/// GET /assets/{name}
Result<http::Response> serve_asset(const http::Request& request);

}  // namespace doorward::pages
