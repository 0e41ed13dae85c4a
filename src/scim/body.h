#pragma once

#include "http/message.h"
#include "json/json.h"
#include "scim/protocol/schema.h"

namespace doorward::scim {

/// The JSON body of a request (RFC 7644 section 3.1). Refuses another content type or charset (415), more
/// than `max_payload` bytes (413), a compressed body (`kUnknownCoding`), and what is no strict JSON
/// (`kInvalidSyntax`).
Result<json::Value> read_body(const http::Request& request, const protocol::ServiceLimits& limits = {});

/// An answer as application/scim+json.
http::Response scim_response(http::Status status, const json::Value& body);

/// Calls the answer application/json for whoever would rather have that (RFC 7644 section 3.8). Whoever
/// accepts neither gets application/scim+json all the same: an answer is of more use than a 406.
void choose_media_type(const http::Request& request, http::Response& response);

}  // namespace doorward::scim
