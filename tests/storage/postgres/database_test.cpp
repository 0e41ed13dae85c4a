#include "storage/postgres/database.h"

#include <atomic>
#include <latch>
#include <thread>

#include "storage/postgres/postgres_test.h"

namespace doorward::storage::postgres {
namespace {

using PostgresDatabaseTest = PostgresTest;

Result<std::int64_t> size_of(storage::Transaction& transaction, std::string_view name) {
  ASSIGN_OR_RETURN(const auto size, transaction.first("SELECT size FROM notes WHERE name = $1", {name},
                                                      [](const Row& row) { return row.integer(0); }));
  return size.value_or(-1);
}

Result<std::int64_t> set_size(storage::Transaction& transaction, std::string_view name, std::int64_t size) {
  return transaction.execute("UPDATE notes SET size = $1 WHERE name = $2", {size, name});
}

TEST_F(PostgresDatabaseTest, ConflictingWritersRunAgain) {
  ASSERT_TRUE(database_->write([](storage::Transaction& transaction) {
    return transaction.execute("INSERT INTO notes (name, size) VALUES ('a', 0)", {});
  }));
  std::atomic<int> done = 0;
  std::atomic<int> bodies = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int round = 0; round < 25; ++round) {
        const auto written = database_->write([&](storage::Transaction& transaction) -> Result<void> {
          ++bodies;
          ASSIGN_OR_RETURN(const std::int64_t size, size_of(transaction, "a"));
          RETURN_IF_ERROR(set_size(transaction, "a", size + 1));
          return {};
        });
        if (written) ++done;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  const auto size =
      database_->read([](storage::Transaction& transaction) { return size_of(transaction, "a"); });
  EXPECT_EQ(size, done.load());
  EXPECT_GT(done, 50);
  EXPECT_GT(bodies, done.load());
}

/// What each of two finds true, both together make false: only one may commit with what it has read.
TEST_F(PostgresDatabaseTest, WritersSeeEachOther) {
  std::atomic<int> first_rounds = 0;
  std::latch both(2);
  const auto add_if_alone = [&](std::string name) {
    bool waited = false;
    return database_->write([&, waited](storage::Transaction& transaction) mutable -> Result<bool> {
      ASSIGN_OR_RETURN(const auto count, transaction.first("SELECT count(*) FROM notes", {},
                                                           [](const Row& row) { return row.integer(0); }));
      if (!waited && first_rounds++ < 2) both.arrive_and_wait();
      waited = true;
      if (*count > 0) return false;
      RETURN_IF_ERROR(add_note(transaction, name));
      return true;
    });
  };
  std::thread other([&] { EXPECT_TRUE(add_if_alone("other")); });
  EXPECT_TRUE(add_if_alone("one"));
  other.join();
  EXPECT_EQ(count_notes(*database_), 1);
}

/// It may be there because another writer looked at the same moment.
TEST_F(PostgresDatabaseTest, WhoMeetsADuplicateLooksAgainOnce) {
  int runs = 0;
  const auto add = [&] {
    return database_->write([&](storage::Transaction& transaction) {
      ++runs;
      return transaction.execute("INSERT INTO notes (name) VALUES ($1)", {"twin"});
    });
  };
  ASSERT_TRUE(add());
  EXPECT_EQ(runs, 1);
  const auto outcome = add();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, kDuplicate);
  EXPECT_EQ(runs, 3);
}

TEST_F(PostgresDatabaseTest, ADeadlockIsUndone) {
  ASSERT_TRUE(database_->write([](storage::Transaction& transaction) {
    return transaction.execute("INSERT INTO notes (name, size) VALUES ('a', 0), ('b', 0)", {});
  }));
  std::atomic<int> first_rounds = 0;
  std::latch both(2);
  const auto set_two = [&](std::string_view first, std::string_view second) {
    return database_->write([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(set_size(transaction, first, 1));
      if (first_rounds++ < 2) both.arrive_and_wait();
      RETURN_IF_ERROR(set_size(transaction, second, 1));
      return {};
    });
  };
  std::thread other([&] { EXPECT_TRUE(set_two("b", "a")); });
  EXPECT_TRUE(set_two("a", "b"));
  other.join();
  EXPECT_GT(first_rounds, 2);
}

TEST_F(PostgresDatabaseTest, AConnectionLostBeforeTheCommitCostsNothing) {
  int bodies = 0;
  const auto written = database_->write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(add_note(transaction, "a"));
    if (++bodies == 1)
      RETURN_IF_ERROR(transaction.query("SELECT pg_terminate_backend(pg_backend_pid())", {}, {}));
    return {};
  });
  EXPECT_TRUE(written);
  EXPECT_EQ(bodies, 2);
  EXPECT_EQ(count_notes(*database_), 1);
}

TEST_F(PostgresDatabaseTest, ConnectionsThatIdleMayEnd) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(count_notes(*database_), round);
    end_connections();
    EXPECT_EQ(count_notes(*database_), round);
    end_connections();
    EXPECT_TRUE(database_->write(
        [&](storage::Transaction& transaction) { return add_note(transaction, std::to_string(round)); }));
  }
}

class CommitTest : public PostgresTest {
 protected:
  /// Adds a note and tells of it by way of the proxy; whether it succeeded.
  Result<int> add(storage::Database& node) {
    return node.write([&](storage::Transaction& transaction) -> Result<int> {
      RETURN_IF_ERROR(add_note(transaction, "a"));
      RETURN_IF_ERROR(transaction.notify("notes", "a"));
      return ++bodies_;
    });
  }
  int bodies_ = 0;
};

TEST_F(CommitTest, OneWhoseAnswerIsLostIsFound) {
  const auto node = through_proxy();
  std::atomic<int> heard = 0;
  node->listen("notes", [&](std::string_view) { ++heard; });
  proxy_->set(Proxy::Mode::LoseAnswer);
  EXPECT_EQ(add(*node), 1);
  EXPECT_EQ(bodies_, 1);
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(count_notes(*database_), 1);
}

TEST_F(CommitTest, OneThatNeverArrivedIsMadeAgain) {
  const auto node = through_proxy();
  proxy_->set(Proxy::Mode::LoseCommit);
  EXPECT_EQ(add(*node), 2);
  EXPECT_EQ(count_notes(*database_), 1);
}

/// The server's process still has the transaction when the next attempt asks for it.
TEST_F(CommitTest, OneThatIsStillOnItsWayIsWaitedFor) {
  const auto node = through_proxy();
  proxy_->set(Proxy::Mode::DelayCommit);
  EXPECT_EQ(add(*node), 1);
  EXPECT_EQ(bodies_, 1);
  EXPECT_EQ(count_notes(*database_), 1);
}

TEST_F(CommitTest, OneThatCannotBeFoundIsSaidToBeUnknown) {
  const auto node = through_proxy();
  std::atomic<int> heard = 0;
  node->listen("notes", [&](std::string_view) { ++heard; });
  proxy_->set(Proxy::Mode::LoseAnswer, Proxy::Mode::Refuse);
  const auto began = std::chrono::steady_clock::now();
  const auto outcome = add(*node);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, kUnavailable);
  EXPECT_NE(outcome.error().message.find("not known"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
  EXPECT_EQ(bodies_, 1);
  // What it told is heard here: caches forget.
  EXPECT_EQ(heard, 1);
}

TEST_F(PostgresDatabaseTest, MarksOfCommitsGoAfterAnHour) {
  const auto marks = [&] {
    std::int64_t count = 0;
    EXPECT_TRUE(
        connect()->run("SELECT count(*) FROM commits", {}, [&](const Row& row) { count = row.integer(0); }));
    return count;
  };
  ASSERT_TRUE(database_->write([](storage::Transaction& transaction) { return add_note(transaction, "a"); }));
  ASSERT_FALSE(
      database_->write([](storage::Transaction& transaction) { return add_note(transaction, "a"); }));
  EXPECT_EQ(marks(), 1);
  const Timestamp now = SystemClock().now();
  EXPECT_EQ(database_->clean_up(now + std::chrono::minutes(50)), 0);
  EXPECT_EQ(database_->clean_up(now + std::chrono::minutes(70)), 1);
  EXPECT_EQ(marks(), 0);
}

TEST_F(PostgresDatabaseTest, TextsThatItCannotHoldAreRefused) {
  for (const std::string_view text :
       {std::string_view("a\0b", 3), std::string_view("\xff"), std::string_view("\xc3")}) {
    const auto outcome =
        database_->write([&](storage::Transaction& transaction) { return add_note(transaction, text); });
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, kBadText);
    EXPECT_EQ(outcome.error().kind, ErrorKind::InvalidInput);
  }
  const auto looked = database_->read([](storage::Transaction& transaction) {
    return transaction.query("SELECT 1 WHERE $1 = 'a'", {std::string_view("\0", 1)}, {});
  });
  EXPECT_FALSE(looked);
  EXPECT_EQ(count_notes(*database_), 0);
}

TEST_F(PostgresDatabaseTest, AValueTooLongForAnIndexIsRefused) {
  std::string text;
  // Of random letters: what repeats is compressed.
  for (unsigned number = 1; text.size() < 20'000; number = number * 1664525 + 1013904223)
    text += static_cast<char>('a' + (number >> 24) % 26);
  const auto outcome =
      database_->write([&](storage::Transaction& transaction) { return add_note(transaction, text); });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::InvalidInput);
}

TEST_F(PostgresDatabaseTest, WhoFindsNoFreeConnectionIsToldSo) {
  const auto small = storage::Database::open(test_database_.url(), {.max_connections = 1}).value();
  const auto outcome = small->read([&](storage::Transaction&) {
    return small->read(
        [](storage::Transaction& transaction) { return transaction.query("SELECT 1", {}, {}); });
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, kUnavailable);
  EXPECT_EQ(count_notes(*small), 0);
}

TEST_F(PostgresDatabaseTest, ThroughAPoolerNothingIsPrepared) {
  const auto pooled =
      storage::Database::open(test_database_.url(), {.direct_url = test_database_.url()}).value();
  ASSERT_TRUE(pooled->write([](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(add_note(transaction, "a"));
    std::int64_t prepared = -1;
    RETURN_IF_ERROR(transaction.query("SELECT count(*) FROM pg_prepared_statements", {},
                                      [&](const Row& row) { prepared = row.integer(0); }));
    EXPECT_EQ(prepared, 0);
    std::string time_out;
    RETURN_IF_ERROR(transaction.query("SELECT current_setting('statement_timeout')", {},
                                      [&](const Row& row) { time_out = row.text(0); }));
    EXPECT_EQ(time_out, "30s");
    return {};
  }));
  EXPECT_EQ(count_notes(*pooled), 1);
}

TEST_F(PostgresDatabaseTest, OtherToolsCheckAndBackUp) {
  EXPECT_EQ(database_->backup("/tmp/copy").error().kind, ErrorKind::InvalidInput);
  EXPECT_NE(database_->backup("/tmp/copy").error().message.find("pg_dump"), std::string::npos);
  EXPECT_NE(database_->check_integrity().error().message.find("pg_amcheck"), std::string::npos);
}

TEST_F(PostgresDatabaseTest, AnInterruptedMigrationGoesOn) {
  const Migration first{1, "0001_notes.sql", schema()};
  const Migration second{2, "0002_more.sql", "CREATE TABLE more (id BIGINT PRIMARY KEY)"};
  const Migration cut{3, "0003_cut.sql",
                      "CREATE TABLE half (id BIGINT); SELECT pg_terminate_backend(pg_backend_pid());"};
  const Migration third{3, "0003_half.sql", "CREATE TABLE half (id BIGINT)"};
  const auto outcome = database_->migrate({first, second, cut});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(database_->schema_version()->newest, 2);
  EXPECT_TRUE(database_->migrate({first, second, third}));
  EXPECT_EQ(database_->schema_version()->newest, 3);
}

}  // namespace
}  // namespace doorward::storage::postgres
