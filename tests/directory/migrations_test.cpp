#include "directory/migrations.h"

#include <algorithm>
#include <set>

#include "directory_test.h"

namespace doorward::directory {
namespace {

/// The tables that hold no account's data, or find it.
const std::set<std::string> kGlobalTables = {"accounts", "domains", "migrations", "sqlite_sequence"};

class SchemaTest : public DirectoryTest {
 protected:
  std::vector<std::string> texts(std::string_view sql, storage::Parameters parameters = {}) {
    return read([&](storage::Transaction& transaction) {
      return transaction.all(sql, parameters,
                             [](const storage::Row& row) { return std::string(row.text(0)); });
    });
  }
  std::vector<std::string> account_tables() {
    std::vector<std::string> tables;
    for (std::string& name : texts("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
      if (!kGlobalTables.contains(name)) tables.push_back(std::move(name));
    }
    return tables;
  }
};

TEST_F(SchemaTest, EveryIndexOfAnAccountTableLeadsWithTheAccount) {
  ASSERT_GE(account_tables().size(), 10u);
  for (const std::string& table : account_tables()) {
    const auto indexes = texts("SELECT name FROM pragma_index_list($1)", {table});
    EXPECT_FALSE(indexes.empty()) << table;
    for (const std::string& index : indexes) {
      EXPECT_EQ(texts("SELECT name FROM pragma_index_info($1) WHERE seqno = 0", {index}).at(0), "account_id")
          << index;
    }
    // The one exception is SQLite's own row number.
    EXPECT_EQ(texts("SELECT name FROM pragma_table_info($1) WHERE pk > 0", {table}),
              std::vector<std::string>{"id"})
        << table;
  }
}

TEST_F(SchemaTest, EveryForeignKeyStaysInsideTheAccount) {
  for (const std::string& table : account_tables()) {
    const auto targets = texts("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)", {table});
    EXPECT_FALSE(targets.empty()) << table;
    for (const std::string& target : targets) {
      const auto columns =
          texts("SELECT \"from\" || '>' || \"to\" FROM pragma_foreign_key_list($1) WHERE \"table\" = $2",
                {table, target});
      const std::string expected = target == "accounts" ? "account_id>id" : "account_id>account_id";
      EXPECT_TRUE(std::ranges::find(columns, expected) != columns.end()) << table << " to " << target;
    }
  }
}

TEST_F(SchemaTest, EveryForeignKeyHasAnIndexForItsDeletions) {
  for (const std::string& table : account_tables()) {
    const auto keys =
        texts("SELECT \"from\" FROM pragma_foreign_key_list($1) WHERE \"from\" <> 'account_id'", {table});
    for (const std::string& column : keys) {
      const auto seconds = texts(
          "SELECT info.name FROM pragma_index_list($1) AS list, pragma_index_info(list.name) AS info"
          " WHERE info.seqno = 1",
          {table});
      EXPECT_TRUE(std::ranges::find(seconds, column) != seconds.end()) << table << '.' << column;
    }
  }
}

TEST_F(SchemaTest, EveryTableIsStrict) {
  EXPECT_EQ(count("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                  " AND strict = 0 AND name NOT LIKE 'sqlite_%'"),
            0);
}

TEST(MigrationsTest, AreNumberedInOrder) {
  int expected = 1;
  for (const storage::Migration& migration : migrations()) {
    EXPECT_EQ(migration.number, expected++);
    EXPECT_EQ(std::stoi(std::string(migration.name.substr(0, 4))), migration.number);
    EXPECT_FALSE(migration.sql.empty());
  }
}

}  // namespace
}  // namespace doorward::directory
