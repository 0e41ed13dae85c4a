#pragma once

#include <string>

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// Applications that rely on Doorward, what they were given, and the end of it. Administrators see those of
/// their own account, and those that support made for all accounts, which only support may change.
class ApplicationsApi {
 public:
  /// `issuer` is the public URL.
  ApplicationsApi(const Dependencies& dependencies, std::string issuer)
      : deps_(dependencies), issuer_(std::move(issuer)) {}

  /// GET /api/v1/applications: by name.
  Result<http::Response> applications(const http::Request& request);
  /// POST /api/v1/applications {kind, name, …settings}: 201 with the application and, when it keeps secrets
  /// and brings no keys of its own, with `secret`, which is shown once.
  Result<http::Response> create(const http::Request& request);
  /// GET /api/v1/applications/{id}; the id is the client id, here and below.
  Result<http::Response> application(const http::Request& request);
  /// PUT /api/v1/applications/{id} {…settings, version}: what is not named stays as it is. What no longer
  /// fits ends. 409 when `version` is named and somebody has changed the settings since.
  Result<http::Response> edit(const http::Request& request);
  /// DELETE /api/v1/applications/{id}: ends all that it was given. 204.
  Result<http::Response> remove(const http::Request& request);

  /// POST /api/v1/applications/{id}/secrets: 201 {id, value, created_at}; the value is shown once.
  Result<http::Response> add_secret(const http::Request& request);
  /// DELETE /api/v1/applications/{id}/secrets/{secret}: 204.
  Result<http::Response> remove_secret(const http::Request& request);

  /// GET /api/v1/applications/{id}/users: {users, total}: which employees have used it and when, the last
  /// first, whether or not they are still signed in. Query: `limit`.
  Result<http::Response> users(const http::Request& request);
  /// GET /api/v1/applications/{id}/usage: who is signed in to it now, the last first. Query: `limit`.
  Result<http::Response> usage(const http::Request& request);
  /// DELETE /api/v1/applications/{id}/usage/{grant}: ends that grant. 204.
  Result<http::Response> end_usage(const http::Request& request);

  /// GET /api/v1/employees/{id}/grants: where the employee is signed in. Query: `limit`.
  Result<http::Response> grants_of_employee(const http::Request& request);
  /// GET /api/v1/employees/{id}/applications: what the employee has used and when, the last first. Query:
  /// `limit`.
  Result<http::Response> applications_of_employee(const http::Request& request);
  /// DELETE /api/v1/employees/{id}/grants/{grant}: *sign out there*. 204.
  Result<http::Response> end_grant_of_employee(const http::Request& request);
  /// POST /api/v1/employees/{id}/sign-out-everywhere: {sessions, grants}, the numbers of what ended.
  Result<http::Response> sign_out_everywhere(const http::Request& request);

 private:
  Dependencies deps_;
  std::string issuer_;
};

}  // namespace doorward::console
