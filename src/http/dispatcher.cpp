#include "http/dispatcher.h"

#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "http/grammar.h"
#include "http/request_id.h"

namespace doorward::http {

namespace {

constexpr std::string_view kRetryAfterSeconds = "1";

/// The current second's `Date`; formatting it anew for each answer would be wasted.
std::string_view current_date(Timestamp now) {
  struct Cache {
    std::int64_t second = -1;
    std::string text;
  };
  thread_local Cache cache;
  const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (second != cache.second) {
    cache.text = format_http_date(now);
    cache.second = second;
  }
  return cache.text;
}

std::size_t class_of(Status status) {
  return static_cast<std::size_t>(status) / 100 - 1;
}

Response plain_failure(const Error& error) {
  return Response::text(status_of(error), error.message + "\n");
}

}  // namespace

Dispatcher::Dispatcher(const ServerOptions& options, TrustedProxies proxies, Router router,
                       metrics::Registry& metrics, const Clock& clock)
    : options_(options),
      proxies_(std::move(proxies)),
      router_(std::move(router)),
      clock_(clock),
      default_fields_(options.default_headers),
      durations_(metrics.histogram("doorward_http_request_duration_seconds",
                                   "Time from a complete request to its answer.")),
      refusals_(
          metrics.counter("doorward_http_refused_total", "Messages refused before they became a request.")) {
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    answers_[i] = &metrics.counter("doorward_http_requests_total", "Requests answered, by class of status.",
                                   fmt::format("class=\"{}xx\"", i + 1));
  }
}

Dispatcher::Next Dispatcher::begin(Exchange& exchange, const Address& peer) const {
  exchange.begun = std::chrono::steady_clock::now();
  auto& request = exchange.request;
  name_request(request, peer);
  exchange.match = router_.find(request.method, request.path);
  if (exchange.match.route != nullptr) {
    request.parameters = std::move(exchange.match.parameters);
    return exchange.match.route->run == Run::Inline ? Next::RunInline : Next::RunPooled;
  }
  const log::RequestScope scope(request.request_id);
  if (request.method == Method::Other) {
    fail(exchange, Error{ErrorKind::InvalidInput, kMethodUnknown, "This server does not know the method."});
  } else if (exchange.match.allowed.empty()) {
    fail(exchange, Error{ErrorKind::NotFound, kNotFound, "There is nothing at this address."});
  } else {
    fail(exchange, Error{ErrorKind::InvalidInput, kMethodNotAllowed,
                         fmt::format("This address takes {} only.", exchange.match.allowed)});
    exchange.response.headers.set("Allow", exchange.match.allowed);
  }
  return Next::Answered;
}

void Dispatcher::run(Exchange& exchange) const {
  const log::RequestScope scope(exchange.request.request_id);
  try {
    auto result = exchange.match.route->handler(exchange.request);
    if (result) {
      exchange.response = *std::move(result);
    } else {
      fail(exchange, result.error());
    }
  } catch (const std::exception& exception) {
    fail(exchange,
         Error{ErrorKind::Internal, "http.handler_threw",
               "Something went wrong inside the server. The log has the details under this request's id.",
               exception.what()});
  }
}

void Dispatcher::overload(Exchange& exchange) const {
  const log::RequestScope scope(exchange.request.request_id);
  fail(exchange, Error{ErrorKind::Unavailable, kOverloaded,
                       "The server is busy with other requests. Try again in a moment."});
  exchange.response.headers.set("Retry-After", kRetryAfterSeconds);
}

Response Dispatcher::answer_refusal(const Refusal& refusal, std::string_view target) const {
  try {
    std::optional<Response> own;
    if (options_.on_refusal) own = options_.on_refusal(target, refusal.status, refusal.reason);
    if (own) return *std::move(own);
  } catch (const std::exception& exception) {
    log::error("http.on_refusal_threw", {{"detail", exception.what()}});
  }
  return Response::text(refusal.status,
                        fmt::format("{}: {}.\n", reason_phrase(refusal.status), refusal.reason));
}

Exchange Dispatcher::refuse(const Refusal& refusal, const Address& peer, std::string_view target) const {
  Exchange exchange;
  exchange.begun = std::chrono::steady_clock::now();
  name_request(exchange.request, peer);
  refusals_.add();
  const log::RequestScope scope(exchange.request.request_id);
  log::info("http.refused", {{"reason", refusal.reason},
                             {"status", static_cast<unsigned>(refusal.status)},
                             {"client", exchange.request.client_address}});
  exchange.response = answer_refusal(refusal, target);
  return exchange;
}

std::string Dispatcher::finish(Exchange& exchange, AfterAnswer after) const {
  const auto& request = exchange.request;
  finish_headers(exchange);
  record(exchange);
  AnswerContext context;
  context.method = request.method;
  context.date = current_date(clock_.now());
  context.request_id = request.request_id;
  context.after = after;
  context.defaults = &default_fields_;
  return write_head(exchange.response, context);
}

void Dispatcher::finish_headers(Exchange& exchange) const {
  const log::RequestScope scope(exchange.request.request_id);
  try {
    if (options_.on_response) options_.on_response(exchange.request, exchange.response);
  } catch (const std::exception& exception) {
    log::error("http.on_response_threw", {{"detail", exception.what()}});
    exchange.response = Response::text(Status::InternalServerError, "Internal Server Error\n");
  }
  if (is_sendable(exchange.response.headers)) return;
  log::error("http.unsendable_header");
  exchange.response = Response::text(Status::InternalServerError, "Internal Server Error\n");
}

void Dispatcher::name_request(Request& request, const Address& peer) const {
  request.received = clock_.now();
  request.client_address = proxies_.client(peer, request.headers);
  if (proxies_.trusts(peer)) {
    const auto given = request.headers.find("X-Request-Id");
    if (given && is_request_id(*given)) request.request_id = *given;
  }
  if (request.request_id.empty()) request.request_id = new_request_id();
}

void Dispatcher::fail(Exchange& exchange, const Error& error) const {
  if (error.kind == ErrorKind::Internal) log::failure(log::Level::Error, "http.failed", error);
  if (error.kind == ErrorKind::Unavailable) log::failure(log::Level::Warning, "http.unavailable", error);
  try {
    exchange.response = options_.on_error ? options_.on_error(exchange.request, error) : plain_failure(error);
  } catch (const std::exception& exception) {
    log::error("http.on_error_threw", {{"detail", exception.what()}});
    exchange.response = plain_failure(error);
  }
}

void Dispatcher::record(const Exchange& exchange) const {
  const auto status = exchange.response.status;
  const auto elapsed = std::chrono::steady_clock::now() - exchange.begun;
  answers_[class_of(status)]->add();
  durations_.observe(std::chrono::duration<double>(elapsed).count());

  // What the guard refused has its own line and no path.
  if (exchange.request.path.empty()) return;
  // Answers from memory (session checks, probes) come too often for the log.
  const bool from_memory = exchange.match.route != nullptr && exchange.match.route->run == Run::Inline;
  const auto level = from_memory && class_of(status) < 4 ? log::Level::Debug : log::Level::Info;
  const log::RequestScope scope(exchange.request.request_id);
  log::write(level, "http.request",
             {{"method", name_of(exchange.request.method)},
              {"path", printable(exchange.request.path)},
              {"status", static_cast<unsigned>(status)},
              {"micros", std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count()},
              {"client", exchange.request.client_address}});
}

}  // namespace doorward::http
