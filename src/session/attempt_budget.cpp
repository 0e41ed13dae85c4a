#include "session/attempt_budget.h"

#include <algorithm>
#include <cstdint>

namespace doorward::session {

bool AttemptBudget::take(Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto earned = (now - refilled_at_) / kRefill;
  if (earned > 0) {
    left_ = static_cast<int>(std::min<std::int64_t>(kBurst, left_ + std::min<std::int64_t>(earned, kBurst)));
    refilled_at_ = now;
  }
  if (left_ == 0) return false;
  --left_;
  return true;
}

}  // namespace doorward::session
