#pragma once

#include <string>
#include <string_view>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "json/json.h"
#include "oidc/protocol/jwk.h"
#include "oidc/protocol/jwt.h"

/// Tokens as nobody of us would sign them.
namespace doorward::oidc::protocol::test {

inline const crypto::PrivateKey& rsa_key() {
  static const auto key = crypto::PrivateKey::generate_rsa();
  return key;
}
inline const crypto::PrivateKey& ec_key() {
  static const auto key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
  return key;
}

/// Signs whatever `header` and `payload` say, with `algorithm`.
inline std::string sign_raw(std::string_view header, std::string_view payload, const crypto::PrivateKey& key,
                            crypto::SignatureAlgorithm algorithm) {
  const std::string signed_part = to_base64url(header) + '.' + to_base64url(payload);
  return signed_part + '.' + to_base64url(crypto::sign(algorithm, key, signed_part));
}
inline std::string sign_rs256(std::string_view header, std::string_view payload) {
  return sign_raw(header, payload, rsa_key(), crypto::SignatureAlgorithm::RsaSha256);
}
inline std::string sign_es256(std::string_view header, std::string_view payload) {
  return sign_raw(header, payload, ec_key(), crypto::SignatureAlgorithm::EcdsaSha256);
}

/// A set of keys, each with a name.
inline JwkSet key_set(const std::vector<json::Object>& keys) {
  json::Array list;
  for (const json::Object& key : keys)
    list.push_back(key);
  return *JwkSet::parse(json::serialize(json::Object{{"keys", std::move(list)}}));
}
inline JwkSet both_keys() {
  return key_set(
      {to_jwk(rsa_key().public_key(), "rsa", "RS256"), to_jwk(ec_key().public_key(), "ec", "ES256")});
}

}  // namespace doorward::oidc::protocol::test
