#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/result.h"
#include "json/json.h"

/// A JWT taken apart, for the sources of this room alone: nothing in it is proven.
namespace doorward::oidc::protocol {

/// The compact form of RFC 7515 section 7.1:
///
///     eyJhbGciOi…  .  eyJpc3MiOi…  .  dBjftJeZ4C…
///     header          payload         signature
///     └──────── signed ────────┘
struct JwtParts {
  std::string_view signed_part;
  json::Object header;
  std::string_view payload;  ///< Still base64url.
  Bytes signature;
};

/// Refuses all but three non-empty parts of strict base64url with a JSON object in the first.
Result<JwtParts> take_apart(std::string_view compact);

/// A JSON object in base64url; `what` names it in the error.
Result<json::Object> decode_object(std::string_view text, std::string_view what);

/// The member as text; nothing when it is absent, empty or something else.
std::optional<std::string_view> find_text(const json::Object& object, std::string_view name);

/// A NumericDate (RFC 7519 section 2), to the millisecond. Nothing for what is no number or outside the years
/// 1970 to 9999.
std::optional<Timestamp> read_numeric_date(const json::Value& value);

}  // namespace doorward::oidc::protocol
