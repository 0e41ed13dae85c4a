#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "oidc/protocol/scope.h"

/// The authorization request of OpenID Connect Core section 3.1.2.1, code flow only.
namespace doorward::oidc::protocol {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// An error by the specification's name, with words for the developer.
struct OAuthError {
  std::string error;  ///< `invalid_request`, `login_required` …
  std::string description;
};

enum class ResponseMode : std::uint8_t { Query, FormPost };
enum class Prompt : std::uint8_t { None, Login, Consent, SelectAccount };

/// What the request's sender is known to have registered.
struct ClientFacts {
  std::vector<std::string> redirect_uris;
  Scope scope;
  /// Public clients must use PKCE; others may.
  bool requires_pkce = true;
};

struct AuthorizationRequest {
  std::string client_id;
  std::string redirect_uri;
  /// The part of what was asked for that the client may have.
  Scope scope;
  std::string state;
  std::string nonce;
  std::string code_challenge;
  ResponseMode response_mode = ResponseMode::Query;
  std::vector<Prompt> prompts;
  std::optional<std::chrono::seconds> max_age;
  std::string login_hint;
  std::string id_token_hint;
  /// Doorward's own, and `domain_hint` as Entra names it: which company's door (a slug; a mail domain).
  std::string account;
  std::string domain_hint;

  bool wants(Prompt prompt) const;
};

/// Why a request cannot even be answered at its redirect URI (Core section 3.1.2.6): the browser gets a page,
/// and is sent nowhere.
struct NotRedirectable {
  std::string description;
};
/// The redirect URI, once it is certain: the one registered that equals the requested byte by byte; on
/// loopback addresses (`127.0.0.1`, `[::1]`) of native applications any port will do (RFC 8252 section 7.3).
/// Without `redirect_uri` there is no request, even where only one is registered.
Result<std::string, NotRedirectable> find_redirect_uri(const Parameters& parameters,
                                                       const ClientFacts& client);

/// Where and how an answer goes, also an error: known as soon as the redirect URI is.
struct AnswerAddress {
  std::string redirect_uri = {};
  std::string state = {};
  ResponseMode response_mode = ResponseMode::Query;
};
AnswerAddress answer_address(const Parameters& parameters, std::string redirect_uri);

/// Everything else. Repeated parameters, `request` and `registration` objects, `claims` that demand a certain
/// person or authentication context, response types besides `code`, response modes besides query and
/// form_post, `plain` PKCE and its absence where it is required, a scope of which nothing is left: refused by
/// the specification's error. Unknown parameters are ignored, and so are other `claims` (Core section 5.5.1).
Result<AuthorizationRequest, OAuthError> read_authorization_request(const Parameters& parameters,
                                                                    const ClientFacts& client);

/// The answer's address with its parameters; those the redirect URI has already stay (RFC 6749
/// section 3.1.2). For `ResponseMode::Query`.
std::string with_parameters(std::string_view redirect_uri, const Parameters& parameters);

}  // namespace doorward::oidc::protocol
