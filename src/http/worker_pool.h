#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/metrics.h"

namespace doorward::http {

/// A fixed number of threads behind a bounded queue, for handlers that block.
class WorkerPool {
 public:
  /// Must not throw.
  using Job = std::function<void()>;

  WorkerPool(int threads, std::size_t max_queued, metrics::Gauge& queued);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False, and the job is dropped, when the queue is full.
  [[nodiscard]] bool submit(Job job);

  /// Runs what is queued, then ends the threads. Nothing may be submitted afterwards.
  void stop();

 private:
  void work();

  const std::size_t max_queued_;
  metrics::Gauge& queued_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;   // Guarded by mutex_.
  bool stopping_ = false;  // Guarded by mutex_.
  std::vector<std::thread> threads_;
};

}  // namespace doorward::http
