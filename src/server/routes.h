#pragma once

#include <optional>
#include <string_view>

#include "http/router.h"
#include "http/server.h"
#include "server/services.h"

namespace doorward::server {

/// The one table of everything that the server answers: read it first.
http::Router make_routes(Services& services);

/// The answer to a failure: a page in plain words for browsers, JSON for the API, text for the rest.
http::Response answer_error(const http::Request& request, const Error& error);

/// The answer to what http/ refuses before it is a request; nothing where text will do.
std::optional<http::Response> answer_refusal(std::string_view target, http::Status status,
                                             std::string_view reason);

/// What every answer carries that does not choose otherwise.
http::Headers security_headers(const Services& services);

}  // namespace doorward::server
