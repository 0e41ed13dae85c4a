#include "directory/retention.h"

#include "directory/attempts.h"
#include "directory/password_attempts.h"
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

}  // namespace
}  // namespace doorward::directory
