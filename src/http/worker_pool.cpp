#include "http/worker_pool.h"

#include <utility>

#include "base/check.h"

namespace doorward::http {

WorkerPool::WorkerPool(int threads, std::size_t max_queued, metrics::Gauge& queued)
    : max_queued_(max_queued), queued_(queued) {
  CHECK(threads > 0);
  for (int i = 0; i < threads; ++i)
    threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    CHECK(!stopping_);
    if (jobs_.size() >= max_queued_) return false;
    jobs_.push_back(std::move(job));
    queued_.add(1);
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_)
    thread.join();
  threads_.clear();
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    queued_.add(-1);
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

}  // namespace doorward::http
