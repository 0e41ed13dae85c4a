#include "directory/events.h"

#include <atomic>
#include <thread>

#include <poll.h>

#include "directory/directory_test.h"

namespace doorward::directory {
namespace {

class EventOrderTest : public DirectoryTest {
 protected:
  void SetUp() override {
    if (!test::TestDatabase::is_postgres())
      GTEST_SKIP() << "DOORWARD_TEST_DATABASE names no PostgreSQL server";
  }

  static Result<std::int64_t> add_event(storage::Transaction& transaction, AccountId account) {
    ASSIGN_OR_RETURN(const auto id,
                     transaction.first("INSERT INTO events (account_id, public_id, at, type, subject, data)"
                                       " VALUES ($1, $2, 0, 'employee.created', '', '{}') RETURNING id",
                                       {account, new_public_id()},
                                       [](const storage::Row& row) { return row.integer(0); }));
    return *id;
  }
};

/// A reader who goes on from the last id would never see one that comes after it with a lower id.
TEST_F(EventOrderTest, AnAccountsEventsAreNumberedInTheOrderOfTheirCommits) {
  const Account account = add_account("contoso");
  const Account other = add_account("fabrikam");
  std::atomic<std::int64_t> later = 0;
  std::thread second;
  const std::int64_t earlier = write([&](storage::Transaction& transaction) -> Result<std::int64_t> {
    ASSIGN_OR_RETURN(const std::int64_t id, add_event(transaction, account.id));
    if (!second.joinable()) {
      second = std::thread([&] {
        later = write([&](storage::Transaction& theirs) { return add_event(theirs, account.id); });
      });
    }
    // Another account's are not held up.
    std::thread([&] {
      write([&](storage::Transaction& theirs) { return add_event(theirs, other.id); });
    }).join();
    ::poll(nullptr, 0, 200);
    EXPECT_EQ(later, 0);
    return id;
  });
  second.join();
  EXPECT_GT(later, earlier);
}

}  // namespace
}  // namespace doorward::directory
