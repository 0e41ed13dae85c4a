#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "console/requests.h"
#include "directory/accounts.h"
#include "http/message.h"

namespace doorward::console {

/// *Security > SSO and SCIM > Configure now*: the steps of `setup::Wizard`. All of it is for administrators,
/// about their own account; looking at it, and saying what is said on the way, also by a setup link. Whatever
/// changes something answers with the wizard as it is then, and is refused once SSO is enabled
/// (`setup.enabled_already`).
class SetupApi {
 public:
  /// `public_url` without a final slash.
  SetupApi(const Dependencies& dependencies, std::string_view public_url)
      : deps_(dependencies), public_url_(public_url) {}

  /// GET /api/v1/setup
  Result<http::Response> wizard(const http::Request& request);
  /// POST /api/v1/setup/start {}
  Result<http::Response> start(const http::Request& request);
  /// PUT /api/v1/setup/provider {provider}
  Result<http::Response> choose_provider(const http::Request& request);
  /// PUT /api/v1/setup/application {done}
  Result<http::Response> application(const http::Request& request);
  /// PUT /api/v1/setup/provisioning {declined}
  Result<http::Response> provisioning(const http::Request& request);
  /// PUT /api/v1/setup/department {department}: a public id; it becomes the default one.
  Result<http::Response> department(const http::Request& request);

  /// GET /api/v1/setup/outsiders. Query: `after`, `limit`. Active employees outside the account's domains.
  Result<http::Response> outsiders(const http::Request& request);
  /// PUT /api/v1/setup/outsiders/{id} {accepted}
  Result<http::Response> set_loss(const http::Request& request);
  /// POST /api/v1/setup/outsiders/accept-all {expected}: the number that the administrator saw.
  Result<http::Response> accept_all(const http::Request& request);

  /// POST /api/v1/setup/accept {version}: what setup links made, as `proposal` of the wizard showed it. Also
  /// once SSO is enabled, as the next.
  Result<http::Response> accept(const http::Request& request);
  /// POST /api/v1/setup/discard {}: removes what setup links made and nobody accepted.
  Result<http::Response> discard(const http::Request& request);

  /// POST /api/v1/setup/enable {accountName}
  Result<http::Response> enable(const http::Request& request);
  /// POST /api/v1/setup/cancel {accountName}
  Result<http::Response> cancel(const http::Request& request);

 private:
  using Change = std::function<Result<void>(storage::Transaction& transaction,
                                            const directory::Account& account, Timestamp now)>;
  /// Makes it in one transaction with the answer: the wizard as it is then.
  Result<http::Response> change(const Admission& admission, const Change& make);
  Result<json::Object> shown(storage::Transaction& transaction, directory::AccountId account, Timestamp now);

  Dependencies deps_;
  std::string public_url_;
};

}  // namespace doorward::console
