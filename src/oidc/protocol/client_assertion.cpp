#include "oidc/protocol/client_assertion.h"

#include <array>

#include "oidc/protocol/jwt.h"
#include "oidc/protocol/jwt_parts.h"

namespace doorward::oidc::protocol {

namespace {

constexpr Duration kMaxLifetime = std::chrono::minutes(10);
constexpr std::size_t kMaxClaimBytes = 256;

tl::unexpected<Error> malformed_assertion(std::string message) {
  return fail(ErrorKind::InvalidInput, kAssertionMalformed, std::move(message));
}

/// A claim that is a text of a decent length.
Result<std::string> read_name(const json::Object& claims, std::string_view name) {
  const auto text = find_text(claims, name);
  if (text && text->size() <= kMaxClaimBytes) return std::string(*text);
  return malformed_assertion("The client assertion needs a text of at most 256 bytes as “" +
                             std::string(name) + "”.");
}

}  // namespace

Result<std::string> asserted_client(std::string_view jwt) {
  ASSIGN_OR_RETURN(const JwtParts parts, take_apart(jwt));
  ASSIGN_OR_RETURN(const json::Object claims, decode_object(parts.payload, "payload"));
  return read_name(claims, "sub");
}

// https://www.rfc-editor.org/rfc/rfc7523#section-3
Result<ClientAssertion> verify_client_assertion(std::string_view jwt, const JwkSet& keys,
                                                std::string_view client_id,
                                                const std::vector<std::string>& audiences, Timestamp now) {
  // Rules 9 and 10: signed, and by nobody else than the client; nothing else of it counts before.
  constexpr std::array kAllowed = {JwsAlgorithm::Rs256, JwsAlgorithm::Es256};
  ASSIGN_OR_RETURN(const VerifiedJwt token, verify_jwt(jwt, keys, kAllowed));
  const json::Object& claims = token.claims();
  // Rules 1 and 2B: issuer and subject are the client. Rule 3: meant for us; for us alone, or another server
  // that was given it could come to us with it. Rules 4 to 6: the times.
  const ClaimExpectations expected{
      .issuer = std::string(client_id), .audiences = audiences, .only_audience = true, .now = now};
  RETURN_IF_ERROR(check_claims(token, expected));
  ASSIGN_OR_RETURN(std::string subject, read_name(claims, "sub"));
  if (subject != client_id)
    return malformed_assertion("The client assertion's subject (sub) is not its issuer (iss).");
  // Core section 9: `jti` is required. How long it must be remembered is how long the assertion lives.
  ASSIGN_OR_RETURN(std::string jti, read_name(claims, "jti"));
  const auto ends = read_numeric_date(claims.at("exp"));
  if (!ends || *ends > now + kMaxLifetime + expected.clock_skew) {
    return malformed_assertion("The client assertion may be valid for ten minutes at most (exp).");
  }
  return ClientAssertion{
      .client_id = std::move(subject), .jti = std::move(jti), .expires_at = *ends + expected.clock_skew};
}

}  // namespace doorward::oidc::protocol
