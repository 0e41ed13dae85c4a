#include "directory/test_runs.h"

#include "directory/retention.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

using std::chrono::minutes;

class TestRunsTest : public DirectoryTest {
 protected:
  TestRun create() {
    return write([&](storage::Transaction& transaction) {
      return create_test_run(transaction, account_.id, connection_.id, kSupport, kNow);
    });
  }
  std::optional<TestRun> find(const TestRun& run) {
    return read([&](storage::Transaction& transaction) {
      return find_test_run(transaction, account_.id, run.public_id);
    });
  }
  void open(const Account& account, std::string_view id, Timestamp now) {
    write([&](storage::Transaction& transaction) { return open_test_run(transaction, account.id, id, now); });
  }
  void finish(std::string_view id, std::string_view reference, Timestamp now) {
    write([&](storage::Transaction& transaction) {
      return finish_test_run(transaction, account_.id, id, reference, now);
    });
  }

  Account account_ = add_account("contoso");
  Connection connection_ = write([&](storage::Transaction& transaction) {
    return create_connection(
        transaction, {.account = account_.id, .provider = provider("https://idp.example")}, kSupport, kNow);
  });
};

TEST_F(TestRunsTest, IsOpenedAndEnds) {
  const TestRun run = create();
  EXPECT_EQ(run.connection, connection_.id);
  EXPECT_EQ(run.expires_at, kNow + kTestRunLifetime);
  EXPECT_FALSE(find(run)->opened_at);
  open(account_, run.public_id, kNow + minutes(1));
  EXPECT_EQ(find(run)->opened_at, kNow + minutes(1));
  EXPECT_EQ(find(run)->reference, "");
  finish(run.public_id, "K7QM-2XPD", kNow + minutes(2));
  EXPECT_EQ(find(run)->reference, "K7QM-2XPD");
}

TEST_F(TestRunsTest, AnExpiredLinkIsNotOpenedButWhatWasOpenedMayEnd) {
  const TestRun run = create();
  open(account_, run.public_id, kNow + minutes(59));
  open(account_, run.public_id, kNow + kTestRunLifetime);
  EXPECT_EQ(find(run)->opened_at, kNow + minutes(59));
  finish(run.public_id, "K7QM-2XPD", kNow + minutes(65));
  EXPECT_EQ(find(run)->reference, "K7QM-2XPD");
}

TEST_F(TestRunsTest, WhatWasNotOpenedDoesNotEnd) {
  const TestRun run = create();
  finish(run.public_id, "K7QM-2XPD", kNow);
  EXPECT_EQ(find(run)->reference, "");
}

TEST_F(TestRunsTest, BelongsToItsAccount) {
  const TestRun run = create();
  const Account other = add_account("fabrikam");
  open(other, run.public_id, kNow);
  EXPECT_FALSE(find(run)->opened_at);
  EXPECT_FALSE(read([&](storage::Transaction& transaction) {
    return find_test_run(transaction, other.id, run.public_id);
  }));
  EXPECT_NE(refusal_of([&](storage::Transaction& transaction) {
              return create_test_run(transaction, other.id, connection_.id, kSupport, kNow);
            }),
            "")
      << "a connection of another account";
}

TEST_F(TestRunsTest, GoesADayAfterItExpired) {
  const TestRun run = create();
  const auto clean = [&](Timestamp now) {
    return write(
        [&](storage::Transaction& transaction) { return delete_expired(transaction, account_.id, {}, now); });
  };
  EXPECT_EQ(clean(run.expires_at + std::chrono::hours(23)), 0);
  EXPECT_TRUE(find(run));
  EXPECT_EQ(clean(run.expires_at + std::chrono::hours(24)), 1);
  EXPECT_FALSE(find(run));
}

}  // namespace
}  // namespace doorward::directory
