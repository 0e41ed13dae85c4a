#include "console/check_guard.h"

#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace doorward::console {

namespace {

constexpr Duration kHour = std::chrono::hours(1);

}  // namespace

CheckGuard::Turn::Turn(Turn&& other) noexcept
    : guard_(std::exchange(other.guard_, nullptr)), account_(other.account_) {}

CheckGuard::Turn::~Turn() {
  if (guard_ != nullptr) guard_->end(account_);
}

Result<CheckGuard::Turn> CheckGuard::begin(directory::AccountId account, Timestamp now) {
  const std::lock_guard lock(mutex_);
  forget_before(now - kHour);
  Account& own = accounts_[account];
  if (own.running) {
    return fail(
        ErrorKind::Conflict, "api.check_running",
        "A check of this account is running. Wait for its end, a few seconds at most, and check again.");
  }
  if (own.begun.size() >= kPerHour) {
    const auto left = std::chrono::ceil<std::chrono::minutes>(own.begun.front() + kHour - now);
    return fail(ErrorKind::RateLimited, "api.too_many_checks",
                fmt::format("There were {} checks within an hour. Check again in {} minutes.", kPerHour,
                            left.count()));
  }
  if (running_ >= kAtOnce) {
    return fail(ErrorKind::RateLimited, "api.checks_busy",
                "Many checks are running at the moment. Check again in a few seconds.");
  }
  own.running = true;
  own.begun.push_back(now);
  ++running_;
  return Turn(*this, account);
}

void CheckGuard::end(directory::AccountId account) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  found->second.running = false;
  --running_;
}

void CheckGuard::forget_before(Timestamp hour) {
  for (auto at = accounts_.begin(); at != accounts_.end();) {
    Account& own = at->second;
    while (!own.begun.empty() && own.begun.front() <= hour)
      own.begun.pop_front();
    const bool is_idle = own.begun.empty() && !own.running;
    at = is_idle ? accounts_.erase(at) : std::next(at);
  }
}

}  // namespace doorward::console
