#include "server/database_access.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "directory/migrations.h"
#include "support/temporary_folder.h"

namespace doorward::server {
namespace {

using Use = DatabaseLock::Use;

class DatabaseAccessTest : public testing::Test {
 protected:
  DatabaseAccessTest() { config_.database = "sqlite:" + folder_.file("var/doorward.db"); }

  bool can_take(Use use) const { return DatabaseLock::take(config_, use).has_value(); }

  test::TemporaryFolder folder_;
  Config config_;
};

TEST_F(DatabaseAccessTest, CommandsRunBesideOneServer) {
  const auto server = DatabaseLock::take(config_, Use::Server);
  ASSERT_TRUE(server);
  EXPECT_TRUE(can_take(Use::Command));
  EXPECT_FALSE(can_take(Use::Server));
  EXPECT_FALSE(can_take(Use::Replace));
  EXPECT_EQ(DatabaseLock::server_runs(config_), true);
}

TEST_F(DatabaseAccessTest, ReplacingNeedsToBeAlone) {
  {
    const auto command = DatabaseLock::take(config_, Use::Command);
    const auto refused = DatabaseLock::take(config_, Use::Replace);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
    EXPECT_EQ(DatabaseLock::server_runs(config_), false);
  }
  const auto replacing = DatabaseLock::take(config_, Use::Replace);
  ASSERT_TRUE(replacing);
  EXPECT_FALSE(can_take(Use::Command));
  EXPECT_FALSE(can_take(Use::Server));
  EXPECT_FALSE(can_take(Use::Replace));
}

TEST_F(DatabaseAccessTest, ALockMovesAndEndsWithItsOwner) {
  {
    auto first = DatabaseLock::take(config_, Use::Server);
    ASSERT_TRUE(first);
    DatabaseLock second = *std::move(first);
    EXPECT_FALSE(can_take(Use::Server));
  }
  EXPECT_TRUE(can_take(Use::Server));
}

TEST_F(DatabaseAccessTest, ALockEndsWithAProcessThatIsKilled) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = DatabaseLock::take(config_, Use::Server);
    const char taken = lock ? '1' : '0';
    if (write(ready[1], &taken, 1) != 1) _exit(1);
    for (;;)
      pause();
  }
  char taken = 0;
  ASSERT_EQ(read(ready[0], &taken, 1), 1);
  ASSERT_EQ(taken, '1');
  EXPECT_EQ(DatabaseLock::server_runs(config_), true);
  kill(child, SIGKILL);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_EQ(DatabaseLock::server_runs(config_), false);
  EXPECT_TRUE(can_take(Use::Replace));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(DatabaseAccessTest, AskingLeavesNoTrace) {
  EXPECT_EQ(DatabaseLock::server_runs(config_), false);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("var")));
}

TEST_F(DatabaseAccessTest, PostgresqlNeedsNoLock) {
  config_.database = "postgres://localhost/doorward";
  const auto first = DatabaseLock::take(config_, Use::Server);
  EXPECT_TRUE(can_take(Use::Replace));
}

TEST_F(DatabaseAccessTest, OpensAFreshDatabaseReadyForUse) {
  const auto open = open_database(config_, Use::Command);
  ASSERT_TRUE(open) << open.error().message;
  EXPECT_EQ(open->database->schema_version()->newest,
            directory::migrations(storage::Dialect::Sqlite).back().number);
  EXPECT_FALSE(can_take(Use::Replace));
}

TEST_F(DatabaseAccessTest, DoesNotMigrateBelowARunningServer) {
  const auto server = DatabaseLock::take(config_, Use::Server);
  const auto refused = open_database(config_, Use::Command);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode("database.older_server"));
}

TEST_F(DatabaseAccessTest, SaysWhyAnotherUsersFolderCannotBeUsed) {
  config_.database = "sqlite:/proc/doorward.db";
  const auto refused = open_database(config_, Use::Command);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Refused);
}

}  // namespace
}  // namespace doorward::server
