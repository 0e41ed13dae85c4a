#include "console/check_guard.h"

#include <optional>
#include <stdexcept>

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace doorward::console {
namespace {

using directory::AccountId;

constexpr AccountId kContoso{1};
constexpr AccountId kFabrikam{2};

class CheckGuardTest : public testing::Test {
 protected:
  /// The code with which a check is refused; empty when it may begin. It ends at once.
  std::string refusal(AccountId account) {
    const auto turn = guard_.begin(account, clock_.now());
    return turn ? std::string() : std::string(turn.error().code.name());
  }

  test::FakeClock clock_{from_millis(1'800'000'000'000)};
  CheckGuard guard_;
};

TEST_F(CheckGuardTest, OneAtATimeForEachAccount) {
  {
    const auto running = guard_.begin(kContoso, clock_.now());
    ASSERT_TRUE(running);
    EXPECT_EQ(refusal(kContoso), "api.check_running");
    EXPECT_EQ(refusal(kFabrikam), "");
  }
  EXPECT_EQ(refusal(kContoso), "");
}

TEST_F(CheckGuardTest, ThePlaceComesBackWhenACheckThrows) {
  const auto check = [&] {
    const auto turn = guard_.begin(kContoso, clock_.now());
    throw std::runtime_error("out of memory");
  };
  EXPECT_THROW(check(), std::runtime_error);
  EXPECT_EQ(refusal(kContoso), "");
}

TEST_F(CheckGuardTest, AMovedTurnEndsOnce) {
  std::optional<CheckGuard::Turn> kept;
  {
    auto first = guard_.begin(kContoso, clock_.now());
    ASSERT_TRUE(first);
    kept.emplace(*std::move(first));
  }
  EXPECT_EQ(refusal(kContoso), "api.check_running");
  kept.reset();
  EXPECT_EQ(refusal(kContoso), "");
}

TEST_F(CheckGuardTest, ThirtyWithinAnHour) {
  for (std::size_t i = 0; i < CheckGuard::kPerHour; ++i) {
    EXPECT_EQ(refusal(kContoso), "");
    clock_.advance(std::chrono::minutes(1));
  }
  EXPECT_EQ(refusal(kContoso), "api.too_many_checks");
  EXPECT_EQ(refusal(kFabrikam), "");
  const auto refused = guard_.begin(kContoso, clock_.now());
  EXPECT_NE(refused.error().message.find("in 30 minutes"), std::string::npos) << refused.error().message;
  clock_.advance(std::chrono::minutes(29));
  EXPECT_EQ(refusal(kContoso), "api.too_many_checks");
  clock_.advance(std::chrono::minutes(1));
  EXPECT_EQ(refusal(kContoso), "") << "the first of them is an hour old";
  EXPECT_EQ(refusal(kContoso), "api.too_many_checks") << "and no other";
}

TEST_F(CheckGuardTest, RefusedOnesDoNotCount) {
  {
    const auto running = guard_.begin(kContoso, clock_.now());
    for (int i = 0; i < 100; ++i)
      EXPECT_EQ(refusal(kContoso), "api.check_running");
  }
  EXPECT_EQ(refusal(kContoso), "");
}

TEST_F(CheckGuardTest, AllAccountsTogetherLeaveWorkersForOthers) {
  std::vector<CheckGuard::Turn> running;
  for (int i = 1; i <= CheckGuard::kAtOnce; ++i) {
    auto turn = guard_.begin(AccountId{i}, clock_.now());
    ASSERT_TRUE(turn);
    running.push_back(*std::move(turn));
  }
  EXPECT_EQ(refusal(AccountId{99}), "api.checks_busy");
  running.pop_back();
  EXPECT_EQ(refusal(AccountId{99}), "");
}

}  // namespace
}  // namespace doorward::console
