#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "directory/grants.h"
#include "directory/key_ring.h"
#include "json/json.h"
#include "oidc/protocol/jwk.h"
#include "oidc/protocol/jwt.h"
#include "storage/database.h"

/// Tokens as they are given and found again.
namespace doorward::oidc {

/// Our keys as applications fetch them, and as we believe our own tokens by them.
Result<json::Object> jwks_document(const directory::KeyRing::View& keys);
Result<protocol::JwkSet> own_keys(const directory::KeyRing::View& keys);

/// What a grant gives at once.
struct Given {
  std::string access_token = {};
  std::chrono::seconds expires_in{0};
  std::string refresh_token = {};
  std::string scope = {};
  /// Signed after the transaction, which others wait for; nothing without `openid`.
  std::optional<json::Object> id_token = {};
};

struct Issuing {
  std::string_view issuer;
  const directory::KeyRing::View& keys;
  const directory::GrantLifetime& lifetime;
  const directory::TokenBearer& bearer;
  /// Of the access token: the grant's, or less.
  std::string scope;
  std::string nonce = {};
  /// Of the refresh token that was exchanged.
  std::optional<std::int64_t> predecessor = {};
  Timestamp now;
};
/// How long an ID token may be taken for a fresh one. It says that somebody signed in, and opens nothing.
inline constexpr std::chrono::minutes kIdTokenLifetime{10};

/// Adds the tokens that follow a code, a refresh token or a service's request.
Result<Given> give(storage::Transaction& transaction, const Issuing& issuing);
/// The answer of RFC 6749 section 5.1 and OpenID Connect Core section 3.1.3.3.
json::Object token_answer(const Given& given, const directory::Application& application,
                          const directory::KeyRing::View& keys);

/// The access token behind what somebody shows: an opaque one is itself; a JWT is found by its hash, so that
/// only one that was given here, unchanged, is somebody's, and ends with its grant where it is asked about.
std::optional<directory::GrantToken> access_token_from(std::string_view text);

}  // namespace doorward::oidc
