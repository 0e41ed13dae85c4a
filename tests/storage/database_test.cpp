#include "storage/database.h"

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

#include "storage/scratch_database.h"

namespace doorward::storage {
namespace {

using DatabaseTest = ScratchDatabase;

TEST_F(DatabaseTest, RefusesOtherUrls) {
  for (const char* url : {"", "sqlite:", "test.db", "postgres:", "SQLITE:x", "mysql://localhost/doorward"}) {
    const auto opened = Database::open(url);
    ASSERT_FALSE(opened) << url;
    EXPECT_EQ(opened.error().kind, ErrorKind::InvalidInput);
  }
}

TEST_F(DatabaseTest, KeepsEveryKindOfValue) {
  const std::string with_nul("a\0b\0\xff", 5);
  const std::string text = "Zoë Ünal\n";
  const auto written = database_->write([&](Transaction& transaction) {
    return transaction.execute("INSERT INTO notes (id, name, size, data) VALUES ($1, $2, $3, $4)",
                               {7, text, std::int64_t{-1} << 62, Blob{with_nul}});
  });
  ASSERT_TRUE(written);
  EXPECT_EQ(*written, 1);
  const auto seen = database_->read([&](Transaction& transaction) -> Result<int> {
    int rows = 0;
    RETURN_IF_ERROR(transaction.query("SELECT id, name, size, data, parent_id FROM notes WHERE name = $1",
                                      {text}, [&](const Row& row) {
                                        ++rows;
                                        EXPECT_EQ(row.integer(0), 7);
                                        EXPECT_EQ(row.text(1), text);
                                        EXPECT_EQ(row.integer(2), std::int64_t{-1} << 62);
                                        EXPECT_EQ(row.text(3), with_nul);
                                        EXPECT_TRUE(row.is_null(4));
                                        EXPECT_EQ(row.text(4), "");
                                      }));
    return rows;
  });
  EXPECT_EQ(seen, 1);
}

TEST_F(DatabaseTest, EmptyTextAndEmptyBlobAreNotNull) {
  ASSERT_TRUE(database_->write([](Transaction& transaction) {
    return transaction.execute("INSERT INTO notes (name, data) VALUES ($1, $2)",
                               {std::string_view(), Blob{std::string_view()}});
  }));
  ASSERT_TRUE(database_->read([](Transaction& transaction) {
    return transaction.query("SELECT name, data FROM notes", {}, [](const Row& row) {
      EXPECT_FALSE(row.is_null(0));
      EXPECT_FALSE(row.is_null(1));
    });
  }));
}

TEST_F(DatabaseTest, PlaceholdersBindByNumber) {
  const auto sum = database_->read([](Transaction& transaction) {
    return transaction.first("SELECT $2 || $1 || $3 || $1", {"a", "b", "c"},
                             [](const Row& row) { return std::string(row.text(0)); });
  });
  ASSERT_TRUE(sum);
  EXPECT_EQ(**sum, "baca");
}

TEST_F(DatabaseTest, ARowCallbackMayRunTheSameStatement) {
  ASSERT_TRUE(database_->write([](Transaction& transaction) -> Result<void> {
    for (const char* name : {"a", "b", "c"})
      RETURN_IF_ERROR(add_note(transaction, name));
    return {};
  }));
  int visits = 0;
  ASSERT_TRUE(database_->read([&](Transaction& transaction) {
    constexpr std::string_view kSql = "SELECT id FROM notes";
    return transaction.query(kSql, {}, [&](const Row&) {
      EXPECT_TRUE(transaction.query(kSql, {}, [&](const Row&) { ++visits; }));
    });
  }));
  EXPECT_EQ(visits, 9);
}

TEST_F(DatabaseTest, ADuplicateNamesItsConstraintAndNoValue) {
  ASSERT_TRUE(
      database_->write([](Transaction& transaction) { return add_note(transaction, "secret name"); }));
  const auto again =
      database_->write([](Transaction& transaction) { return add_note(transaction, "secret name"); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, kDuplicate);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(again.error().detail, "notes_name");
  EXPECT_EQ(again.error().message.find("secret"), std::string::npos);
}

TEST_F(DatabaseTest, ADuplicatePrimaryKeyIsADuplicate) {
  const auto outcome = database_->write([](Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(transaction.execute("INSERT INTO notes (id, name) VALUES ($1, $2)", {1, "a"}));
    RETURN_IF_ERROR(transaction.execute("INSERT INTO notes (id, name) VALUES ($1, $2)", {1, "b"}));
    return {};
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, kDuplicate);
}

TEST_F(DatabaseTest, ForeignKeysAndTypesAreKept) {
  const auto orphan = database_->write([](Transaction& transaction) {
    return transaction.execute("INSERT INTO notes (name, parent_id) VALUES ($1, $2)", {"a", 99});
  });
  ASSERT_FALSE(orphan);
  EXPECT_EQ(orphan.error().kind, ErrorKind::Conflict);
  const auto mistyped = database_->write([](Transaction& transaction) {
    return transaction.execute("INSERT INTO notes (name, size) VALUES ($1, $2)", {"a", "not a number 4711"});
  });
  ASSERT_FALSE(mistyped);
  EXPECT_EQ(mistyped.error().detail.find("4711"), std::string::npos);
  EXPECT_EQ(count_notes(*database_), 0);
}

TEST_F(DatabaseTest, ABodyThatFailsLeavesNothing) {
  const auto outcome = database_->write([](Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(add_note(transaction, "a"));
    return fail(ErrorKind::Refused, "test.refused", "No.");
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode("test.refused"));
  EXPECT_EQ(count_notes(*database_), 0);
}

TEST_F(DatabaseTest, ABodyThatHidesAFailedStatementFails) {
  ASSERT_TRUE(database_->write([](Transaction& transaction) { return add_note(transaction, "a"); }));
  const auto outcome = database_->write([](Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(add_note(transaction, "b"));
    EXPECT_FALSE(add_note(transaction, "a"));
    return {};
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, kDuplicate);
  EXPECT_EQ(count_notes(*database_), 1);
}

TEST_F(DatabaseTest, ABodyThatThrowsLeavesNothingAndThrowsAtItsCaller) {
  const auto throwing = [](Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(add_note(transaction, "a"));
    throw std::runtime_error("bug");
  };
  EXPECT_THROW(static_cast<void>(database_->write(throwing)), std::runtime_error);
  EXPECT_THROW(static_cast<void>(database_->read([](Transaction& transaction) -> Result<void> {
                 return transaction.query("SELECT 1", {},
                                          [](const Row&) { throw std::runtime_error("bug"); });
               })),
               std::runtime_error);
  EXPECT_EQ(count_notes(*database_), 0);
  EXPECT_TRUE(database_->write([](Transaction& transaction) { return add_note(transaction, "a"); }));
}

TEST_F(DatabaseTest, GroupedBodiesFailAlone) {
  constexpr int kThreads = 16;
  constexpr int kRounds = 60;
  std::atomic<int> failures = 0;
  std::atomic<int> throws = 0;
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (int round = 0; round < kRounds; ++round) {
        const std::string name = std::to_string(thread) + "-" + std::to_string(round);
        try {
          const auto outcome = database_->write([&](Transaction& transaction) -> Result<void> {
            RETURN_IF_ERROR(add_note(transaction, name));
            if (round % 3 == 1) RETURN_IF_ERROR(add_note(transaction, name));  // A duplicate.
            if (round % 3 == 2) throw std::runtime_error(name);
            return {};
          });
          EXPECT_EQ(outcome.has_value(), round % 3 == 0);
          if (!outcome) ++failures;
        } catch (const std::runtime_error& error) {
          EXPECT_EQ(error.what(), name);
          ++throws;
        }
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(failures, kThreads * kRounds / 3);
  EXPECT_EQ(throws, kThreads * kRounds / 3);
  EXPECT_EQ(count_notes(*database_), kThreads * kRounds / 3);
}

TEST_F(DatabaseTest, AnAnsweredWriteIsSeenByEveryLaterRead) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 50; ++round) {
        const std::string name = std::to_string(thread) + "-" + std::to_string(round);
        ASSERT_TRUE(database_->write([&](Transaction& transaction) { return add_note(transaction, name); }));
        const auto found = database_->read([&](Transaction& transaction) {
          return transaction.first("SELECT id FROM notes WHERE name = $1", {name},
                                   [](const Row& row) { return row.integer(0); });
        });
        ASSERT_TRUE(found && *found) << name;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

TEST_F(DatabaseTest, AReadKeepsItsSnapshot) {
  const auto counts = database_->read([&](Transaction& transaction) -> Result<std::pair<int, int>> {
    const auto count = [&]() -> Result<int> {
      ASSIGN_OR_RETURN(const auto rows,
                       transaction.first("SELECT count(*) FROM notes", {},
                                         [](const Row& row) { return static_cast<int>(row.integer(0)); }));
      return *rows;
    };
    ASSIGN_OR_RETURN(const int before, count());
    EXPECT_TRUE(database_->write([](Transaction& writer) { return add_note(writer, "a"); }));
    ASSIGN_OR_RETURN(const int after, count());
    return std::pair(before, after);
  });
  ASSERT_TRUE(counts);
  EXPECT_EQ(*counts, std::pair(0, 0));
  EXPECT_EQ(count_notes(*database_), 1);
}

TEST_F(DatabaseTest, MoreReadersThanConnectionsWaitForOne) {
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  for (int thread = 0; thread < 80; ++thread) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round)
        EXPECT_EQ(count_notes(*database_), 0);
      ++done;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(done, 80);
}

TEST_F(DatabaseTest, AReadMayNotWrite) {
  // What is sent by a copy of this process would reach the same server's process.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      static_cast<void>(database_->read([](Transaction& transaction) { return add_note(transaction, "a"); })),
      "[Rr]ead_?[Oo]nly");
}

TEST_F(DatabaseTest, ListenersHearCommittedMessagesBeforeTheWriterIsAnswered) {
  std::vector<std::string> heard;
  std::mutex mutex;
  database_->listen("one", [&](std::string_view message) {
    const std::lock_guard lock(mutex);
    heard.emplace_back(message);
  });
  database_->listen("two", [](std::string_view) { FAIL(); });
  const auto send = [&](std::string_view message, bool succeed) {
    return database_->write([&](Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(transaction.notify("one", message));
      if (!succeed) return fail(ErrorKind::Refused, "test.refused", "No.");
      return {};
    });
  };
  ASSERT_TRUE(send("first", true));
  EXPECT_EQ(heard, std::vector<std::string>{"first"});
  ASSERT_FALSE(send("never", false));
  ASSERT_TRUE(send("second", true));
  EXPECT_EQ(heard, (std::vector<std::string>{"first", "second"}));
}

}  // namespace
}  // namespace doorward::storage
