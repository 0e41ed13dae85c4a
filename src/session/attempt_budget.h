#pragma once

#include <chrono>
#include <mutex>

#include "base/clock.h"

namespace doorward::session {

/// Bounds how many refused attempts of strangers are stored: beyond it they are only counted and logged, so
/// that nobody can fill the disk by signing in badly.
class AttemptBudget {
 public:
  static constexpr int kBurst = 200;
  static constexpr Duration kRefill = std::chrono::milliseconds(500);  ///< One more for each.

  bool take(Timestamp now);

 private:
  std::mutex mutex_;
  int left_ = kBurst;
  Timestamp refilled_at_;
};

}  // namespace doorward::session
