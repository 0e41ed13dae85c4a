#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "http/request_reader.h"
#include "http/response_writer.h"
#include "http/router.h"
#include "http/server.h"
#include "http/trusted_proxies.h"

namespace doorward::http {

/// One request on its way to its answer.
struct Exchange {
  Request request;
  Router::Match match;
  Response response;
  std::chrono::steady_clock::time_point begun;
};

/// Everything between a complete request and its answer that is not I/O: routes, failures, log line, metrics.
/// Safe to use from several threads at once.
class Dispatcher {
 public:
  /// What an exchange needs after `begin`.
  enum class Next : std::uint8_t { Answered, RunInline, RunPooled };

  Dispatcher(const ServerOptions& options, TrustedProxies proxies, Router router, metrics::Registry& metrics,
             const Clock& clock);

  /// Names the request, finds its route, and answers it when there is none.
  Next begin(Exchange& exchange, const Address& peer) const;

  /// Runs the handler. Exceptions end here (style.md E2).
  void run(Exchange& exchange) const;

  /// Answers instead of the handler because too much is waiting for a worker.
  void overload(Exchange& exchange) const;

  /// An exchange for a message that the guard refuses, with as much of its target as came.
  Exchange refuse(const Refusal& refusal, const Address& peer, std::string_view target = {}) const;

  /// Finishes the answer, counts and logs it; returns its header as it goes over the wire.
  std::string finish(Exchange& exchange, AfterAnswer after) const;

 private:
  void name_request(Request& request, const Address& peer) const;
  void fail(Exchange& exchange, const Error& error) const;
  Response answer_refusal(const Refusal& refusal, std::string_view target) const;
  void finish_headers(Exchange& exchange) const;
  void record(const Exchange& exchange) const;

  const ServerOptions& options_;
  const TrustedProxies proxies_;
  const Router router_;
  const Clock& clock_;
  const DefaultFields default_fields_;
  std::array<metrics::Counter*, 5> answers_{};  ///< By the first digit of the status.
  metrics::Histogram& durations_;
  metrics::Counter& refusals_;
};

}  // namespace doorward::http
