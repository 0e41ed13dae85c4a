#pragma once

#include "directory/ids.h"
#include "storage/database.h"

namespace doorward::directory {

struct Retention {
  Duration attempts = std::chrono::hours(24 * 90);
  Duration password_attempts = std::chrono::hours(24);
  /// After they have expired: one that is used again tells of a thief.
  Duration grant_tokens = std::chrono::hours(24);
  /// Those that arrived; dead ones wait for somebody who sends them again.
  Duration deliveries = std::chrono::hours(24 * 30);
  /// Whoever reads the feed has read them by then.
  Duration events = std::chrono::hours(24 * 90);
  /// After the link has expired: a test that passed is among the attempts.
  Duration test_runs = std::chrono::hours(24);
  /// Those of an open batch wait for the administrator.
  Duration departures = std::chrono::hours(24 * 400);
};

/// Deletes about `limit` expired rows of each kind (sessions with what was given in them, grants, tokens,
/// deliveries, events, consumed ids, attempts, password counters, departures, test runs, entries of the
/// provisioning log that are older than the account's settings say) of an account and says how many there
/// were: call it again while it says more than none, in transactions of their own, so that no sign-in waits
/// for the clean-up.
Result<std::int64_t> delete_expired(storage::Transaction& transaction, AccountId account,
                                    const Retention& retention, Timestamp now, int limit = 500);

}  // namespace doorward::directory
