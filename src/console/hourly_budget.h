#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "directory/ids.h"

namespace doorward::console {

/// How often an account may do what costs somebody else: so many times in any hour. Kept in memory, and
/// forgotten with a restart.
class HourlyBudget {
 public:
  explicit HourlyBudget(std::size_t limit) : limit_(limit) {}

  /// Takes one off and returns nothing, or takes none and says when to come back.
  std::optional<Timestamp> take(directory::AccountId account, Timestamp now);

 private:
  const std::size_t limit_;
  std::mutex mutex_;  // Guards what follows.
  std::unordered_map<std::int64_t, std::deque<Timestamp>> taken_;
};

}  // namespace doorward::console
