#pragma once

#include "console/requests.h"
#include "directory/provisioning_log.h"
#include "http/message.h"

namespace doorward::console {

/// An entry of the log in a list: without bodies and changes.
json::Object view(const directory::ProvisioningEntry& entry);

/// What the directory service asked and what came of it, for administrators about their own account.
class ProvisioningLogApi {
 public:
  explicit ProvisioningLogApi(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/provisioning/log. Query: `outcome`, `subject`, `text`, `before`, `limit`.
  Result<http::Response> log(const http::Request& request);
  /// GET /api/v1/provisioning/log/{id}: with bodies and changes.
  Result<http::Response> entry(const http::Request& request);
  /// GET /api/v1/provisioning/pulse: how provisioning is doing.
  Result<http::Response> pulse(const http::Request& request);

 private:
  Dependencies deps_;
};

}  // namespace doorward::console
