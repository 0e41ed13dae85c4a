#include "oidc/protocol/jwk.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/check.h"
#include "base/encoding.h"

namespace doorward::oidc::protocol {

namespace {

using crypto::KeyType;

struct NamedCurve {
  std::string_view name;
  KeyType type;
};
// RFC 7518 section 6.2.1.1.
constexpr std::array<NamedCurve, 3> kCurves = {
    {{"P-256", KeyType::EcP256}, {"P-384", KeyType::EcP384}, {"P-521", KeyType::EcP521}}};

constexpr std::size_t kMaxKeyNameBytes = 256;  ///< Of `kid` and `alg`.

tl::unexpected<Error> no_set(std::string message) {
  return fail(ErrorKind::InvalidInput, "oidc.jwks_malformed", std::move(message));
}

/// RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1: what only the owner of a key may know.
bool is_private(const json::Object& jwk) {
  constexpr std::array<std::string_view, 8> kPrivate = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::any_of(kPrivate.begin(), kPrivate.end(),
                     [&](std::string_view name) { return jwk.contains(name); });
}

std::optional<Bytes> find_bytes(const json::Object& jwk, std::string_view name) {
  const json::Value* value = jwk.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return from_base64url(value->get_string());
}

/// Nothing for a member of another type or too long; empty where it is absent.
std::optional<std::string> find_name(const json::Object& jwk, std::string_view name) {
  const json::Value* value = jwk.if_contains(name);
  if (value == nullptr) return std::string();
  if (!value->is_string() || value->get_string().empty() || value->get_string().size() > kMaxKeyNameBytes) {
    return std::nullopt;
  }
  return std::string(value->get_string());
}

/// RFC 7517 sections 4.2 and 4.3: a key that says what it is for must say signatures.
bool is_for_signatures(const json::Object& jwk) {
  if (const json::Value* use = jwk.if_contains("use")) {
    if (!use->is_string() || use->get_string() != "sig") return false;
  }
  const json::Value* operations = jwk.if_contains("key_ops");
  if (operations == nullptr) return true;
  if (!operations->is_array()) return false;
  const json::Array& list = operations->get_array();
  return std::any_of(list.begin(), list.end(), [](const json::Value& operation) {
    return operation.is_string() && operation.get_string() == "verify";
  });
}

std::optional<crypto::PublicKey> read_rsa(const json::Object& jwk) {
  const auto modulus = find_bytes(jwk, "n");
  const auto exponent = find_bytes(jwk, "e");
  if (!modulus || !exponent) return std::nullopt;
  const auto key = crypto::PublicKey::from_rsa_numbers({.modulus = *modulus, .exponent = *exponent});
  return key ? std::optional(*key) : std::nullopt;
}

std::optional<crypto::PublicKey> read_ec(const json::Object& jwk) {
  const auto x = find_bytes(jwk, "x");
  const auto y = find_bytes(jwk, "y");
  const json::Value* curve = jwk.if_contains("crv");
  if (!x || !y || curve == nullptr || !curve->is_string()) return std::nullopt;
  for (const NamedCurve& known : kCurves) {
    if (std::string_view(curve->get_string()) != known.name) continue;
    const auto key = crypto::PublicKey::from_curve_point(known.type, {.x = *x, .y = *y});
    return key ? std::optional(*key) : std::nullopt;
  }
  return std::nullopt;
}

/// Nothing for a key that we have no use for.
std::optional<Jwk> read_key(const json::Object& jwk) {
  const auto key_id = find_name(jwk, "kid");
  const auto algorithm = find_name(jwk, "alg");
  const auto type = find_name(jwk, "kty");
  if (!key_id || !algorithm || !type || !is_for_signatures(jwk)) return std::nullopt;
  std::optional<crypto::PublicKey> key;
  if (*type == "RSA") {
    key = read_rsa(jwk);
  } else if (*type == "EC") {
    key = read_ec(jwk);
  }
  if (!key) return std::nullopt;
  return Jwk{.key_id = *key_id, .algorithm = *algorithm, .key = *std::move(key)};
}

}  // namespace

// https://www.rfc-editor.org/rfc/rfc7517#section-5
Result<JwkSet> JwkSet::parse(std::string_view document) {
  ASSIGN_OR_RETURN(const json::Value value, json::parse(document, {.bytes = kMaxBytes, .depth = 8}));
  const json::Value* list = value.is_object() ? value.get_object().if_contains("keys") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return no_set("The text is no JWK Set: an object with a list named “keys” is expected.");
  }
  if (list->get_array().size() > kMaxKeys) {
    return no_set(fmt::format("The JWK Set holds more than {} keys.", kMaxKeys));
  }
  JwkSet set;
  for (const json::Value& entry : list->get_array()) {
    if (!entry.is_object()) return no_set("The JWK Set holds something that is no key.");
    const json::Object& jwk = entry.get_object();
    if (is_private(jwk)) {
      return fail(ErrorKind::InvalidInput, "oidc.jwks_private",
                  "The JWK Set holds a private or secret key. Whoever has seen it can sign: make a new key, "
                  "and give the public half only.");
    }
    if (auto key = read_key(jwk)) set.keys_.push_back(*std::move(key));
  }
  return set;
}

json::Object to_jwk(const crypto::PublicKey& key, std::string_view key_id, std::string_view algorithm) {
  json::Object jwk;
  if (key.type() == KeyType::Rsa) {
    const crypto::RsaNumbers numbers = key.rsa_numbers();
    jwk["kty"] = "RSA";
    jwk["n"] = to_base64url(numbers.modulus);
    jwk["e"] = to_base64url(numbers.exponent);
  } else {
    const auto* const curve = std::find_if(kCurves.begin(), kCurves.end(),
                                           [&](const NamedCurve& known) { return known.type == key.type(); });
    CHECK(curve != kCurves.end());
    const crypto::CurvePoint point = key.curve_point();
    jwk["kty"] = "EC";
    jwk["crv"] = curve->name;
    jwk["x"] = to_base64url(point.x);
    jwk["y"] = to_base64url(point.y);
  }
  jwk["use"] = "sig";
  jwk["kid"] = key_id;
  jwk["alg"] = algorithm;
  return jwk;
}

}  // namespace doorward::oidc::protocol
