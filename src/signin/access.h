#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "directory/access_links.h"
#include "http/message.h"
#include "session/sessions.h"
#include "storage/database.h"

namespace doorward::signin {

/// The pages behind links that let somebody in once: to choose a password, or in an emergency. Looking at one
/// uses nothing up, since mail scanners open every link.
class Access {
 public:
  struct Dependencies {
    storage::Database& database;
    const Clock& clock;
    session::Sessions& sessions;
    /// Whether a link can be sent to somebody who forgot their password.
    bool can_send_mail = false;
  };
  /// Of a session that an emergency link opened.
  static constexpr std::chrono::hours kEmergencySession{1};

  explicit Access(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /access. Query: `link`.
  Result<http::Response> page(const http::Request& request);
  /// POST /access/password: `link`, `password`, `repeat`.
  Result<http::Response> choose_password(const http::Request& request);
  /// POST /access/emergency: `link`.
  Result<http::Response> emergency(const http::Request& request);
  /// GET /sign-in/forgotten. Query: `email`, `account`.
  Result<http::Response> forgotten(const http::Request& request);
  /// POST /sign-in/forgotten: `email`, `account`. The same answer whether somebody has the address or not.
  Result<http::Response> send_recovery(const http::Request& request);

 private:
  using Link = std::optional<directory::AccessLink>;
  Result<Link> find(std::string_view link);
  Result<std::optional<directory::Account>> find_account(std::string_view email, std::string_view slug);
  Result<http::Response> sign_in(const http::Request& request, const directory::AccessLinkSecret& secret,
                                 std::string_view password_hash);

  Dependencies deps_;
};

}  // namespace doorward::signin
