#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/applications.h"
#include "directory/events.h"
#include "directory/ids.h"
#include "directory/webhooks.h"
#include "storage/database.h"

/// The outbox: what webhooks and applications are to be told, written in the transaction of the change, and
/// kept until it was told or given up.
namespace doorward::directory {

enum class DeliveryState : std::uint8_t { Waiting, Delivered, Dead };
std::string_view to_text(DeliveryState state);

struct Delivery {
  DeliveryId id;
  AccountId account;
  std::string public_id;
  std::optional<WebhookId> webhook;
  /// Of a back-channel logout, the departure that caused it.
  std::optional<EventId> event;
  /// Of a back-channel logout.
  std::optional<ApplicationId> application;
  std::string subject;
  std::string sid;
  DeliveryState state = DeliveryState::Waiting;
  int attempts = 0;
  Timestamp due_at;
  std::optional<Timestamp> last_at;
  int last_status = 0;  ///< HTTP's; 0 when no answer came.
  std::string last_problem;
  Timestamp created_at;
  std::optional<Timestamp> finished_at;
};

/// Called by `append_event`: one delivery for every active webhook of the account that wants this type. When
/// somebody leaves, the logouts that were queued for them in the same transaction count as this event's as
/// well, and what came of all of them is written into the audit as `employee.access_ended`.
Result<void> queue_event(storage::Transaction& transaction, AccountId account, EventId event,
                         std::string_view event_type, Timestamp now);
/// Called by what ends grants, before it appends the event: `application` has a back-channel logout URI. An
/// empty `sid` signs the subject out everywhere.
Result<void> queue_logout(storage::Transaction& transaction, AccountId account, ApplicationId application,
                          std::string_view subject, std::string_view sid, Timestamp now);
/// `webhook.test`, to this webhook alone, whatever it wants. Refuses one that is switched off.
Result<void> queue_test(storage::Transaction& transaction, const Webhook& webhook, const Actor& actor,
                        Timestamp now);

/// Calls `wake` when a transaction of this process that queued something has committed. See `on_notice` for
/// what `wake` may do.
void on_delivery_queued(storage::Database& database, std::function<void()> wake);

/// Whom something waits for: an active webhook, or an application.
struct Recipient {
  AccountId account;
  std::optional<WebhookId> webhook = {};
  std::optional<ApplicationId> application = {};

  auto operator<=>(const Recipient&) const = default;
};
struct WaitingRecipient {
  Recipient recipient;
  Timestamp due_at;  ///< When the first delivery is.
};
/// Of any account. Costs by their number, however much waits for each.
Result<std::vector<WaitingRecipient>> list_waiting_recipients(storage::Transaction& transaction);

/// Takes up to `limit` that are due, those first that are due for longest, and moves their `due_at` on to
/// `until`: a node that dies with them leaves them to the next. Others do not get them meanwhile.
Result<std::vector<Delivery>> claim_deliveries(storage::Transaction& transaction, const Recipient& recipient,
                                               Timestamp now, Timestamp until, int limit);

struct DeliveryOutcome {
  bool delivered = false;
  int status = 0;
  /// For the administrator, without secrets.
  std::string problem = {};
  /// Nothing: give it up.
  std::optional<Timestamp> again_at = {};
};
Result<void> record_delivery(storage::Transaction& transaction, AccountId account, DeliveryId id,
                             const DeliveryOutcome& outcome, Timestamp now);

/// With the event that it tells.
struct ListedDelivery {
  Delivery delivery;
  std::string event_public_id;
  std::string event_type;
  std::string event_subject;
  Timestamp event_at;
};
/// Of a webhook, newest first, before `before`.
Result<std::vector<ListedDelivery>> list_deliveries(storage::Transaction& transaction, AccountId account,
                                                    WebhookId webhook, std::optional<DeliveryId> before,
                                                    int limit);
inline constexpr ErrorCode kNoDelivery = "directory.no_delivery";
/// Once more from the beginning: a dead one or one that was delivered. One that waits is sent now.
Result<void> replay_delivery(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                             Timestamp now);

struct DeliveryCounts {
  std::int64_t waiting = 0;
  std::int64_t dead = 0;
};
Result<DeliveryCounts> count_deliveries(storage::Transaction& transaction, AccountId account,
                                        WebhookId webhook);

/// For a webhook that goes: deletes what it was told and was still to be told. A departure that waited for
/// nobody else is written down.
Result<void> forget_deliveries(storage::Transaction& transaction, AccountId account, WebhookId webhook,
                               Timestamp now);

}  // namespace doorward::directory
