#include "storage/sqlite/database.h"

#include <charconv>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/scratch_database.h"

namespace doorward::storage {
namespace {

class DurabilityTest : public ScratchDatabase {
 protected:
  /// Runs `body` in a child process, which must not share an open database with us.
  template <class Body>
  pid_t start_child(Body body) {
    database_.reset();
    const pid_t child = ::fork();
    if (child == 0) {
      body();
      ::_exit(0);
    }
    return child;
  }
};

TEST_F(DurabilityTest, EveryAcknowledgedRowSurvivesAKill) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  const pid_t child = start_child([&] {
    const auto database = open_database();
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int round = 0;; ++round) {
          const std::string name = std::to_string(thread) + "-" + std::to_string(round) + "\n";
          const auto written =
              database->write([&](Transaction& transaction) { return add_note(transaction, name); });
          if (!written || ::write(pipe_ends[1], name.data(), name.size()) < 0) ::_exit(1);
        }
      });
    }
    for (std::thread& thread : threads)
      thread.join();
  });
  ASSERT_GT(child, 0);
  ::close(pipe_ends[1]);
  std::string acknowledged;
  char buffer[4096];
  while (acknowledged.size() < 4000) {
    const ssize_t count = ::read(pipe_ends[0], buffer, sizeof buffer);
    ASSERT_GT(count, 0);
    acknowledged.append(buffer, static_cast<std::size_t>(count));
  }
  ::kill(child, SIGKILL);
  for (ssize_t count = 0; (count = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
    acknowledged.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(pipe_ends[0]);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);

  const auto database = open_database();
  const auto names = database->read([](Transaction& transaction) {
    return transaction.all("SELECT name FROM notes", {},
                           [](const Row& row) { return std::string(row.text(0)); });
  });
  ASSERT_TRUE(names);
  const std::set<std::string> stored(names->begin(), names->end());
  std::size_t begin = 0;
  int checked = 0;
  for (std::size_t end = 0; (end = acknowledged.find('\n', begin)) != std::string::npos; begin = end + 1) {
    EXPECT_TRUE(stored.contains(acknowledged.substr(begin, end + 1 - begin)));
    ++checked;
  }
  EXPECT_GT(checked, 100);
}

TEST_F(DurabilityTest, TwoProcessesWriteSideBySide) {
  constexpr int kRows = 200;
  const auto write_rows = [&](const std::string& prefix) {
    const auto database = open_database();
    for (int i = 0; i < kRows; ++i) {
      const auto written = database->write(
          [&](Transaction& transaction) { return add_note(transaction, prefix + std::to_string(i)); });
      if (!written) return false;
    }
    return true;
  };
  const pid_t child = start_child([&] {
    if (!write_rows("child")) ::_exit(1);
  });
  ASSERT_GT(child, 0);
  EXPECT_TRUE(write_rows("parent"));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  database_ = open_database();
  EXPECT_EQ(count_notes(*database_), 2 * kRows);
}

TEST_F(DurabilityTest, DamageIsFound) {
  const std::string filler(1000, 'x');
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(database_->write(
        [&](Transaction& transaction) { return add_note(transaction, std::to_string(i) + filler); }));
  }
  const std::string copy = folder().file("copy.db");
  ASSERT_TRUE(database_->backup(copy));
  const auto check = [&] { return (*Database::open("sqlite:" + copy))->check_integrity(); };
  EXPECT_TRUE(check());

  // Half of the pages become nonsense; the first, with the schema, stays.
  std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100'000);
  file << std::string(100'000, '\xFF');
  file.close();
  const auto damaged = check();
  ASSERT_FALSE(damaged);
  EXPECT_NE(damaged.error().kind, ErrorKind::NotFound);
}

TEST_F(DurabilityTest, AFullDiskFailsTheWriteAndNothingElse) {
  // A file that may not grow behaves like a full disk.
  const pid_t child = start_child([&] {
    const auto database = open_database();
    const auto limit = database->write(
        [](Transaction& transaction) { return transaction.query("PRAGMA max_page_count = 64", {}, {}); });
    if (!limit) ::_exit(2);
    const std::string big(100'000, 'x');
    int kept = 0;
    for (int i = 0; i < 20; ++i) {
      const auto written = database->write([&](Transaction& transaction) {
        return transaction.execute("INSERT INTO notes (name, data) VALUES ($1, $2)",
                                   {std::to_string(i), Blob{big}});
      });
      if (written) {
        ++kept;
      } else if (!(written.error().code == kUnavailable)) {
        ::_exit(3);
      }
    }
    if (kept == 0 || kept == 20) ::_exit(4);
    if (count_notes(*database) != kept) ::_exit(5);
  });
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace doorward::storage
