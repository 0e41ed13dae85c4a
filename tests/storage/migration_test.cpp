#include <latch>
#include <thread>

#include "storage/scratch_database.h"

namespace doorward::storage {
namespace {

constexpr std::string_view kMore = "CREATE TABLE more (id INTEGER PRIMARY KEY); INSERT INTO more VALUES (1);";
constexpr std::string_view kBroken = "CREATE TABLE half (id INTEGER PRIMARY KEY); CREATE TABLE more;";

class MigrationTest : public ScratchDatabase {
 protected:
  const Migration first_{1, "0001_notes.sql", schema()};
  const Migration second_{2, "0002_more.sql", kMore};
};

TEST_F(MigrationTest, AppliesEachOnce) {
  ASSERT_TRUE(database_->migrate({first_, second_}));
  ASSERT_TRUE(database_->migrate({first_, second_}));
  EXPECT_EQ(count_notes(*database_), 0);
}

TEST_F(MigrationTest, SaysHowFarTheDatabaseIs) {
  EXPECT_EQ(test::TestDatabase().open()->schema_version()->newest, 0);
  EXPECT_EQ(database_->schema_version()->newest, 1);
  ASSERT_TRUE(database_->migrate({first_, second_}));
  EXPECT_EQ(database_->schema_version()->newest, 2);
}

TEST_F(MigrationTest, RefusesANewerDatabase) {
  ASSERT_TRUE(database_->migrate({first_, second_}));
  const auto outcome = database_->migrate({first_});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode("storage.newer_database"));
}

TEST_F(MigrationTest, WorksBesideNewerOnesThatSaySo) {
  const Migration third{3, "0003_wider.sql", "CREATE TABLE wider (id INTEGER PRIMARY KEY);", 1};
  Migration second = second_;
  second.oldest_program = 1;
  ASSERT_TRUE(database_->migrate({first_, second, third}));
  EXPECT_EQ(database_->schema_version()->newest, 3);
  EXPECT_EQ(database_->schema_version()->oldest_program, 1);
  EXPECT_TRUE(database_->migrate({first_}));
  EXPECT_TRUE(database_->migrate({first_, second}));
  EXPECT_EQ(database_->schema_version()->newest, 3);
}

TEST_F(MigrationTest, OneThatGoesTooFarIsRefusedWhateverComesAfterIt) {
  Migration second = second_;
  second.oldest_program = 2;
  const Migration third{3, "0003_wider.sql", "CREATE TABLE wider (id INTEGER PRIMARY KEY);", 1};
  ASSERT_TRUE(database_->migrate({first_, second, third}));
  EXPECT_EQ(database_->schema_version()->oldest_program, 2);
  EXPECT_TRUE(database_->migrate({first_, second}));
  const auto outcome = database_->migrate({first_});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode("storage.newer_database"));
}

TEST_F(MigrationTest, AnEarlyDatabaseIsKeptUpWith) {
  ASSERT_TRUE(database_->write([](Transaction& transaction) {
    return transaction.query("ALTER TABLE migrations DROP COLUMN oldest_program", {}, {});
  }));
  EXPECT_EQ(database_->schema_version()->newest, 1);
  EXPECT_EQ(database_->schema_version()->oldest_program, 1);
  ASSERT_TRUE(database_->migrate({first_, second_}));
  EXPECT_EQ(database_->schema_version()->newest, 2);
}

TEST_F(MigrationTest, RefusesAChangedMigration) {
  const auto outcome = database_->migrate({{1, "0001_notes.sql", kMore}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode("storage.migration_changed"));
}

TEST_F(MigrationTest, ABrokenOneLeavesNothing) {
  const auto outcome = database_->migrate({first_, {2, "0002_broken.sql", kBroken}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode("storage.migration_failed"));
  EXPECT_FALSE(database_->read(
      [](Transaction& transaction) { return transaction.query("SELECT id FROM half", {}, {}); }));
  EXPECT_TRUE(database_->migrate({first_, second_}));
}

TEST_F(MigrationTest, ManyMayStartAtOnce) {
  constexpr int kStarts = 8;
  std::latch start(kStarts);
  std::vector<std::thread> threads;
  for (int i = 0; i < kStarts; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      const auto database = open_database();
      const auto outcome = database->migrate({first_, second_});
      EXPECT_TRUE(outcome) << outcome.error().detail;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

}  // namespace
}  // namespace doorward::storage
