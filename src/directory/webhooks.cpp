#include "directory/webhooks.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "directory/deliveries.h"
#include "directory/event_types.h"

namespace doorward::directory {
namespace {

#define WEBHOOK_COLUMNS                                                                         \
  "id, account_id, public_id, url, event_types, sealed_secret, active, created_at, created_by," \
  " sealed_old_secret, old_secret_until"

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : split(text, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

Webhook read_webhook(const storage::Row& row) {
  Webhook webhook;
  webhook.id = row.id<WebhookId>(0);
  webhook.account = row.id<AccountId>(1);
  webhook.public_id = row.text(2);
  webhook.url = row.text(3);
  webhook.event_types = words_of(row.text(4));
  webhook.sealed_secret = row.text(5);
  webhook.active = row.flag(6);
  webhook.created_at = row.time(7);
  webhook.created_by = row.text(8);
  webhook.sealed_old_secret = row.text(9);
  webhook.old_secret_until = row.optional_time(10);
  return webhook;
}

/// Binds the sealed secret to its row.
std::string webhook_context(std::string_view public_id) {
  return "webhook:" + std::string(public_id);
}

/// In its normalised spelling.
Result<std::string> check_url(std::string_view text) {
  const auto url = Url::parse(trim(text));
  if (!url) {
    return fail(ErrorKind::InvalidInput, kWebhookUrl,
                "The address " + printable(text) + " is not one: " + url.error().message);
  }
  if (!url->is_https() && !url->is_loopback()) {
    return fail(
        ErrorKind::InvalidInput, kWebhookUrl,
        "The address " + printable(text) +
            " does not begin with https://. Over http, anybody could read what happens in the account.");
  }
  return url->text();
}

/// Without repetitions, in the order of the list.
Result<std::vector<std::string>> check_event_types(std::vector<std::string> types) {
  for (const std::string& type : types) {
    if (is_event_pattern(type)) continue;
    return fail(
        ErrorKind::InvalidInput, kWebhookEventType,
        "There are no events " + printable(type) + ". Name a type, or a group of them as employee.*.");
  }
  std::ranges::sort(types);
  const auto repeated = std::ranges::unique(types);
  types.erase(repeated.begin(), repeated.end());
  return types;
}

json::Object details_of(std::string_view url, const std::vector<std::string>& event_types, bool active) {
  // Some services put a secret into the path.
  const auto parsed = Url::parse(url);
  return {{"origin", parsed ? parsed->origin() : std::string()},
          {"event_types", joined(event_types)},
          {"active", active}};
}

tl::unexpected<Error> no_webhook() {
  return fail(ErrorKind::NotFound, kNoWebhook, "The webhook does not exist any more.");
}

}  // namespace

bool Webhook::wants(std::string_view event_type) const {
  if (event_types.empty()) return true;
  return std::ranges::any_of(event_types,
                             [&](std::string_view wanted) { return event_matches(wanted, event_type); });
}

Result<Webhook> create_webhook(storage::Transaction& transaction, const crypto::Sealer& sealer,
                               const NewWebhook& webhook, const crypto::Secret& secret, const Actor& actor,
                               Timestamp now) {
  ASSIGN_OR_RETURN(const std::string url, check_url(webhook.url));
  ASSIGN_OR_RETURN(const auto event_types, check_event_types(webhook.event_types));
  ASSIGN_OR_RETURN(const auto others, list_webhooks(transaction, webhook.account));
  if (others.size() >= static_cast<std::size_t>(kMaxWebhooks)) {
    return fail(ErrorKind::Conflict, kTooManyWebhooks,
                "The account has " + std::to_string(kMaxWebhooks) + " webhooks already. Delete one first.");
  }
  const Bytes sealed = sealer.seal(webhook_context(webhook.public_id), secret.reveal());
  ASSIGN_OR_RETURN(
      std::optional<Webhook> created,
      transaction.first("INSERT INTO webhooks (account_id, public_id, url, event_types, sealed_secret,"
                        " created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                        " RETURNING " WEBHOOK_COLUMNS,
                        {webhook.account, webhook.public_id, url, joined(event_types), storage::Blob{sealed},
                         now, actor.name},
                        read_webhook));
  RETURN_IF_ERROR(record_audit(transaction, webhook.account, actor, "webhook.created", webhook.public_id,
                               details_of(url, event_types, true), now));
  return *std::move(created);
}

Result<Webhook> update_webhook(storage::Transaction& transaction, AccountId account,
                               std::string_view public_id, std::string_view url,
                               const std::vector<std::string>& event_types, bool active, const Actor& actor,
                               Timestamp now) {
  ASSIGN_OR_RETURN(Webhook webhook, load_webhook(transaction, account, public_id));
  ASSIGN_OR_RETURN(std::string new_url, check_url(url));
  ASSIGN_OR_RETURN(std::vector<std::string> new_types, check_event_types(event_types));
  if (webhook.url == new_url && webhook.event_types == new_types && webhook.active == active) return webhook;
  json::Object details = details_of(new_url, new_types, active);
  details["address_changed"] = webhook.url != new_url;
  webhook.url = std::move(new_url);
  webhook.event_types = std::move(new_types);
  webhook.active = active;
  RETURN_IF_ERROR(
      transaction.execute("UPDATE webhooks SET url = $3, event_types = $4, active = $5"
                          " WHERE account_id = $1 AND id = $2",
                          {account, webhook.id, webhook.url, joined(webhook.event_types), active}));
  RETURN_IF_ERROR(
      record_audit(transaction, account, actor, "webhook.updated", webhook.public_id, details, now));
  return webhook;
}

Result<Webhook> rotate_webhook_secret(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                      AccountId account, std::string_view public_id,
                                      const crypto::Secret& secret, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(Webhook webhook, load_webhook(transaction, account, public_id));
  webhook.sealed_old_secret =
      std::exchange(webhook.sealed_secret, sealer.seal(webhook_context(webhook.public_id), secret.reveal()));
  webhook.old_secret_until = now + kOldSecretLasts;
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE webhooks SET sealed_secret = $3, sealed_old_secret = $4, old_secret_until = $5"
      " WHERE account_id = $1 AND id = $2",
      {account, webhook.id, storage::Blob{webhook.sealed_secret}, storage::Blob{webhook.sealed_old_secret},
       webhook.old_secret_until}));
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "webhook.secret_rotated", webhook.public_id,
                               details_of(webhook.url, webhook.event_types, webhook.active), now));
  return webhook;
}

Result<void> switch_off_webhook(storage::Transaction& transaction, AccountId account, WebhookId id,
                                std::string_view reason, Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto public_id,
      transaction.first("UPDATE webhooks SET active = 0 WHERE account_id = $1 AND id = $2"
                        " AND active = 1 RETURNING public_id",
                        {account, id}, [](const storage::Row& row) { return std::string(row.text(0)); }));
  if (!public_id) return {};
  return record_audit(transaction, account, {ActorKind::System, ""}, "webhook.switched_off", *public_id,
                      {{"reason", reason}}, now);
}

Result<void> delete_webhook(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                            const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Webhook webhook, load_webhook(transaction, account, public_id));
  RETURN_IF_ERROR(forget_deliveries(transaction, account, webhook.id, now));
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM webhooks WHERE account_id = $1 AND id = $2", {account, webhook.id}));
  return record_audit(transaction, account, actor, "webhook.deleted", webhook.public_id,
                      details_of(webhook.url, webhook.event_types, webhook.active), now);
}

Result<Webhook> load_webhook(storage::Transaction& transaction, AccountId account,
                             std::string_view public_id) {
  ASSIGN_OR_RETURN(
      std::optional<Webhook> webhook,
      transaction.first("SELECT " WEBHOOK_COLUMNS " FROM webhooks WHERE account_id = $1 AND public_id = $2",
                        {account, to_ascii_lower(public_id)}, read_webhook));
  if (!webhook) return no_webhook();
  return *std::move(webhook);
}

Result<std::optional<Webhook>> find_webhook(storage::Transaction& transaction, AccountId account,
                                            WebhookId id) {
  return transaction.first("SELECT " WEBHOOK_COLUMNS " FROM webhooks WHERE account_id = $1 AND id = $2",
                           {account, id}, read_webhook);
}

Result<std::vector<Webhook>> list_webhooks(storage::Transaction& transaction, AccountId account) {
  return transaction.all("SELECT " WEBHOOK_COLUMNS " FROM webhooks WHERE account_id = $1 ORDER BY id",
                         {account}, read_webhook);
}

crypto::Secret shown_webhook_secret(const crypto::Secret& secret) {
  return crypto::Secret("whsec_" + to_base64(secret.reveal()));
}

Result<std::vector<crypto::Secret>> open_webhook_secrets(const crypto::Sealer& sealer, const Webhook& webhook,
                                                         Timestamp now) {
  const std::string context = webhook_context(webhook.public_id);
  std::vector<crypto::Secret> secrets;
  ASSIGN_OR_RETURN(crypto::Secret secret, sealer.open(context, webhook.sealed_secret));
  secrets.push_back(std::move(secret));
  if (webhook.old_secret_until && now < *webhook.old_secret_until) {
    ASSIGN_OR_RETURN(crypto::Secret old_secret, sealer.open(context, webhook.sealed_old_secret));
    secrets.push_back(std::move(old_secret));
  }
  return secrets;
}

}  // namespace doorward::directory
