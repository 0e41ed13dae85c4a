#include "jobs/logout_message.h"

#include "json/json.h"

namespace doorward::jobs {
namespace {

constexpr std::chrono::minutes kLifetime{2};

std::int64_t unix_seconds(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

// https://openid.net/specs/openid-connect-backchannel-1_0.html section 2.4
std::string sign_logout_token(const oidc::protocol::JwtSigner& signer, const LogoutToken& token,
                              Timestamp now) {
  json::Object claims = {{"iss", token.issuer},      {"aud", token.client_id},
                         {"iat", unix_seconds(now)}, {"exp", unix_seconds(now + kLifetime)},
                         {"jti", token.id},          {"sub", token.subject}};
  if (!token.sid.empty()) claims["sid"] = token.sid;
  claims["events"] = json::Object{{"http://schemas.openid.net/event/backchannel-logout", json::Object()}};
  // A nonce is prohibited: it would let a logout token pass for an ID token. So does the type.
  return oidc::protocol::sign_jwt(signer, "logout+jwt", claims);
}

// Section 2.5.
net::SendRequest logout_request(const Url& url, std::string_view token) {
  net::SendRequest request{.method = net::SendMethod::Post, .url = url};
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  // The compact form has no character that a form would encode.
  request.body = "logout_token=" + std::string(token);
  return request;
}

}  // namespace doorward::jobs
