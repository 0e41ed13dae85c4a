#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "json/json.h"
#include "simulator/call.h"
#include "simulator/saml_request.h"
#include "simulator/sessions.h"
#include "simulator/ui.h"

/// What mobile apps and MSAL see of Entra: OpenID Connect under `/{tenant}/v2.0` and `/{tenant}/oauth2/v2.0`,
/// the authorization code flow with PKCE.
namespace doorward::simulator {

namespace {

using namespace ui;

constexpr std::chrono::minutes kCodeLifetime{5};
/// Entra's tokens begin five minutes before they are issued.
constexpr std::chrono::minutes kBackdating{5};
constexpr std::chrono::minutes kTokenLifetime{60};

std::string issuer(const Call& call, const Tenant& tenant) {
  return fmt::format("{}/{}/v2.0", call.settings.public_url, tenant.tenant_id);
}

http::Response json_answer(http::Status status, const json::Object& object) {
  return http::Response::json(status, json::serialize(object));
}

http::Response token_error(std::string_view error, int code, std::string_view message) {
  return json_answer(http::Status::BadRequest,
                     {{"error", error},
                      {"error_description", fmt::format("AADSTS{}: {}", code, message)},
                      {"error_codes", json::Array{code}}});
}

// Discovery.

Result<http::Response> get_configuration(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  const std::string base = fmt::format("{}/{}", call.settings.public_url, tenant->tenant_id);
  return json_answer(http::Status::Ok,
                     {{"issuer", issuer(call, *tenant)},
                      {"authorization_endpoint", base + "/oauth2/v2.0/authorize"},
                      {"token_endpoint", base + "/oauth2/v2.0/token"},
                      {"jwks_uri", base + "/discovery/v2.0/keys"},
                      {"end_session_endpoint", base + "/oauth2/v2.0/logout"},
                      {"response_types_supported", json::Array{"code"}},
                      {"response_modes_supported", json::Array{"query"}},
                      {"scopes_supported", json::Array{"openid", "profile", "email", "offline_access"}},
                      {"subject_types_supported", json::Array{"pairwise"}},
                      {"id_token_signing_alg_values_supported", json::Array{"RS256"}},
                      {"token_endpoint_auth_methods_supported", json::Array{"client_secret_post"}},
                      {"code_challenge_methods_supported", json::Array{"S256"}}});
}

Result<http::Response> get_keys(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  const SigningCertificate& signer = *call.state.shared_certificate;
  const crypto::RsaNumbers numbers = signer.key.public_key().rsa_numbers();
  const json::Object key = {{"kty", "RSA"},
                            {"use", "sig"},
                            {"kid", signer.certificate.thumbprint()},
                            {"x5t", signer.certificate.thumbprint()},
                            {"n", to_base64url(numbers.modulus)},
                            {"e", to_base64url(numbers.exponent)},
                            {"x5c", json::Array{json::Value(to_base64(signer.certificate.der()))}},
                            {"issuer", issuer(call, *tenant)}};
  return json_answer(http::Status::Ok, {{"keys", json::Array{key}}});
}

// Authorize.

/// A request that can be answered at its redirect URI.
struct Asked {
  const Application* application = nullptr;
  std::string redirect_uri;
  std::string state;
  std::string nonce;
  std::string code_challenge;
  std::string scope;
  std::string prompt;
  std::string login_hint;
};

/// The platforms *iOS / macOS* and *Android*; and *Mobile and desktop applications* with http://localhost,
/// which every application has here.
bool is_redirect_uri_of(const Application& application, std::string_view uri) {
  const auto is_ios = [&](const std::string& bundle_id) { return ios_redirect_uri(bundle_id) == uri; };
  const auto is_android = [&](const AndroidPlatform& platform) {
    return android_redirect_uri(platform) == uri;
  };
  if (std::ranges::any_of(application.ios_bundle_ids, is_ios)) return true;
  if (std::ranges::any_of(application.android_platforms, is_android)) return true;
  const auto url = Url::parse(uri);
  return url && url->scheme() == "http" && url->is_loopback();
}

Result<Asked, EntraError> read_request(Tenant& tenant, const http::Form& form) {
  Asked asked;
  const std::string client_id = field(form, "client_id");
  asked.application = find_application(tenant, client_id);
  if (asked.application == nullptr || asked.application->app_id != client_id) {
    return fail(EntraError{
        700016, fmt::format("Application with identifier '{}' was not found in the directory '{}'.",
                            printable(client_id), tenant.name)});
  }
  asked.redirect_uri = field(form, "redirect_uri");
  if (!is_redirect_uri_of(*asked.application, asked.redirect_uri)) {
    return fail(EntraError{
        50011, fmt::format("The redirect URI '{}' specified in the request does not match the redirect URIs "
                           "configured for the application '{}'.",
                           printable(asked.redirect_uri), client_id)});
  }
  if (field(form, "response_type") != "code") {
    return fail(EntraError{700054, "response_type is not enabled for the application."});
  }
  asked.scope = field(form, "scope");
  if (!std::ranges::any_of(split(asked.scope, ' '), [](std::string_view name) { return name == "openid"; })) {
    return fail(EntraError{900144, "The request body must contain the scope 'openid'."});
  }
  asked.code_challenge = field(form, "code_challenge");
  if (asked.code_challenge.empty() || field(form, "code_challenge_method") != "S256") {
    return fail(EntraError{9002325,
                           "Proof Key for Code Exchange is required for cross-origin authorization code "
                           "redemption."});
  }
  asked.state = field(form, "state");
  asked.nonce = field(form, "nonce");
  asked.prompt = field(form, "prompt");
  asked.login_hint = field(form, "login_hint");
  return asked;
}

std::vector<Hidden> hidden_fields(const http::Form& form) {
  std::vector<Hidden> hidden;
  for (const auto& [name, value] : form.fields()) {
    if (name != "user") hidden.push_back({name, value});
  }
  return hidden;
}

http::Response answer(Call& call, const Tenant& tenant, const Asked& asked, const User& user,
                      Session& session) {
  if (const auto judged = judge_user(tenant, *asked.application, user, nullptr); !judged) {
    return trouble_page(call, judged.error());
  }
  AuthorizationCode code;
  code.value = crypto::random_token().reveal();
  code.app_id = asked.application->app_id;
  code.redirect_uri = asked.redirect_uri;
  code.nonce = asked.nonce;
  code.code_challenge = asked.code_challenge;
  code.scope = asked.scope;
  code.issued = call.now;
  session.codes.push_back(code);
  const char separator = asked.redirect_uri.find('?') == std::string::npos ? '?' : '&';
  return http::Response::see_other(fmt::format("{}{}code={}&state={}", asked.redirect_uri, separator,
                                               code.value, percent_encode(asked.state)));
}

Result<http::Response> get_authorize(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const http::Form query, call.request.query_form());
  const auto asked = read_request(*tenant, query);
  if (!asked) return trouble_page(call, asked.error());
  Session* session = session_of(call);
  if (session != nullptr && session->tenant_id != tenant->tenant_id) session = nullptr;
  const bool wants_page = asked->prompt == "login" || asked->prompt == "select_account";
  if (session != nullptr && !wants_page) {
    return answer(call, *tenant, *asked, *find_user(*tenant, session->user_id), *session);
  }
  if (asked->prompt == "none") {
    return http::Response::see_other(
        fmt::format("{}?error=login_required&state={}", asked->redirect_uri, percent_encode(asked->state)));
  }
  return account_picker(*tenant, fmt::format("/{}/oauth2/v2.0/authorize/sign-in", tenant->tenant_id),
                        hidden_fields(query), asked->login_hint);
}

Result<http::Response> post_sign_in(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const http::Form form, call.request.form());
  const auto asked = read_request(*tenant, form);
  if (!asked) return trouble_page(call, asked.error());
  const User* user = find_user(*tenant, field(form, "user"));
  if (user == nullptr) return trouble_page(call, no_such_user(*tenant, field(form, "user")));
  if (!user->account_enabled || user->deleted) {
    return trouble_page(call, judge_user(*tenant, *asked->application, *user, nullptr).error());
  }
  http::Response with_cookie;
  Session& session = start_session(call, *tenant, *user, with_cookie);
  http::Response response = answer(call, *tenant, *asked, *user, session);
  for (const auto& [name, value] : with_cookie.headers.all())
    response.headers.add(name, value);
  return response;
}

// Token.

/// A code is taken once, whatever comes of it.
struct Redeemed {
  AuthorizationCode code;
  std::string tenant_id;
  std::string user_id;
};

std::optional<Redeemed> take_code(Sessions& sessions, std::string_view value) {
  for (auto& [id, session] : sessions) {
    const auto found = std::ranges::find(session.codes, value, &AuthorizationCode::value);
    if (found == session.codes.end()) continue;
    Redeemed redeemed{*found, session.tenant_id, session.user_id};
    session.codes.erase(found);
    return redeemed;
  }
  return std::nullopt;
}

std::string id_token(const Call& call, const Tenant& tenant, const AuthorizationCode& code,
                     const User& user) {
  const SigningCertificate& signer = *call.state.shared_certificate;
  const auto seconds = [](Timestamp time) { return to_millis(time) / 1000; };
  const Timestamp begin = now_in(call, tenant) - kBackdating;
  json::Object claims = {
      {"ver", "2.0"},
      {"iss", issuer(call, tenant)},
      {"sub", to_base64url(crypto::sha256(user.object_id + code.app_id))},
      {"aud", code.app_id},
      {"exp", seconds(begin + kBackdating + kTokenLifetime)},
      {"iat", seconds(begin)},
      {"nbf", seconds(begin)},
      {"name", user.display_name},
      {"preferred_username", user.user_principal_name},
      {"oid", user.object_id},
      {"tid", tenant.tenant_id},
      {"uti", to_base64url(crypto::random_bytes(16))},
  };
  if (!user.mail.empty()) claims["email"] = user.mail;
  if (!code.nonce.empty()) claims["nonce"] = code.nonce;
  const json::Object header = {{"typ", "JWT"}, {"alg", "RS256"}, {"kid", signer.certificate.thumbprint()}};
  const std::string content =
      to_base64url(json::serialize(header)) + '.' + to_base64url(json::serialize(claims));
  return content + '.' +
         to_base64url(crypto::sign(crypto::SignatureAlgorithm::RsaSha256, signer.key, content));
}

Result<http::Response> post_token(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const http::Form form, call.request.form());
  if (field(form, "grant_type") != "authorization_code") {
    return token_error("unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
  }
  const auto redeemed = take_code(call.sessions, field(form, "code"));
  const User* user = redeemed ? find_user(*tenant, redeemed->user_id) : nullptr;
  if (!redeemed || redeemed->tenant_id != tenant->tenant_id || user == nullptr ||
      call.now - redeemed->code.issued > kCodeLifetime) {
    return token_error("invalid_grant", 54005,
                       "OAuth2 Authorization code was already redeemed or has expired.");
  }
  const AuthorizationCode& code = redeemed->code;
  if (field(form, "client_id") != code.app_id || field(form, "redirect_uri") != code.redirect_uri) {
    return token_error("invalid_grant", 50011, "The client or redirect URI is not the one of the request.");
  }
  if (to_base64url(crypto::sha256(field(form, "code_verifier"))) != code.code_challenge) {
    return token_error("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.");
  }
  const json::Object client_info = {{"uid", user->object_id}, {"utid", tenant->tenant_id}};
  return json_answer(http::Status::Ok, {{"token_type", "Bearer"},
                                        {"scope", code.scope},
                                        {"expires_in", std::chrono::seconds(kTokenLifetime).count()},
                                        {"access_token", std::string_view(crypto::random_token().reveal())},
                                        {"id_token", id_token(call, *tenant, code, *user)},
                                        {"client_info", to_base64url(json::serialize(client_info))}});
}

}  // namespace

std::vector<CallRoute> openid_routes() {
  using enum http::Method;
  return {
      {Get, "/{tenant}/v2.0/.well-known/openid-configuration", get_configuration},
      {Get, "/{tenant}/discovery/v2.0/keys", get_keys},
      {Get, "/{tenant}/oauth2/v2.0/authorize", get_authorize},
      {Post, "/{tenant}/oauth2/v2.0/authorize/sign-in", post_sign_in},
      {Post, "/{tenant}/oauth2/v2.0/token", post_token},
  };
}

}  // namespace doorward::simulator
