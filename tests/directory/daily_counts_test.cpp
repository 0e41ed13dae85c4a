#include "directory/daily_counts.h"

#include <gmock/gmock.h>

#include "directory/attempts.h"
#include "directory/directory_test.h"
#include "directory/provisioning_log.h"

namespace doorward::directory {
namespace {

using std::chrono::days;
using std::chrono::hours;

class DailyCountsTest : public DirectoryTest {
 protected:
  void attempt(AttemptOutcome outcome, Timestamp at) {
    write([&](storage::Transaction& transaction) {
      return record_attempt(transaction, {.account = account_.id, .outcome = outcome}, at);
    });
  }
  void provisioning(std::initializer_list<ProvisioningOutcome> outcomes, Timestamp at) {
    std::vector<NewProvisioningEntry> entries;
    for (const ProvisioningOutcome outcome : outcomes)
      entries.push_back({.at = at,
                         .token_name = "Entra",
                         .client_address = {},
                         .request_id = {},
                         .method = "POST",
                         .path = "/scim/v2/Users",
                         .outcome = outcome});
    write([&](storage::Transaction& transaction) {
      return record_provisioning(transaction, account_.id, entries);
    });
  }
  std::vector<DayCounts> counts(int number, Timestamp now = kNow) {
    return read([&](storage::Transaction& transaction) {
      return list_daily_counts(transaction, account_.id, number, now);
    });
  }

  Account account_ = add_account("contoso");
};

TEST_F(DailyCountsTest, ADayWithoutAnythingIsThereToo) {
  const auto none = counts(30);
  ASSERT_EQ(none.size(), 30U);
  EXPECT_EQ(none.back().day, std::chrono::floor<days>(kNow));
  EXPECT_EQ(none.front().day, std::chrono::floor<days>(kNow) - days(29));
  EXPECT_EQ(none.front().signed_in + none.front().refused, 0);
}

TEST_F(DailyCountsTest, SignInsCountOnTheirDayAndTestsDoNot) {
  attempt(AttemptOutcome::Success, kNow);
  attempt(AttemptOutcome::Success, kNow);
  attempt(AttemptOutcome::Refused, kNow - days(1));
  attempt(AttemptOutcome::Test, kNow);
  attempt(AttemptOutcome::Success, kNow - days(2));
  const auto found = counts(2);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].refused, 1);
  EXPECT_EQ(found[0].signed_in, 0);
  EXPECT_EQ(found[1].signed_in, 2);
  EXPECT_EQ(found[1].refused, 0);
}

TEST_F(DailyCountsTest, ADayEndsAtMidnight) {
  const Timestamp midnight = std::chrono::floor<days>(kNow);
  attempt(AttemptOutcome::Success, midnight);
  attempt(AttemptOutcome::Refused, midnight - std::chrono::milliseconds(1));
  const auto found = counts(2, midnight);
  EXPECT_EQ(found[0].refused, 1);
  EXPECT_EQ(found[1].signed_in, 1);
}

TEST_F(DailyCountsTest, ChangesOfTheDirectoryCountAndWhatItReadsDoesNot) {
  using enum ProvisioningOutcome;
  provisioning({Changed, Read, Changed, Failed, Unchanged}, kNow);
  provisioning({Read, Unchanged}, kNow);
  provisioning({Changed}, kNow);
  const auto today = counts(1).front();
  EXPECT_EQ(today.provisioned, 3);
  EXPECT_EQ(today.provisioning_failed, 1);
  EXPECT_EQ(count("SELECT count(*) FROM daily_counts"), 1);
}

TEST_F(DailyCountsTest, AnotherAccountsAreItsOwn) {
  const Account other = add_account("fabrikam");
  write([&](storage::Transaction& transaction) {
    return count_daily(transaction, other.id, DailyCount::SignedIn, kNow, 7);
  });
  EXPECT_EQ(counts(1).front().signed_in, 0);
}

TEST_F(DailyCountsTest, OldOnesGo) {
  attempt(AttemptOutcome::Success, kNow - days(401));
  attempt(AttemptOutcome::Success, kNow - days(400));
  EXPECT_EQ(write([&](storage::Transaction& transaction) {
              return delete_old_daily_counts(transaction, account_.id, kNow);
            }),
            1);
  EXPECT_EQ(count("SELECT count(*) FROM daily_counts"), 1);
}

}  // namespace
}  // namespace doorward::directory
