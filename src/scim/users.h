#pragma once

#include <string>

#include "directory/employees.h"
#include "scim/cursor.h"
#include "scim/operation.h"
#include "scim/protocol/query.h"
#include "storage/database.h"

namespace doorward::scim {

/// What a directory service does to Users. Each change and its line in the log are one transaction.
class Users {
 public:
  Users(storage::Database& database, std::string base_url)
      : database_(database), base_url_(std::move(base_url)) {}

  Result<Answer> create(const Operation& operation);
  Result<Answer> get(const Operation& operation);
  Result<Answer> replace(const Operation& operation);
  Result<Answer> patch(const Operation& operation);
  Result<Answer> remove(const Operation& operation);
  /// The User of somebody who asks for themselves; no directory service is involved and nothing is logged.
  Result<http::Response> own(const directory::Employee& employee, const protocol::Projection& projection);
  Result<Answer> search(const Operation& operation, const protocol::SearchRequest& request,
                        const Cursors& cursors);

 private:
  /// The change that PUT and PATCH have in common: `wanted` makes the new resource out of the present one.
  template <class Wanted>
  Result<Answer> change(const Operation& operation, Wanted wanted);

  storage::Database& database_;
  const std::string base_url_;
};

}  // namespace doorward::scim
