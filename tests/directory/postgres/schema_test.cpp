#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "directory/migrations.h"
#include "support/test_database.h"

namespace doorward::directory {
namespace {

using storage::Row;
using storage::Transaction;

/// As in migrations_test.cpp.
const std::set<std::string> kGlobal = {"accounts",
                                       "domains",
                                       "applications",
                                       "application_addresses",
                                       "application_secrets",
                                       "signing_keys",
                                       "authorization_requests"};
/// The storage room's own.
const std::set<std::string> kOwn = {"migrations", "commits"};

/// The tables of both databases, each described in the same words.
class PostgresSchemaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::TestDatabase::is_postgres())
      GTEST_SKIP() << "DOORWARD_TEST_DATABASE names no PostgreSQL server";
    postgres_place_.emplace();
    postgres_ = postgres_place_->open();
    sqlite_ = storage::Database::open("sqlite:" + folder_.file("test.db")).value();
    for (storage::Database* database : {postgres_.get(), sqlite_.get()}) {
      const auto migrated = database->migrate(migrations(database->dialect()));
      ASSERT_TRUE(migrated) << migrated.error().message << migrated.error().detail;
    }
  }

  /// The first columns of all rows.
  static std::vector<std::string> lines(storage::Database& database, std::string_view sql) {
    const auto found = database.read([&](Transaction& transaction) {
      return transaction.all(sql, {}, [](const Row& row) { return std::string(row.text(0)); });
    });
    EXPECT_TRUE(found) << found.error().message << found.error().detail;
    return found.value_or(std::vector<std::string>{});
  }
  static std::set<std::string> set_of(storage::Database& database, std::string_view sql) {
    const auto all = lines(database, sql);
    return {all.begin(), all.end()};
  }

  static bool is_own(const std::string& description) {
    return kOwn.contains(description.substr(0, description.find_first_of(" (.")));
  }
  void expect_same(std::string_view sqlite, std::string_view postgres, std::size_t at_least) {
    auto expected = set_of(*sqlite_, sqlite);
    auto found = set_of(*postgres_, postgres);
    std::erase_if(expected, is_own);
    std::erase_if(found, is_own);
    EXPECT_GE(expected.size(), at_least);
    EXPECT_EQ(found, expected);
  }

  test::TemporaryFolder folder_;
  std::optional<test::TestDatabase> postgres_place_;
  std::unique_ptr<storage::Database> postgres_;
  std::unique_ptr<storage::Database> sqlite_;
};

TEST_F(PostgresSchemaTest, BothHaveTheSameColumns) {
  expect_same(
      "SELECT t.name || '.' || c.name || ' ' || lower(c.type)"
      " || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' not null' ELSE '' END"
      " FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name NOT LIKE "
      "'sqlite_%'",
      "SELECT table_name || '.' || column_name || ' ' || CASE data_type WHEN 'bigint' THEN 'integer'"
      " WHEN 'bytea' THEN 'blob' ELSE data_type END || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' "
      "END"
      " FROM information_schema.columns WHERE table_schema = 'public'",
      300);
}

/// A primary key of PostgreSQL's has the name of SQLite's unique index, or one of its own.
TEST_F(PostgresSchemaTest, BothHaveTheSameIndexes) {
  expect_same(
      "SELECT t.name || ' ' || i.name || ' (' || (SELECT group_concat(COALESCE(x.name, '?'), ', ') FROM"
      "  (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) AS x) || ')'"
      " || CASE WHEN i.\"unique\" = 1 THEN ' unique' ELSE '' END || CASE WHEN i.partial = 1 THEN ' partial' "
      "ELSE '' END"
      " FROM sqlite_schema AS t, pragma_index_list(t.name) AS i WHERE t.type = 'table'",
      "SELECT t.relname || ' ' || i.relname || ' (' || (SELECT string_agg(COALESCE(a.attname, '?'), ', ' "
      "ORDER BY k.n)"
      "  FROM unnest(x.indkey) WITH ORDINALITY AS k (number, n)"
      "  LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.number AND k.number > 0) || ')'"
      " || CASE WHEN x.indisunique THEN ' unique' ELSE '' END"
      " || CASE WHEN x.indpred IS NOT NULL THEN ' partial' ELSE '' END"
      " FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid JOIN pg_class AS i ON i.oid = "
      "x.indexrelid"
      " WHERE t.relnamespace = 'public'::regnamespace AND i.relname NOT LIKE '%\\_pkey'",
      100);
}

TEST_F(PostgresSchemaTest, BothHaveTheSameForeignKeys) {
  expect_same(
      "SELECT t.name || ' (' || group_concat(f.\"from\", ', ') || ') ' || f.\"table\" || ' (' || "
      "group_concat(f.\"to\","
      " ', ') || ') ' || lower(f.on_delete) FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f"
      " WHERE t.type = 'table' GROUP BY t.name, f.id, f.\"table\", f.on_delete",
      "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.n)"
      "  FROM unnest(c.conkey) WITH ORDINALITY AS k (number, n)"
      "  JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number) || ') ' || r.relname || "
      "' (' ||"
      " (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY AS k "
      "(number, n)"
      "  JOIN pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = k.number) || ') ' ||"
      " CASE c.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'no action' END"
      " FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid JOIN pg_class AS r ON r.oid = "
      "c.confrelid"
      " WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace",
      40);
}

TEST_F(PostgresSchemaTest, BothHaveAsManyChecks) {
  expect_same(
      "SELECT name || ' ' || ((length(sql) - length(replace(sql, 'CHECK', ''))) / 5) FROM sqlite_schema"
      " WHERE type = 'table' AND instr(sql, 'CHECK') > 0",
      "SELECT t.relname || ' ' || count(*) FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid"
      " WHERE c.contype = 'c' AND t.relnamespace = 'public'::regnamespace GROUP BY t.relname",
      15);
}

TEST_F(PostgresSchemaTest, TextsAreOrderedByTheirBytes) {
  EXPECT_EQ(set_of(*postgres_,
                   "SELECT table_name || '.' || column_name FROM information_schema.columns"
                   " WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT"
                   " FROM 'C' AND table_name NOT IN ('migrations', 'commits')"),
            std::set<std::string>{});
}

/// What Citus asks of a table that is distributed by account: its keys lead with the account, and its foreign
/// keys stay inside it, or lead to a table that every node has.
TEST_F(PostgresSchemaTest, AnAccountsDataIsKeptTogether) {
  const std::vector<std::string> tables = lines(
      *postgres_, "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'");
  const auto of_accounts = std::ranges::count_if(
      tables, [](const std::string& table) { return !kGlobal.contains(table) && !kOwn.contains(table); });
  EXPECT_GE(of_accounts, 30);
  const auto is_not_of_account = [](const std::string& description) {
    return is_own(description) || kGlobal.contains(description.substr(0, description.find(' ')));
  };
  auto keys = lines(*postgres_,
                    "SELECT t.relname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint AS c"
                    " JOIN pg_class AS t ON t.oid = c.conrelid WHERE c.contype = 'p'"
                    " AND t.relnamespace = 'public'::regnamespace");
  std::erase_if(keys, is_not_of_account);
  EXPECT_EQ(std::ssize(keys), of_accounts);
  for (const std::string& key : keys)
    EXPECT_TRUE(key.ends_with(" PRIMARY KEY (account_id, id)")) << key;
  auto uniques = lines(*postgres_,
                       "SELECT tablename || ' ' || indexdef FROM pg_indexes WHERE schemaname = 'public'"
                       " AND indexdef LIKE 'CREATE UNIQUE%'");
  std::erase_if(uniques, is_not_of_account);
  EXPECT_GE(uniques.size(), 60u);
  for (const std::string& unique : uniques)
    EXPECT_NE(unique.find("USING btree (account_id"), std::string::npos) << unique;
  auto foreign = lines(*postgres_,
                       "SELECT t.relname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint AS c"
                       " JOIN pg_class AS t ON t.oid = c.conrelid WHERE c.contype = 'f'"
                       " AND t.relnamespace = 'public'::regnamespace");
  std::erase_if(foreign, is_not_of_account);
  for (const std::string& key : foreign) {
    const bool to_account = key.find("(account_id) REFERENCES accounts(id)") != std::string::npos;
    const bool inside = key.find("FOREIGN KEY (account_id, ") != std::string::npos &&
                        key.find("(account_id, id)") != std::string::npos;
    EXPECT_TRUE(to_account || inside) << key;
  }
}

TEST_F(PostgresSchemaTest, BothEndWithTheSameMigration) {
  EXPECT_EQ(migrations(storage::Dialect::Sqlite).back().number,
            migrations(storage::Dialect::Postgres).back().number);
  EXPECT_EQ(postgres_->schema_version()->newest, sqlite_->schema_version()->newest);
}

}  // namespace
}  // namespace doorward::directory
