#include "jobs/retry.h"

#include <gtest/gtest.h>

namespace doorward::jobs {
namespace {

TEST(Retry, FollowsTheScheduleAndEnds) {
  Duration total{};
  for (int attempt = 1; attempt <= 9; ++attempt)
    total += retry_delay(kWebhookDelays, attempt, 0).value();
  // Standard Webhooks: the last attempt of its example comes after 75:35:05.
  EXPECT_EQ(total, std::chrono::hours(75) + std::chrono::minutes(35) + std::chrono::seconds(5));
  EXPECT_FALSE(retry_delay(kWebhookDelays, 10, 0));
  EXPECT_FALSE(retry_delay(kWebhookDelays, 0, 0));
  EXPECT_FALSE(retry_delay(kLogoutDelays, 6, 0));
}

TEST(Retry, JitterOnlyMakesItLater) {
  EXPECT_EQ(retry_delay(kWebhookDelays, 1, 0), std::chrono::seconds(5));
  EXPECT_EQ(retry_delay(kWebhookDelays, 1, 1), std::chrono::seconds(6));
  EXPECT_EQ(retry_delay(kWebhookDelays, 9, 1), std::chrono::minutes(24 * 60 * 6 / 5));
}

}  // namespace
}  // namespace doorward::jobs
