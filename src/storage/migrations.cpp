#include "storage/migrations.h"

namespace doorward::storage {

Result<std::vector<const Migration*>> missing_migrations(const std::vector<Migration>& migrations,
                                                         std::map<std::int64_t, std::string> applied) {
  std::vector<const Migration*> missing;
  for (const Migration& migration : migrations) {
    const auto found = applied.find(migration.number);
    if (found == applied.end()) {
      missing.push_back(&migration);
    } else if (found->second != migration.sql) {
      return fail(ErrorKind::Conflict, "storage.migration_changed",
                  "This database was made by another build of Doorward: its migration " +
                      std::string(migration.name) + " differs from this program's. Use that build.");
    } else {
      applied.erase(found);
    }
  }
  // What is left are migrations that this program does not know.
  if (!applied.empty()) {
    return fail(ErrorKind::Conflict, "storage.newer_database",
                "This database was used by a newer version of Doorward, which went up to migration " +
                    std::to_string(applied.rbegin()->first) +
                    ". Start that version or a newer one, or restore a backup from before the upgrade.");
  }
  return missing;
}

}  // namespace doorward::storage
