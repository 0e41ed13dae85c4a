#pragma once

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// One employee and what an administrator of the same account may do to them.
class EmployeesApi {
 public:
  explicit EmployeesApi(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/employees/{id}: with groups, department, further attributes and the last provisioning
  /// entries.
  Result<http::Response> employee(const http::Request& request);
  /// POST /api/v1/employees {userName, email, givenName, familyName, displayName, department}: 201 and the
  /// new employee, without a password. All members may be absent, but not both `userName` and `email`, which
  /// then is the user name too; nobody else may have it. `department` is a public id, the default one when
  /// absent. A member of another name is refused.
  Result<http::Response> create(const http::Request& request);
  /// PUT /api/v1/employees/{id}: the same members. Texts that are absent become empty; without `department`
  /// the employee stays where they are. What no member names, such as identifiers of the directory, stays.
  Result<http::Response> edit(const http::Request& request);
  /// POST /api/v1/employees/{id}/deactivate: refused for the last administrator.
  Result<http::Response> deactivate(const http::Request& request);
  /// POST /api/v1/employees/{id}/activate: gives access back, and no rights.
  Result<http::Response> activate(const http::Request& request);
  /// POST /api/v1/employees/{id}/grant-administrator: refused for somebody inactive.
  Result<http::Response> grant_administrator(const http::Request& request);
  /// POST /api/v1/employees/{id}/revoke-administrator: refused for the last administrator.
  Result<http::Response> revoke_administrator(const http::Request& request);

 private:
  using Act = Result<void> (*)(storage::Transaction& transaction, const directory::Employee& employee,
                               const directory::Actor& actor, Timestamp now);
  /// Does it and answers with the employee as they are now, and `note` in the words of the screen.
  Result<http::Response> act(const http::Request& request, Act change, std::string_view note);

  Dependencies deps_;
};

}  // namespace doorward::console
