#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/clock.h"

/// When something that failed is tried again.
namespace doorward::jobs {

/// What Standard Webhooks recommends: the last attempt comes after about three days.
inline constexpr std::array<std::chrono::seconds, 9> kWebhookDelays = {
    std::chrono::seconds(5), std::chrono::minutes(5), std::chrono::minutes(30),
    std::chrono::hours(2),   std::chrono::hours(5),   std::chrono::hours(10),
    std::chrono::hours(14),  std::chrono::hours(20),  std::chrono::hours(24)};

/// An application's session would be over by itself after some hours.
inline constexpr std::array<std::chrono::seconds, 5> kLogoutDelays = {
    std::chrono::seconds(5), std::chrono::minutes(1), std::chrono::minutes(10), std::chrono::hours(1),
    std::chrono::hours(3)};

/// How long to wait after the attempt with this number, counted from 1; nothing when it was the last.
/// `jitter`, from 0 to 1, adds up to a fifth: receivers that fell over together must not be called together
/// again.
std::optional<Duration> retry_delay(std::span<const std::chrono::seconds> delays, int attempt, double jitter);

}  // namespace doorward::jobs
