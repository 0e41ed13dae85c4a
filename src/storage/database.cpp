#include "storage/database.h"

#include "storage/sqlite/database.h"

namespace doorward::storage {

Result<std::unique_ptr<Database>> Database::open(const std::string& url) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (!url.starts_with(kSqlite) || url.size() == kSqlite.size()) {
    return fail(ErrorKind::InvalidInput, "storage.bad_url",
                "The database is given as sqlite:PATH, for example sqlite:/var/lib/doorward/doorward.db.");
  }
  return sqlite::Database::open(url.substr(kSqlite.size()));
}

}  // namespace doorward::storage
