#pragma once

#include <vector>

#include "storage/database.h"

namespace doorward::directory {

/// The files of migrations/, in order, as compiled into this program; for `storage::Database::migrate`.
const std::vector<storage::Migration>& migrations();

}  // namespace doorward::directory
