#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key.h"
#include "json/json.h"
#include "oidc/protocol/jwk.h"

/// JSON Web Tokens (RFC 7519) in the compact form of JWS (RFC 7515), by the rules of RFC 8725.
namespace doorward::oidc::protocol {

/// Asymmetric ones only: no key of ours or of anybody else can be mistaken for an HMAC secret, and `none` has
/// no enumerator.
enum class JwsAlgorithm : std::uint8_t { Rs256, Es256 };
std::string_view to_text(JwsAlgorithm algorithm);
std::optional<JwsAlgorithm> parse_jws_algorithm(std::string_view text);

struct JwtSigner {
  std::string key_id;
  JwsAlgorithm algorithm = JwsAlgorithm::Rs256;
  crypto::PrivateKey key;
};
/// `type` is the header's `typ`: `JWT`, `at+jwt` (RFC 9068), `logout+jwt` (Back-Channel Logout 1.0).
std::string sign_jwt(const JwtSigner& signer, std::string_view type, const json::Object& claims);

/// A token whose signature was verified; nothing else makes one.
class VerifiedJwt {
 public:
  const json::Object& header() const { return header_; }
  const json::Object& claims() const { return claims_; }

 private:
  friend Result<VerifiedJwt> verify_jwt(std::string_view compact, const JwkSet& keys,
                                        std::span<const JwsAlgorithm> allowed, std::string_view type);
  VerifiedJwt(json::Object header, json::Object claims)
      : header_(std::move(header)), claims_(std::move(claims)) {}
  json::Object header_;
  json::Object claims_;
};

inline constexpr std::size_t kMaxJwtBytes = std::size_t{16} * 1024;
inline constexpr ErrorCode kJwtMalformed = "oidc.jwt_malformed";
inline constexpr ErrorCode kJwtAlgorithm = "oidc.jwt_algorithm";
inline constexpr ErrorCode kJwtKeyUnknown = "oidc.jwt_key_unknown";
inline constexpr ErrorCode kJwtSignature = "oidc.jwt_signature";
inline constexpr ErrorCode kJwtType = "oidc.jwt_type";

/// The algorithm is the caller's choice and the key's, never the token's alone: `alg` must be among
/// `allowed`, fit the key's type, and be the key's own `alg` where it names one. The key is the one that
/// `kid` names; a token without `kid` may be verified by the only key that fits. `crit`, `b64` and keys in
/// the header (`jwk`, `jku`, `x5c`, `x5u`) are refused. `type` is what `typ` must be, compared without case
/// and without `application/`; empty for JWT, where it may also be absent. `kJwtKeyUnknown` tells the caller
/// to fetch the keys again.
Result<VerifiedJwt> verify_jwt(std::string_view compact, const JwkSet& keys,
                               std::span<const JwsAlgorithm> allowed, std::string_view type = {});

/// What the claims must say. Each failure has its own code and tells expected and actual value.
struct ClaimExpectations {
  std::string issuer;
  /// One of these must be in `aud`.
  std::vector<std::string> audiences;
  /// `aud` must hold nothing else (private_key_jwt, mobile sign-in).
  bool only_audience = false;
  Timestamp now = {};
  Duration clock_skew = std::chrono::seconds(60);
  /// `exp` must be there. For id_token_hint an expired one will do (Core section 3.1.2.1).
  bool may_be_expired = false;
  /// `iat` must be there, and no longer ago than this.
  std::optional<Duration> max_age = {};
};
inline constexpr ErrorCode kClaimIssuer = "oidc.claim_issuer";
inline constexpr ErrorCode kClaimAudience = "oidc.claim_audience";
inline constexpr ErrorCode kClaimExpired = "oidc.claim_expired";
inline constexpr ErrorCode kClaimNotYet = "oidc.claim_not_yet";
inline constexpr ErrorCode kClaimTooOld = "oidc.claim_too_old";
inline constexpr ErrorCode kClaimMalformed = "oidc.claim_malformed";
Result<void> check_claims(const VerifiedJwt& token, const ClaimExpectations& expected);

}  // namespace doorward::oidc::protocol
