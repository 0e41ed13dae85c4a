#include "storage/sqlite/connection.h"

#include <fstream>

#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace doorward::storage::sqlite {
namespace {

class ConnectionTest : public testing::Test {
 protected:
  std::unique_ptr<Connection> open(Access access) {
    auto opened = Connection::open(path_, access);
    if (!opened) throw std::runtime_error(opened.error().detail);
    return *std::move(opened);
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_.file("test.db");
};

TEST_F(ConnectionTest, SetsWhatDurabilityNeeds) {
  for (const Access access : {Access::Write, Access::Read}) {
    const auto connection = open(access);
    const auto pragma = [&](std::string_view sql) {
      std::string value;
      EXPECT_TRUE(connection->run(sql, {}, [&](const Row& row) {
        value = sql == "PRAGMA journal_mode" ? std::string(row.text(0)) : std::to_string(row.integer(0));
      }));
      return value;
    };
    // SQLite counts this one among the statements that write.
    if (access == Access::Write) {
      EXPECT_EQ(pragma("PRAGMA journal_mode"), "wal");
    }
    EXPECT_EQ(pragma("PRAGMA synchronous"), "2");
    EXPECT_EQ(pragma("PRAGMA foreign_keys"), "1");
    EXPECT_EQ(pragma("PRAGMA query_only"), access == Access::Read ? "1" : "0");
  }
}

TEST_F(ConnectionTest, SaysThatAFileIsNoDatabase) {
  std::ofstream(path_) << std::string(10'000, 'x');
  const auto opened = Connection::open(path_, Access::Write);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode("storage.damaged"));
}

TEST_F(ConnectionTest, AStatementsTextMayBeAnyPrefixOfABuffer) {
  const auto connection = open(Access::Write);
  const std::string buffer = "SELECT 1, this is not SQL";
  int rows = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(connection->run(std::string_view(buffer).substr(0, 8), {}, [&](const Row& row) {
      EXPECT_EQ(row.integer(0), 1);
      ++rows;
    }));
  }
  EXPECT_EQ(rows, 2);
}

TEST_F(ConnectionTest, ASchemaChangeIsNoticedByKeptStatements) {
  const auto connection = open(Access::Write);
  ASSERT_TRUE(connection->run_script("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1);"));
  const auto columns = [&] {
    int count = 0;
    EXPECT_TRUE(
        connection->run("SELECT * FROM t", {}, [&](const Row& row) { count += row.is_null(0) ? 0 : 1; }));
    return count;
  };
  EXPECT_EQ(columns(), 1);
  const auto other = open(Access::Write);
  ASSERT_TRUE(other->run_script("ALTER TABLE t ADD COLUMN b TEXT;"));
  EXPECT_EQ(columns(), 1);
}

TEST_F(ConnectionTest, AnExceptionOfTheCallbackLeavesTheConnectionUsable) {
  const auto connection = open(Access::Write);
  constexpr std::string_view kSql = "SELECT 1 UNION ALL SELECT 2";
  EXPECT_THROW(
      static_cast<void>(connection->run(kSql, {}, [](const Row&) { throw std::runtime_error("bug"); })),
      std::runtime_error);
  int rows = 0;
  EXPECT_TRUE(connection->run(kSql, {}, [&](const Row&) { ++rows; }));
  EXPECT_EQ(rows, 2);
  EXPECT_FALSE(connection->in_transaction());
}

TEST_F(ConnectionTest, WrongUseOfAColumnOrPlaceholderStops) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto connection = open(Access::Write);
  EXPECT_DEATH(static_cast<void>(connection->run("SELECT 'a'", {}, [](const Row& row) { row.integer(0); })),
               "SQLITE_INTEGER");
  EXPECT_DEATH(static_cast<void>(connection->run("SELECT 1", {}, [](const Row& row) { row.text(1); })),
               "column");
  EXPECT_DEATH(static_cast<void>(connection->run("SELECT $1", {1, 2}, {})), "parameters");
  EXPECT_DEATH(static_cast<void>(connection->run("SELECT $2", {1}, {})), "parameters");
}

}  // namespace
}  // namespace doorward::storage::sqlite
