#include "jobs/webhook_message.h"

#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace doorward::jobs {
namespace {

std::string unix_seconds_text(Timestamp time) {
  return fmt::format("{}", std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

}  // namespace

std::string webhook_body(const directory::Event& event, const directory::Account& account) {
  return json::serialize(json::Object{{"type", event.type},
                                      {"timestamp", format_rfc3339(event.at)},
                                      {"account", account.public_id},
                                      {"subject", event.subject},
                                      {"data", event.data}});
}

// Standard Webhooks, "Signature scheme". Neither an id (a UUID) nor a number has a full stop in it, so that
// no other id, time and body give the same text.
std::string webhook_signature(const crypto::Secret& secret, std::string_view id, Timestamp at,
                              std::string_view body) {
  const std::string signed_text = fmt::format("{}.{}.{}", id, unix_seconds_text(at), body);
  return "v1," + to_base64(crypto::hmac_sha256(secret.reveal(), signed_text));
}

// Standard Webhooks, "Webhook headers": several signatures have a space between, so that a secret can change
// while its receiver still has the old one.
net::SendRequest webhook_request(const Url& url, std::span<const crypto::Secret> secrets,
                                 const directory::Event& event, const directory::Account& account,
                                 Timestamp at) {
  net::SendRequest request{.method = net::SendMethod::Post, .url = url};
  request.body = webhook_body(event, account);
  std::string signatures;
  for (const crypto::Secret& secret : secrets) {
    if (!signatures.empty()) signatures += ' ';
    signatures += webhook_signature(secret, event.public_id, at, request.body);
  }
  request.headers = {{"Content-Type", "application/json"},
                     {"webhook-id", event.public_id},
                     {"webhook-timestamp", unix_seconds_text(at)},
                     {"webhook-signature", std::move(signatures)}};
  return request;
}

}  // namespace doorward::jobs
