#include "scim/body.h"

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"

namespace doorward::scim {

namespace {

/// RFC 7644 section 8.1; plain JSON comes from several directory services, and some say nothing at all.
Result<void> check_content_type(const http::Request& request) {
  const auto field = request.headers.find("Content-Type");
  if (!field) return {};
  const auto parts = split(*field, ';');
  const std::string type = to_ascii_lower(trim(parts.front()));
  bool known = type == "application/scim+json" || type == "application/json";
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string parameter = to_ascii_lower(trim(parts[i]));
    if (!parameter.starts_with("charset=")) continue;
    const std::string_view charset = std::string_view(parameter).substr(8);
    known = known && (charset == "utf-8" || charset == "\"utf-8\"" || charset == "utf8");
  }
  if (known) return {};
  return fail(
      ErrorKind::InvalidInput, http::kUnsupportedMediaType,
      fmt::format("The content type must be application/scim+json in UTF-8, not “{}”.", printable(*field)));
}

}  // namespace

Result<json::Value> read_body(const http::Request& request, const protocol::ServiceLimits& limits) {
  RETURN_IF_ERROR(check_content_type(request));
  const auto most = static_cast<std::size_t>(limits.max_payload);
  if (request.body.size() > most) {
    return fail(ErrorKind::InvalidInput, protocol::kPayloadTooLarge,
                fmt::format("The body is longer than {} bytes.", most));
  }
  if (trim(request.body).empty()) {
    return fail(ErrorKind::InvalidInput, protocol::kInvalidSyntax,
                "The request has no body; a JSON object is needed.");
  }
  json::Limits json_limits;
  json_limits.bytes = most;
  auto body = json::parse(request.body, json_limits);
  if (!body) return fail(ErrorKind::InvalidInput, protocol::kInvalidSyntax, body.error().message);
  return *std::move(body);
}

http::Response scim_response(http::Status status, const json::Value& body) {
  if (body.is_null()) {
    http::Response response;
    response.status = status;
    return response;
  }
  return http::Response::bytes(status, "application/scim+json", json::serialize(body));
}

}  // namespace doorward::scim
