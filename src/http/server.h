#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "http/router.h"

namespace doorward::http {

struct Limits {
  std::size_t header_bytes = 32 * 1024;
  std::size_t header_fields = 100;
  std::size_t target_bytes = 16 * 1024;
  std::size_t body_bytes = 2 * 1024 * 1024;
  std::size_t connections = 10'000;
  std::size_t queued_requests = 1'024;
  std::chrono::seconds header_timeout{10};
  std::chrono::seconds body_timeout{30};
  std::chrono::seconds idle_timeout{60};
  std::chrono::seconds write_timeout{30};
};

struct TlsOptions {
  std::string certificate_file;
  std::string key_file;
};

struct ServerOptions {
  /// `HOST:PORT`; port 0 takes a free one.
  std::string listen = "127.0.0.1:8080";
  std::optional<TlsOptions> tls;
  int io_threads = 0;      ///< 0: one a core.
  int worker_threads = 0;  ///< 0: four a core, at least 8.
  Limits limits;
  /// Addresses whose X-Forwarded-For is believed.
  std::vector<std::string> trusted_proxies;
  /// Turns a failure into an answer: a page for browsers, JSON for the API. Also asked for 404 and 405.
  std::function<Response(const Request&, const Error&)> on_error;
  /// Last touch on every answer: security headers.
  std::function<void(const Request&, Response&)> on_response;
};

/// Listens, reads requests behind the guard, runs handlers and writes answers, until stopped.
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Router router,
                                               metrics::Registry& metrics, const Clock& clock);
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;
  /// Takes no new connections, lets running requests finish for at most `grace`, then closes. Returns when
  /// done.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace doorward::http
