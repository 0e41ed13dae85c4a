#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "directory/connections.h"
#include "directory/metadata_refreshes.h"
#include "setup/connection_check.h"
#include "storage/database.h"

/// Fetching a provider's metadata again: what is taken over by itself, what waits for an administrator, and
/// what never happens. Nobody may be locked out by it.
namespace doorward::setup {

/// A certificate that the metadata lists no more goes on counting for so long: providers change what they
/// publish before every part of them signs with the new one.
inline constexpr std::chrono::hours kCertificateOverlap{24 * 7};
/// Of those, so many at most; the ones that were withdrawn first go.
inline constexpr std::size_t kMaxWithdrawn = 16;
/// A refresh that failed is tried again after so long.
inline constexpr std::chrono::hours kRetry{1};
/// Administrators are told by mail when refreshes have failed for so long.
inline constexpr std::chrono::hours kPatience{24};

/// What a document of the same provider means for a connection.
struct RefreshPlan {
  /// To be stored.
  directory::Provider provider;
  directory::WithdrawnCertificates withdrawn;
  /// What `provider` has that the connection had not, or has no more: a sentence each.
  std::vector<std::string> changes;
  /// Addresses that wait for consent: what they are, and a name for exactly them. Both empty when none do.
  std::string held_words;
  std::string held;
};

/// `found` has the connection's entity id. New certificates count at once; addresses on the hosts that the
/// connection has already are taken over, and others only when `accepted` names them.
RefreshPlan plan_refresh(const directory::Connection& connection, const directory::Provider& found,
                         const directory::WithdrawnCertificates& withdrawn, std::string_view accepted,
                         Timestamp now);

struct RefreshOrder {
  directory::AccountId account = {};
  directory::ConnectionId connection = {};
  directory::Actor actor = {};
  /// The `held` of a refresh that the administrator consents to.
  std::string accepted = {};
  /// Until the next one.
  Duration interval = std::chrono::hours(24);
  /// 0 to 1: refreshes of many connections spread over a fifth of the interval.
  double spread = 0.5;
  /// Asked in the transaction that stores: fetching takes its time. Nothing: it is allowed.
  std::function<Result<void>(storage::Transaction&)> still_allowed = {};
};

/// Fetches, outside any transaction, and applies. What goes wrong with the provider is part of the result;
/// fails when the connection is gone, or its metadata has no address or got another one meanwhile.
Result<directory::MetadataRefresh> refresh_metadata(storage::Database& database, const Clock& clock,
                                                    const FetchMetadata& fetch, const RefreshOrder& order);

}  // namespace doorward::setup
