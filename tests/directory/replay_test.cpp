#include "directory/replay.h"

#include <atomic>
#include <thread>

#include "directory_test.h"

namespace doorward::directory {
namespace {

class ReplayTest : public DirectoryTest {
 protected:
  bool consume(AccountId account, Once kind, std::string_view key) {
    return write([&](storage::Transaction& transaction) {
      return consume_once(transaction, account, kind, key, kNow);
    });
  }
  Account account_ = add_account("contoso");
};

TEST_F(ReplayTest, OnceMeansOncePerAccountAndKind) {
  EXPECT_TRUE(consume(account_.id, Once::Assertion, "_1"));
  EXPECT_FALSE(consume(account_.id, Once::Assertion, "_1"));
  EXPECT_TRUE(consume(account_.id, Once::Assertion, "_1 "));
  EXPECT_TRUE(consume(account_.id, Once::Request, "_1"));
  EXPECT_TRUE(consume(add_account("fabrikam").id, Once::Assertion, "_1"));
  EXPECT_TRUE(consume(account_.id, Once::Assertion, std::string(1'000'000, 'x')));
}

TEST_F(ReplayTest, OfManyAtOnceOneWins) {
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      if (consume(account_.id, Once::Assertion, "_1")) ++winners;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_F(ReplayTest, ARolledBackUseDoesNotCount) {
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) -> Result<void> {
              RETURN_IF_ERROR(consume_once(transaction, account_.id, Once::Assertion, "_1", kNow));
              return fail(ErrorKind::Refused, "test.refused", "No.");
            }),
            "test.refused");
  EXPECT_TRUE(consume(account_.id, Once::Assertion, "_1"));
}

}  // namespace
}  // namespace doorward::directory
