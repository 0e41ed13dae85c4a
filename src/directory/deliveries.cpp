#include "directory/deliveries.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "directory/accounts.h"
#include "directory/event_types.h"
#include "directory/names.h"

namespace doorward::directory {
namespace {

constexpr std::string_view kChannel = "doorward_deliveries";

constexpr Names<DeliveryState, 3> kDeliveryStates = {{{DeliveryState::Waiting, "waiting"},
                                                      {DeliveryState::Delivered, "delivered"},
                                                      {DeliveryState::Dead, "dead"}}};

/// Both kinds of recipient as one number, which leads the index of what waits.
#define DELIVERY_RECIPIENT "COALESCE(webhook_id, -application_id)"

#define DELIVERY_COLUMNS                                                                            \
  "id, account_id, public_id, webhook_id, event_id, application_id, subject, sid, state, attempts," \
  " due_at, last_at, last_status, last_problem, created_at, finished_at"
constexpr int kDeliveryColumns = 16;

template <class Id>
std::optional<Id> optional_id(const storage::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.id<Id>(column);
}

Delivery read_delivery(const storage::Row& row) {
  Delivery delivery;
  delivery.id = row.id<DeliveryId>(0);
  delivery.account = row.id<AccountId>(1);
  delivery.public_id = row.text(2);
  delivery.webhook = optional_id<WebhookId>(row, 3);
  delivery.event = optional_id<EventId>(row, 4);
  delivery.application = optional_id<ApplicationId>(row, 5);
  delivery.subject = row.text(6);
  delivery.sid = row.text(7);
  delivery.state = stored_value(kDeliveryStates, row.text(8));
  delivery.attempts = static_cast<int>(row.integer(9));
  delivery.due_at = row.time(10);
  delivery.last_at = row.optional_time(11);
  delivery.last_status = static_cast<int>(row.integer(12));
  delivery.last_problem = row.text(13);
  delivery.created_at = row.time(14);
  delivery.finished_at = row.optional_time(15);
  return delivery;
}

std::int64_t number_of(const Recipient& recipient) {
  return recipient.webhook ? recipient.webhook->value
                           : -recipient.application.value_or(ApplicationId{}).value;
}

Recipient recipient_of(AccountId account, std::int64_t number) {
  if (number > 0) return {.account = account, .webhook = WebhookId{number}};
  return {.account = account, .application = ApplicationId{-number}};
}

Result<void> say_queued(storage::Transaction& transaction) {
  return transaction.notify(kChannel, "");
}

Result<void> insert_for_webhook(storage::Transaction& transaction, const Webhook& webhook, EventId event,
                                Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO deliveries (account_id, public_id, webhook_id, event_id, state, due_at,"
      " created_at) VALUES ($1, $2, $3, $4, 'waiting', $5, $5)",
      {webhook.account, new_public_id(), webhook.id, event, now}));
  return {};
}

/// Where the address leads; some services put a secret into the path.
std::string site_of(std::string_view address) {
  const auto url = Url::parse(address);
  return url ? url->origin() : std::string();
}

/// One of those who were to be told that somebody left. An application gets several logout tokens, and is
/// told when it took all of them.
struct Told {
  bool delivered = false;
  bool is_webhook = false;
  std::string name = {};
  std::string problem = {};
  Timestamp finished_at = {};
};

Result<std::vector<Told>> list_told(storage::Transaction& transaction, AccountId account, EventId event) {
  std::map<std::int64_t, Told> all;
  RETURN_IF_ERROR(transaction.query(
      "SELECT d.state, COALESCE(d.webhook_id, -d.application_id), COALESCE(w.url, a.name, ''), "
      "d.last_problem,"
      " d.finished_at FROM deliveries AS d"
      " LEFT JOIN webhooks AS w ON w.account_id = d.account_id AND w.id = d.webhook_id"
      " LEFT JOIN applications AS a ON a.id = d.application_id"
      " WHERE d.account_id = $1 AND d.event_id = $2",
      {account, event}, [&](const storage::Row& row) {
        const std::int64_t recipient = row.integer(1);
        const bool is_webhook = recipient > 0;
        const auto [place, is_new] = all.try_emplace(recipient);
        Told& told = place->second;
        if (is_new) {
          told = {.delivered = true,
                  .is_webhook = is_webhook,
                  .name = is_webhook ? site_of(row.text(2)) : std::string(row.text(2))};
        }
        if (row.text(0) != to_text(DeliveryState::Delivered)) {
          told.delivered = false;
          told.problem = row.text(3);
        }
        told.finished_at = std::max(told.finished_at, row.optional_time(4).value_or(Timestamp{}));
      }));
  std::vector<Told> list;
  list.reserve(all.size());
  for (auto& [recipient, told] : all)
    list.push_back(std::move(told));
  return list;
}

/// Access here ended in the transaction of the departure; this tells how long it took to tell the others.
json::Object told_details(const std::vector<Told>& all, Timestamp left_at) {
  json::Array told;
  json::Array not_told;
  std::int64_t applications = 0;
  std::int64_t slowest = 0;
  for (const Told& each : all) {
    json::Object entry = {{"name", each.name}, {"kind", each.is_webhook ? "webhook" : "application"}};
    if (!each.is_webhook) ++applications;
    if (each.delivered) {
      const std::int64_t took = (each.finished_at - left_at).count();
      slowest = std::max(slowest, took);
      entry["ms"] = took;
      told.push_back(std::move(entry));
    } else {
      entry["problem"] = each.problem;
      not_told.push_back(std::move(entry));
    }
  }
  return {{"ended_here_ms", 0},
          {"applications", applications},
          {"webhooks", static_cast<std::int64_t>(all.size()) - applications},
          {"told", std::move(told)},
          {"not_told", std::move(not_told)},
          {"slowest_ms", slowest}};
}

/// Writes down what came of a departure once nobody is left to be told. Nothing for another event.
Result<void> settle_departure(storage::Transaction& transaction, AccountId account, EventId event,
                              Timestamp now) {
  ASSIGN_OR_RETURN(const std::optional<Event> departure, find_event(transaction, account, event));
  if (!departure || !is_departure(departure->type)) return {};
  ASSIGN_OR_RETURN(
      const auto waiting,
      transaction.first("SELECT id FROM deliveries WHERE account_id = $1 AND event_id = $2"
                        " AND state = 'waiting' LIMIT 1",
                        {account, event}, [](const storage::Row& row) { return row.integer(0); }));
  if (waiting) return {};
  ASSIGN_OR_RETURN(const std::vector<Told> all, list_told(transaction, account, event));
  return record_audit(transaction, account, {ActorKind::System, ""}, "employee.access_ended",
                      departure->subject, told_details(all, departure->at), now);
}

/// The logouts that the same transaction queued for whoever left.
Result<void> adopt_logouts(storage::Transaction& transaction, AccountId account, EventId event,
                           Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE deliveries SET event_id = $2 WHERE account_id = $1 AND application_id IS NOT NULL"
      " AND subject = (SELECT e.subject FROM events AS e WHERE e.account_id = $1 AND e.id = $2)"
      " AND created_at = $3 AND state = 'waiting'",
      {account, event, now}));
  return {};
}

}  // namespace

std::string_view to_text(DeliveryState state) {
  return name_of(kDeliveryStates, state);
}

Result<void> queue_event(storage::Transaction& transaction, AccountId account, EventId event,
                         std::string_view event_type, Timestamp now) {
  ASSIGN_OR_RETURN(std::vector<Webhook> webhooks, list_webhooks(transaction, account));
  std::erase_if(webhooks,
                [&](const Webhook& webhook) { return !webhook.active || !webhook.wants(event_type); });
  for (const Webhook& webhook : webhooks)
    RETURN_IF_ERROR(insert_for_webhook(transaction, webhook, event, now));
  if (!webhooks.empty()) RETURN_IF_ERROR(say_queued(transaction));
  if (!is_departure(event_type)) return {};
  RETURN_IF_ERROR(adopt_logouts(transaction, account, event, now));
  return settle_departure(transaction, account, event, now);
}

Result<void> queue_logout(storage::Transaction& transaction, AccountId account, ApplicationId application,
                          std::string_view subject, std::string_view sid, Timestamp now) {
  RETURN_IF_ERROR(
      transaction.execute("INSERT INTO deliveries (account_id, public_id, application_id, subject, sid, "
                          "state, due_at, created_at)"
                          " VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6)",
                          {account, new_public_id(), application, subject, sid, now}));
  return say_queued(transaction);
}

Result<void> queue_test(storage::Transaction& transaction, const Webhook& webhook, const Actor& actor,
                        Timestamp now) {
  if (!webhook.active) {
    return fail(ErrorKind::Conflict, "directory.webhook_off",
                "The webhook is switched off, so nothing is sent to it. Switch it on first.");
  }
  ASSIGN_OR_RETURN(const Account account, load_account(transaction, webhook.account));
  ASSIGN_OR_RETURN(
      const auto event,
      transaction.first("INSERT INTO events (account_id, public_id, at, type, subject, data)"
                        " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                        {account.id, new_public_id(), now, kTestEvent, account.public_id,
                         json::serialize(json::Object{{"webhook", webhook.public_id}, {"by", actor.name}})},
                        [](const storage::Row& row) { return row.id<EventId>(0); }));
  RETURN_IF_ERROR(insert_for_webhook(transaction, webhook, *event, now));
  return say_queued(transaction);
}

void on_delivery_queued(storage::Database& database, std::function<void()> wake) {
  database.listen(kChannel, [wake = std::move(wake)](std::string_view) { wake(); });
}

Result<std::vector<WaitingRecipient>> list_waiting_recipients(storage::Transaction& transaction) {
  // From one account to the next that has something, and in it from one recipient to the next: each step is
  // one seek in the index, past all that waits for the same one.
  return transaction.all(
      "WITH RECURSIVE waiting_accounts (account_id) AS ("
      " SELECT min(account_id) FROM deliveries WHERE state = 'waiting'"
      " UNION ALL SELECT (SELECT min(d.account_id) FROM deliveries AS d WHERE d.state = 'waiting'"
      "  AND d.account_id > a.account_id) FROM waiting_accounts AS a WHERE a.account_id IS NOT NULL),"
      " recipients (account_id, recipient) AS ("
      " SELECT a.account_id, (SELECT " DELIVERY_RECIPIENT
      " FROM deliveries WHERE state = 'waiting' AND account_id = a.account_id"
      "  ORDER BY " DELIVERY_RECIPIENT
      " LIMIT 1) FROM waiting_accounts AS a WHERE a.account_id IS NOT NULL"
      " UNION ALL SELECT r.account_id, (SELECT " DELIVERY_RECIPIENT
      " FROM deliveries WHERE state = 'waiting' AND account_id = r.account_id AND " DELIVERY_RECIPIENT
      " > r.recipient ORDER BY " DELIVERY_RECIPIENT
      " LIMIT 1) FROM recipients AS r WHERE r.recipient IS NOT NULL)"
      " SELECT r.account_id, r.recipient, (SELECT min(due_at) FROM deliveries WHERE state = 'waiting'"
      "  AND account_id = r.account_id AND " DELIVERY_RECIPIENT
      " = r.recipient) FROM recipients AS r WHERE r.recipient IS NOT NULL AND NOT EXISTS"
      " (SELECT 1 FROM webhooks AS w WHERE w.account_id = r.account_id AND w.id = r.recipient AND w.active = "
      "0)",
      {}, [](const storage::Row& row) {
        return WaitingRecipient{.recipient = recipient_of(row.id<AccountId>(0), row.integer(1)),
                                .due_at = row.time(2)};
      });
}

Result<std::vector<Delivery>> claim_deliveries(storage::Transaction& transaction, const Recipient& recipient,
                                               Timestamp now, Timestamp until, int limit) {
  // Two that claim at once find the same rows; the second waits for the first and then sees the new due
  // times.
  ASSIGN_OR_RETURN(
      std::vector<Delivery> claimed,
      transaction.all("UPDATE deliveries SET due_at = $4 WHERE account_id = $1 AND id IN"
                      " (SELECT id FROM deliveries WHERE state = 'waiting' AND account_id = $1"
                      "  AND " DELIVERY_RECIPIENT " = $2 AND due_at <= $3 ORDER BY due_at LIMIT $5)"
                      " AND state = 'waiting' AND due_at <= $3 RETURNING " DELIVERY_COLUMNS,
                      {recipient.account, number_of(recipient), now, until, limit}, read_delivery));
  // RETURNING has no order.
  std::ranges::sort(claimed, {}, &Delivery::id);
  return claimed;
}

Result<void> record_delivery(storage::Transaction& transaction, AccountId account, DeliveryId id,
                             const DeliveryOutcome& outcome, Timestamp now) {
  const bool finished = outcome.delivered || !outcome.again_at;
  const DeliveryState state = outcome.delivered ? DeliveryState::Delivered
                              : finished        ? DeliveryState::Dead
                                                : DeliveryState::Waiting;
  ASSIGN_OR_RETURN(
      const auto event,
      transaction.first(
          "UPDATE deliveries SET state = $3, attempts = attempts + 1, due_at = COALESCE($4, due_at),"
          " last_at = $5, last_status = $6, last_problem = $7, finished_at = $8"
          " WHERE account_id = $1 AND id = $2 AND state = 'waiting' RETURNING event_id",
          {account, id, to_text(state), outcome.again_at, now, outcome.status,
           printable(outcome.problem, 500), finished ? std::optional(now) : std::nullopt},
          [](const storage::Row& row) { return optional_id<EventId>(row, 0); }));
  if (!finished || !event || !*event) return {};
  return settle_departure(transaction, account, **event, now);
}

Result<std::vector<ListedDelivery>> list_deliveries(storage::Transaction& transaction, AccountId account,
                                                    WebhookId webhook, std::optional<DeliveryId> before,
                                                    int limit) {
  return transaction.all(
      "SELECT d.id, d.account_id, d.public_id, d.webhook_id, d.event_id, d.application_id, d.subject, d.sid,"
      " d.state, d.attempts, d.due_at, d.last_at, d.last_status, d.last_problem, d.created_at, d.finished_at,"
      " e.public_id, e.type, e.subject, e.at FROM deliveries AS d"
      " JOIN events AS e ON e.account_id = d.account_id AND e.id = d.event_id"
      " WHERE d.account_id = $1 AND d.webhook_id = $2 AND d.id < $3 ORDER BY d.id DESC LIMIT $4",
      {account, webhook, before.value_or(DeliveryId{INT64_MAX}), limit}, [](const storage::Row& row) {
        return ListedDelivery{.delivery = read_delivery(row),
                              .event_public_id = std::string(row.text(kDeliveryColumns)),
                              .event_type = std::string(row.text(kDeliveryColumns + 1)),
                              .event_subject = std::string(row.text(kDeliveryColumns + 2)),
                              .event_at = row.time(kDeliveryColumns + 3)};
      });
}

Result<void> replay_delivery(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                             Timestamp now) {
  ASSIGN_OR_RETURN(
      const std::int64_t changed,
      transaction.execute(
          "UPDATE deliveries SET attempts = CASE WHEN state = 'waiting' THEN attempts ELSE 0 END,"
          " state = 'waiting', due_at = $3, finished_at = NULL WHERE account_id = $1 AND public_id = $2",
          {account, to_ascii_lower(public_id), now}));
  if (changed == 0) return fail(ErrorKind::NotFound, kNoDelivery, "The delivery does not exist any more.");
  return say_queued(transaction);
}

Result<DeliveryCounts> count_deliveries(storage::Transaction& transaction, AccountId account,
                                        WebhookId webhook) {
  ASSIGN_OR_RETURN(
      const auto counts,
      transaction.first("SELECT (SELECT count(*) FROM deliveries WHERE state = 'waiting' AND account_id = $1"
                        "  AND " DELIVERY_RECIPIENT
                        " = $2), (SELECT count(*) FROM deliveries WHERE state = 'dead' AND account_id = $1"
                        "  AND webhook_id = $2)",
                        {account, webhook}, [](const storage::Row& row) {
                          return DeliveryCounts{.waiting = row.integer(0), .dead = row.integer(1)};
                        }));
  return counts.value_or(DeliveryCounts{});
}

Result<void> forget_deliveries(storage::Transaction& transaction, AccountId account, WebhookId webhook,
                               Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto waited,
      transaction.all("SELECT DISTINCT event_id FROM deliveries WHERE account_id = $1 AND webhook_id = $2"
                      " AND state = 'waiting' ORDER BY event_id",
                      {account, webhook}, [](const storage::Row& row) { return row.id<EventId>(0); }));
  RETURN_IF_ERROR(transaction.execute("DELETE FROM deliveries WHERE account_id = $1 AND webhook_id = $2",
                                      {account, webhook}));
  for (const EventId event : waited) {
    RETURN_IF_ERROR(settle_departure(transaction, account, event, now));
  }
  return {};
}

}  // namespace doorward::directory
