#include "storage/sqlite/wal_index.h"

#include <array>
#include <set>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/sqlite/connection.h"
#include "support/temporary_folder.h"

namespace doorward::storage::sqlite {
namespace {

class WalIndexTest : public testing::Test {
 protected:
  WalIndexTest() { EXPECT_TRUE(other_->run("CREATE TABLE things (name TEXT)", {}, {})); }

  std::unique_ptr<Connection> connect() {
    auto opened = Connection::open(path_, Access::Write);
    EXPECT_TRUE(opened);
    return *std::move(opened);
  }
  static void add_thing(Connection& connection) {
    EXPECT_TRUE(connection.run("INSERT INTO things VALUES ('a')", {}, {}));
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_.file("index.db");
  std::unique_ptr<Connection> connection_ = connect();
  std::unique_ptr<Connection> other_ = connect();
};

TEST_F(WalIndexTest, EveryCommitGivesAnotherState) {
  const WalIndex index = connection_->wal_index();
  std::set<std::uint64_t> states{index.state()};
  EXPECT_NE(index.state(), 0U);
  for (int i = 0; i < 100; ++i) {
    add_thing(i % 2 == 0 ? *other_ : *connection_);
    EXPECT_TRUE(states.insert(index.state()).second) << i;
  }
}

TEST_F(WalIndexTest, ReadingAndGivingUpLeaveTheState) {
  add_thing(*other_);
  const WalIndex index = connection_->wal_index();
  const auto before = index.state();
  ASSERT_TRUE(other_->run("SELECT count(*) FROM things", {}, {}));
  ASSERT_TRUE(other_->run("BEGIN IMMEDIATE", {}, {}));
  add_thing(*other_);
  ASSERT_TRUE(other_->run("ROLLBACK", {}, {}));
  EXPECT_EQ(index.state(), before);
}

TEST_F(WalIndexTest, TheLogMayStartAnew) {
  const WalIndex index = connection_->wal_index();
  std::set<std::uint64_t> states{index.state()};
  for (int i = 0; i < 20; ++i) {
    add_thing(*other_);
    EXPECT_TRUE(states.insert(index.state()).second) << i;
    ASSERT_TRUE(other_->run("PRAGMA wal_checkpoint(TRUNCATE)", {}, {}));
    states.insert(index.state());
  }
}

// The child starts before anything is open here: SQLite's connections must not be carried over a fork.
TEST(WalIndex, AnotherProcessIsNoticed) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("index.db");
  int start[2];
  ASSERT_EQ(::pipe2(start, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char go = 0;
    if (::read(start[0], &go, 1) != 1) ::_exit(1);
    const auto opened = Connection::open(path, Access::Write);
    ::_exit(opened && (*opened)->run("CREATE TABLE theirs (name TEXT)", {}, {}) ? 0 : 1);
  }
  const auto opened = Connection::open(path, Access::Write);
  ASSERT_TRUE(opened && (*opened)->run("CREATE TABLE ours (name TEXT)", {}, {}));
  const WalIndex index = (*opened)->wal_index();
  const auto before = index.state();
  EXPECT_EQ(index.state(), before);
  ASSERT_EQ(::write(start[1], "!", 1), 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(index.state(), before);
  ::close(start[0]);
  ::close(start[1]);
}

TEST(WalIndex, AnUnknownLayoutTellsNothing) {
  alignas(8) std::array<std::uint32_t, 12> header{3'007'000};
  EXPECT_NE(WalIndex(header.data()).state(), 0U);
  header[0] = 3'008'000;
  EXPECT_EQ(WalIndex(header.data()).state(), 0U);
  EXPECT_EQ(WalIndex(nullptr).state(), 0U);
}

}  // namespace
}  // namespace doorward::storage::sqlite
