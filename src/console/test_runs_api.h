#pragma once

#include <string>

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// Test sign-ins that an administrator follows while they happen in another window. All of it is for
/// administrators, about their own account.
class TestRunsApi {
 public:
  /// `public_url` without a final slash.
  TestRunsApi(const Dependencies& dependencies, std::string_view public_url)
      : deps_(dependencies), public_url_(public_url) {}

  /// POST /api/v1/setup/tests {connection}: a public id; without it the account's only active connection. 201
  /// with the link to open in a private window, which works for an hour.
  Result<http::Response> create(const http::Request& request);
  /// GET /api/v1/setup/tests/{id}: how far it is, the attempt with its checks, what the provider sent and
  /// whom it was about.
  Result<http::Response> test_run(const http::Request& request);

 private:
  Result<json::Object> shown(storage::Transaction& transaction, const directory::Account& account,
                             std::string_view id) const;

  Dependencies deps_;
  std::string public_url_;
};

}  // namespace doorward::console
