#pragma once

#include <string>
#include <string_view>

#include "console/requests.h"
#include "crypto/secret.h"
#include "directory/password_attempts.h"
#include "http/message.h"

namespace doorward::console {

/// What everybody who is signed in may know and do about themselves; for no administrators' rights.
class ProfileApi {
 public:
  explicit ProfileApi(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/profile: who I am, and whether I may change my password here.
  Result<http::Response> profile(const http::Request& request);
  /// POST /api/v1/profile/password {current, new}: ends every session of mine but this one, which goes on
  /// under another cookie. Guesses at `current` are counted as those of the sign-in page are. Refused where
  /// there is no password, and where single sign-on is the only way in.
  Result<http::Response> change_password(const http::Request& request);
  /// GET /api/v1/profile/sessions: mine, newest first.
  Result<http::Response> sessions(const http::Request& request);
  /// DELETE /api/v1/profile/sessions/{id}: *sign out there*. Refused for the one that asks.
  Result<http::Response> end_session(const http::Request& request);
  /// DELETE /api/v1/profile/sessions: all but the one that asks.
  Result<http::Response> end_other_sessions(const http::Request& request);

 private:
  /// The stored hash, when `password` is right; otherwise why not.
  Result<std::string> verified_hash(const directory::SignedIn& visitor, std::string_view client_address,
                                    const crypto::Secret& password);

  Dependencies deps_;
  directory::PasswordLimits limits_;
};

}  // namespace doorward::console
