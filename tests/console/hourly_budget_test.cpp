#include "console/hourly_budget.h"

#include <gtest/gtest.h>

namespace doorward::console {
namespace {

using std::chrono::minutes;

constexpr Timestamp kNow = from_millis(1'800'000'000'000);
constexpr directory::AccountId kContoso{1};
constexpr directory::AccountId kFabrikam{2};

TEST(HourlyBudgetTest, GivesSoManyInAnyHour) {
  HourlyBudget budget(3);
  EXPECT_EQ(budget.take(kContoso, kNow), std::nullopt);
  EXPECT_EQ(budget.take(kContoso, kNow + minutes(10)), std::nullopt);
  EXPECT_EQ(budget.take(kContoso, kNow + minutes(20)), std::nullopt);
  EXPECT_EQ(budget.take(kContoso, kNow + minutes(30)), kNow + minutes(60));
  EXPECT_EQ(budget.take(kContoso, kNow + minutes(59)), kNow + minutes(60)) << "being refused costs nothing";
  EXPECT_EQ(budget.take(kContoso, kNow + minutes(60)), std::nullopt);
  EXPECT_EQ(budget.take(kContoso, kNow + minutes(60)), kNow + minutes(70));
  EXPECT_EQ(budget.take(kContoso, kNow + minutes(200)), std::nullopt);
}

TEST(HourlyBudgetTest, AccountsHaveTheirOwn) {
  HourlyBudget budget(1);
  EXPECT_EQ(budget.take(kContoso, kNow), std::nullopt);
  EXPECT_EQ(budget.take(kFabrikam, kNow + minutes(1)), std::nullopt);
  EXPECT_EQ(budget.take(kContoso, kNow + minutes(1)), kNow + minutes(60));
  EXPECT_EQ(budget.take(kFabrikam, kNow + minutes(60)), kNow + minutes(61));
}

}  // namespace
}  // namespace doorward::console
