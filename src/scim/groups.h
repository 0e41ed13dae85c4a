#pragma once

#include <string>

#include "scim/cursor.h"
#include "scim/operation.h"
#include "scim/protocol/query.h"
#include "storage/database.h"

namespace doorward::scim {

/// What a directory service does to Groups. Members are read only when they are answered: a change costs by
/// the change.
class Groups {
 public:
  Groups(storage::Database& database, std::string base_url)
      : database_(database), base_url_(std::move(base_url)) {}

  Result<Answer> create(const Operation& operation);
  Result<Answer> get(const Operation& operation);
  Result<Answer> replace(const Operation& operation);
  /// 204 without a body (Entra demands it), unless the request names attributes to answer (RFC 7644
  /// section 3.5.2).
  Result<Answer> patch(const Operation& operation);
  Result<Answer> remove(const Operation& operation);
  Result<Answer> search(const Operation& operation, const protocol::SearchRequest& request,
                        const Cursors& cursors);

 private:
  storage::Database& database_;
  const std::string base_url_;
};

}  // namespace doorward::scim
