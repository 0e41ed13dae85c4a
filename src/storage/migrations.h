#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.h"

namespace doorward::storage {

/// What a database keeps of a migration that was applied.
struct AppliedMigration {
  std::string sql;
  std::int64_t oldest_program = 0;
};

/// Those of `migrations` that are not among `applied` (by their number), in order. Refuses a database that
/// another build made (`storage.migration_changed`), or that a newer version used and this one does not work
/// with
/// (`storage.newer_database`).
Result<std::vector<const Migration*>> missing_migrations(const std::vector<Migration>& migrations,
                                                         std::map<std::int64_t, AppliedMigration> applied);

/// The table `migrations`, by its columns: early databases do not keep `oldest_program`.
struct MigrationsTable {
  bool exists = false;
  bool keeps_oldest_program = false;

  void add_column(std::string_view name);
  /// Asks an existing table for the two numbers of a `SchemaVersion`.
  std::string_view select_version() const;
};

}  // namespace doorward::storage
