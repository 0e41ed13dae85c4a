#pragma once

#include <span>
#include <string>

#include "base/clock.h"
#include "crypto/secret.h"
#include "directory/accounts.h"
#include "directory/events.h"
#include "net/send.h"

/// What a webhook is sent, by Standard Webhooks 1.0.0.
namespace doorward::jobs {

/// `{"type","timestamp","account","subject","data"}`. The same however often it is sent.
std::string webhook_body(const directory::Event& event, const directory::Account& account);

/// `v1,<base64 of HMAC-SHA256>` of `<id>.<seconds since 1970>.<body>`.
std::string webhook_signature(const crypto::Secret& secret, std::string_view id, Timestamp at,
                              std::string_view body);

/// The request with its three headers, and a signature for each of `secrets`. `at` is the time of this
/// attempt.
net::SendRequest webhook_request(const Url& url, std::span<const crypto::Secret> secrets,
                                 const directory::Event& event, const directory::Account& account,
                                 Timestamp at);

}  // namespace doorward::jobs
