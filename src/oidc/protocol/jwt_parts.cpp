#include "oidc/protocol/jwt_parts.h"

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "oidc/protocol/jwt.h"

namespace doorward::oidc::protocol {

namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxValues = 2000;

tl::unexpected<Error> malformed_token(std::string message, std::string detail = {}) {
  return fail(ErrorKind::InvalidInput, kJwtMalformed, std::move(message), std::move(detail));
}

}  // namespace

Result<json::Object> decode_object(std::string_view text, std::string_view what) {
  const auto bytes = from_base64url(text);
  if (!bytes) return malformed_token(fmt::format("The token's {} is not base64url.", what));
  auto value = json::parse(*bytes, {.bytes = kMaxJwtBytes, .depth = kMaxDepth, .values = kMaxValues});
  if (!value) {
    return malformed_token(fmt::format("The token's {} is not usable JSON.", what), value.error().message);
  }
  if (!value->is_object()) return malformed_token(fmt::format("The token's {} is no JSON object.", what));
  return std::move(value->get_object());
}

Result<JwtParts> take_apart(std::string_view compact) {
  if (compact.size() > kMaxJwtBytes) {
    return malformed_token(fmt::format("The token is longer than {} bytes.", kMaxJwtBytes));
  }
  const std::vector<std::string_view> parts = split(compact, '.');
  if (parts.size() != 3 || parts[0].empty() || parts[1].empty() || parts[2].empty()) {
    return malformed_token("The token is no signed JWT: three parts with dots between are expected.");
  }
  JwtParts out;
  out.signed_part = compact.substr(0, parts[0].size() + 1 + parts[1].size());
  ASSIGN_OR_RETURN(out.header, decode_object(parts[0], "header"));
  out.payload = parts[1];
  auto signature = from_base64url(parts[2]);
  if (!signature) return malformed_token("The token's signature is not base64url.");
  out.signature = *std::move(signature);
  return out;
}

std::optional<std::string_view> find_text(const json::Object& object, std::string_view name) {
  const json::Value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().empty()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::optional<Timestamp> read_numeric_date(const json::Value& value) {
  constexpr std::int64_t kEndOf9999 = 253'402'300'799;
  if (value.is_int64()) {
    const std::int64_t seconds = value.get_int64();
    if (seconds < 0 || seconds > kEndOf9999) return std::nullopt;
    return from_millis(seconds * 1000);
  }
  if (!value.is_double()) return std::nullopt;
  const double seconds = value.get_double();
  if (!(seconds >= 0 && seconds <= static_cast<double>(kEndOf9999))) return std::nullopt;
  return from_millis(std::llround(std::floor(seconds * 1000)));
}

}  // namespace doorward::oidc::protocol
