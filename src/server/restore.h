#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "server/config.h"

namespace doorward::server {

struct Restored {
  /// Where the database that was there is now; empty when there was none.
  std::string kept;
  int schema_version = 0;
};

/// Puts the backup in `file` in the place of the configured SQLite database. Refuses while anything uses it,
/// and a file that is damaged, newer than this program or no database of Doorward's. Until the last step, a
/// rename, the old database stays in its place; afterwards it lies beside the new one.
Result<Restored> restore_database(const Config& config, const std::string& file, Timestamp now);

}  // namespace doorward::server
