#include "http/io_thread.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "http/server_fixture.h"

namespace doorward::http {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

TEST(ConnectionCount, HasALimit) {
  metrics::Gauge gauge;
  ConnectionCount count(2, gauge);
  EXPECT_TRUE(count.wait_until_none(0ms));
  EXPECT_TRUE(count.enter());
  EXPECT_TRUE(count.enter());
  EXPECT_FALSE(count.enter());
  EXPECT_EQ(gauge.value(), 2);
  EXPECT_FALSE(count.wait_until_none(1ms));
  count.leave();
  EXPECT_TRUE(count.enter());
  count.leave();
  count.leave();
  EXPECT_TRUE(count.wait_until_none(0ms));
}

class StopTest : public ServerFixture {};

TEST_F(StopTest, ClosesWhatStillRunsWhenTheGraceIsOver) {
  start();
  RawClient busy(server_->port());
  busy.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  RawClient slow(server_->port());
  slow.send("GET /emp");
  gate_.wait_for(1);
  std::thread stopper([this] { server_->stop(1ms); });
  EXPECT_EQ(busy.read_all(), "");
  EXPECT_EQ(slow.read_all(), "");
  // The handler itself cannot be cut off: stop() waits for it.
  gate_.open();
  stopper.join();
}

TEST_F(StopTest, AnswersAreFinishedWithinTheGrace) {
  const std::string large(16 * 1024 * 1024, 'x');
  router_.add(Method::Get, "/large", Run::Inline,
              [&](const Request&) { return Response::text(Status::Ok, large); });
  start();
  RawClient client(server_->port());
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  std::string answer = client.read(1);
  std::thread stopper([this] { server_->stop(20s); });
  answer += client.read_all();
  stopper.join();
  EXPECT_EQ(body_in(answer).size(), large.size());
}

TEST_F(StopTest, WhatWaitsForAWorkerIsNotRunAfterTheGrace) {
  std::atomic<int> ran = 0;
  router_.add(Method::Get, "/count", Run::Pooled, [&](const Request&) {
    ++ran;
    return Response();
  });
  options_.worker_threads = 1;
  start();
  RawClient busy(server_->port());
  busy.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  gate_.wait_for(1);
  RawClient waiting(server_->port());
  waiting.send("GET /count HTTP/1.1\r\nHost: a\r\n\r\n");
  auto& queued = metrics_.gauge("doorward_http_queued_requests", "");
  while (queued.value() != 1)
    std::this_thread::yield();
  std::thread stopper([this] { server_->stop(1ms); });
  EXPECT_EQ(busy.read_all(), "");
  EXPECT_EQ(waiting.read_all(), "");
  gate_.open();
  stopper.join();
  EXPECT_EQ(ran, 0);
}

TEST_F(StopTest, TwiceIsOnce) {
  start();
  server_->stop(1ms);
  server_->stop(1ms);
}

TEST_F(StopTest, WithoutAnyConnectionIsImmediate) {
  start();
  server_->stop(1h);
}

}  // namespace
}  // namespace doorward::http
