#include <fmt/format.h>

#include "base/text.h"
#include "crypto/random.h"
#include "directory/deliveries.h"
#include "directory/webhooks.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/key_file.h"
#include "server/paging.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using directory::Webhook;
using storage::Transaction;

constexpr Positional kWebhook = {"WEBHOOK", "Id of the webhook"};

Result<json::Object> describe_webhook(Transaction& transaction, const Webhook& webhook) {
  ASSIGN_OR_RETURN(const auto counts, directory::count_deliveries(transaction, webhook.account, webhook.id));
  return json::Object{{"id", webhook.public_id},
                      {"url", webhook.url},
                      {"event_types", json::Array(webhook.event_types.begin(), webhook.event_types.end())},
                      {"active", webhook.active},
                      {"waiting", counts.waiting},
                      {"dead", counts.dead},
                      {"created_at", time_value(webhook.created_at)},
                      {"created_by", webhook.created_by},
                      {"old_secret_until", time_value(webhook.old_secret_until)}};
}

json::Object describe_delivery(const directory::ListedDelivery& listed) {
  const directory::Delivery& delivery = listed.delivery;
  return {{"id", delivery.public_id},
          {"event", listed.event_type},
          {"event_id", listed.event_public_id},
          {"subject", listed.event_subject},
          {"state", directory::to_text(delivery.state)},
          {"attempts", delivery.attempts},
          {"due_at", time_value(delivery.due_at)},
          {"last_at", time_value(delivery.last_at)},
          {"last_status", delivery.last_status},
          {"last_problem", delivery.last_problem},
          {"created_at", time_value(delivery.created_at)},
          {"finished_at", time_value(delivery.finished_at)}};
}

Result<Reply> list_webhooks(Context& context) {
  const auto webhooks = context.read([&](Transaction& transaction) -> Result<json::Array> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto all, directory::list_webhooks(transaction, account.id));
    json::Array described;
    for (const Webhook& webhook : all) {
      ASSIGN_OR_RETURN(json::Object object, describe_webhook(transaction, webhook));
      described.push_back(std::move(object));
    }
    return described;
  });
  if (!webhooks) return fail(webhooks.error());
  return Reply{{{"webhooks", *webhooks}},
               table_text(*webhooks, {"id", "url", "active", "waiting", "dead", "created_at"},
                          "There is no webhook yet.")};
}

Result<Reply> create_webhook(Context& context) {
  ASSIGN_OR_RETURN(storage::Database * database, context.database());
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, open_key_file(context.config(), *database));
  const crypto::Secret secret(crypto::random_bytes(directory::kWebhookSecretLength));
  directory::NewWebhook wanted{.account = {}, .url = context.arguments().positional("URL")};
  // `split` gives views: the text must live as long as the loop.
  const std::string types = context.arguments().find("--events").value_or("");
  for (const std::string_view type : split(types, ',')) {
    if (!trim(type).empty()) wanted.event_types.emplace_back(trim(type));
  }
  const auto created = context.write([&](Transaction& transaction) -> Result<json::Object> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    directory::NewWebhook webhook = wanted;
    webhook.account = account.id;
    ASSIGN_OR_RETURN(const Webhook made, directory::create_webhook(transaction, sealer, webhook, secret,
                                                                   context.actor(), context.now()));
    return describe_webhook(transaction, made);
  });
  if (!created) return fail(created.error());
  const crypto::Secret shown = directory::shown_webhook_secret(secret);
  return Reply{{{"webhook", *created}, {"secret", shown.reveal()}},
               fmt::format("{}\n\nSecret  {}  (shown only now)", fields_text(*created), shown.reveal())};
}

Result<Reply> rotate_webhook(Context& context) {
  ASSIGN_OR_RETURN(storage::Database * database, context.database());
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, open_key_file(context.config(), *database));
  const crypto::Secret secret(crypto::random_bytes(directory::kWebhookSecretLength));
  const auto rotated = context.write([&](Transaction& transaction) -> Result<json::Object> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const Webhook webhook,
                     directory::rotate_webhook_secret(transaction, sealer, account.id,
                                                      context.arguments().positional("WEBHOOK"), secret,
                                                      context.actor(), context.now()));
    return describe_webhook(transaction, webhook);
  });
  if (!rotated) return fail(rotated.error());
  const crypto::Secret shown = directory::shown_webhook_secret(secret);
  return Reply{{{"webhook", *rotated}, {"secret", shown.reveal()}},
               fmt::format("{}\n\nSecret  {}  (shown only now; the old one signs as well for {} hours)",
                           fields_text(*rotated), shown.reveal(), directory::kOldSecretLasts.count())};
}

Result<Reply> remove_webhook(Context& context) {
  const std::string& id = context.arguments().positional("WEBHOOK");
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    RETURN_IF_ERROR(directory::delete_webhook(transaction, account.id, id, context.actor(), context.now()));
    return Reply{{{"deleted", id}},
                 fmt::format("Webhook {} of account {} is gone.", printable(id), account.slug)};
  });
}

Result<Reply> list_deliveries_of(Context& context) {
  const int limit = limit_of(context);
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(
        const Webhook webhook,
        directory::load_webhook(transaction, account.id, context.arguments().positional("WEBHOOK")));
    ASSIGN_OR_RETURN(const auto rows,
                     directory::list_deliveries(transaction, account.id, webhook.id,
                                                before<directory::DeliveryId>(context), limit));
    json::Array described;
    for (const directory::ListedDelivery& row : rows)
      described.push_back(describe_delivery(row));
    const json::Value next = std::cmp_equal(rows.size(), limit) ? json::Value(rows.back().delivery.id.value)
                                                                : json::Value(nullptr);
    const std::string text = table_text(
        described, {"id", "event", "subject", "state", "attempts", "last_status", "last_problem", "due_at"},
        "Nothing was sent to it yet.");
    return Reply{{{"deliveries", std::move(described)}, {"next", next}}, text + more_text(next)};
  });
}

Result<Reply> replay_delivery(Context& context) {
  const std::string& id = context.arguments().positional("DELIVERY");
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    RETURN_IF_ERROR(directory::replay_delivery(transaction, account.id, id, context.now()));
    return Reply{{{"replayed", id}}, fmt::format("Delivery {} will be sent once more.", printable(id))};
  });
}

}  // namespace

std::vector<Command> webhook_commands() {
  return {
      {.name = "webhook list",
       .summary = "List the addresses that are told of an account's events",
       .positionals = {kAccount},
       .run = list_webhooks},
      {.name = "webhook create",
       .summary = "Tell an address of an account's events, and print the secret that signs the messages",
       .positionals = {kAccount, {"URL", "Where the messages are sent: https, or http on loopback"}},
       .options = {{.name = "--events",
                    .placeholder = "TYPES",
                    .help = "Names with commas between, or employee.* (default: all)"}},
       .run = create_webhook},
      {.name = "webhook rotate",
       .summary = "Replace the secret that signs a webhook's messages, and print the new one",
       .positionals = {kAccount, kWebhook},
       .run = rotate_webhook},
      {.name = "webhook delete",
       .summary = "Tell an address nothing any more",
       .positionals = {kAccount, kWebhook},
       .run = remove_webhook},
      {.name = "webhook deliveries",
       .summary = "List what was sent to a webhook, the newest first",
       .positionals = {kAccount, kWebhook},
       .options = {limit_option(), before_option()},
       .run = list_deliveries_of},
      {.name = "webhook replay",
       .summary = "Send a message once more",
       .positionals = {kAccount, {"DELIVERY", "Id of the delivery"}},
       .run = replay_delivery},
  };
}

}  // namespace doorward::server
