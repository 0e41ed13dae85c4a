#include "session/attempt_budget.h"

#include <gtest/gtest.h>

namespace doorward::session {
namespace {

TEST(AttemptBudget, RefillsWithTime) {
  AttemptBudget budget;
  const Timestamp now = from_millis(1'800'000'000'000);
  for (int i = 0; i < AttemptBudget::kBurst; ++i)
    EXPECT_TRUE(budget.take(now));
  EXPECT_FALSE(budget.take(now));
  EXPECT_TRUE(budget.take(now + AttemptBudget::kRefill));
  EXPECT_FALSE(budget.take(now + AttemptBudget::kRefill));
  // A clock that goes back gives nothing.
  EXPECT_FALSE(budget.take(now));
}

}  // namespace
}  // namespace doorward::session
