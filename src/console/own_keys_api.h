#pragma once

#include "console/check_guard.h"
#include "console/requests.h"
#include "crypto/seal.h"
#include "http/message.h"

namespace doorward::console {

/// The account's own keys towards its identity providers, and their change with an overlap. For
/// administrators.
class OwnKeysApi {
 public:
  OwnKeysApi(const Dependencies& dependencies, const crypto::Sealer& sealer)
      : deps_(dependencies), sealer_(sealer) {}

  /// GET /api/v1/own-keys: certificates, what they are for, and how the change stands. No private keys.
  Result<http::Response> keys(const http::Request& request);
  /// POST /api/v1/own-keys/rotation {step}: `begin` publishes the next keys, `confirm` makes them the current
  /// ones, `cancel` publishes them no more, `keep` leaves the old ones another overlap.
  Result<http::Response> rotate(const http::Request& request);

 private:
  Dependencies deps_;
  const crypto::Sealer& sealer_;
  CheckGuard guard_;
};

}  // namespace doorward::console
