#pragma once

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// Many employees at once, from a table.
class ImportApi {
 public:
  explicit ImportApi(const Dependencies& dependencies) : deps_(dependencies) {}

  /// POST /api/v1/employees/import, text/csv: at most 5,000 rows and 2 MB, the first row naming the columns
  /// (userName, email, givenName, familyName, displayName, department), of which email or userName must be
  /// there. Says of each row whether it is `new`, `exists` (by user name; such a row changes nothing), or is
  /// `wrong`, and why. Query: `dry_run=true` only says so; otherwise all new rows are added in one
  /// transaction or none is, and nothing is added while any row is wrong, unless `skip_wrong=true` leaves
  /// those out.
  Result<http::Response> import(const http::Request& request);

 private:
  Dependencies deps_;
};

}  // namespace doorward::console
