#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "directory/accounts.h"
#include "directory/attempts.h"
#include "directory/connections.h"
#include "directory/employees.h"
#include "directory/grants.h"
#include "directory/identity.h"
#include "directory/mobile_setups.h"
#include "http/message.h"
#include "json/json.h"
#include "oidc/protocol/id_token.h"
#include "session/attempt_budget.h"
#include "signin/tenant_keys.h"
#include "storage/database.h"

namespace doorward::signin {

struct MobileDependencies {
  storage::Database& database;
  const Clock& clock;
  /// Without a final slash.
  std::string public_url;
  metrics::Registry& metrics;
  FetchDocument fetch;
};

/// The portal's mobile app: MSAL signs the employee in at the company's tenant (Entra), and the app hands the
/// ID token over for tokens of ours. Answers are JSON, failures as `{error, error_description, reason,
/// reference}`.
class MobileSignIn {
 public:
  explicit MobileSignIn(const MobileDependencies& dependencies);

  /// GET /mobile/{account}/configuration: what the app and its MSAL need; 404 while it is not set up.
  Result<http::Response> configuration(const http::Request& request);
  /// POST /mobile/{account}/sign-in {id_token, device_name, platform}: `platform` is `ios` or `android`.
  /// Answers `{access_token, token_type, expires_in, refresh_token, scope, employee}`; the refresh token is
  /// exchanged at /oauth2/token by the client `doorward-mobile`. A token is taken once.
  Result<http::Response> sign_in(const http::Request& request);

  /// For failures outside these handlers, below /mobile/.
  static http::Response error_response(const Error& error);

 private:
  /// An account that people may come in to by their phones.
  struct Door {
    directory::Account account;
    directory::MobileSetup setup;
    directory::Connection connection;
  };
  struct Asked;
  struct Closing;
  struct Closed;

  Result<std::optional<Door>> find_door(std::string_view slug);
  Result<oidc::protocol::IdTokenClaims> verify(const Door& door, std::string_view id_token);
  Result<Closed> close(storage::Transaction& transaction, const Closing& closing) const;
  Result<directory::Decision> decide(storage::Transaction& transaction, const Closing& closing,
                                     directory::NewAttempt& attempt, json::Object& report) const;
  Result<http::Response> finish(const Closing& closing, const Closed& closed);
  Result<http::Response> refuse(const Door& door, const Asked& asked, const Error& error);

  MobileDependencies deps_;
  const directory::GrantLifetime lifetime_;
  TenantKeys keys_;
  session::AttemptBudget budget_;
  metrics::Counter& accepted_;
  metrics::Counter& refused_;
};

}  // namespace doorward::signin
