#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "directory/accounts.h"
#include "directory/employees.h"
#include "directory/identity.h"
#include "directory/password_attempts.h"
#include "http/message.h"
#include "pages/language.h"
#include "session/sessions.h"
#include "storage/database.h"

namespace doorward::signin {

struct Dependencies {
  storage::Database& database;
  const Clock& clock;
  session::Sessions& sessions;
  /// Without a final slash.
  std::string public_url;
  metrics::Registry& metrics;
  /// Whether a link can be sent to somebody who forgot their password.
  bool can_send_mail = false;
};

/// The pages where people sign in, see who they are, and sign out.
class SignIn {
 public:
  explicit SignIn(const Dependencies& dependencies);

  /// GET /: who is signed in, or the way to the sign-in page.
  Result<http::Response> home(const http::Request& request);
  /// GET /sign-in. Query: `return_to`, `account` (a slug), `email`, `reauthenticate=1` (also of whoever is
  /// signed in).
  Result<http::Response> form(const http::Request& request);
  /// POST /sign-in: the address decides whether single sign-on or a password follows (home-realm discovery).
  Result<http::Response> choose(const http::Request& request);
  /// POST /sign-in/password
  Result<http::Response> password(const http::Request& request);
  /// POST /sign-out
  Result<http::Response> sign_out(const http::Request& request);
  /// POST /sessions/end: one of one's own sessions, by its public id.
  Result<http::Response> end_session(const http::Request& request);
  /// POST /sessions/end-others
  Result<http::Response> end_other_sessions(const http::Request& request);

 private:
  /// Which company an address belongs to, and whether single sign-on is there for it.
  struct Realm {
    std::optional<directory::Account> account;
    bool single_sign_on = false;
  };
  struct Attempt;

  Result<Realm> find_realm(std::string_view email, std::string_view account_slug);
  /// The fields of both forms but the password. An address that nobody can have becomes empty.
  Result<Attempt> read_form(const http::Request& request, const http::Form& form);
  static http::Response ask_for_address(const Attempt& attempt);
  http::Response ask_for_password(const Attempt& attempt, http::Status status,
                                  std::optional<pages::Phrase> problem);
  Result<http::Response> verify_password(const Attempt& attempt);
  Result<http::Response> open_session(const Attempt& attempt, const directory::Employee& employee,
                                      std::string_view verified_hash);
  http::Response wrong_password(const Attempt& attempt);
  http::Response too_many(const Attempt& attempt, Timestamp allowed_at);
  Result<http::Response> refuse(const Attempt& attempt, const directory::Employee& employee,
                                directory::Refusal reason);

  Dependencies deps_;
  directory::PasswordLimits limits_;
  metrics::Counter& accepted_;
  metrics::Counter& refused_;
};

}  // namespace doorward::signin
