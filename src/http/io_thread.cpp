#include "http/io_thread.h"

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "http/connection.h"

namespace doorward::http {

namespace asio = boost::asio;

namespace {

/// Deadlines are checked four times in the shortest of them, and at least once a second.
std::chrono::milliseconds sweep_interval_for(const Limits& limits) {
  const auto shortest = std::min({limits.handshake_timeout, limits.header_timeout, limits.body_timeout,
                                  limits.idle_timeout, limits.write_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(1), std::chrono::milliseconds(1000));
}

void report(const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& exception) {
    log::error("http.connection_failed", {{"detail", exception.what()}});
  }
}

}  // namespace

bool ConnectionCount::enter() {
  const std::lock_guard lock(mutex_);
  if (count_ >= most_) return false;
  ++count_;
  gauge_.set(static_cast<std::int64_t>(count_));
  return true;
}

void ConnectionCount::leave() {
  const std::lock_guard lock(mutex_);
  --count_;
  gauge_.set(static_cast<std::int64_t>(count_));
  if (count_ == 0) none_.notify_all();
}

bool ConnectionCount::wait_until_none(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return none_.wait_for(lock, timeout, [this] { return count_ == 0; });
}

IoThread::IoThread(Shared& shared)
    : shared_(shared),
      work_(context_.get_executor()),
      sweep_timer_(context_),
      sweep_interval_(sweep_interval_for(shared.options.limits)) {}

IoThread::~IoThread() {
  join();
}

void IoThread::start() {
  thread_ = std::thread([this] { context_.run(); });
}

void IoThread::adopt(Socket socket) {
  asio::post(context_, [this, moved = std::move(socket)]() mutable {
    auto connection = std::make_unique<Connection>(*this, std::move(moved));
    asio::co_spawn(context_, Connection::serve(std::move(connection)), &report);
  });
}

void IoThread::close_idle() {
  asio::post(context_, [this] {
    for (Connection* connection : connections_)
      connection->close_if_idle();
  });
}

void IoThread::abort_connections() {
  asio::post(context_, [this] {
    for (Connection* connection : connections_)
      connection->abort();
  });
}

void IoThread::join() {
  if (!thread_.joinable()) return;
  asio::post(context_, [this] { work_.reset(); });
  thread_.join();
}

std::list<Connection*>::iterator IoThread::enroll(Connection* connection) {
  arm_sweep();
  return connections_.insert(connections_.end(), connection);
}

void IoThread::dismiss(std::list<Connection*>::iterator place) {
  connections_.erase(place);
  if (connections_.empty()) sweep_timer_.cancel();
  shared_.connections.leave();
}

void IoThread::arm_sweep() {
  if (sweep_armed_) return;
  sweep_armed_ = true;
  sweep_timer_.expires_after(sweep_interval_);
  sweep_timer_.async_wait([this](const boost::system::error_code&) { sweep(); });
}

void IoThread::sweep() {
  sweep_armed_ = false;
  const auto now = std::chrono::steady_clock::now();
  for (Connection* connection : connections_)
    connection->expire(now);
  if (!connections_.empty()) arm_sweep();
}

}  // namespace doorward::http
