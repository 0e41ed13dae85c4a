#include "oidc/protocol/jwt.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "oidc/protocol/jwt_parts.h"

namespace doorward::oidc::protocol {

namespace {

using crypto::KeyType;

struct AlgorithmRow {
  std::string_view name;
  KeyType key;
  crypto::SignatureAlgorithm signature;
};
// RFC 7518 section 3.1. ES256 is bound to P-256, and its signature to 64 bytes (section 3.4), which
// `crypto::verify` demands of a key of that curve.
constexpr std::array<AlgorithmRow, 2> kAlgorithms = {
    {{"RS256", KeyType::Rsa, crypto::SignatureAlgorithm::RsaSha256},
     {"ES256", KeyType::EcP256, crypto::SignatureAlgorithm::EcdsaSha256}}};

const AlgorithmRow& row_of(JwsAlgorithm algorithm) {
  return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

tl::unexpected<Error> refuse(ErrorCode code, std::string message) {
  return fail(ErrorKind::Refused, code, std::move(message));
}

bool fits(const Jwk& key, JwsAlgorithm algorithm) {
  return key.key.type() == row_of(algorithm).key &&
         (key.algorithm.empty() || key.algorithm == row_of(algorithm).name);
}

Result<JwsAlgorithm> choose_algorithm(const json::Object& header, std::span<const JwsAlgorithm> allowed) {
  const auto name = find_text(header, "alg");
  if (!name) return fail(ErrorKind::InvalidInput, kJwtMalformed, "The token's header names no algorithm.");
  const auto algorithm = parse_jws_algorithm(*name);
  if (!algorithm || std::find(allowed.begin(), allowed.end(), *algorithm) == allowed.end()) {
    return refuse(kJwtAlgorithm, fmt::format("The token is signed with “{}”, which is not accepted here.",
                                             printable(*name)));
  }
  return *algorithm;
}

/// Members that ask the reader to do something, or that bring a key along: an attacker's key verifies an
/// attacker's token.
Result<void> refuse_instructions(const json::Object& header) {
  // RFC 7515 section 4.1.11: an extension that is not understood invalidates the token, and none is
  // understood here, `b64` (RFC 7797) least of all.
  for (const std::string_view name : {"crit", "b64", "jwk", "jku", "x5c", "x5u"}) {
    if (!header.contains(name)) continue;
    return fail(ErrorKind::InvalidInput, kJwtMalformed,
                fmt::format("The token's header has “{}”, which is not accepted.", name));
  }
  return {};
}

/// RFC 7515 section 4.1.9: media types are compared without case, and `application/` may be left out.
bool is_type(std::string_view actual, std::string_view expected) {
  constexpr std::string_view kPrefix = "application/";
  if (actual.size() > kPrefix.size() &&
      equal_ignoring_ascii_case(actual.substr(0, kPrefix.size()), kPrefix)) {
    actual.remove_prefix(kPrefix.size());
  }
  return equal_ignoring_ascii_case(actual, expected);
}

Result<void> check_type(const json::Object& header, std::string_view expected) {
  const json::Value* type = header.if_contains("typ");
  if (type == nullptr && expected.empty()) return {};
  const std::string_view wanted = expected.empty() ? "JWT" : expected;
  if (type != nullptr && type->is_string() && is_type(type->get_string(), wanted)) return {};
  const std::string_view actual =
      type != nullptr && type->is_string() ? std::string_view(type->get_string()) : "nothing";
  return refuse(kJwtType,
                fmt::format("The token's type (typ) is “{}”; “{}” is expected.", printable(actual), wanted));
}

/// The keys that may verify the token: those that `kid` names, or the only one that fits.
Result<std::vector<const Jwk*>> find_keys(const json::Object& header, const JwkSet& keys,
                                          JwsAlgorithm algorithm) {
  const json::Value* named = header.if_contains("kid");
  if (named != nullptr && (!named->is_string() || named->get_string().empty())) {
    return fail(ErrorKind::InvalidInput, kJwtMalformed, "The token's header names its key by no text.");
  }
  std::vector<const Jwk*> found;
  bool wrong_algorithm = false;
  for (const Jwk& key : keys.keys()) {
    if (named != nullptr && key.key_id != std::string_view(named->get_string())) continue;
    if (fits(key, algorithm)) {
      found.push_back(&key);
    } else {
      wrong_algorithm = named != nullptr;
    }
  }
  if (named == nullptr && found.size() > 1) {
    return refuse(kJwtKeyUnknown, "The token does not say (kid) which of several keys has signed it.");
  }
  if (!found.empty()) return found;
  if (wrong_algorithm) {
    return refuse(kJwtAlgorithm, fmt::format("The token's key is not for “{}”.", row_of(algorithm).name));
  }
  const std::string_view name = named != nullptr ? std::string_view(named->get_string()) : "without a name";
  return refuse(kJwtKeyUnknown,
                fmt::format("The token is signed with a key (kid “{}”) that its issuer has not "
                            "published.",
                            printable(name)));
}

}  // namespace

std::string_view to_text(JwsAlgorithm algorithm) {
  return row_of(algorithm).name;
}

std::optional<JwsAlgorithm> parse_jws_algorithm(std::string_view text) {
  for (const JwsAlgorithm algorithm : {JwsAlgorithm::Rs256, JwsAlgorithm::Es256}) {
    if (text == row_of(algorithm).name) return algorithm;
  }
  return std::nullopt;
}

// https://www.rfc-editor.org/rfc/rfc7515#section-5.1
std::string sign_jwt(const JwtSigner& signer, std::string_view type, const json::Object& claims) {
  const AlgorithmRow& row = row_of(signer.algorithm);
  json::Object header;
  header["alg"] = row.name;
  header["kid"] = signer.key_id;
  header["typ"] = type;
  std::string token = to_base64url(json::serialize(header)) + '.' + to_base64url(json::serialize(claims));
  const Bytes signature = crypto::sign(row.signature, signer.key, token);
  token += '.';
  token += to_base64url(signature);
  return token;
}

// https://www.rfc-editor.org/rfc/rfc7515#section-5.2
Result<VerifiedJwt> verify_jwt(std::string_view compact, const JwkSet& keys,
                               std::span<const JwsAlgorithm> allowed, std::string_view type) {
  // Steps 1 to 4 and 7: the parts, and a header that is one JSON object without doubled names.
  ASSIGN_OR_RETURN(JwtParts parts, take_apart(compact));
  // Step 5, RFC 8725 sections 3.1 and 3.2: nothing in the header that we do not understand and support.
  RETURN_IF_ERROR(refuse_instructions(parts.header));
  ASSIGN_OR_RETURN(const JwsAlgorithm algorithm, choose_algorithm(parts.header, allowed));
  // RFC 8725 section 3.11: a token of one kind is none of another.
  RETURN_IF_ERROR(check_type(parts.header, type));
  // Step 8: the signature over the bytes as they came.
  ASSIGN_OR_RETURN(const auto candidates, find_keys(parts.header, keys, algorithm));
  const bool verified = std::any_of(candidates.begin(), candidates.end(), [&](const Jwk* key) {
    return crypto::verify(row_of(algorithm).signature, key->key, parts.signed_part, parts.signature);
  });
  if (!verified) return refuse(kJwtSignature, "The token's signature does not fit its content and its key.");
  // Step 6, only now: what nobody vouches for is not read.
  ASSIGN_OR_RETURN(json::Object claims, decode_object(parts.payload, "payload"));
  return VerifiedJwt(std::move(parts.header), std::move(claims));
}

namespace {

Result<void> check_issuer(const json::Object& claims, const std::string& expected) {
  const auto issuer = find_text(claims, "iss");
  if (issuer && *issuer == expected) return {};
  return refuse(kClaimIssuer, fmt::format("The token's issuer (iss) is “{}”; “{}” is expected.",
                                          issuer ? printable(*issuer) : "missing", expected));
}

/// The values of `aud`, one or several (RFC 7519 section 4.1.3). Nothing when it is absent or malformed.
std::optional<std::vector<std::string_view>> read_audiences(const json::Object& claims) {
  constexpr std::size_t kMaxAudiences = 50;
  const json::Value* value = claims.if_contains("aud");
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return std::vector<std::string_view>{std::string_view(value->get_string())};
  if (!value->is_array() || value->get_array().size() > kMaxAudiences) return std::nullopt;
  std::vector<std::string_view> audiences;
  for (const json::Value& entry : value->get_array()) {
    if (!entry.is_string()) return std::nullopt;
    audiences.emplace_back(entry.get_string());
  }
  return audiences;
}

Result<void> check_audience(const json::Object& claims, const ClaimExpectations& expected) {
  const auto audiences = read_audiences(claims);
  const auto is_expected = [&](std::string_view audience) {
    return std::find(expected.audiences.begin(), expected.audiences.end(), audience) !=
           expected.audiences.end();
  };
  if (audiences && !audiences->empty()) {
    const bool meant = expected.only_audience
                           ? std::all_of(audiences->begin(), audiences->end(), is_expected)
                           : std::any_of(audiences->begin(), audiences->end(), is_expected);
    if (meant) return {};
  }
  const json::Value* actual = claims.if_contains("aud");
  return refuse(kClaimAudience,
                fmt::format("The token is for another audience (aud): {}; {} is expected.",
                            actual != nullptr ? printable(json::serialize(*actual)) : "missing",
                            fmt::format("“{}”", fmt::join(expected.audiences, "” or “"))));
}

/// Nothing inside where the claim is absent.
Result<std::optional<Timestamp>> find_time(const json::Object& claims, std::string_view name) {
  const json::Value* value = claims.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (const auto time = read_numeric_date(*value)) return time;
  return fail(ErrorKind::InvalidInput, kClaimMalformed,
              fmt::format("The token's time “{}” is not a number of seconds since 1970.", name));
}

tl::unexpected<Error> missing(std::string_view name) {
  return fail(ErrorKind::InvalidInput, kClaimMalformed,
              fmt::format("The token has no “{}”, which is required.", name));
}

Result<void> check_times(const json::Object& claims, const ClaimExpectations& expected) {
  ASSIGN_OR_RETURN(const auto expires_at, find_time(claims, "exp"));
  ASSIGN_OR_RETURN(const auto not_before, find_time(claims, "nbf"));
  ASSIGN_OR_RETURN(const auto issued_at, find_time(claims, "iat"));
  const Timestamp now = expected.now;
  const Duration skew = expected.clock_skew;
  if (!expires_at) return missing("exp");
  if (!expected.may_be_expired && now >= *expires_at + skew) {
    return refuse(kClaimExpired, fmt::format("The token expired at {} (exp); it is {} here.",
                                             format_rfc3339(*expires_at), format_rfc3339(now)));
  }
  for (const auto& begin : {not_before, issued_at}) {
    if (!begin || *begin <= now + skew) continue;
    return refuse(kClaimNotYet,
                  fmt::format("The token holds from {} on (nbf, iat); it is {} here. Compare the clocks.",
                              format_rfc3339(*begin), format_rfc3339(now)));
  }
  if (!expected.max_age) return {};
  if (!issued_at) return missing("iat");
  if (now - *issued_at > *expected.max_age + skew) {
    return refuse(kClaimTooOld,
                  fmt::format("The token was issued at {} (iat); it is {} here, and tokens are accepted for "
                              "{} seconds.",
                              format_rfc3339(*issued_at), format_rfc3339(now),
                              std::chrono::duration_cast<std::chrono::seconds>(*expected.max_age).count()));
  }
  return {};
}

}  // namespace

// https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
Result<void> check_claims(const VerifiedJwt& token, const ClaimExpectations& expected) {
  RETURN_IF_ERROR(check_issuer(token.claims(), expected.issuer));
  RETURN_IF_ERROR(check_audience(token.claims(), expected));
  return check_times(token.claims(), expected);
}

}  // namespace doorward::oidc::protocol
