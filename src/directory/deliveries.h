#pragma once

#include <cstdint>
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

/// Called by `append_event`: one delivery for every active webhook of the account that wants this type.
Result<void> queue_event(storage::Transaction& transaction, AccountId account, EventId event,
                         std::string_view event_type, Timestamp now);
/// Called by what ends grants: `application` has a back-channel logout URI. An empty `sid` signs the subject
/// out everywhere.
Result<void> queue_logout(storage::Transaction& transaction, AccountId account, ApplicationId application,
                          std::string_view subject, std::string_view sid, Timestamp now);

/// Takes up to `limit` that are due, of any account, oldest first, and moves their `due_at` on to `until`: a
/// node that dies with them leaves them to the next. Others do not get them meanwhile.
Result<std::vector<Delivery>> claim_deliveries(storage::Transaction& transaction, Timestamp now,
                                               Timestamp until, int limit);
/// When the next one is due; nothing when none waits.
Result<std::optional<Timestamp>> next_delivery_at(storage::Transaction& transaction);

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

/// Of a webhook, newest first, before `before`.
Result<std::vector<Delivery>> list_deliveries(storage::Transaction& transaction, AccountId account,
                                              WebhookId webhook, std::optional<DeliveryId> before, int limit);
/// Once more from the beginning: a dead one or one that was delivered.
Result<void> replay_delivery(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                             Timestamp now);

}  // namespace doorward::directory
