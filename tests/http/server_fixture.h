#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/raw_client.h"
#include "http/server.h"

namespace doorward::http {

/// A door that handlers wait at until the test opens it, so that no test needs to sleep.
class Gate {
 public:
  /// For handlers.
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Returns when `count` handlers have come to the door.
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

/// A real server on a free port of the loopback interface, with a few routes.
class ServerFixture : public ::testing::Test {
 protected:
  ServerFixture() {
    log::set_sink([](std::string_view) {});
    options_.listen = "127.0.0.1:0";
    options_.io_threads = 2;
    options_.worker_threads = 2;
    router_.add(Method::Get, "/empty", Run::Inline, [](const Request&) { return Response(); });
    router_.add(Method::Post, "/echo", Run::Pooled,
                [](const Request& request) { return Response::text(Status::Ok, request.body); });
    router_.add(Method::Post, "/inline-echo", Run::Inline,
                [](const Request& request) { return Response::text(Status::Ok, request.body); });
    router_.add(Method::Get, "/gate", Run::Pooled, [this](const Request&) {
      gate_.pass();
      return Response::text(Status::Ok, "through");
    });
  }

  ~ServerFixture() override {
    gate_.open();
    server_.reset();
    log::set_sink({});
  }

  void start() {
    auto server = Server::start(options_, std::move(router_), metrics_, clock_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }

  /// What the server answers to these bytes, until it closes.
  std::string answer_to(std::string_view bytes) {
    RawClient client(server_->port());
    client.send(bytes);
    client.finish_sending();
    return client.read_all();
  }

  metrics::Registry metrics_;
  SystemClock clock_;
  ServerOptions options_;
  Router router_;
  Gate gate_;
  std::unique_ptr<Server> server_;
};

}  // namespace doorward::http
