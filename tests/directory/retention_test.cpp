#include "directory/retention.h"

#include "directory/attempts.h"
#include "directory/events.h"
#include "directory/password_attempts.h"
#include "directory/provisioning_log.h"
#include "directory/replay.h"
#include "directory/sessions.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;

TEST_F(DirectoryTest, OnlyWhatExpiredGoesAndInBatches) {
  const Account account = add_account("contoso");
  const Account other = add_account("fabrikam");
  const auto fill = [&](const Account& each, Timestamp at) {
    const Employee employee = add_employee(each, "user" + std::to_string(to_millis(at)));
    write([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(create_session(transaction, SessionToken::issue(each),
                                     {.account = each.id, .employee = employee.id}, {}, at));
      RETURN_IF_ERROR(consume_once(transaction, each.id, Once::Assertion, employee.public_id, at));
      RETURN_IF_ERROR(record_attempt(transaction, {.account = each.id}, at));
      RETURN_IF_ERROR(
          take_password_attempt(transaction, each.id, employee.public_id, employee.public_id, {}, at));
      return {};
    });
  };
  for (int i = 0; i < 4; ++i)
    fill(account, kNow + Duration(i));
  fill(account, kNow + hours(2000));
  fill(other, kNow);
  const auto clean = [&](Timestamp now) {
    return write([&](storage::Transaction& transaction) {
      return delete_expired(transaction, account.id, {.attempts = hours(10), .password_attempts = hours(10)},
                            now, 3);
    });
  };
  EXPECT_EQ(clean(kNow - hours(1)), 0);
  EXPECT_EQ(clean(kNow + Duration(3)), 3) << "the consumed keys alone, three of four";
  // Of four sessions, one key, four attempts and eight counters (two share a time), a batch each.
  EXPECT_EQ(clean(kNow + hours(20)), 3 + 1 + 3 + 4);
  EXPECT_EQ(clean(kNow + hours(20)), 1 + 0 + 1 + 4);
  EXPECT_EQ(clean(kNow + hours(20)), 0);
  EXPECT_EQ(count("SELECT count(*) FROM sessions"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM consumed_keys"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM sign_in_attempts"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM password_attempts"), 4);
}

TEST_F(DirectoryTest, EventsGoAfterTheirTimeTheOldestFirst) {
  const Account account = add_account("contoso");
  const Account other = add_account("fabrikam");
  for (const Account& each : {account, other}) {
    for (int day = 0; day < 4; ++day) {
      write([&](storage::Transaction& transaction) {
        return append_event(transaction, each.id, "group.created", "g", {}, kNow + hours(24 * day));
      });
    }
  }
  const auto clean = [&](Timestamp now) {
    return write([&](storage::Transaction& transaction) {
      return delete_expired(transaction, account.id, {.events = hours(48)}, now, 2);
    });
  };
  EXPECT_EQ(clean(kNow + hours(47)), 0);
  EXPECT_EQ(clean(kNow + hours(48 + 50)), 2);
  EXPECT_EQ(clean(kNow + hours(48 + 50)), 1);
  EXPECT_EQ(clean(kNow + hours(48 + 50)), 0);
  const auto left = read(
      [&](storage::Transaction& transaction) { return events_after(transaction, account.id, EventId{}, 9); });
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].at, kNow + hours(72));
  EXPECT_EQ(count("SELECT count(*) FROM events"), 5);
}

TEST_F(DirectoryTest, TheProvisioningLogIsKeptAsTheSettingsSay) {
  const Account usual = add_account("contoso");
  const Account brief = add_account("fabrikam");
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(transaction.execute(
        "INSERT INTO provisioning_settings (account_id, department_source, brake_count, brake_percent,"
        " log_days, log_personal_data) VALUES ($1, 'match', 20, 10, 2, 0)",
        {brief.id}));
    for (const Account& account : {usual, brief}) {
      for (int i = 0; i < 4; ++i) {
        NewProvisioningEntry entry;
        entry.at = kNow + Duration(i);
        RETURN_IF_ERROR(record_provisioning(transaction, account.id, {&entry, 1}));
      }
    }
    return {};
  });
  const auto clean = [&](const Account& account, Timestamp now) {
    return write([&](storage::Transaction& transaction) {
      return delete_expired(transaction, account.id, {}, now, 3);
    });
  };
  EXPECT_EQ(clean(brief, kNow + hours(48) - Duration(1)), 0);
  EXPECT_EQ(clean(brief, kNow + hours(48)), 1);
  EXPECT_EQ(clean(brief, kNow + hours(49)), 3);
  EXPECT_EQ(clean(usual, kNow + hours(24 * 30) - Duration(1)), 0);
  EXPECT_EQ(clean(usual, kNow + hours(24 * 31)), 3) << "a batch";
  EXPECT_EQ(clean(usual, kNow + hours(24 * 31)), 1);
  EXPECT_EQ(count("SELECT count(*) FROM provisioning_log"), 0);
}

}  // namespace
}  // namespace doorward::directory
