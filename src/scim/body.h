#pragma once

#include "http/message.h"
#include "json/json.h"
#include "scim/protocol/schema.h"

namespace doorward::scim {

/// The JSON body of a request (RFC 7644 section 3.1). Refuses another content type or charset (415), more
/// than `max_payload` bytes (413), and what is no strict JSON (`kInvalidSyntax`).
Result<json::Value> read_body(const http::Request& request, const protocol::ServiceLimits& limits = {});

/// An answer as application/scim+json.
http::Response scim_response(http::Status status, const json::Value& body);

}  // namespace doorward::scim
