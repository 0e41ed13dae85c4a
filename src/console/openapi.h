#pragma once

#include <string_view>

#include "http/message.h"

namespace doorward::console {

/// The OpenAPI 3.1 description of `/api/v1`, written by hand in openapi.json. A test holds it to the routes.
std::string_view openapi_document();

/// GET /api/v1/openapi.json
Result<http::Response> openapi(const http::Request& request);

}  // namespace doorward::console
