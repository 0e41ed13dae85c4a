#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/key.h"
#include "json/json.h"

/// JSON Web Keys (RFC 7517): public ones only.
namespace doorward::oidc::protocol {

struct Jwk {
  std::string key_id;
  /// `alg`, empty when the key does not say.
  std::string algorithm;
  crypto::PublicKey key;
};

/// A JWK Set that somebody else published. Keys that we cannot use (other types, `use` other than `sig`,
/// below `PublicKey`'s limits) are passed over, as RFC 7517 section 5 demands; a document that is no set is
/// refused, and so is one with a private member in it: its owner has to know.
class JwkSet {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{256} * 1024;
  static constexpr std::size_t kMaxKeys = 100;
  static Result<JwkSet> parse(std::string_view document);

  const std::vector<Jwk>& keys() const { return keys_; }

 private:
  std::vector<Jwk> keys_;
};

/// A public key of ours as it is published: `kty`, `use`, `kid`, `alg` and the numbers.
json::Object to_jwk(const crypto::PublicKey& key, std::string_view key_id, std::string_view algorithm);

}  // namespace doorward::oidc::protocol
