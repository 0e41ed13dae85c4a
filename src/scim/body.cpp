#include "scim/body.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"

namespace doorward::scim {

namespace {

constexpr std::string_view kScimJson = "application/scim+json";
constexpr std::string_view kPlainJson = "application/json";

/// A compressed body would be taken for broken JSON.
Result<void> check_content_coding(const http::Request& request) {
  const auto field = request.headers.find("Content-Encoding");
  if (!field || equal_ignoring_ascii_case(trim(*field), "identity")) return {};
  return fail(ErrorKind::InvalidInput, protocol::kUnknownCoding,
              fmt::format("The body must be sent as it is, not as “{}”.", printable(*field)));
}

/// The weight of a range in an Accept field: 1 where there is none, 0 where it is none.
double weight_of(std::string_view parameters) {
  for (const std::string_view parameter : split(parameters, ';')) {
    const std::string_view text = trim(parameter);
    if (text.size() < 2 || !equal_ignoring_ascii_case(text.substr(0, 2), "q=")) continue;
    double weight = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), weight);
    const bool known = error == std::errc() && end == text.data() + text.size();
    return known ? std::clamp(weight, 0.0, 1.0) : 0;
  }
  return 1;
}

/// How much a type of application/… is wanted: by the most specific range (RFC 9110 section 12.5.1).
double preference(std::string_view accept, std::string_view type) {
  double wanted = 0;
  int precision = 0;
  for (const std::string_view each : split(accept, ',')) {
    const auto semicolon = std::min(each.find(';'), each.size());
    const std::string range = to_ascii_lower(trim(each.substr(0, semicolon)));
    const int precise = range == type ? 3 : range == "application/*" ? 2 : range == "*/*" ? 1 : 0;
    if (precise <= precision) continue;
    precision = precise;
    wanted = weight_of(each.substr(semicolon));
  }
  return wanted;
}

/// RFC 7644 section 8.1; plain JSON comes from several directory services, and some say nothing at all.
Result<void> check_content_type(const http::Request& request) {
  const auto field = request.headers.find("Content-Type");
  if (!field) return {};
  const auto parts = split(*field, ';');
  const std::string type = to_ascii_lower(trim(parts.front()));
  bool known = type == kScimJson || type == kPlainJson;
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
  RETURN_IF_ERROR(check_content_coding(request));
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
  return http::Response::bytes(status, kScimJson, json::serialize(body));
}

void choose_media_type(const http::Request& request, http::Response& response) {
  const auto accept = request.headers.find("Accept");
  if (!accept || response.headers.find("Content-Type") != kScimJson) return;
  if (preference(*accept, kPlainJson) > preference(*accept, kScimJson))
    response.headers.set("Content-Type", kPlainJson);
}

}  // namespace doorward::scim
