#pragma once

#include <string>
#include <string_view>

#include "console/requests.h"
#include "directory/test_accounts.h"
#include "http/message.h"

namespace doorward::console {

/// Accounts to try SSO in, for administrators of the account that they test for.
class TestAccountsApi {
 public:
  /// `public_url` without a final slash.
  TestAccountsApi(const Dependencies& dependencies, std::string_view public_url)
      : deps_(dependencies), public_url_(public_url) {}

  /// GET /api/v1/test-accounts: those there are, and how many there may be.
  Result<http::Response> test_accounts(const http::Request& request);
  /// POST /api/v1/test-accounts {}: 201; makes one, and shows as `access` how the administrator comes in.
  Result<http::Response> create(const http::Request& request);
  /// POST /api/v1/test-accounts/{id}/open {}: `access` once more, with a new link.
  Result<http::Response> open(const http::Request& request);
  /// DELETE /api/v1/test-accounts/{id}
  Result<http::Response> remove(const http::Request& request);

 private:
  json::Object shown(const directory::TestAccount& test_account) const;
  Result<json::Object> list(storage::Transaction& transaction, const Admission& admission) const;
  /// The list with how to come into one of them.
  Result<http::Response> opened(storage::Transaction& transaction, const Admission& admission,
                                const directory::Account& test_account, http::Status status) const;

  Dependencies deps_;
  std::string public_url_;
};

}  // namespace doorward::console
