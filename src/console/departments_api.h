#pragma once

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// The account's tree of departments, for its administrators.
class DepartmentsApi {
 public:
  explicit DepartmentsApi(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/departments: all of them by name, each with how many employees it has itself.
  Result<http::Response> departments(const http::Request& request);
  /// POST /api/v1/departments {name, parent}: 201. `parent` is a public id; null, or absent, for the top.
  Result<http::Response> create(const http::Request& request);
  /// PUT /api/v1/departments/{id} {name, parent}: both must be said. Refuses a place below itself.
  Result<http::Response> change(const http::Request& request);
  /// DELETE /api/v1/departments/{id}: says how many employees moved to the default department, and how many
  /// groups led here. Refuses the default one, and one that has others below it.
  Result<http::Response> remove(const http::Request& request);
  /// POST /api/v1/departments/{id}/default: new employees go here from now on.
  Result<http::Response> make_default(const http::Request& request);

 private:
  Dependencies deps_;
};

}  // namespace doorward::console
