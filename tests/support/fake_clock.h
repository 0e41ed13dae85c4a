#pragma once

#include <atomic>

#include "base/clock.h"

namespace doorward::test {

/// A clock that stands still until it is moved.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Timestamp start) : now_(to_millis(start)) {}

  Timestamp now() const override { return from_millis(now_.load()); }
  void advance(Duration by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_;
};

}  // namespace doorward::test
