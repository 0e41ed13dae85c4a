#pragma once

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// The JSON API that the console calls with its session cookie. Everything below `session` is for
/// administrators and about their own account only. Lists come in pages: `limit` (1 to 200), and the answer's
/// `next` for the page after.
class Api {
 public:
  explicit Api(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/session: who the cookie is; 401 when it is nobody.
  Result<http::Response> session(const http::Request& request);

  /// GET /api/v1/employees, ordered by user name; `total` counts all, whatever the filter. Query: `search`
  /// (words that are somewhere in the user name, the address or the names), `active`, `administrator`,
  /// `department` (a public id), `origin`, `after`, `limit`.
  Result<http::Response> employees(const http::Request& request);
  /// GET /api/v1/sign-in-attempts. Query: `before`, `limit`.
  Result<http::Response> attempts(const http::Request& request);
  /// GET /api/v1/sign-in-attempts/{reference}: with the report of every check.
  Result<http::Response> attempt(const http::Request& request);
  /// GET /api/v1/activity: sign-ins and changes by the directory, day by day. Query: `days`, 1 to 90.
  Result<http::Response> activity(const http::Request& request);
  /// GET /api/v1/audit. Query: `before`, `limit`.
  Result<http::Response> audit(const http::Request& request);

 private:
  Dependencies deps_;
};

}  // namespace doorward::console
