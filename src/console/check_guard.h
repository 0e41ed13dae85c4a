#pragma once

#include <deque>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "base/result.h"
#include "directory/ids.h"

namespace doorward::console {

/// Bounds what administrators make this server ask of the outside: one check of an account's at a time and 30
/// within an hour; and of all accounts so few at a time that workers are left for everybody else.
class CheckGuard {
 public:
  static constexpr std::size_t kPerHour = 30;
  static constexpr int kAtOnce = 4;

  /// A check that runs; its end gives the place back, however it comes about.
  class Turn {
   public:
    Turn(Turn&& other) noexcept;
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

   private:
    friend class CheckGuard;
    Turn(CheckGuard& guard, directory::AccountId account) : guard_(&guard), account_(account) {}

    CheckGuard* guard_;
    directory::AccountId account_;
  };

  /// Fails with `api.check_running`, `api.too_many_checks` or `api.checks_busy`. The guard must outlive what
  /// it returns.
  Result<Turn> begin(directory::AccountId account, Timestamp now);

 private:
  struct Account {
    bool running = false;
    /// Of the last hour, the oldest first.
    std::deque<Timestamp> begun;
  };

  void end(directory::AccountId account);
  void forget_before(Timestamp hour);

  std::mutex mutex_;
  std::map<directory::AccountId, Account> accounts_;
  int running_ = 0;
};

}  // namespace doorward::console
