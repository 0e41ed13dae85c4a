#include "directory/notices.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

TEST_F(DirectoryTest, NoticesArriveWholeAndOnlyAfterACommit) {
  std::vector<Notice> heard;
  on_notice(*database_, [&](const Notice& notice) { heard.push_back(notice); });
  write([](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(send_notice(transaction, {.account = AccountId{7}}));
    RETURN_IF_ERROR(send_notice(transaction, {.account = AccountId{7}, .employee = EmployeeId{8}}));
    return send_notice(transaction, {.account = AccountId{7}, .session = SessionId{INT64_MAX}});
  });
  EXPECT_EQ(refusal_of([](storage::Transaction& transaction) -> Result<void> {
              RETURN_IF_ERROR(send_notice(transaction, {.account = AccountId{9}}));
              return fail(ErrorKind::Refused, "test.refused", "No.");
            }),
            "test.refused");
  ASSERT_EQ(heard.size(), 3u);
  EXPECT_EQ(heard[0].employee, std::nullopt);
  EXPECT_EQ(heard[0].session, std::nullopt);
  EXPECT_EQ(heard[1].employee, EmployeeId{8});
  EXPECT_EQ(heard[2].session, SessionId{INT64_MAX});
  EXPECT_EQ(heard[2].account, AccountId{7});
}

}  // namespace
}  // namespace doorward::directory
