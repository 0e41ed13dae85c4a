#pragma once

#include <string_view>

#include "base/result.h"
#include "json/json.h"

/// SCIM's failures as they go over the wire. Source: RFC 7644 section 3.12, RFC 9865 section 2.
namespace doorward::scim::protocol {

inline constexpr ErrorCode kInvalidFilter = "scim.invalid_filter";
inline constexpr ErrorCode kTooMany = "scim.too_many";
inline constexpr ErrorCode kUniqueness = "scim.uniqueness";
inline constexpr ErrorCode kMutability = "scim.mutability";
inline constexpr ErrorCode kInvalidSyntax = "scim.invalid_syntax";
inline constexpr ErrorCode kInvalidPath = "scim.invalid_path";
inline constexpr ErrorCode kNoTarget = "scim.no_target";
inline constexpr ErrorCode kInvalidValue = "scim.invalid_value";
inline constexpr ErrorCode kInvalidCursor = "scim.invalid_cursor";
inline constexpr ErrorCode kExpiredCursor = "scim.expired_cursor";
inline constexpr ErrorCode kInvalidCount = "scim.invalid_count";
inline constexpr ErrorCode kNoToken = "scim.no_token";
inline constexpr ErrorCode kUnauthorized = "scim.unauthorized";
inline constexpr ErrorCode kForbidden = "scim.forbidden";
inline constexpr ErrorCode kNoResource = "scim.no_resource";
inline constexpr ErrorCode kCircularReference = "scim.circular_reference";
inline constexpr ErrorCode kPreconditionFailed = "scim.precondition_failed";
inline constexpr ErrorCode kPayloadTooLarge = "scim.payload_too_large";
inline constexpr ErrorCode kUnknownCoding = "scim.unknown_coding";
inline constexpr ErrorCode kNotImplemented = "scim.not_implemented";

/// The one table of SCIM errors. Codes of other rooms (directory, storage, http) are answered by their kind.
struct WireError {
  int status = 500;
  /// Empty where the specification has no scimType.
  std::string_view scim_type = {};
};
WireError wire_error(const Error& error);

/// The body of an error answer: `schemas`, `status` (a string), `scimType` where there is one, `detail`.
json::Object error_body(int status, std::string_view scim_type, std::string_view detail);

}  // namespace doorward::scim::protocol
