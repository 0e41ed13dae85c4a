#include <algorithm>

#include "base/log.h"
#include "oidc/answers.h"
#include "oidc/protocol/pkce.h"
#include "oidc/provider.h"

/// The token endpoint (RFC 6749 section 3.2): the part of `Provider` behind `/oauth2/token`.
namespace doorward::oidc {

namespace {

using directory::ApplicationKind;

constexpr ErrorCode kInvalidScope = "oidc.invalid_scope";

protocol::OAuthError invalid_grant(std::string description) {
  return {"invalid_grant", std::move(description)};
}

/// Why what came with a code does not fit it; empty when it does.
std::string_view misfit(const directory::Exchanged& exchanged, const protocol::Parameters& form) {
  // RFC 6749 section 4.1.3. Our authorization requests always name one.
  if (find(form, "redirect_uri") != exchanged.redirect_uri)
    return "The redirect_uri is not that of the request.";
  const std::string_view verifier = find(form, "code_verifier");
  // RFC 9700 section 2.1.1: a verifier without a challenge is a request that somebody took the challenge
  // from.
  if (exchanged.code_challenge.empty()) return verifier.empty() ? "" : "The request had no code_challenge.";
  // RFC 7636 section 4.6.
  if (!protocol::is_code_verifier(verifier) || !protocol::proves(verifier, exchanged.code_challenge))
    return "The code_verifier does not fit the code_challenge.";
  return "";
}

}  // namespace

Result<http::Response> Provider::token(const http::Request& request) {
  const auto form = read_form(request);
  if (!form) return refuse(form.error());
  ASSIGN_OR_RETURN(const ClientAdmission admission, clients_.admit(request, *form));
  if (admission.refusal) return *admission.refusal;
  const directory::Application& client = *admission.client;
  ASSIGN_OR_RETURN(const auto keys, deps_.keys.view());
  const auto outcome = exchange(request, client, *form, *keys);
  http::Response response;
  if (!outcome) {
    if (outcome.error().code != kInvalidScope) return fail(outcome.error());
    response = refuse({"invalid_scope", outcome.error().message});
  } else if (const auto* given = std::get_if<Given>(&*outcome)) {
    response = answer(token_answer(*given, client, *keys));
  } else {
    const auto& error = std::get<protocol::OAuthError>(*outcome);
    log::info("oidc.token_refused",
              {{"client_id", client.client_id}, {"error", error.error}, {"why", error.description}});
    response = refuse(error);
  }
  allow_origin(response, request, client);
  return response;
}

Result<Provider::Outcome> Provider::exchange(const http::Request& request,
                                             const directory::Application& client, const Form& form,
                                             const directory::KeyRing::View& keys) {
  const std::string_view grant_type = find(form, "grant_type");
  const bool is_service = client.kind == ApplicationKind::Service;
  const protocol::OAuthError wrong_kind{"unauthorized_client",
                                        "This kind of application may not use this grant_type."};
  if (grant_type == "authorization_code") {
    if (is_service || client.kind == ApplicationKind::Mobile) return wrong_kind;
    return exchange_code(client, form, keys);
  }
  if (grant_type == "refresh_token") {
    if (is_service) return wrong_kind;
    return refresh(client, form, keys);
  }
  if (grant_type == "client_credentials") {
    if (!is_service) return wrong_kind;
    return serve_service(request, client, form, keys);
  }
  if (grant_type.empty())
    return protocol::OAuthError{"invalid_request", "The parameter grant_type is missing."};
  return protocol::OAuthError{"unsupported_grant_type",
                              "The grant_type is authorization_code, refresh_token or client_credentials."};
}

Issuing Provider::issuing(const directory::TokenBearer& bearer, std::string scope,
                          const directory::KeyRing::View& keys) const {
  return {.issuer = deps_.public_url,
          .keys = keys,
          .lifetime = deps_.lifetime,
          .bearer = bearer,
          .scope = std::move(scope),
          .now = deps_.clock.now()};
}

// https://openid.net/specs/openid-connect-core-1_0.html#TokenRequestValidation
Result<Provider::Outcome> Provider::exchange_code(const directory::Application& client, const Form& form,
                                                  const directory::KeyRing::View& keys) {
  const std::string_view text = find(form, "code");
  if (text.empty()) return protocol::OAuthError{"invalid_request", "The parameter code is missing."};
  const auto code = directory::GrantToken::parse(text, directory::TokenKind::Code);
  const auto unknown = invalid_grant("The code is unknown, was used, has expired or is another client's.");
  if (!code) return unknown;
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<Outcome> {
    ASSIGN_OR_RETURN(const directory::Exchanged exchanged,
                     directory::exchange_token(transaction, *code, client.id, deps_.clock.now()));
    if (exchanged.outcome == directory::Exchange::Reused) {
      // RFC 6749 section 4.1.2. Not a failure of the transaction: the end of the grant has to be kept.
      log::warning("oidc.code_reused", {{"client_id", client.client_id}});
      return unknown;
    }
    if (exchanged.outcome != directory::Exchange::Good) return unknown;
    const directory::Grant& grant = exchanged.bearer->grant;
    if (const std::string_view why = misfit(exchanged, form); !why.empty()) {
      // Whoever shows a code without what belongs to it may have stolen it.
      RETURN_IF_ERROR(directory::end_grant(transaction, grant.account, grant.employee, grant.public_id,
                                           deps_.clock.now()));
      return invalid_grant(std::string(why));
    }
    Issuing wanted = issuing(*exchanged.bearer, grant.scope, keys);
    wanted.nonce = exchanged.nonce;
    return give(transaction, wanted);
  });
}

// https://www.rfc-editor.org/rfc/rfc6749#section-6
Result<Provider::Outcome> Provider::refresh(const directory::Application& client, const Form& form,
                                            const directory::KeyRing::View& keys) {
  const std::string_view text = find(form, "refresh_token");
  if (text.empty()) return protocol::OAuthError{"invalid_request", "The parameter refresh_token is missing."};
  const auto token = directory::GrantToken::parse(text, directory::TokenKind::Refresh);
  const auto unknown =
      invalid_grant("The refresh_token is unknown, was used, has expired or is another client's.");
  if (!token) return unknown;
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<Outcome> {
    ASSIGN_OR_RETURN(const directory::Exchanged exchanged,
                     directory::exchange_token(transaction, *token, client.id, deps_.clock.now()));
    if (exchanged.outcome == directory::Exchange::Reused)
      log::warning("oidc.refresh_token_reused", {{"client_id", client.client_id}});
    if (exchanged.outcome != directory::Exchange::Good) return unknown;
    const protocol::Scope granted(exchanged.bearer->grant.scope);
    const std::string_view asked = find(form, "scope");
    const protocol::Scope scope = asked.empty() ? granted : protocol::Scope(asked);
    if (scope.empty() || !scope.within(granted)) {
      // A failure, so that the token is not used up.
      return fail(ErrorKind::InvalidInput, kInvalidScope, "The scope is more than what was granted.");
    }
    Issuing wanted = issuing(*exchanged.bearer, scope.text(), keys);
    wanted.predecessor = exchanged.token;
    return give(transaction, wanted);
  });
}

// https://www.rfc-editor.org/rfc/rfc6749#section-4.4
Result<Provider::Outcome> Provider::serve_service(const http::Request& request,
                                                  const directory::Application& client, const Form& form,
                                                  const directory::KeyRing::View& keys) {
  if (!client.account)
    return protocol::OAuthError{"unauthorized_client",
                                "A service belongs to one account; this one has none."};
  const protocol::Scope allowed(client.settings.scope);
  const std::string_view asked = find(form, "scope");
  const protocol::Scope scope = asked.empty() ? allowed : protocol::Scope(asked);
  if (scope.empty() || !scope.within(allowed))
    return protocol::OAuthError{"invalid_scope", "The service may not ask for this scope."};
  const Timestamp now = deps_.clock.now();
  const bool is_jwt = client.settings.access_token_format == directory::AccessTokenFormat::Jwt;
  directory::NewGrant wanted{.account = *client.account, .application = client.id};
  wanted.scope = scope.text();
  wanted.signed_in_at = now;
  wanted.expires_at = now + (is_jwt ? deps_.lifetime.access_jwt : deps_.lifetime.access);
  wanted.client_address = request.client_address;
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<Outcome> {
    directory::TokenBearer bearer;
    bearer.application = client;
    ASSIGN_OR_RETURN(bearer.account, directory::load_account(transaction, *client.account));
    ASSIGN_OR_RETURN(bearer.grant, directory::create_grant(transaction, wanted, now));
    return give(transaction, issuing(bearer, wanted.scope, keys));
  });
}

}  // namespace doorward::oidc
