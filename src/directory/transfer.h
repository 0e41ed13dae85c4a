#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.h"

/// Moving everything from SQLite to PostgreSQL.
namespace doorward::directory {

struct TransferredTable {
  std::string name;
  std::int64_t rows = 0;
  /// 128 bits, in hex, over all values of all rows: the same on both sides, in whatever order rows are read.
  std::string checksum;
};

/// Called before each table, with its name.
using OnTable = std::function<void(std::string_view table)>;

/// Copies every row of `from`, one snapshot of it, into `to`, which has no account, with the same ids, and
/// reads it back: counts and checksums must be the same. All in one transaction of `to`: when anything fails,
/// it is as empty as before, and the copy can begin anew. Both must be at this program's version of the
/// tables, and nobody may write to `from` meanwhile.
///
/// `directory.transfer_target` when `to` has accounts; `directory.transfer_text` for what a PostgreSQL text
/// cannot hold (NUL, invalid UTF-8), with the table and the row's id.
Result<std::vector<TransferredTable>> transfer(storage::Database& from, storage::Database& to,
                                               const OnTable& on_table);

}  // namespace doorward::directory
