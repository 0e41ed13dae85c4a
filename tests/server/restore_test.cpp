#include "server/restore.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "directory/accounts.h"
#include "server/database_access.h"
#include "support/temporary_folder.h"

namespace doorward::server {
namespace {

constexpr Timestamp kNow = from_millis(1'772'357'400'000);  // 2026-03-01T09:30:00Z

class RestoreTest : public testing::Test {
 protected:
  RestoreTest() { config_.database = "sqlite:" + database_; }

  static void add_account(const OpenDatabase& open, std::string_view name) {
    const auto added = open.database->write([&](storage::Transaction& transaction) {
      return directory::create_account(transaction, {.name = std::string(name)},
                                       {directory::ActorKind::Support, "test"}, kNow);
    });
    ASSERT_TRUE(added) << added.error().message;
  }

  std::size_t count_accounts(const std::string& path) const {
    Config config;
    config.database = "sqlite:" + path;
    const auto open = open_database(config, DatabaseLock::Use::Command);
    if (!open) return 99;
    return open->database
        ->read([](storage::Transaction& transaction) {
          return directory::list_accounts(transaction, std::nullopt, 10);
        })
        ->size();
  }

  /// A database with one account, and a backup of it before the account was made.
  void make_backup_and_account() {
    const auto open = open_database(config_, DatabaseLock::Use::Command);
    ASSERT_TRUE(open);
    ASSERT_TRUE(open->database->backup(backup_));
    add_account(*open, "acme");
  }

  std::string problem(const std::string& file) {
    const auto restored = restore_database(config_, file, kNow);
    return restored ? "none" : std::string(restored.error().code.name());
  }

  test::TemporaryFolder folder_;
  const std::string database_ = folder_.file("doorward.db");
  const std::string backup_ = folder_.file("backup.db");
  Config config_;
};

TEST_F(RestoreTest, PutsTheBackupInPlaceAndKeepsTheOldOne) {
  make_backup_and_account();
  const auto restored = restore_database(config_, backup_, kNow);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->kept, database_ + ".before-restore-20260301T093000Z");
  EXPECT_EQ(count_accounts(database_), 0U);
  EXPECT_EQ(count_accounts(restored->kept), 1U);
  EXPECT_FALSE(std::filesystem::exists(database_ + ".restoring"));
  EXPECT_TRUE(std::filesystem::exists(backup_));
}

TEST_F(RestoreTest, MakesTheDatabaseWhenThereIsNone) {
  make_backup_and_account();
  config_.database = "sqlite:" + folder_.file("new/doorward.db");
  const auto restored = restore_database(config_, backup_, kNow);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->kept, "");
  EXPECT_EQ(count_accounts(folder_.file("new/doorward.db")), 0U);
}

TEST_F(RestoreTest, RefusesWhileSomebodyUsesTheDatabase) {
  make_backup_and_account();
  const auto open = open_database(config_, DatabaseLock::Use::Server);
  ASSERT_TRUE(open);
  EXPECT_EQ(problem(backup_), "database.in_use");
  EXPECT_EQ(count_accounts(database_), 1U);
}

TEST_F(RestoreTest, RefusesWhatIsNoBackupAndChangesNothing) {
  make_backup_and_account();
  EXPECT_EQ(problem(folder_.file("none.db")), "restore.unreadable");
  EXPECT_EQ(problem(folder_.path()), "restore.unreadable");
  EXPECT_EQ(problem(database_), "restore.same_file");
  std::ofstream(folder_.file("empty.db")).flush();
  EXPECT_EQ(problem(folder_.file("empty.db")), "restore.no_backup");
  std::ofstream(folder_.file("text.db")) << std::string(10'000, 'x');
  EXPECT_NE(problem(folder_.file("text.db")), "none");
  std::filesystem::copy_file(backup_, folder_.file("cut.db"));
  std::filesystem::resize_file(folder_.file("cut.db"), std::filesystem::file_size(backup_) / 2);
  EXPECT_NE(problem(folder_.file("cut.db")), "none");

  EXPECT_EQ(count_accounts(database_), 1U);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.path().string().find("restor"), std::string::npos) << entry.path();
  }
}

TEST_F(RestoreTest, RefusesABackupOfANewerVersion) {
  make_backup_and_account();
  {
    const auto newer = storage::Database::open("sqlite:" + backup_);
    ASSERT_TRUE(newer);
    const auto marked = (*newer)->write([](storage::Transaction& transaction) {
      return transaction.execute(
          "INSERT INTO migrations (number, name, sql, applied_at) VALUES (9999, 'later', '', 0)", {});
    });
    ASSERT_TRUE(marked);
    EXPECT_EQ(problem(backup_), "restore.unsettled");
  }
  EXPECT_EQ(problem(backup_), "storage.newer_database");
  EXPECT_EQ(count_accounts(database_), 1U);
}

TEST_F(RestoreTest, ReplacesADatabaseThatIsBeyondRepair) {
  make_backup_and_account();
  std::ofstream(database_) << "nonsense";
  std::ofstream(database_ + "-wal") << "nonsense";
  const auto restored = restore_database(config_, backup_, kNow);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(count_accounts(database_), 0U);
  EXPECT_TRUE(std::filesystem::exists(restored->kept));
}

}  // namespace
}  // namespace doorward::server
