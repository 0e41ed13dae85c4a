#include "http/worker_pool.h"

#include <atomic>

#include <gtest/gtest.h>

#include "http/server_fixture.h"

namespace doorward::http {
namespace {

TEST(WorkerPool, RunsEverythingThatItTook) {
  metrics::Gauge queued;
  std::atomic<int> ran = 0;
  WorkerPool pool(4, 1000, queued);
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
  pool.stop();
  EXPECT_EQ(ran, 1000);
  EXPECT_EQ(queued.value(), 0);
}

TEST(WorkerPool, TakesNoMoreThanItsQueueHolds) {
  metrics::Gauge queued;
  Gate gate;
  WorkerPool pool(1, 2, queued);
  ASSERT_TRUE(pool.submit([&] { gate.pass(); }));
  gate.wait_for(1);
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_EQ(queued.value(), 2);
  EXPECT_FALSE(pool.submit([] {}));
  gate.open();
  pool.stop();
  EXPECT_EQ(queued.value(), 0);
}

}  // namespace
}  // namespace doorward::http
