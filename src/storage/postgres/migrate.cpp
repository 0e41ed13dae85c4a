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
    " applied_at BIGINT NOT NULL, oldest_program BIGINT NOT NULL DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS commits (id BYTEA PRIMARY KEY, at BIGINT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS commits_at ON commits (at);";

Result<MigrationsTable> look_at_migrations(Connection& connection) {
  MigrationsTable table;
  RETURN_IF_ERROR(
      connection.run("SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass('migrations')"
                     " AND attnum > 0 AND NOT attisdropped",
                     {}, [&](const Row& row) { table.add_column(row.text(0)); }));
  return table;
}

// Not each time: it would wait for everybody who reads the table.
Result<void> prepare_own_tables(Connection& connection) {
  RETURN_IF_ERROR(connection.run_script(kOwnTables, kMigrationPatience));
  ASSIGN_OR_RETURN(const MigrationsTable table, look_at_migrations(connection));
  if (table.keeps_oldest_program) return {};
  RETURN_IF_ERROR(connection.run_script(
      "ALTER TABLE migrations ADD COLUMN oldest_program BIGINT NOT NULL DEFAULT 0", kMigrationPatience));
  return {};
}

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
  RETURN_IF_ERROR(connection.run(
      "INSERT INTO migrations (number, name, sql, applied_at, oldest_program)"
      " VALUES ($1, $2, $3, $4, $5)",
      {migration.number, migration.name, migration.sql, SystemClock().now(), migration.oldest_program}, {}));
  RETURN_IF_ERROR(connection.run_script("COMMIT", kMigrationPatience));
  return {};
}

Result<void> apply_missing(Connection& connection, const std::vector<Migration>& migrations) {
  std::map<std::int64_t, AppliedMigration> applied;
  RETURN_IF_ERROR(
      connection.run("SELECT number, sql, oldest_program FROM migrations", {}, [&](const Row& row) {
        applied.emplace(row.integer(0), AppliedMigration{std::string(row.text(1)), row.integer(2)});
      }));
  // All refusals come before the first change.
  ASSIGN_OR_RETURN(const auto missing, missing_migrations(migrations, std::move(applied)));
  for (const Migration* migration : missing)
    RETURN_IF_ERROR(apply_one(connection, *migration));
  return {};
}

}  // namespace

// Each migration is a transaction: what is interrupted goes on from there. The lock ends with the connection.
Result<void> Database::migrate(const std::vector<Migration>& migrations) {
  ASSIGN_OR_RETURN(const auto connection, Connection::open(direct_, Statements::Prepared, proofs_));
  RETURN_IF_ERROR(connection->run_script("SET statement_timeout = 0; SET client_min_messages = error",
                                         Connection::kBrief));
  RETURN_IF_ERROR(connection->run_script(
      "SELECT pg_advisory_lock(hashtextextended(COALESCE(current_schema(), '') || ' migrations', 0))",
      kMigrationPatience));
  RETURN_IF_ERROR(prepare_own_tables(*connection));
  return apply_missing(*connection, migrations);
}

Result<SchemaVersion> Database::schema_version() {
  ASSIGN_OR_RETURN(Pool::Lease connection, pool_.take());
  ASSIGN_OR_RETURN(const MigrationsTable table, look_at_migrations(*connection));
  SchemaVersion version;
  if (!table.exists) return version;
  RETURN_IF_ERROR(connection->run(table.select_version(), {}, [&](const Row& row) {
    version = {.newest = static_cast<int>(row.integer(0)),
               .oldest_program = static_cast<int>(row.integer(1))};
  }));
  return version;
}

}  // namespace doorward::storage::postgres
