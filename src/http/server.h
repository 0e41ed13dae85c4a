#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  /// From the first byte of a request (from the connection's start for the first one) to the end of its
  /// header.
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  /// For every 64 KiB of an answer.
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
};

struct TlsOptions {
  std::string certificate_file;  ///< PEM, the server's certificate first.
  std::string key_file;          ///< PEM without a passphrase.
  /// How often the files are looked at; when one changed, new connections get the new certificate.
  std::chrono::milliseconds poll_interval = std::chrono::seconds(30);
};

struct ServerOptions {
  /// `HOST:PORT`, `[IPv6]:PORT`; the host is an address or `localhost`. Port 0 takes a free one.
  std::string listen = "127.0.0.1:8080";
  std::optional<TlsOptions> tls;
  int io_threads = 0;      ///< 0: one a core.
  int worker_threads = 0;  ///< 0: four a core, at least 8.
  Limits limits;
  /// Addresses and networks (`10.0.0.0/8`) whose X-Forwarded-For and X-Request-Id are believed.
  std::vector<std::string> trusted_proxies;
  /// Turns a failure into an answer: a page for browsers, JSON for the API. Also asked for 404, 405, 501 and
  /// 503. Runs on any thread. Without it, the answer is the error's message as text.
  std::function<Response(const Request&, const Error&)> on_error;
  /// Gives what the guard refuses another form than text, for whoever reads answers by program. `target` is
  /// the request target as it came, unchecked: good for telling who is asked, and for nothing else. Of one
  /// that is too long it is the beginning; empty when none came.
  std::function<std::optional<Response>(std::string_view target, Status status, std::string_view reason)>
      on_refusal;
  /// Fields of every answer that does not set them itself: security headers.
  Headers default_headers;
  /// Last touch on every answer, where fields are not enough. What the guard refuses has an empty request.
  std::function<void(const Request&, Response&)> on_response;
};

/// Listens, reads requests behind the guard, runs handlers and writes answers, until stopped.
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Router router,
                                               metrics::Registry& metrics, const Clock& clock);
  /// Stops without grace.
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;
  /// Takes no new connections, lets running requests finish for at most `grace`, then closes. Returns when
  /// every handler has returned. Not to be called from a handler.
  virtual void stop(std::chrono::milliseconds grace) = 0;
  /// Reads the certificate and the key again, for the connections to come; on failure the old ones stay.
  virtual Result<void> reload_tls() = 0;
};

}  // namespace doorward::http
