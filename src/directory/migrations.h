#pragma once

#include <vector>

#include "storage/database.h"

namespace doorward::directory {

/// The files of migrations/, or of migrations/postgres/, in order, as compiled into this program; for
/// `storage::Database::migrate`. The last one has the same number in both.
const std::vector<storage::Migration>& migrations(storage::Dialect dialect);

}  // namespace doorward::directory
