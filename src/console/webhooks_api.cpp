#include "console/webhooks_api.h"

#include <array>

#include "crypto/random.h"
#include "directory/deliveries.h"
#include "directory/webhooks.h"

namespace doorward::console {

namespace {

using directory::Webhook;

constexpr std::array<std::string_view, 2> kNewWebhookMembers = {"url", "event_types"};
constexpr std::array<std::string_view, 4> kWebhookMembers = {"url", "event_types", "active", "version"};

/// What an administrator may write, as it is.
json::Object editable(const Webhook& webhook) {
  return {{"url", webhook.url},
          {"event_types", json::Array(webhook.event_types.begin(), webhook.event_types.end())},
          {"active", webhook.active}};
}

Result<json::Object> webhook_view(storage::Transaction& transaction, const Webhook& webhook) {
  ASSIGN_OR_RETURN(const auto counts, directory::count_deliveries(transaction, webhook.account, webhook.id));
  json::Object shown = editable(webhook);
  shown["version"] = version_of(shown);
  shown["id"] = webhook.public_id;
  shown["created_at"] = format_rfc3339(webhook.created_at);
  shown["created_by"] = webhook.created_by;
  shown["old_secret_until"] = time_or_null(webhook.old_secret_until);
  shown["waiting"] = counts.waiting;
  shown["dead"] = counts.dead;
  return shown;
}

json::Object delivery_view(const directory::ListedDelivery& listed) {
  const directory::Delivery& delivery = listed.delivery;
  return {{"id", delivery.public_id},
          {"event", json::Object{{"id", listed.event_public_id},
                                 {"type", listed.event_type},
                                 {"at", format_rfc3339(listed.event_at)},
                                 {"subject", listed.event_subject}}},
          {"state", directory::to_text(delivery.state)},
          {"attempts", delivery.attempts},
          {"due_at", format_rfc3339(delivery.due_at)},
          {"last_at", time_or_null(delivery.last_at)},
          {"last_status", delivery.last_status},
          {"last_problem", delivery.last_problem},
          {"created_at", format_rfc3339(delivery.created_at)},
          {"finished_at", time_or_null(delivery.finished_at)}};
}

/// Absent: all of them.
Result<std::vector<std::string>> event_types_of(const json::Object& body) {
  std::vector<std::string> types;
  const json::Value* member = body.if_contains("event_types");
  if (member == nullptr || member->is_null()) return types;
  const auto not_names = [] {
    return fail(ErrorKind::InvalidInput, "api.invalid_event_types", "“event_types” must be a list of names.");
  };
  if (!member->is_array()) return not_names();
  for (const json::Value& name : member->as_array()) {
    if (!name.is_string()) return not_names();
    types.emplace_back(name.as_string());
  }
  return types;
}

}  // namespace

Result<http::Response> WebhooksApi::webhooks(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto webhooks, directory::list_webhooks(transaction, admission.account()));
    json::Array items;
    for (const Webhook& webhook : webhooks) {
      ASSIGN_OR_RETURN(json::Object item, webhook_view(transaction, webhook));
      items.push_back(std::move(item));
    }
    return answer({{"webhooks", std::move(items)}});
  });
}

Result<http::Response> WebhooksApi::create(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kNewWebhookMembers));
  directory::NewWebhook wanted{.account = admission.account()};
  ASSIGN_OR_RETURN(wanted.url, json::required_string(body, "url"));
  ASSIGN_OR_RETURN(wanted.event_types, event_types_of(body));
  const crypto::Secret secret(crypto::random_bytes(directory::kWebhookSecretLength));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const Webhook created, directory::create_webhook(transaction, sealer_, wanted, secret,
                                                                      admission.actor(), deps_.clock.now()));
    ASSIGN_OR_RETURN(json::Object shown, webhook_view(transaction, created));
    shown["secret"] = directory::shown_webhook_secret(secret).reveal();
    return answer(shown, http::Status::Created);
  });
}

Result<http::Response> WebhooksApi::webhook(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const Webhook found,
                     directory::load_webhook(transaction, admission.account(), request.parameter("id")));
    ASSIGN_OR_RETURN(const json::Object shown, webhook_view(transaction, found));
    return answer(shown);
  });
}

Result<http::Response> WebhooksApi::update(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kWebhookMembers));
  ASSIGN_OR_RETURN(const std::string url, json::required_string(body, "url"));
  ASSIGN_OR_RETURN(const auto event_types, event_types_of(body));
  ASSIGN_OR_RETURN(const bool active, required_bool(body, "active"));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const Webhook before,
                     directory::load_webhook(transaction, admission.account(), request.parameter("id")));
    RETURN_IF_ERROR(check_version(body, editable(before)));
    ASSIGN_OR_RETURN(const Webhook updated,
                     directory::update_webhook(transaction, admission.account(), request.parameter("id"), url,
                                               event_types, active, admission.actor(), deps_.clock.now()));
    ASSIGN_OR_RETURN(const json::Object shown, webhook_view(transaction, updated));
    return answer(shown);
  });
}

Result<http::Response> WebhooksApi::remove(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
    return directory::delete_webhook(transaction, admission.account(), request.parameter("id"),
                                     admission.actor(), deps_.clock.now());
  }));
  return answer({{"deleted", true}});
}

Result<http::Response> WebhooksApi::rotate(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  const crypto::Secret secret(crypto::random_bytes(directory::kWebhookSecretLength));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(
        const Webhook rotated,
        directory::rotate_webhook_secret(transaction, sealer_, admission.account(), request.parameter("id"),
                                         secret, admission.actor(), deps_.clock.now()));
    ASSIGN_OR_RETURN(json::Object shown, webhook_view(transaction, rotated));
    shown["secret"] = directory::shown_webhook_secret(secret).reveal();
    return answer(shown);
  });
}

Result<http::Response> WebhooksApi::test(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const Webhook found,
                     directory::load_webhook(transaction, admission.account(), request.parameter("id")));
    return directory::queue_test(transaction, found, admission.actor(), deps_.clock.now());
  }));
  return answer({{"queued", true}});
}

Result<http::Response> WebhooksApi::deliveries(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto before, cursor_field<directory::DeliveryId>(query, "before"));
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const Webhook found,
                     directory::load_webhook(transaction, admission.account(), request.parameter("id")));
    ASSIGN_OR_RETURN(const auto rows,
                     directory::list_deliveries(transaction, admission.account(), found.id, before, limit));
    json::Array items;
    for (const directory::ListedDelivery& row : rows)
      items.push_back(delivery_view(row));
    json::Object page{{"deliveries", std::move(items)}, {"next", nullptr}};
    if (static_cast<int>(rows.size()) == limit) page["next"] = rows.back().delivery.id.value;
    return answer(page);
  });
}

Result<http::Response> WebhooksApi::replay(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
    return directory::replay_delivery(transaction, admission.account(), request.parameter("id"),
                                      deps_.clock.now());
  }));
  return answer({{"queued", true}});
}

}  // namespace doorward::console
