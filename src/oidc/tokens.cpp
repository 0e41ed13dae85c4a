#include "oidc/tokens.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "oidc/answers.h"
#include "oidc/claims.h"

namespace doorward::oidc {

namespace {

using directory::GrantToken;
using directory::TokenKind;

protocol::JwsAlgorithm jws_algorithm(directory::TokenAlgorithm algorithm) {
  return algorithm == directory::TokenAlgorithm::Es256 ? protocol::JwsAlgorithm::Es256
                                                       : protocol::JwsAlgorithm::Rs256;
}

protocol::JwtSigner signer_of(const directory::Application& application,
                              const directory::KeyRing::View& keys) {
  const auto algorithm = directory::parse_token_algorithm(application.settings.id_token_algorithm);
  const auto& ready = keys.signer(algorithm.value_or(directory::TokenAlgorithm::Rs256));
  return {ready.key_id, jws_algorithm(ready.algorithm), ready.key};
}

/// A JWT in the place of an opaque token's random part. Nobody who has not seen all of it can say its hash,
/// nor whoever finds its plain SHA-256 in a log.
std::optional<GrantToken> handle_of(std::string_view jwt, std::string_view account_public_id) {
  const Bytes hash = crypto::sha256(fmt::format("Doorward access token\n{}", jwt));
  return GrantToken::parse(fmt::format("dwa_{}.{}", account_public_id, to_base64url(hash)),
                           TokenKind::Access);
}

/// https://www.rfc-editor.org/rfc/rfc9068#section-2.2
std::string access_jwt(const Issuing& issuing, const protocol::Scope& scope, Timestamp expires_at) {
  const directory::TokenBearer& bearer = issuing.bearer;
  const std::string& client_id = bearer.application.client_id;
  json::Object claims{{"iss", issuing.issuer},
                      {"exp", to_seconds(expires_at)},
                      // Section 3: without a resource that was asked for, the application's own.
                      {"aud", client_id},
                      {"sub", bearer.employee ? bearer.employee->public_id : client_id},
                      {"client_id", client_id},
                      {"iat", to_seconds(issuing.now)},
                      {"jti", directory::new_public_id()},
                      {"scope", scope.text()},
                      {"account", bearer.account.slug},
                      {"account_id", bearer.account.public_id}};
  if (bearer.employee) claims["auth_time"] = to_seconds(bearer.grant.signed_in_at);
  return sign_jwt(signer_of(bearer.application, issuing.keys), "at+jwt", claims);
}

struct AccessToken {
  std::string value;
  GrantToken token;
};
Result<AccessToken> make_access_token(const Issuing& issuing, const protocol::Scope& scope,
                                      Timestamp expires_at) {
  const directory::Account& account = issuing.bearer.account;
  if (issuing.bearer.application.settings.access_token_format == directory::AccessTokenFormat::Opaque) {
    GrantToken token = GrantToken::issue(account, TokenKind::Access);
    return AccessToken{std::string(token.value().reveal()), std::move(token)};
  }
  std::string jwt = access_jwt(issuing, scope, expires_at);
  auto handle = handle_of(jwt, account.public_id);
  if (!handle) return fail(ErrorKind::Internal, "oidc.no_handle", "A token could not be made.");
  return AccessToken{std::move(jwt), *std::move(handle)};
}

/// https://openid.net/specs/openid-connect-core-1_0.html#IDToken
Result<json::Object> id_token_claims(storage::Transaction& transaction, const Issuing& issuing,
                                     const protocol::Scope& scope, std::string_view access_token) {
  const directory::TokenBearer& bearer = issuing.bearer;
  ASSIGN_OR_RETURN(json::Object claims,
                   read_claims(transaction, bearer.account, *bearer.employee, scope, ClaimsFor::IdToken));
  claims["iss"] = issuing.issuer;
  claims["aud"] = bearer.application.client_id;
  claims["iat"] = to_seconds(issuing.now);
  claims["exp"] = to_seconds(issuing.now + kIdTokenLifetime);
  claims["auth_time"] = to_seconds(bearer.grant.signed_in_at);
  if (!bearer.grant.sid.empty()) claims["sid"] = bearer.grant.sid;
  if (!issuing.nonce.empty()) claims["nonce"] = issuing.nonce;
  // Section 3.1.3.6: the left half of the hash that belongs to the signature's algorithm, SHA-256 for both.
  claims["at_hash"] = to_base64url(crypto::sha256(access_token).substr(0, 16));
  return claims;
}

}  // namespace

Result<json::Object> jwks_document(const directory::KeyRing::View& keys) {
  json::Array published;
  for (const directory::SigningKey& key : keys.published) {
    ASSIGN_OR_RETURN(const auto public_key, crypto::PublicKey::from_der(key.public_key));
    published.push_back(
        protocol::to_jwk(public_key, key.key_id, protocol::to_text(jws_algorithm(key.algorithm))));
  }
  return json::Object{{"keys", std::move(published)}};
}

Result<protocol::JwkSet> own_keys(const directory::KeyRing::View& keys) {
  ASSIGN_OR_RETURN(const json::Object document, jwks_document(keys));
  return protocol::JwkSet::parse(json::serialize(document));
}

Result<Given> give(storage::Transaction& transaction, const Issuing& issuing) {
  const directory::TokenBearer& bearer = issuing.bearer;
  const directory::Grant& grant = bearer.grant;
  const directory::GrantLifetime& lifetime = issuing.lifetime;
  const protocol::Scope scope(issuing.scope);
  const bool is_jwt = bearer.application.settings.access_token_format == directory::AccessTokenFormat::Jwt;
  const Timestamp expires_at =
      std::min(issuing.now + (is_jwt ? lifetime.access_jwt : lifetime.access), grant.expires_at);
  ASSIGN_OR_RETURN(const AccessToken access, make_access_token(issuing, scope, expires_at));
  RETURN_IF_ERROR(directory::add_token(transaction, grant.account, access.token,
                                       {.grant = grant.id, .scope = scope.text(), .expires_at = expires_at},
                                       issuing.now));

  Given given;
  given.access_token = access.value;
  given.expires_in = std::chrono::floor<std::chrono::seconds>(expires_at - issuing.now);
  given.scope = scope.text();
  // RFC 6749 section 6: the refresh token keeps the scope of the one before, whatever the access token got.
  if (bearer.employee && protocol::Scope(grant.scope).has("offline_access")) {
    const GrantToken refresh = GrantToken::issue(bearer.account, TokenKind::Refresh);
    RETURN_IF_ERROR(
        directory::add_token(transaction, grant.account, refresh,
                             {.grant = grant.id,
                              .scope = grant.scope,
                              .expires_at = std::min(issuing.now + lifetime.refresh_idle, grant.expires_at),
                              .predecessor = issuing.predecessor},
                             issuing.now));
    given.refresh_token = refresh.value().reveal();
  }
  if (bearer.employee && scope.has("openid")) {
    ASSIGN_OR_RETURN(given.id_token, id_token_claims(transaction, issuing, scope, access.value));
  }
  return given;
}

json::Object token_answer(const Given& given, const directory::Application& application,
                          const directory::KeyRing::View& keys) {
  json::Object object{{"access_token", given.access_token},
                      {"token_type", "Bearer"},
                      {"expires_in", given.expires_in.count()},
                      {"scope", given.scope}};
  if (!given.refresh_token.empty()) object["refresh_token"] = given.refresh_token;
  if (given.id_token) object["id_token"] = sign_jwt(signer_of(application, keys), "JWT", *given.id_token);
  return object;
}

std::optional<GrantToken> access_token_from(std::string_view text) {
  if (text.size() > protocol::kMaxJwtBytes) return std::nullopt;
  if (auto opaque = GrantToken::parse(text, TokenKind::Access)) return opaque;
  // What it says about itself is believed by nobody: it only leads to the account's shard.
  const auto parts = split(text, '.');
  if (parts.size() != 3) return std::nullopt;
  const auto payload = from_base64url(parts[1]);
  if (!payload) return std::nullopt;
  const auto claims = json::parse(*payload, {.bytes = protocol::kMaxJwtBytes, .depth = 8, .values = 1000});
  if (!claims || !claims->is_object()) return std::nullopt;
  const auto account = json::optional_string(claims->get_object(), "account_id");
  if (!account || !*account) return std::nullopt;
  return handle_of(text, **account);
}

}  // namespace doorward::oidc
