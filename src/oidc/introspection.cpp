#include "oidc/answers.h"
#include "oidc/provider.h"

/// What becomes of tokens: the part of `Provider` behind `/oauth2/introspect` (RFC 7662) and `/oauth2/revoke`
/// (RFC 7009).
namespace doorward::oidc {

namespace {

/// Whose tokens a client may ask about: its own, and as a service or application of an account, that
/// account's.
bool may_see(const directory::Application& client, const session::Bearer& bearer) {
  if (bearer.application.id == client.id) return true;
  return client.account && *client.account == bearer.account.id;
}

}  // namespace

Result<http::Response> Provider::introspect(const http::Request& request) {
  const auto form = read_form(request);
  if (!form) return refuse(form.error());
  ASSIGN_OR_RETURN(const ClientAdmission admission, clients_.admit(request, *form));
  if (admission.refusal) return *admission.refusal;
  const directory::Application& client = *admission.client;
  // RFC 7662 section 4: whoever may ask without saying who they are can try tokens.
  if (!client.keeps_secrets())
    return refuse({"unauthorized_client", "Only clients that prove who they are may ask."},
                  http::Status::Forbidden);
  if (find(*form, "token").empty()) return refuse({"invalid_request", "The parameter token is missing."});

  const json::Object inactive{{"active", false}};
  const auto token = access_token_from(find(*form, "token"));
  if (!token) return answer(inactive);
  ASSIGN_OR_RETURN(const auto bearer, deps_.bearers.find(*token));
  // Section 2.2: nothing tells an unknown token from one of somebody else.
  if (!bearer || !may_see(client, *bearer)) return answer(inactive);
  json::Object object{{"active", true},
                      {"iss", deps_.public_url},
                      {"client_id", bearer->application.client_id},
                      {"aud", bearer->application.client_id},
                      {"token_type", "Bearer"},
                      {"scope", bearer->scope},
                      {"iat", to_seconds(bearer->issued_at)},
                      {"exp", to_seconds(bearer->expires_at)},
                      {"account", bearer->account.slug},
                      {"account_id", bearer->account.public_id}};
  object["sub"] = bearer->employee ? bearer->employee->public_id : bearer->application.client_id;
  if (bearer->employee) object["username"] = bearer->employee->profile.user_name;
  return answer(object);
}

Result<http::Response> Provider::revoke(const http::Request& request) {
  const auto form = read_form(request);
  if (!form) return refuse(form.error());
  ASSIGN_OR_RETURN(const ClientAdmission admission, clients_.admit(request, *form));
  if (admission.refusal) return *admission.refusal;
  const std::string_view text = find(*form, "token");
  if (text.empty()) return refuse({"invalid_request", "The parameter token is missing."});
  // Section 2.1: the hint may be wrong, so the token itself says what it is.
  auto token = directory::GrantToken::parse(text, directory::TokenKind::Refresh);
  if (!token) token = access_token_from(text);
  if (token) {
    RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
      return directory::revoke_token(transaction, *token, admission.client->id, deps_.clock.now());
    }));
  }
  // Section 2.2: nobody's token is revoked already.
  auto response = answer({});
  allow_origin(response, request, *admission.client);
  return response;
}

}  // namespace doorward::oidc
