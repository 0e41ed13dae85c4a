#include <atomic>
#include <string>
#include <thread>

#include <sys/stat.h>

#include "storage/scratch_database.h"

namespace doorward::storage {
namespace {

using FileTest = ScratchDatabase;

TEST_F(FileTest, TextsKeepTheirNuls) {
  const std::string with_nul("a\0b\0", 4);
  ASSERT_TRUE(database_->write([&](Transaction& transaction) { return add_note(transaction, with_nul); }));
  const auto found = database_->read([&](Transaction& transaction) {
    return transaction.first("SELECT name FROM notes WHERE name = $1", {with_nul},
                             [](const Row& row) { return std::string(row.text(0)); });
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, with_nul);
}

TEST_F(FileTest, TheOnlyNodeLeads) {
  EXPECT_TRUE(database_->leads("jobs"));
  EXPECT_EQ(database_->dialect(), Dialect::Sqlite);
}

TEST_F(FileTest, SaysWhenTheFolderIsMissing) {
  const auto opened = Database::open("sqlite:" + folder().file("missing/test.db"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, kUnavailable);
}

TEST_F(FileTest, TheFileIsPrivate) {
  struct stat status = {};
  ASSERT_EQ(::stat(folder().file("test.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  ASSERT_EQ(::stat(folder().file("test.db-wal").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(FileTest, ForeignVersionChangesByOthersOnly) {
  const auto other = open_database();
  const auto before = database_->foreign_version();
  ASSERT_TRUE(before);
  ASSERT_TRUE(database_->write([](Transaction& transaction) { return add_note(transaction, "ours"); }));
  EXPECT_EQ(database_->foreign_version().value(), *before);
  ASSERT_TRUE(other->write([](Transaction& transaction) { return add_note(transaction, "theirs"); }));
  const auto after = database_->foreign_version();
  ASSERT_TRUE(after);
  EXPECT_NE(*after, *before);
  EXPECT_EQ(database_->foreign_version().value(), *after);
}

TEST_F(FileTest, NoForeignCommitIsMissed) {
  const auto other = open_database();
  const auto version = [&] { return database_->foreign_version().value(); };
  for (int round = 0; round < 50; ++round) {
    const auto before = version();
    const auto add = [&](Database& database, const std::string& name) {
      return database.write([&](Transaction& transaction) { return add_note(transaction, name); });
    };
    ASSERT_TRUE(add(*other, "theirs " + std::to_string(round)));
    const auto after = version();
    EXPECT_NE(after, before) << round;
    ASSERT_TRUE(add(*database_, "ours " + std::to_string(round)));
    EXPECT_EQ(version(), after) << round;
    // What only reads, and what fails, commits nothing.
    ASSERT_TRUE(other->schema_version());
    ASSERT_FALSE(other->write([](Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(add_note(transaction, "never"));
      return fail(ErrorKind::Refused, "test.refused", "No.");
    }));
    EXPECT_EQ(version(), after) << round;
  }
}

TEST_F(FileTest, ABackupIsACompleteDatabase) {
  ASSERT_TRUE(database_->write([](Transaction& transaction) { return add_note(transaction, "a"); }));
  const std::string copy = folder().file("copy.db");
  ASSERT_TRUE(database_->backup(copy));
  struct stat status = {};
  ASSERT_EQ(::stat(copy.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  auto opened = Database::open("sqlite:" + copy);
  ASSERT_TRUE(opened);
  ASSERT_TRUE((*opened)->migrate({{1, "0001_notes.sql", schema()}}));
  EXPECT_EQ(count_notes(**opened), 1);

  const auto again = database_->backup(copy);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
  EXPECT_FALSE(database_->backup(folder().file("missing/copy.db")));
}

TEST_F(FileTest, BackupsWhileOthersWrite) {
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      // Two rows belong together: a consistent copy has an even number.
      EXPECT_TRUE(database_->write([&](Transaction& transaction) -> Result<void> {
        RETURN_IF_ERROR(add_note(transaction, "a" + std::to_string(i)));
        RETURN_IF_ERROR(add_note(transaction, "b" + std::to_string(i)));
        return {};
      }));
    }
  });
  for (int i = 0; i < 5; ++i) {
    const std::string copy = folder().file("copy" + std::to_string(i));
    EXPECT_TRUE(database_->backup(copy));
    auto opened = Database::open("sqlite:" + copy);
    EXPECT_TRUE(opened);
    EXPECT_EQ(count_notes(**opened) % 2, 0);
  }
  stop = true;
  writer.join();
}

}  // namespace
}  // namespace doorward::storage
