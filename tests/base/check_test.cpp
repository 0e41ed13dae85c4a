#include "base/check.h"

#include <gtest/gtest.h>

namespace doorward {
namespace {

TEST(Check, LetsAKeptContractPass) {
  int evaluations = 0;
  CHECK(++evaluations == 1);
  EXPECT_EQ(evaluations, 1);
}

TEST(CheckDeathTest, NamesTheBrokenContractAndItsPlace) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "CHECK failed: 1 \\+ 1 == 3 at .*check_test.cpp:[0-9]+");
}

TEST(Check, IsOneExpression) {
  const bool kept = true;
  if (kept)
    CHECK(kept);
  else
    FAIL();
}

}  // namespace
}  // namespace doorward
