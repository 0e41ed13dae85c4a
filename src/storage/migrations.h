#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/database.h"

namespace doorward::storage {

/// Those of `migrations` that are not among `applied` (their SQL by their number), in order. Refuses a
/// database that another build made (`storage.migration_changed`) or a newer version used
/// (`storage.newer_database`).
Result<std::vector<const Migration*>> missing_migrations(const std::vector<Migration>& migrations,
                                                         std::map<std::int64_t, std::string> applied);

}  // namespace doorward::storage
