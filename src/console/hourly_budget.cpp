#include "console/hourly_budget.h"

namespace doorward::console {

namespace {
constexpr std::chrono::hours kPeriod{1};
}  // namespace

std::optional<Timestamp> HourlyBudget::take(directory::AccountId account, Timestamp now) {
  const std::lock_guard lock(mutex_);
  // Few accounts do it within one hour, and all others are forgotten here.
  std::erase_if(taken_, [&](const auto& entry) { return entry.second.back() + kPeriod <= now; });
  const auto found = taken_.find(account.value);
  if (found == taken_.end()) {
    taken_[account.value] = {now};
    return std::nullopt;
  }
  std::deque<Timestamp>& times = found->second;
  while (times.front() + kPeriod <= now)
    times.pop_front();
  if (times.size() >= limit_) return times.front() + kPeriod;
  times.push_back(now);
  return std::nullopt;
}

}  // namespace doorward::console
