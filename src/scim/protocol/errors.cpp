#include "scim/protocol/errors.h"

#include <array>
#include <string>

namespace doorward::scim::protocol {

namespace {

constexpr std::string_view kErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";

struct Row {
  ErrorCode code;
  WireError wire;
};
// RFC 7644 section 3.12, tables 8 and 9; RFC 9865 section 2.1 for cursors.
constexpr auto kTable = std::to_array<Row>({
    {kInvalidFilter, {400, "invalidFilter"}},
    {kTooMany, {400, "tooMany"}},
    {kUniqueness, {409, "uniqueness"}},
    {kMutability, {400, "mutability"}},
    {kInvalidSyntax, {400, "invalidSyntax"}},
    {kInvalidPath, {400, "invalidPath"}},
    {kNoTarget, {400, "noTarget"}},
    {kInvalidValue, {400, "invalidValue"}},
    {kInvalidCursor, {400, "invalidCursor"}},
    {kExpiredCursor, {400, "expiredCursor"}},
    {kInvalidCount, {400, "invalidCount"}},
    {kNoToken, {401, {}}},
    {kUnauthorized, {401, {}}},
    {kForbidden, {403, {}}},
    {kNoResource, {404, {}}},
    {kCircularReference, {409, {}}},
    {kPreconditionFailed, {412, {}}},
    {kPayloadTooLarge, {413, {}}},
    {kUnknownCoding, {415, {}}},
    {kNotImplemented, {501, {}}},
});

WireError by_kind(const Error& error) {
  switch (error.kind) {
    case ErrorKind::InvalidInput:
      // A body that is no JSON does not conform to any request schema; a value in it may still be wrong.
      return {400, error.code.name().starts_with("json.") ? "invalidSyntax" : "invalidValue"};
    case ErrorKind::NotFound:
      return {404, {}};
    case ErrorKind::Conflict:
      return {409, "uniqueness"};
    case ErrorKind::Refused:
      return {403, {}};
    case ErrorKind::RateLimited:
      return {429, {}};
    case ErrorKind::Unavailable:
      return {503, {}};
    case ErrorKind::Internal:
      break;
  }
  return {500, {}};
}

}  // namespace

WireError wire_error(const Error& error) {
  for (const Row& row : kTable) {
    if (row.code == error.code) return row.wire;
  }
  return by_kind(error);
}

json::Object error_body(int status, std::string_view scim_type, std::string_view detail) {
  json::Object body;
  body["schemas"] = json::Array{kErrorSchema};
  body["status"] = std::to_string(status);
  if (!scim_type.empty()) body["scimType"] = scim_type;
  body["detail"] = detail;
  return body;
}

}  // namespace doorward::scim::protocol
