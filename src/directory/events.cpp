#include "directory/events.h"

#include "directory/stored_json.h"

namespace doorward::directory {

Result<void> append_event(storage::Transaction& transaction, AccountId account, std::string_view type,
                          std::string_view subject, const json::Object& data, Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO events (account_id, public_id, at, type, subject, data) VALUES ($1, $2, $3, $4, $5, $6)",
      {account, new_public_id(), now, type, subject, json::serialize(data)}));
  return {};
}

Result<std::vector<Event>> events_after(storage::Transaction& transaction, AccountId account, EventId after,
                                        int limit) {
  StoredJson data;
  ASSIGN_OR_RETURN(std::vector<Event> events,
                   transaction.all("SELECT id, public_id, at, type, subject, data FROM events"
                                   " WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                                   {account, after, limit}, [&](const storage::Row& row) {
                                     return Event{.id = row.id<EventId>(0),
                                                  .public_id = std::string(row.text(1)),
                                                  .at = row.time(2),
                                                  .type = std::string(row.text(3)),
                                                  .subject = std::string(row.text(4)),
                                                  .data = data.read(row.text(5))};
                                   }));
  RETURN_IF_ERROR(data.status());
  return events;
}

}  // namespace doorward::directory
