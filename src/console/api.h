#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "directory/sessions.h"
#include "http/message.h"
#include "session/sessions.h"
#include "storage/database.h"

namespace doorward::console {

struct Dependencies {
  storage::Database& database;
  const Clock& clock;
  session::Sessions& sessions;
};

/// The JSON API that the console calls with its session cookie. Everything below `session` is for
/// administrators and about their own account only. Lists come in pages: `limit` (1 to 200), and the answer's
/// `next` for the page after.
class Api {
 public:
  explicit Api(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/session: who the cookie is; 401 when it is nobody.
  Result<http::Response> session(const http::Request& request);

  /// GET /api/v1/employees. Query: `search` (the beginning of the user name), `active`, `after`, `limit`.
  Result<http::Response> employees(const http::Request& request);
  /// GET /api/v1/domains
  Result<http::Response> domains(const http::Request& request);
  /// GET /api/v1/connections
  Result<http::Response> connections(const http::Request& request);
  /// GET /api/v1/sign-in-attempts. Query: `before`, `limit`.
  Result<http::Response> attempts(const http::Request& request);
  /// GET /api/v1/sign-in-attempts/{reference}: with the report of every check.
  Result<http::Response> attempt(const http::Request& request);
  /// GET /api/v1/audit. Query: `before`, `limit`.
  Result<http::Response> audit(const http::Request& request);

 private:
  using SignedIn = std::shared_ptr<const directory::SignedIn>;

  /// Whoever is signed in, if they are an administrator; otherwise the answer that says so.
  struct Admission {
    SignedIn administrator;
    std::optional<http::Response> refusal;
  };
  Result<Admission> admit(const http::Request& request);

  Dependencies deps_;
};

}  // namespace doorward::console
