#include "oidc/protocol/id_token.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "oidc/protocol/jwt.h"
#include "oidc/protocol/jwt_parts.h"

namespace doorward::oidc::protocol {

namespace {

constexpr std::size_t kMaxIdTokenClaimBytes = 1024;

/// Empty where the claim is absent, too long or something else.
std::string text_of(const json::Object& claims, std::string_view name) {
  const auto text = find_text(claims, name).value_or(std::string_view());
  return text.size() <= kMaxIdTokenClaimBytes ? std::string(text) : std::string();
}

/// A GUID in either case, as Entra writes tenants and persons.
bool is_guid(std::string_view text) {
  constexpr std::string_view kShape = "00000000-0000-0000-0000-000000000000";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (kShape[i] == '-' ? c != '-' : !is_digit) return false;
  }
  return true;
}

}  // namespace

// https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
// https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
Result<IdTokenClaims> verify_id_token(std::string_view jwt, const JwkSet& keys,
                                      const IdTokenExpectations& expected) {
  // Steps 6 to 8: the signature, by a key of the tenant; Entra signs with RS256.
  constexpr std::array kAllowed = {JwsAlgorithm::Rs256};
  ASSIGN_OR_RETURN(const VerifiedJwt token, verify_jwt(jwt, keys, kAllowed));
  const json::Object& claims = token.claims();
  // Step 2: the issuer. Steps 3 to 5: the audience is the app and nobody else, so that no other party holds
  // the token. Steps 9 and 10: the times.
  const ClaimExpectations rules{.issuer = expected.issuer,
                                .audiences = {expected.client_id},
                                .only_audience = true,
                                .now = expected.now,
                                .max_age = kIdTokenAge + kIdTokenBackdating};
  RETURN_IF_ERROR(check_claims(token, rules));
  // The issuer names the tenant; `tid` has to say the same, since the pair (tid, oid) is the person.
  const std::string tenant = text_of(claims, "tid");
  if (tenant.empty() || !equal_ignoring_ascii_case(tenant, expected.tenant_id)) {
    return fail(ErrorKind::Refused, kIdTokenTenant,
                fmt::format("The token is of the tenant (tid) “{}”; “{}” is expected.",
                            tenant.empty() ? "missing" : printable(tenant), expected.tenant_id));
  }
  IdTokenClaims person;
  person.object_id = text_of(claims, "oid");
  if (!is_guid(person.object_id)) {
    return fail(ErrorKind::Refused, kIdTokenPerson,
                "The token does not say who it is about (oid). The app must ask for the scope “profile”.");
  }
  person.tenant_id = tenant;
  person.email = text_of(claims, "email");
  person.preferred_username = text_of(claims, "preferred_username");
  person.given_name = text_of(claims, "given_name");
  person.family_name = text_of(claims, "family_name");
  person.name = text_of(claims, "name");
  person.issued_at = *read_numeric_date(claims.at("iat"));
  person.accepted_until = std::min(*read_numeric_date(claims.at("exp")), person.issued_at + *rules.max_age) +
                          rules.clock_skew + std::chrono::seconds(1);
  return person;
}

}  // namespace doorward::oidc::protocol
