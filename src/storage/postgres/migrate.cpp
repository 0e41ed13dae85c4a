#include <map>
#include <string>
#include <utility>

#include "storage/migrations.h"
#include "storage/postgres/database.h"

namespace doorward::storage::postgres {
namespace {

/// As long as it takes: another node may be migrating, and a table may be large.
constexpr std::chrono::hours kMigrationPatience{24};

constexpr const char* kOwnTables =
    "CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL, sql TEXT NOT NULL,"
    " applied_at BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS commits (id BYTEA PRIMARY KEY, at BIGINT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS commits_at ON commits (at);";

Result<void> apply_one(Connection& connection, const Migration& migration) {
  RETURN_IF_ERROR(connection.run_script("BEGIN", kMigrationPatience));
  const auto ran = connection.run_script(std::string(migration.sql), kMigrationPatience);
  if (!ran) {
    connection.send_rollback();
    return fail(ran.error().code == kLost ? ErrorKind::Unavailable : ErrorKind::Internal,
                "storage.migration_failed",
                "Migration " + std::string(migration.name) + " failed. The database is as it was before it.",
                ran.error().detail);
  }
  RETURN_IF_ERROR(
      connection.run("INSERT INTO migrations (number, name, sql, applied_at) VALUES ($1, $2, $3, $4)",
                     {migration.number, migration.name, migration.sql, SystemClock().now()}, {}));
  RETURN_IF_ERROR(connection.run_script("COMMIT", kMigrationPatience));
  return {};
}

Result<void> apply_missing(Connection& connection, const std::vector<Migration>& migrations) {
  std::map<std::int64_t, std::string> applied;
  RETURN_IF_ERROR(connection.run("SELECT number, sql FROM migrations", {},
                                 [&](const Row& row) { applied.emplace(row.integer(0), row.text(1)); }));
  // All refusals come before the first change.
  ASSIGN_OR_RETURN(const auto missing, missing_migrations(migrations, std::move(applied)));
  for (const Migration* migration : missing)
    RETURN_IF_ERROR(apply_one(connection, *migration));
  return {};
}

}  // namespace

// Each migration is a transaction: what is interrupted goes on from there. The lock ends with the connection.
Result<void> Database::migrate(const std::vector<Migration>& migrations) {
  ASSIGN_OR_RETURN(const auto connection, Connection::open(direct_, Statements::Prepared));
  RETURN_IF_ERROR(connection->run_script("SET statement_timeout = 0; SET client_min_messages = error",
                                         Connection::kBrief));
  RETURN_IF_ERROR(connection->run_script(
      "SELECT pg_advisory_lock(hashtextextended(COALESCE(current_schema(), '') || ' migrations', 0))",
      kMigrationPatience));
  RETURN_IF_ERROR(connection->run_script(kOwnTables, kMigrationPatience));
  return apply_missing(*connection, migrations);
}

Result<int> Database::schema_version() {
  ASSIGN_OR_RETURN(Pool::Lease connection, pool_.take());
  bool migrated = false;
  RETURN_IF_ERROR(connection->run("SELECT to_regclass('migrations') IS NOT NULL", {},
                                  [&](const Row& row) { migrated = row.flag(0); }));
  if (!migrated) return 0;
  std::int64_t newest = 0;
  RETURN_IF_ERROR(connection->run("SELECT COALESCE(max(number), 0) FROM migrations", {},
                                  [&](const Row& row) { newest = row.integer(0); }));
  return static_cast<int>(newest);
}

}  // namespace doorward::storage::postgres
