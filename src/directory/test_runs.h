#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

/// A test sign-in that an administrator follows in the console while it happens in another window.
namespace doorward::directory {

struct TestRun {
  TestRunId id;
  AccountId account;
  /// Names the run in its link. Whoever has the link can do nothing with it but test.
  std::string public_id;
  ConnectionId connection;
  Timestamp created_at;
  std::string created_by;
  Timestamp expires_at;
  /// When the link was followed last.
  std::optional<Timestamp> opened_at;
  /// The reference number of the attempt that came of it; empty until then.
  std::string reference;
};

inline constexpr std::chrono::hours kTestRunLifetime{1};

Result<TestRun> create_test_run(storage::Transaction& transaction, AccountId account, ConnectionId connection,
                                const Actor& actor, Timestamp now);
/// Nothing for one that never was; an expired one is still there until it is cleaned up.
Result<std::optional<TestRun>> find_test_run(storage::Transaction& transaction, AccountId account,
                                             std::string_view public_id);
/// Does nothing for a run that is unknown or expired, so that an old link is an ordinary test.
Result<void> open_test_run(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                           Timestamp now);
/// The attempt that came of it; the last one counts.
Result<void> finish_test_run(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                             std::string_view reference, Timestamp now);
/// Deletes about `limit` runs that expired before `until`.
Result<std::int64_t> delete_test_runs(storage::Transaction& transaction, AccountId account, Timestamp until,
                                      int limit);

}  // namespace doorward::directory
