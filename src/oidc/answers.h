#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/applications.h"
#include "http/message.h"
#include "json/json.h"
#include "oidc/protocol/authorization_request.h"

/// What the endpoints that programs call have in common: how they read and how they answer.
namespace doorward::oidc {

/// An answer that nobody may keep (RFC 6749 section 5.1).
http::Response answer(const json::Object& object, http::Status status = http::Status::Ok);
/// RFC 6749 section 5.2.
http::Response refuse(const protocol::OAuthError& error, http::Status status = http::Status::BadRequest);
/// For addresses that only GET and POST are for, where HEAD would do what GET does.
http::Response method_not_allowed();

/// The parameters of the body; refuses another kind of body and parameters that are there twice (RFC 6749
/// section 3.2).
Result<protocol::Parameters, protocol::OAuthError> read_form(const http::Request& request);
/// Empty where it is absent: without a value it counts as absent (RFC 6749 section 3.1).
std::string_view find(const protocol::Parameters& parameters, std::string_view name);
std::string to_form(const protocol::Parameters& parameters);

/// Lets pages of the application's own sites, those of its redirect URIs, read the answer (Fetch section
/// 3.2).
void allow_origin(http::Response& response, const http::Request& request,
                  const directory::Application& application);
/// The answer to whether a page may ask (CORS preflight). It gives nothing away: no cookie goes with such a
/// request, and the answer that follows decides who may read it.
Result<http::Response> preflight(const http::Request& request);

/// Seconds since 1970, as JWTs count (RFC 7519 section 2).
std::int64_t to_seconds(Timestamp time);

}  // namespace doorward::oidc
