#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "http/dispatcher.h"
#include "http/grammar.h"
#include "http/io_thread.h"
#include "http/worker_pool.h"

namespace doorward::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// How long accepting rests when the process has no file descriptor left.
constexpr std::chrono::milliseconds kAcceptPause{50};

Result<tcp::endpoint> parse_listen(std::string_view listen) {
  const auto refuse = [&] {
    return fail(
        ErrorKind::InvalidInput, "http.listen",
        fmt::format("“{}” is not an address to listen on. Write it like 127.0.0.1:8080, 0.0.0.0:443 or "
                    "[::]:443.",
                    printable(listen)));
  };
  const auto colon = listen.rfind(':');
  if (colon == std::string_view::npos) return refuse();
  auto host = listen.substr(0, colon);
  const auto digits = listen.substr(colon + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size())
    return refuse();
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed) return refuse();
  return tcp::endpoint(address, port);
}

int cores() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

class ServerImpl final : public Server {
 public:
  ServerImpl(ServerOptions options, TrustedProxies proxies, std::unique_ptr<TlsFiles> tls_files,
             Router router, metrics::Registry& metrics, const Clock& clock)
      : options_(std::move(options)),
        tls_files_(std::move(tls_files)),
        dispatcher_(options_, std::move(proxies), std::move(router), metrics, clock),
        connections_(options_.limits.connections,
                     metrics.gauge("doorward_http_connections", "Open connections.")),
        turned_away_(metrics.counter("doorward_http_connections_refused_total",
                                     "Connections closed at once because there were too many.")),
        workers_(options_.worker_threads > 0 ? options_.worker_threads : std::max(8, 4 * cores()),
                 options_.limits.queued_requests,
                 metrics.gauge("doorward_http_queued_requests", "Requests that wait for a worker.")),
        shared_{options_, dispatcher_, workers_, connections_, tls_files_.get(), false, false} {
    const int count = options_.io_threads > 0 ? options_.io_threads : cores();
    for (int i = 0; i < count; ++i)
      threads_.push_back(std::make_unique<IoThread>(shared_));
    acceptor_.emplace(threads_.front()->context());
    accept_timer_.emplace(threads_.front()->context());
    tls_timer_.emplace(threads_.front()->context());
  }

  ~ServerImpl() override { stop(std::chrono::milliseconds(0)); }

  Result<void> listen() {
    ASSIGN_OR_RETURN(const auto endpoint, parse_listen(options_.listen));
    error_code error;
    acceptor_->open(endpoint.protocol(), error);
    // After a restart, connections of the old process may linger.
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor_->non_blocking(true, error);
    if (error) {
      return fail(ErrorKind::Unavailable, "http.listen",
                  fmt::format("Listening on {} failed: {}. Is another program using the port?",
                              options_.listen, error.message()));
    }
    port_ = acceptor_->local_endpoint().port();
    for (auto& thread : threads_)
      thread->start();
    asio::post(threads_.front()->context(), [this] {
      wait_for_connections();
      watch_tls_files();
    });
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void stop(std::chrono::milliseconds grace) override {
    if (shared_.stopping.exchange(true)) return;
    asio::post(threads_.front()->context(), [this] {
      error_code ignored;
      acceptor_->close(ignored);
      accept_timer_->cancel();
      tls_timer_->cancel();
    });
    for (auto& thread : threads_)
      thread->close_idle();
    connections_.wait_until_none(grace);
    shared_.abandoned = true;
    for (auto& thread : threads_)
      thread->abort_connections();
    workers_.stop();
    for (auto& thread : threads_)
      thread->join();
  }

  Result<void> reload_tls() override {
    if (!tls_files_) return {};
    return tls_files_->reload();
  }

 private:
  void wait_for_connections() {
    if (!acceptor_->is_open()) return;
    acceptor_->async_wait(tcp::acceptor::wait_read, [this](const error_code& error) {
      if (!error) accept_waiting();
    });
  }

  void accept_waiting() {
    while (true) {
      IoThread& thread = *threads_[next_thread_++ % threads_.size()];
      Socket socket(thread.context());
      error_code error;
      acceptor_->accept(socket, error);
      if (error == asio::error::would_block) return wait_for_connections();
      if (error == asio::error::connection_aborted || error == asio::error::interrupted) continue;
      if (error) return pause_accepting(error);
      if (connections_.enter()) {
        thread.adopt(std::move(socket));
      } else {
        turned_away_.add();
      }
    }
  }

  void pause_accepting(const error_code& error) {
    log::warning("http.accept_failed", {{"detail", error.message()}});
    accept_timer_->expires_after(kAcceptPause);
    accept_timer_->async_wait([this](const error_code&) { wait_for_connections(); });
  }

  void watch_tls_files() {
    if (!tls_files_ || shared_.stopping) return;
    tls_timer_->expires_after(tls_files_->poll_interval());
    tls_timer_->async_wait([this](const error_code& error) {
      if (error) return;
      tls_files_->reload_if_changed();
      watch_tls_files();
    });
  }

  ServerOptions options_;
  const std::unique_ptr<TlsFiles> tls_files_;
  Dispatcher dispatcher_;
  ConnectionCount connections_;
  metrics::Counter& turned_away_;
  WorkerPool workers_;
  Shared shared_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  /// On the first thread, which deals connections out to all: each gets as many as the next.
  std::optional<asio::basic_socket_acceptor<tcp, Executor>> acceptor_;
  std::optional<Timer> accept_timer_;
  std::optional<Timer> tls_timer_;
  std::size_t next_thread_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Router router,
                                              metrics::Registry& metrics, const Clock& clock) {
  ASSIGN_OR_RETURN(auto proxies, TrustedProxies::parse(options.trusted_proxies));
  std::unique_ptr<TlsFiles> tls_files;
  if (options.tls) {
    ASSIGN_OR_RETURN(tls_files, TlsFiles::open(*options.tls));
  }
  auto server = std::make_unique<ServerImpl>(std::move(options), std::move(proxies), std::move(tls_files),
                                             std::move(router), metrics, clock);
  RETURN_IF_ERROR(server->listen());
  return server;
}

}  // namespace doorward::http
