#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "directory/ids.h"
#include "json/json.h"
#include "storage/database.h"

/// The outbox: what applications and webhooks are to be told, written in the transaction of the change
/// itself.
namespace doorward::directory {

struct Event {
  EventId id;
  std::string public_id;
  Timestamp at;
  /// `employee.created`, `employee.updated`, `employee.deactivated`, `employee.reactivated`,
  /// `employee.deleted`, `sso.enabled`, `sso.disabled` …
  std::string type;
  /// Public id of the employee (or account) that it is about.
  std::string subject;
  json::Object data;
};

Result<void> append_event(storage::Transaction& transaction, AccountId account, std::string_view type,
                          std::string_view subject, const json::Object& data, Timestamp now);

/// Oldest first, those with an id above `after`. Ids only grow and are never used again, so that the last id
/// of a page is the cursor of the next.
Result<std::vector<Event>> events_after(storage::Transaction& transaction, AccountId account, EventId after,
                                        int limit);

}  // namespace doorward::directory
