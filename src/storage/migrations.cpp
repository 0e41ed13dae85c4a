#include "storage/migrations.h"

namespace doorward::storage {

void MigrationsTable::add_column(std::string_view name) {
  exists = true;
  if (name == "oldest_program") keeps_oldest_program = true;
}

std::string_view MigrationsTable::select_version() const {
  if (!keeps_oldest_program)
    return "SELECT COALESCE(max(number), 0), COALESCE(max(number), 0) FROM migrations";
  return "SELECT COALESCE(max(number), 0),"
         " COALESCE(max(CASE WHEN oldest_program = 0 THEN number ELSE oldest_program END), 0) FROM "
         "migrations";
}

Result<std::vector<const Migration*>> missing_migrations(const std::vector<Migration>& migrations,
                                                         std::map<std::int64_t, AppliedMigration> applied) {
  std::vector<const Migration*> missing;
  for (const Migration& migration : migrations) {
    const auto found = applied.find(migration.number);
    if (found == applied.end()) {
      missing.push_back(&migration);
    } else if (found->second.sql != migration.sql) {
      return fail(ErrorKind::Conflict, "storage.migration_changed",
                  "This database was made by another build of Doorward: its migration " +
                      std::string(migration.name) + " differs from this program's. Use that build.");
    } else {
      applied.erase(found);
    }
  }
  // What is left are migrations that this program does not know.
  const std::int64_t last = migrations.empty() ? 0 : migrations.back().number;
  for (const auto& [number, unknown] : applied) {
    if (unknown.oldest_program != 0 && unknown.oldest_program <= last) continue;
    return fail(
        ErrorKind::Conflict, "storage.newer_database",
        "This database was used by a newer version of Doorward: this one does not work with its migration " +
            std::to_string(number) +
            ". Start that version or a newer one, or restore a backup from before the upgrade.");
  }
  return missing;
}

}  // namespace doorward::storage
