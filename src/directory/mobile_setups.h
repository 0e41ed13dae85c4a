#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

/// How an account's employees sign in to the portal's mobile app: the application at the provider (Entra)
/// that the app uses with MSAL.
namespace doorward::directory {

struct MobileSetup {
  AccountId account = {};
  /// Whose people they are: links by `oid` and domains are this connection's.
  ConnectionId connection = {};
  /// The application (client) id and the tenant id at Entra.
  std::string client_id = {};
  std::string tenant_id = {};
  /// Where the tenant's OpenID configuration is: `https://login.microsoftonline.com/<tenant>/v2.0`, or a
  /// national cloud's.
  std::string authority = {};
  /// `msauth.<bundle id>://auth`; empty while iOS is not set up.
  std::string ios_redirect = {};
  /// `msauth://<package>/<signature hash>`, one for each signature hash; empty while Android is not set up.
  std::vector<std::string> android_redirects = {};
  Timestamp saved_at = {};
  std::string saved_by = {};
};

Result<std::optional<MobileSetup>> find_mobile_setup(storage::Transaction& transaction, AccountId account);
/// Writes all of it but `saved_at` and `saved_by`, which are `now` and the actor. Checking it against the
/// connection is setup/'s business.
Result<void> save_mobile_setup(storage::Transaction& transaction, const MobileSetup& setup,
                               const Actor& actor, Timestamp now);
/// Devices that are signed in stay so until they are signed out.
Result<void> remove_mobile_setup(storage::Transaction& transaction, AccountId account, const Actor& actor,
                                 Timestamp now);

}  // namespace doorward::directory
