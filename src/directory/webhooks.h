#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/seal.h"
#include "crypto/secret.h"
#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Addresses that are told of an account's events, by the rules of Standard Webhooks.
namespace doorward::directory {

struct Webhook {
  WebhookId id;
  AccountId account;
  std::string public_id;
  std::string url;
  /// Names of events, or `employee.*`; empty for all of them.
  std::vector<std::string> event_types;
  /// The signing secret and the one before it, see `open_webhook_secrets`.
  std::string sealed_secret;
  std::string sealed_old_secret;
  /// Until then messages are signed with the old secret as well; empty when there is none.
  std::optional<Timestamp> old_secret_until;
  bool active = true;
  Timestamp created_at;
  std::string created_by;

  bool wants(std::string_view event_type) const;
};

struct NewWebhook {
  AccountId account;
  std::string url = {};
  std::vector<std::string> event_types = {};
  std::string public_id = new_public_id();
};

inline constexpr int kMaxWebhooks = 20;
inline constexpr std::size_t kWebhookSecretLength = 32;
/// For how long a secret that was replaced signs as well: time to change the receiver.
inline constexpr std::chrono::hours kOldSecretLasts{24};
inline constexpr ErrorCode kNoWebhook = "directory.no_webhook";
inline constexpr ErrorCode kTooManyWebhooks = "directory.too_many_webhooks";
inline constexpr ErrorCode kWebhookUrl = "directory.webhook_url";
inline constexpr ErrorCode kWebhookEventType = "directory.webhook_event_type";

/// `secret` is the 32 random bytes to sign with. Refuses an address that is no https URL (http only on
/// loopback), has a user name or a fragment, and event types that do not exist.
Result<Webhook> create_webhook(storage::Transaction& transaction, const crypto::Sealer& sealer,
                               const NewWebhook& webhook, const crypto::Secret& secret, const Actor& actor,
                               Timestamp now);
/// Switched off, nothing is queued for it, and what waits stays.
Result<Webhook> update_webhook(storage::Transaction& transaction, AccountId account,
                               std::string_view public_id, std::string_view url,
                               const std::vector<std::string>& event_types, bool active, const Actor& actor,
                               Timestamp now);
/// From now on `secret` signs its messages, and for `kOldSecretLasts` the one that it replaces does as well.
Result<Webhook> rotate_webhook_secret(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                      AccountId account, std::string_view public_id,
                                      const crypto::Secret& secret, const Actor& actor, Timestamp now);
/// Because its receiver said that it wants no more; nothing when it is gone or off already.
Result<void> switch_off_webhook(storage::Transaction& transaction, AccountId account, WebhookId id,
                                std::string_view reason, Timestamp now);
/// What waits or was told goes along.
Result<void> delete_webhook(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                            const Actor& actor, Timestamp now);
Result<Webhook> load_webhook(storage::Transaction& transaction, AccountId account,
                             std::string_view public_id);
Result<std::optional<Webhook>> find_webhook(storage::Transaction& transaction, AccountId account,
                                            WebhookId id);
Result<std::vector<Webhook>> list_webhooks(storage::Transaction& transaction, AccountId account);

/// As its receiver is shown it, once: `whsec_` and the bytes in base64.
crypto::Secret shown_webhook_secret(const crypto::Secret& secret);
/// Those that sign a message at `now`, the newest first.
Result<std::vector<crypto::Secret>> open_webhook_secrets(const crypto::Sealer& sealer, const Webhook& webhook,
                                                         Timestamp now);

}  // namespace doorward::directory
