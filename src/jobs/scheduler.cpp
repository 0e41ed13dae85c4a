#include "jobs/scheduler.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"

namespace doorward::jobs {

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::add(std::string name, std::chrono::milliseconds interval, Chore chore) {
  CHECK(!thread_.joinable());
  entries_.push_back({std::move(name), interval, std::move(chore), {}});
}

void Scheduler::start() {
  CHECK(!thread_.joinable());
  const Moment now = std::chrono::steady_clock::now();
  for (Entry& entry : entries_)
    entry.due = now + entry.interval;
  thread_ = std::thread([this] { run(); });
}

void Scheduler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Scheduler::run() {
  const auto earlier = [](const Entry& a, const Entry& b) { return a.due < b.due; };
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next = std::min_element(entries_.begin(), entries_.end(), earlier);
    if (next == entries_.end()) {
      wake_.wait(lock, [this] { return stopping_; });
      return;
    }
    if (wake_.wait_until(lock, next->due, [this] { return stopping_; })) return;
    lock.unlock();
    const Result<void> done = next->chore();
    if (!done) {
      log::failure(log::Level::Warning, "jobs.failed", done.error());
    }
    next->due = std::chrono::steady_clock::now() + next->interval;
    lock.lock();
  }
}

}  // namespace doorward::jobs
