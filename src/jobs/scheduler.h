#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"

namespace doorward::jobs {

/// Of several nodes the one that leads in this does what one node should do; see `storage::Database::leads`.
inline constexpr std::string_view kRunnerRole = "jobs";

/// Runs the server's recurring chores, one after the other, on one thread of its own. A chore that fails is
/// logged and runs again at its next time.
class Scheduler {
 public:
  using Chore = std::function<Result<void>()>;

  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  /// Stops.
  ~Scheduler();

  /// Before `start`. The first run is one `interval` away.
  void add(std::string name, std::chrono::milliseconds interval, Chore chore);
  void start();
  /// Waits for the chore that is running, then runs none any more.
  void stop();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Entry {
    std::string name;
    std::chrono::milliseconds interval;
    Chore chore;
    Moment due;
  };

  void run();

  std::vector<Entry> entries_;  // Only the thread touches it once it runs.
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace doorward::jobs
