#include "storage/postgres/listener.h"

#include <atomic>
#include <mutex>

#include "storage/postgres/postgres_test.h"

namespace doorward::storage::postgres {
namespace {

class ListenerTest : public PostgresTest {
 protected:
  static bool is_steady(storage::Database& node) {
    const auto before = node.foreign_version().value();
    return node.foreign_version().value() == before;
  }
  static bool tell(storage::Database& node, const std::string& message) {
    return node.write([&](storage::Transaction& transaction) { return transaction.notify("notes", message); })
        .has_value();
  }
};

TEST_F(ListenerTest, NodesHearEachOther) {
  const auto other = open_database();
  std::mutex mutex;
  std::vector<std::string> heard;
  std::vector<std::string> heard_by_other;
  database_->listen("notes", [&](std::string_view message) {
    const std::lock_guard lock(mutex);
    heard.emplace_back(message);
  });
  other->listen("notes", [&](std::string_view message) {
    const std::lock_guard lock(mutex);
    heard_by_other.emplace_back(message);
  });
  ASSERT_TRUE(soon([&] { return is_steady(*database_) && is_steady(*other); }));
  ASSERT_TRUE(tell(*other, "it's \\ 1"));
  ASSERT_TRUE(tell(*database_, "2"));
  const auto count = [&](const auto& list) {
    const std::lock_guard lock(mutex);
    return list.size();
  };
  ASSERT_TRUE(soon([&] { return count(heard) == 2 && count(heard_by_other) == 2; }));
  // One's own come at once, and once: not again when the server sends them back.
  ASSERT_TRUE(tell(*database_, "3"));
  ASSERT_TRUE(soon([&] { return count(heard_by_other) == 3; }));
  EXPECT_EQ(heard, (std::vector<std::string>{"it's \\ 1", "2", "3"}));
}

TEST_F(ListenerTest, TheVersionIsSteadyWhileEverythingIsHeard) {
  ASSERT_TRUE(soon([&] { return is_steady(*database_); }));
  const auto before = database_->foreign_version().value();
  const auto other = open_database();
  ASSERT_TRUE(tell(*other, "1"));
  ASSERT_TRUE(tell(*database_, "2"));
  EXPECT_EQ(database_->foreign_version().value(), before);
}

TEST_F(ListenerTest, ALostConnectionChangesTheVersion) {
  ASSERT_TRUE(soon([&] { return is_steady(*database_); }));
  const auto before = database_->foreign_version().value();
  end_connections();
  EXPECT_TRUE(soon([&] { return database_->foreign_version().value() != before; }));
  EXPECT_TRUE(soon([&] { return is_steady(*database_); }));
  std::atomic<int> heard = 0;
  database_->listen("notes", [&](std::string_view) { ++heard; });
  ASSERT_TRUE(tell(*open_database(), "1"));
  EXPECT_TRUE(soon([&] { return heard == 1; }));
}

TEST_F(ListenerTest, WhoHearsNothingTrustsNothing) {
  const auto node = through_proxy();
  ASSERT_TRUE(soon([&] { return is_steady(*node); }));
  proxy_->set(Proxy::Mode::Stall);
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(soon([&] { return !is_steady(*node); }));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(is_steady(*node));
  proxy_->set(Proxy::Mode::Pass);
  EXPECT_TRUE(soon([&] { return is_steady(*node); }));
}

TEST_F(ListenerTest, OneLeadsAndAnotherTakesOver) {
  EXPECT_TRUE(database_->leads("jobs"));
  auto other = open_database();
  EXPECT_FALSE(other->leads("jobs"));
  EXPECT_TRUE(other->leads("another role"));
  EXPECT_FALSE(database_->leads("another role"));
  EXPECT_TRUE(database_->leads("jobs"));
  other.reset();
  EXPECT_TRUE(soon([&] { return database_->leads("another role"); }));
}

TEST_F(ListenerTest, ALeaderWhoseConnectionEndsIsReplaced) {
  const auto node = through_proxy();
  ASSERT_TRUE(node->leads("jobs"));
  EXPECT_FALSE(database_->leads("jobs"));
  proxy_->set(Proxy::Mode::Refuse);
  EXPECT_TRUE(soon([&] { return database_->leads("jobs"); }));
  // The server noticed first.
  EXPECT_TRUE(soon([&] { return !node->leads("jobs"); }, std::chrono::seconds(1)));
}

/// A node that stands still keeps its connections: the server ends them.
TEST_F(ListenerTest, ALeaderThatIsSilentIsReplaced) {
  const auto node = through_proxy();
  ASSERT_TRUE(node->leads("jobs"));
  EXPECT_FALSE(database_->leads("jobs"));
  proxy_->set(Proxy::Mode::Stall);
  EXPECT_TRUE(soon([&] { return database_->leads("jobs"); }));
  EXPECT_FALSE(node->leads("jobs"));
}

}  // namespace
}  // namespace doorward::storage::postgres
