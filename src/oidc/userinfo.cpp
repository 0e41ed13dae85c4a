#include <fmt/format.h>

#include "oidc/answers.h"
#include "oidc/claims.h"
#include "oidc/provider.h"

/// Who an access token stands for (OpenID Connect Core section 5.3): the part of `Provider` behind
/// `/oauth2/userinfo`.
namespace doorward::oidc {

namespace {

/// https://www.rfc-editor.org/rfc/rfc6750#section-3
http::Response challenge(http::Status status, std::string_view error, std::string_view description) {
  std::string field = "Bearer realm=\"Doorward\"";
  if (error.empty()) {
    auto response = http::Response::text(status, "");
    response.headers.set("WWW-Authenticate", field);
    return response;
  }
  field += fmt::format(", error=\"{}\", error_description=\"{}\"", error, description);
  if (error == "insufficient_scope") field += ", scope=\"openid\"";
  auto response = refuse({std::string(error), std::string(description)}, status);
  response.headers.set("WWW-Authenticate", field);
  return response;
}

/// The token, empty when there is none. One in the address is not looked at: addresses end up in logs
/// (RFC 9700 section 4.3.2).
Result<std::string, protocol::OAuthError> shown_token(const http::Request& request) {
  const auto field = request.bearer_token();
  std::string token(field.value_or(""));
  if (request.method != http::Method::Post || request.body.empty()) return token;
  const auto form = read_form(request);
  if (!form) return fail(form.error());
  const std::string_view in_body = find(*form, "access_token");
  if (in_body.empty()) return token;
  // RFC 6750 section 2: not more than one way in each request.
  if (field) return fail(protocol::OAuthError{"invalid_request", "The token is there in two places."});
  return std::string(in_body);
}

}  // namespace

Result<http::Response> Provider::userinfo(const http::Request& request) {
  const auto shown = shown_token(request);
  if (!shown) return challenge(http::Status::BadRequest, "invalid_request", shown.error().description);
  // RFC 6750 section 3.1: whoever shows nothing is told no error.
  if (shown->empty()) return challenge(http::Status::Unauthorized, "", "");
  const auto token = access_token_from(*shown);
  std::shared_ptr<const session::Bearer> bearer;
  if (token) {
    ASSIGN_OR_RETURN(bearer, deps_.bearers.find(*token));
  }
  if (!bearer)
    return challenge(http::Status::Unauthorized, "invalid_token",
                     "The access token is unknown or has ended.");

  const protocol::Scope scope(bearer->scope);
  http::Response response;
  if (!bearer->employee || !scope.has("openid")) {
    response = challenge(http::Status::Forbidden, "insufficient_scope",
                         "The access token was not given for knowing who somebody is.");
  } else {
    ASSIGN_OR_RETURN(const json::Object claims, deps_.database.read([&](storage::Transaction& transaction) {
      return read_claims(transaction, bearer->account, *bearer->employee, scope, ClaimsFor::UserInfo);
    }));
    response = answer(claims);
  }
  if (!request.headers.find("Origin")) return response;
  // Which pages may read it: the token's bearer comes without the application's addresses.
  ASSIGN_OR_RETURN(const auto application, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::find_application_by_id(transaction, bearer->application.id);
  }));
  if (application) allow_origin(response, request, *application);
  return response;
}

}  // namespace doorward::oidc
