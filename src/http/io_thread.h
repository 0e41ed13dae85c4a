#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/metrics.h"
#include "http/dispatcher.h"
#include "http/server.h"
#include "http/tls_files.h"
#include "http/worker_pool.h"

namespace doorward::http {

using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

class Connection;

/// Counts the connections of all threads, so that there is one limit and one moment when the last has gone.
class ConnectionCount {
 public:
  ConnectionCount(std::size_t most, metrics::Gauge& gauge) : most_(most), gauge_(gauge) {}

  /// False when there are as many as there may be.
  bool enter();
  void leave();
  /// Whether all were gone before `timeout` was over.
  bool wait_until_none(std::chrono::milliseconds timeout);

 private:
  const std::size_t most_;
  metrics::Gauge& gauge_;
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t count_ = 0;  // Guarded by mutex_.
};

/// What connections share.
struct Shared {
  const ServerOptions& options;
  const Dispatcher& dispatcher;
  WorkerPool& workers;
  ConnectionCount& connections;
  const TlsFiles* tls_files;            ///< Null: plain HTTP.
  std::atomic<bool> stopping = false;   ///< Every answer closes its connection.
  std::atomic<bool> abandoned = false;  ///< What waits for a worker is not run any more.
};

/// One thread with its event loop and its connections; each connection lives and dies on its thread.
class IoThread {
 public:
  explicit IoThread(Shared& shared);
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void start();

  /// Takes over a connection that was counted. From any thread.
  void adopt(Socket socket);
  /// Closes idle connections. From any thread.
  void close_idle();
  /// Closes all connections. From any thread.
  void abort_connections();
  /// Returns when the last connection has gone.
  void join();

  boost::asio::io_context& context() { return context_; }
  const Shared& shared() const { return shared_; }
  bool stopping() const { return shared_.stopping; }

  /// For connections: being there, and going. On this thread.
  std::list<Connection*>::iterator enroll(Connection* connection);
  void dismiss(std::list<Connection*>::iterator place);

 private:
  void arm_sweep();
  void sweep();

  Shared& shared_;
  boost::asio::io_context context_{1};
  std::optional<boost::asio::executor_work_guard<Executor>> work_;
  Timer sweep_timer_;
  std::chrono::milliseconds sweep_interval_;
  bool sweep_armed_ = false;
  std::list<Connection*> connections_;
  std::thread thread_;
};

}  // namespace doorward::http
