#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/send.h"
#include "oidc/protocol/jwt.h"

/// What an application is sent when somebody is signed out, by OpenID Connect Back-Channel Logout 1.0.
namespace doorward::jobs {

struct LogoutToken {
  std::string issuer;
  std::string client_id;
  std::string subject;
  /// Empty: of all sessions of the subject.
  std::string sid = {};
  /// Another one for each attempt: an application that remembers what it has seen would refuse the same one.
  std::string id;
};
/// Valid for two minutes.
std::string sign_logout_token(const oidc::protocol::JwtSigner& signer, const LogoutToken& token,
                              Timestamp now);

net::SendRequest logout_request(const Url& url, std::string_view token);

}  // namespace doorward::jobs
