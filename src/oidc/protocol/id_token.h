#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "oidc/protocol/jwk.h"

/// The ID token that a company's tenant (Entra ID) gave the mobile app, shown to us as a proof of who holds
/// the phone.
namespace doorward::oidc::protocol {

struct IdTokenExpectations {
  /// The tenant's issuer: `https://login.microsoftonline.com/<tenant>/v2.0`.
  std::string issuer = {};
  std::string tenant_id = {};
  /// The app's client id at the tenant, not ours.
  std::string client_id = {};
  Timestamp now = {};
};

/// Who it is about. `oid` is the person, the same in SAML and SCIM; the names may change and belong to
/// whoever the tenant's administrators say.
struct IdTokenClaims {
  std::string object_id;
  std::string tenant_id;
  /// Empty where the token has none.
  std::string email;
  std::string preferred_username;
  std::string given_name;
  std::string family_name;
  std::string name;
  Timestamp issued_at;
  /// Until when it would be accepted, the clocks' difference included: so long must it be remembered that it
  /// was used.
  Timestamp accepted_until;
};

/// How long after it was issued a token may be shown.
inline constexpr Duration kIdTokenAge = std::chrono::minutes(5);
/// Entra writes a time of issue (iat, nbf) that lies five minutes before the true one, for the sake of clocks
/// that are late.
inline constexpr Duration kIdTokenBackdating = std::chrono::minutes(5);

inline constexpr ErrorCode kIdTokenTenant = "oidc.id_token_tenant";
inline constexpr ErrorCode kIdTokenPerson = "oidc.id_token_person";

/// Core section 3.1.3.7, less the nonce: MSAL chooses and checks its own. Each failure has its own code, also
/// those of `verify_jwt` and `check_claims`; `kJwtKeyUnknown` asks for fresh keys.
Result<IdTokenClaims> verify_id_token(std::string_view jwt, const JwkSet& keys,
                                      const IdTokenExpectations& expected);

}  // namespace doorward::oidc::protocol
