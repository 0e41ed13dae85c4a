#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/ids.h"
#include "storage/database.h"

/// When the metadata of connections is fetched again, and how that went the last time.
namespace doorward::directory {

enum class RefreshVerdict : std::uint8_t {
  None,       ///< It has not happened yet.
  Unchanged,  ///< The provider says the same as before.
  Changed,    ///< What is new was taken over.
  Held,       ///< Something new waits for an administrator's consent.
  Failed,     ///< Nothing was learnt; nothing changed.
};
std::string_view to_text(RefreshVerdict verdict);

struct MetadataRefresh {
  Timestamp due_at;
  std::optional<Timestamp> at = {};
  RefreshVerdict verdict = RefreshVerdict::None;
  /// What was taken over, a sentence each.
  std::vector<std::string> changes = {};
  /// Why it failed, or what waits for consent.
  std::string problem = {};
  /// Names the change that waits; empty when none can be consented to.
  std::string held = {};
  /// The first of the failures in a row.
  std::optional<Timestamp> failing_since = {};
  /// When administrators were told of those failures.
  std::optional<Timestamp> told_at = {};
};

/// Nothing before the first one.
Result<std::optional<MetadataRefresh>> find_metadata_refresh(storage::Transaction& transaction,
                                                             AccountId account, ConnectionId connection);
Result<void> record_metadata_refresh(storage::Transaction& transaction, AccountId account,
                                     ConnectionId connection, const MetadataRefresh& refresh);

struct DueRefresh {
  AccountId account;
  ConnectionId connection;
};
/// Takes up to `limit` connections, of any account, whose metadata has an address and is due, and moves their
/// `due_at` to `until`: who dies with them leaves them to the next. One that was never refreshed is due
/// `interval` after it was fetched.
Result<std::vector<DueRefresh>> claim_due_refreshes(storage::Transaction& transaction, Duration interval,
                                                    Timestamp now, Timestamp until, int limit);

/// A response was signed with a key that the connection does not know: perhaps the provider has a new one.
/// The refresh is due at once, unless there was one within `kUrgentPause`, so that whoever sends forged
/// responses does not make us ask the provider again and again. Says whether it is due now.
inline constexpr std::chrono::minutes kUrgentPause{15};
Result<bool> hasten_metadata_refresh(storage::Transaction& transaction, AccountId account,
                                     ConnectionId connection, Timestamp now);

/// By SHA-256 fingerprint: since when the provider's metadata lists a certificate of the connection no more.
using WithdrawnCertificates = std::map<std::string, Timestamp>;
Result<WithdrawnCertificates> list_withdrawn_certificates(storage::Transaction& transaction,
                                                          AccountId account, ConnectionId connection);
Result<void> set_withdrawn_certificates(storage::Transaction& transaction, AccountId account,
                                        ConnectionId connection, const WithdrawnCertificates& withdrawn);

}  // namespace doorward::directory
