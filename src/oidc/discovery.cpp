#include "oidc/answers.h"
#include "oidc/provider.h"

/// What clients find out by themselves (OpenID Connect Discovery 1.0, RFC 8414): the part of `Provider`
/// behind
/// `/.well-known/openid-configuration` and `/oauth2/jwks`.
namespace doorward::oidc {

namespace {

/// Both documents are public, for pages of every site. The keys are published for a week before they sign.
http::Response publish(const json::Object& document) {
  auto response = http::Response::json(http::Status::Ok, json::serialize(document));
  response.headers.set("Cache-Control", "public, max-age=3600");
  response.headers.set("Access-Control-Allow-Origin", "*");
  return response;
}

json::Array list(std::initializer_list<std::string_view> values) {
  json::Array array;
  for (const std::string_view value : values)
    array.push_back(json::Value(value));
  return array;
}

void add_endpoints(json::Object& document, const std::string& base) {
  document["authorization_endpoint"] = base + "authorize";
  document["token_endpoint"] = base + "token";
  document["userinfo_endpoint"] = base + "userinfo";
  document["jwks_uri"] = base + "jwks";
  document["introspection_endpoint"] = base + "introspect";
  document["revocation_endpoint"] = base + "revoke";
  document["end_session_endpoint"] = base + "logout";
  document["pushed_authorization_request_endpoint"] = base + "par";
}

void add_client_authentication(json::Object& document) {
  const auto proofs = {"client_secret_basic", "client_secret_post", "private_key_jwt"};
  for (const std::string_view place : {"token_endpoint", "revocation_endpoint", "introspection_endpoint"}) {
    json::Array methods(proofs.begin(), proofs.end());
    if (place != "introspection_endpoint") methods.push_back("none");
    document[std::string(place) + "_auth_methods_supported"] = std::move(methods);
    document[std::string(place) + "_auth_signing_alg_values_supported"] = list({"RS256", "ES256"});
  }
}

}  // namespace

Result<http::Response> Provider::discovery(const http::Request&) {
  json::Object document{{"issuer", deps_.public_url}};
  add_endpoints(document, endpoint(""));
  document["response_types_supported"] = list({"code"});
  document["response_modes_supported"] = list({"query", "form_post"});
  document["grant_types_supported"] = list({"authorization_code", "refresh_token", "client_credentials"});
  document["subject_types_supported"] = list({"public"});
  document["id_token_signing_alg_values_supported"] = list({"RS256", "ES256"});
  document["code_challenge_methods_supported"] = list({"S256"});
  add_client_authentication(document);
  document["scopes_supported"] =
      list({"openid", "profile", "email", "groups", "departments", "offline_access", "scim", "events"});
  document["claims_supported"] = list({"iss",
                                       "sub",
                                       "aud",
                                       "exp",
                                       "iat",
                                       "auth_time",
                                       "nonce",
                                       "sid",
                                       "at_hash",
                                       "account",
                                       "account_id",
                                       "name",
                                       "given_name",
                                       "family_name",
                                       "preferred_username",
                                       "locale",
                                       "updated_at",
                                       "email",
                                       "email_verified",
                                       "groups",
                                       "departments"});
  document["prompt_values_supported"] = list({"none", "login", "consent", "select_account"});
  document["authorization_response_iss_parameter_supported"] = true;
  document["backchannel_logout_supported"] = true;
  document["backchannel_logout_session_supported"] = true;
  document["claims_parameter_supported"] = false;
  document["request_parameter_supported"] = false;
  // Absent would mean true (Discovery section 3).
  document["request_uri_parameter_supported"] = false;
  return publish(document);
}

Result<http::Response> Provider::jwks(const http::Request&) {
  ASSIGN_OR_RETURN(const auto keys, deps_.keys.view());
  ASSIGN_OR_RETURN(const json::Object document, jwks_document(*keys));
  return publish(document);
}

bool Provider::is_for_programs(std::string_view path) {
  return path.starts_with("/.well-known/o") ||
         (path.starts_with("/oauth2/") && !path.starts_with("/oauth2/authorize") &&
          !path.starts_with("/oauth2/consent") && !path.starts_with("/oauth2/logout"));
}

http::Response Provider::error_response(const Error& error) {
  const auto status = http::status_of(error);
  const bool is_theirs = status < http::Status::InternalServerError;
  std::string name = is_theirs ? "invalid_request" : "server_error";
  if (error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::RateLimited)
    name = "temporarily_unavailable";
  return refuse({std::move(name), error.message}, status);
}

}  // namespace doorward::oidc
