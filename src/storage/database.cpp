#include "storage/database.h"

#include "storage/postgres/database.h"
#include "storage/sqlite/database.h"

namespace doorward::storage {

Result<std::unique_ptr<Database>> Database::open(const std::string& url, const OpenOptions& options) {
  if (url.starts_with("postgres://") || url.starts_with("postgresql://"))
    return postgres::Database::open(url, options);
  constexpr std::string_view kSqlite = "sqlite:";
  if (!url.starts_with(kSqlite) || url.size() == kSqlite.size()) {
    return fail(ErrorKind::InvalidInput, "storage.bad_url",
                "The database is given as sqlite:PATH or postgres://USER@HOST/NAME, for example "
                "sqlite:/var/lib/doorward/doorward.db.");
  }
  return sqlite::Database::open(url.substr(kSqlite.size()));
}

}  // namespace doorward::storage
