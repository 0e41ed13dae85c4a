#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "directory/provisioning_log.h"
#include "storage/database.h"

namespace doorward::scim {

/// Collects the log entries of reads and failures, so that the log does not cost what the request saves.
/// Changes do not come here: they are noted in their own transaction.
class Recorder {
 public:
  /// Of an account between two flushes: the first reads are kept one by one, the others are counted.
  static constexpr std::size_t kMaxReads = 20;
  static constexpr std::size_t kMaxFailures = 200;

  /// Counts a read or a failure and says whether its entry is wanted: making one costs more than counting.
  bool wants(directory::AccountId account, directory::ProvisioningOutcome outcome);
  /// After `wants` said yes.
  void add(directory::AccountId account, directory::NewProvisioningEntry entry);
  /// Writes what was collected in one transaction. Call it about once a second and at the end.
  Result<void> flush(storage::Database& database);

 private:
  struct Collected {
    std::vector<directory::NewProvisioningEntry> entries;
    std::size_t reads = 0;
    std::size_t failures = 0;
  };

  std::mutex mutex_;
  std::unordered_map<std::int64_t, Collected> by_account_;  // Guarded by mutex_.
};

}  // namespace doorward::scim
