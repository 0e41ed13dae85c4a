#include "directory/events.h"

#include "base/text.h"
#include "directory/deliveries.h"
#include "directory/event_types.h"
#include "directory/stored_json.h"

namespace doorward::directory {
namespace {

#define EVENT_COLUMNS "id, public_id, at, type, subject, data"

Event read_event(const storage::Row& row, StoredJson& data) {
  return Event{.id = row.id<EventId>(0),
               .public_id = std::string(row.text(1)),
               .at = row.time(2),
               .type = std::string(row.text(3)),
               .subject = std::string(row.text(4)),
               .data = data.read(row.text(5))};
}

}  // namespace

Result<void> append_event(storage::Transaction& transaction, AccountId account, std::string_view type,
                          std::string_view subject, const json::Object& data, Timestamp now) {
  // Nobody could choose to be told of a type that the list does not show.
  if (!is_event_type(type)) {
    return fail(ErrorKind::Internal, "directory.unknown_event_type", "An event has a type that is not known.",
                printable(type));
  }
  ASSIGN_OR_RETURN(const auto id,
                   transaction.first("INSERT INTO events (account_id, public_id, at, type, subject, data)"
                                     " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                                     {account, new_public_id(), now, type, subject, json::serialize(data)},
                                     [](const storage::Row& row) { return row.id<EventId>(0); }));
  return queue_event(transaction, account, *id, type, now);
}

Result<std::vector<Event>> events_after(storage::Transaction& transaction, AccountId account, EventId after,
                                        int limit) {
  StoredJson data;
  ASSIGN_OR_RETURN(std::vector<Event> events,
                   transaction.all("SELECT " EVENT_COLUMNS
                                   " FROM events WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                                   {account, after, limit},
                                   [&](const storage::Row& row) { return read_event(row, data); }));
  RETURN_IF_ERROR(data.status());
  return events;
}

Result<std::vector<Event>> events_before(storage::Transaction& transaction, AccountId account,
                                         std::optional<EventId> before, int limit) {
  StoredJson data;
  ASSIGN_OR_RETURN(std::vector<Event> events,
                   transaction.all("SELECT " EVENT_COLUMNS
                                   " FROM events WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                                   {account, before.value_or(EventId{INT64_MAX}), limit},
                                   [&](const storage::Row& row) { return read_event(row, data); }));
  RETURN_IF_ERROR(data.status());
  return events;
}

Result<std::optional<Event>> find_event(storage::Transaction& transaction, AccountId account, EventId id) {
  StoredJson data;
  ASSIGN_OR_RETURN(
      std::optional<Event> event,
      transaction.first("SELECT " EVENT_COLUMNS " FROM events WHERE account_id = $1 AND id = $2",
                        {account, id}, [&](const storage::Row& row) { return read_event(row, data); }));
  RETURN_IF_ERROR(data.status());
  return event;
}

}  // namespace doorward::directory
