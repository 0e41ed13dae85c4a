#pragma once

#include "console/requests.h"
#include "crypto/seal.h"
#include "http/message.h"

namespace doorward::console {

/// Addresses that are told of the account's events, and what became of each message. All of it is for
/// administrators, about their own account.
class WebhooksApi {
 public:
  WebhooksApi(const Dependencies& dependencies, const crypto::Sealer& sealer)
      : deps_(dependencies), sealer_(sealer) {}

  /// GET /api/v1/webhooks.
  Result<http::Response> webhooks(const http::Request& request);
  /// POST /api/v1/webhooks {url, event_types}: 201, and the secret this one time.
  Result<http::Response> create(const http::Request& request);
  /// GET /api/v1/webhooks/{id}.
  Result<http::Response> webhook(const http::Request& request);
  /// PUT /api/v1/webhooks/{id} {url, event_types, active}.
  Result<http::Response> update(const http::Request& request);
  /// DELETE /api/v1/webhooks/{id}.
  Result<http::Response> remove(const http::Request& request);
  /// POST /api/v1/webhooks/{id}/secret: a new secret, shown this one time; the old one signs as well for a
  /// while.
  Result<http::Response> rotate(const http::Request& request);
  /// POST /api/v1/webhooks/{id}/test: sends `webhook.test`.
  Result<http::Response> test(const http::Request& request);
  /// GET /api/v1/webhooks/{id}/deliveries. Query: `before`, `limit`.
  Result<http::Response> deliveries(const http::Request& request);
  /// POST /api/v1/deliveries/{id}/replay.
  Result<http::Response> replay(const http::Request& request);

 private:
  Dependencies deps_;
  const crypto::Sealer& sealer_;
};

}  // namespace doorward::console
