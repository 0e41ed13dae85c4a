#include "storage/postgres/connection.h"

#include <chrono>
#include <thread>

#include "storage/postgres/postgres_test.h"

namespace doorward::storage::postgres {
namespace {

class ConnectionTest : public PostgresTest {
 protected:
  static std::int64_t number(Connection& connection, std::string_view sql) {
    std::int64_t value = -4711;
    const auto ran = connection.run(sql, {}, [&](const Row& row) { value = row.integer(0); });
    EXPECT_TRUE(ran) << sql << ran.error().detail;
    return value;
  }
};

TEST_F(ConnectionTest, ReadsEveryKindOfNumber) {
  const auto connection = connect();
  for (const std::int64_t expected :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{9'999}, std::int64_t{10'000},
        std::int64_t{-20'000'000}, std::int64_t{123'456'789'012'345},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    const std::string literal = "'" + std::to_string(expected) + "'";
    EXPECT_EQ(number(*connection, "SELECT " + literal + "::bigint"), expected);
    EXPECT_EQ(number(*connection, "SELECT " + literal + "::numeric"), expected);
  }
  EXPECT_EQ(number(*connection, "SELECT 7::int"), 7);
  EXPECT_EQ(number(*connection, "SELECT (-7)::smallint"), -7);
  EXPECT_EQ(number(*connection, "SELECT EXISTS (SELECT 1)"), 1);
  EXPECT_EQ(number(*connection, "SELECT 1 > 2"), 0);
  EXPECT_EQ(number(*connection, "SELECT sum(x) FROM (VALUES (2::bigint), (3)) AS v (x)"), 5);
}

TEST_F(ConnectionTest, ComparesTextsByTheirBytes) {
  const auto connection = connect();
  EXPECT_EQ(number(*connection, "SELECT 1::bigint WHERE 'B' COLLATE \"C\" < 'a'"), 1);
}

TEST_F(ConnectionTest, WrongUseOfAColumnStops) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto connection = connect();
  const auto run = [&](std::string_view sql, const std::function<void(const Row&)>& on_row) {
    static_cast<void>(connection->run(sql, {}, on_row));
  };
  EXPECT_DEATH(run("SELECT 'a'", [](const Row& row) { row.integer(0); }), "integer_type");
  EXPECT_DEATH(run("SELECT 1", [](const Row& row) { row.text(0); }), "text_type");
  EXPECT_DEATH(run("SELECT 1", [](const Row& row) { row.text(1); }), "column");
  EXPECT_DEATH(run("SELECT 1.5", [](const Row& row) { row.integer(0); }), "digits");
}

TEST_F(ConnectionTest, AStatementIsPreparedOnceForEachKindOfParameters) {
  const auto connection = connect();
  constexpr std::string_view kSql = "SELECT count(*) FROM notes WHERE size = $1 OR $1 IS NULL";
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(connection->run(kSql, {i}, {}));
    EXPECT_TRUE(connection->run(kSql, {nullptr}, {}));
  }
  EXPECT_EQ(number(*connection,
                   "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%notes%OR $1%'"
                   " AND statement NOT LIKE '%pg_prepared%'"),
            2);
}

TEST_F(ConnectionTest, ATableThatChangedIsReadByANewConnection) {
  const auto rows = [&] {
    return database_->read(
        [](storage::Transaction& transaction) { return transaction.query("SELECT * FROM notes", {}, {}); });
  };
  ASSERT_TRUE(rows());
  test::TestDatabase::run_on(*connect(), "ALTER TABLE notes ADD COLUMN more TEXT");
  static_cast<void>(rows());
  EXPECT_TRUE(rows());
}

TEST_F(ConnectionTest, AServerThatIsSilentIsGivenUp) {
  const auto connection = test::TestDatabase::connect(proxy_->url(test_database_.url()));
  proxy_->set(Proxy::Mode::Stall);
  const auto outcome = connection->run("SELECT 1", {}, {}, std::chrono::milliseconds(50));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, kLost);
  EXPECT_TRUE(connection->is_lost());
  EXPECT_FALSE(connection->is_fit());
}

TEST_F(ConnectionTest, ErrorsHoldNoValues) {
  const auto outcome = database_->write([](storage::Transaction& transaction) {
    return transaction.execute("INSERT INTO notes (name, size) VALUES ('a', ($1 || '4711')::bigint)",
                               {"secret"});
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ((outcome.error().message + outcome.error().detail).find("4711"), std::string::npos);
}

TEST_F(ConnectionTest, AProofIsACommitOfTheServer) {
  const auto connection = connect();
  const auto position = [&] {
    std::string read;
    EXPECT_TRUE(connection->run("SELECT pg_current_wal_insert_lsn()::text", {},
                                [&](const Row& row) { read = row.text(0); }));
    return read;
  };
  const std::string before = position();
  const auto asked = std::chrono::steady_clock::now();
  ASSERT_TRUE(connection->prove());
  EXPECT_GE(connection->proven_at(), asked);
  EXPECT_NE(position(), before);
}

TEST_F(ConnectionTest, AServerThatIsGoneProvesNothing) {
  const auto connection = connect();
  end_connections();
  const auto proven_at = connection->proven_at();
  EXPECT_FALSE(connection->prove());
  EXPECT_EQ(connection->proven_at(), proven_at);
  EXPECT_FALSE(connection->is_fit());
}

TEST_F(ConnectionTest, WhoIsAbandonedWaitsNoLonger) {
  const auto connection = connect();
  const auto begun = std::chrono::steady_clock::now();
  std::thread other([&] {
    ::poll(nullptr, 0, 100);
    connection->abandon();
  });
  const auto outcome = connection->run("SELECT pg_sleep(20)", {}, {});
  other.join();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, kLost);
  EXPECT_TRUE(connection->is_silent());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

}  // namespace
}  // namespace doorward::storage::postgres
