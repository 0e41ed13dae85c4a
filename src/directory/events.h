#pragma once

#include <optional>
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
  /// One of event_types.h.
  std::string type;
  /// Public id of the employee (or account) that it is about.
  std::string subject;
  json::Object data;
};

/// Also queues what webhooks are to be told of it (see deliveries.h). `type` is one of event_types.h.
Result<void> append_event(storage::Transaction& transaction, AccountId account, std::string_view type,
                          std::string_view subject, const json::Object& data, Timestamp now);

/// Oldest first, those with an id above `after`. Ids only grow and are never used again, so that the last id
/// of a page is the cursor of the next.
Result<std::vector<Event>> events_after(storage::Transaction& transaction, AccountId account, EventId after,
                                        int limit);
/// Newest first, those with an id below `before`; without one from the newest on.
Result<std::vector<Event>> events_before(storage::Transaction& transaction, AccountId account,
                                         std::optional<EventId> before, int limit);
/// Nothing when retention has taken it.
Result<std::optional<Event>> find_event(storage::Transaction& transaction, AccountId account, EventId id);

}  // namespace doorward::directory
