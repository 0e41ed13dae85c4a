#include "http/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace doorward::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr asio::use_awaitable_t<Executor> kUseTask;

constexpr std::size_t kReadBytes = 16 * 1024;
/// A write deadline covers this much; a reader slower than that is let go.
constexpr std::size_t kWriteSlice = 64 * 1024;
/// Up to here, a body goes out in one piece with its header.
constexpr std::size_t kMaxJoinedBody = 16 * 1024;
/// What a client may still send after its last answer without being cut off before it could read it.
constexpr std::size_t kMaxLingerBytes = 256 * 1024;
constexpr std::chrono::milliseconds kMaxLinger{2000};

constexpr Refusal kTooSlow{Status::RequestTimeout, "the request took too long to arrive"};

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// One buffer a thread: a connection that waits holds none.
std::array<char, kReadBytes>& read_buffer() {
  thread_local std::array<char, kReadBytes> buffer;
  return buffer;
}

Address address_of(const Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return Address();
  return Address::parse(endpoint.address().to_string()).value_or(Address());
}

}  // namespace

Connection::Connection(IoThread& thread, Socket socket)
    : thread_(thread),
      limits_(thread.shared().options.limits),
      socket_(std::move(socket)),
      peer_(address_of(socket_)),
      reader_(limits_),
      place_(thread.enroll(this)) {
  if (const auto* files = thread.shared().tls_files) tls_.emplace(files->identity());
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Connection::~Connection() {
  thread_.dismiss(place_);
}

void Connection::expire(Time now) {
  if (now < deadline_) return;
  deadline_ = Time::max();
  interrupt_ = Interrupt::Expired;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::close_if_idle() {
  if (!idle_) return;
  interrupt_ = Interrupt::Stopped;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::abort() {
  error_code ignored;
  socket_.close(ignored);
}

void Connection::allow(std::chrono::milliseconds time) {
  deadline_ = std::chrono::steady_clock::now() + time;
  if (interrupt_ == Interrupt::Expired) interrupt_ = Interrupt::None;
}

void Connection::allow_for(RequestReader::State state) {
  if (state == RequestReader::State::Body) return allow(limits_.body_timeout);
  if (state == RequestReader::State::Head || first_request_) return allow(limits_.header_timeout);
  allow(limits_.idle_timeout);
}

Connection::Task<void> Connection::serve(std::unique_ptr<Connection> connection) {
  co_await connection->serve_requests();
}

Connection::Task<void> Connection::serve_requests() {
  bool open = co_await shake_hands();
  while (open) {
    open = co_await read_request();
    if (open) open = co_await answer();
  }
  co_await say_goodbye();
}

Connection::Task<bool> Connection::shake_hands() {
  using State = crypto::TlsSession::State;
  allow(limits_.handshake_timeout);
  while (tls_ && tls_->state() == State::Handshake) {
    const bool received = co_await receive();
    if (!received) co_return false;
  }
  co_return true;
}

/// True when the reader has a complete request. Otherwise the connection is over, and whoever deserved an
/// answer has got it.
Connection::Task<bool> Connection::read_request() {
  using State = RequestReader::State;
  auto state = reader_.state();
  allow_for(state);
  while (state != State::Complete && state != State::Refused) {
    idle_ = state == State::Idle;
    if (idle_ && thread_.stopping()) co_return false;
    if (reader_.wants_continue()) {
      const bool sent = co_await send(kContinue);
      if (!sent) co_return false;
      allow_for(state);
    }
    const bool received = co_await receive();
    if (!received) {
      const bool expired = interrupt_ == Interrupt::Expired && state != State::Idle;
      if (expired) co_await refuse(kTooSlow);
      co_return false;
    }
    const auto next = reader_.state();
    if (next != state) allow_for(next);
    state = next;
  }
  idle_ = false;
  first_request_ = false;
  if (state == State::Complete) co_return true;
  co_await refuse(reader_.refusal());
  co_return false;
}

/// False when the connection is over or an interrupt came.
Connection::Task<bool> Connection::receive() {
  const bool readable = co_await wait(Socket::wait_read);
  if (!readable) co_return false;
  auto& buffer = read_buffer();
  error_code error;
  const auto count = socket_.read_some(asio::buffer(buffer), error);
  if (error == asio::error::would_block) co_return true;
  if (error) co_return false;
  const std::string_view bytes(buffer.data(), count);
  if (!tls_) {
    reader_.feed(bytes);
    co_return true;
  }
  std::string plain;
  tls_->receive(bytes, plain);
  reader_.feed(plain);
  const std::string output = tls_->take_output();
  const bool written = co_await write(output);
  const bool more = tls_->state() != crypto::TlsSession::State::Failed &&
                    tls_->state() != crypto::TlsSession::State::Closed;
  co_return written && (more || !plain.empty());
}

/// False when the connection must not carry another request.
Connection::Task<bool> Connection::answer() {
  const auto& dispatcher = thread_.shared().dispatcher;
  deadline_ = Time::max();
  Exchange exchange;
  exchange.request = reader_.take();
  switch (dispatcher.begin(exchange, peer_)) {
    case Dispatcher::Next::Answered:
      break;
    case Dispatcher::Next::RunInline:
      dispatcher.run(exchange);
      break;
    case Dispatcher::Next::RunPooled: {
      const bool accepted = co_await run_pooled(&exchange);
      if (!accepted) dispatcher.overload(exchange);
      break;
    }
  }
  const bool keep = reader_.keep_alive() && !thread_.stopping();
  const auto after = keep ? AfterAnswer::KeepAlive : AfterAnswer::Close;
  const bool sent = co_await send_answer(&exchange, after);
  const bool open = sent && keep;
  co_return open;
}

/// Runs the handler on the worker pool and comes back to this thread. False when the queue is full.
Connection::Task<bool> Connection::run_pooled(Exchange* exchange) {
  auto initiate = [this, exchange](auto handler) {
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    auto& context = thread_.context();
    const auto& shared = thread_.shared();
    const bool accepted = shared.workers.submit([&context, &shared, exchange, resume] {
      if (shared.abandoned) {
        shared.dispatcher.overload(*exchange);
      } else {
        shared.dispatcher.run(*exchange);
      }
      asio::post(context, [resume]() { std::move (*resume)(true); });
    });
    if (!accepted) asio::post(context, [resume]() { std::move (*resume)(false); });
  };
  auto operation =
      asio::async_initiate<const asio::use_awaitable_t<Executor>, void(bool)>(initiate, kUseTask);
  const bool accepted = co_await std::move(operation);
  co_return accepted;
}

Connection::Task<void> Connection::refuse(Refusal refusal) {
  Exchange exchange = thread_.shared().dispatcher.refuse(refusal, peer_, reader_.target());
  unread_body_ = co_await send_answer(&exchange, AfterAnswer::Close);
}

Connection::Task<bool> Connection::send_answer(Exchange* exchange, AfterAnswer after) {
  std::string head = thread_.shared().dispatcher.finish(*exchange, after);
  std::string_view body;
  if (has_body(exchange->response, exchange->request.method)) body = exchange->response.body;
  if (body.size() <= kMaxJoinedBody) {
    head.append(body);
    body = {};
  }
  bool sent = co_await send(head);
  if (sent && !body.empty()) sent = co_await send(body);
  co_return sent;
}

Connection::Task<bool> Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto slice = bytes.substr(0, kWriteSlice);
    bytes.remove_prefix(slice.size());
    allow(limits_.write_timeout);
    bool written = false;
    if (tls_) {
      tls_->send(slice);
      const std::string output = tls_->take_output();
      written = co_await write(output);
    } else {
      written = co_await write(slice);
    }
    if (!written) co_return false;
  }
  co_return true;
}

/// Writes bytes as they are, within the current deadline.
Connection::Task<bool> Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    error_code error;
    const auto count = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(count);
    if (error == asio::error::would_block) {
      const bool writable = co_await wait(Socket::wait_write);
      if (!writable) co_return false;
    } else if (error) {
      co_return false;
    }
  }
  co_return true;
}

Connection::Task<bool> Connection::wait(Socket::wait_type what) {
  error_code error;
  auto token = asio::redirect_error(kUseTask, error);
  co_await socket_.async_wait(what, token);
  co_return !error && interrupt_ == Interrupt::None;
}

Connection::Task<void> Connection::say_goodbye() {
  if (tls_) {
    tls_->close();
    const std::string output = tls_->take_output();
    co_await write(output);
  }
  if (!unread_body_) co_return;
  // RFC 9112 section 9.6: closing while the client still sends would reset the connection, and the client
  // might lose the answer. Half-close, then read for a while what is on its way.
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  allow(std::min(kMaxLinger, limits_.header_timeout));
  std::size_t drained = 0;
  while (!error && drained < kMaxLingerBytes) {
    const bool readable = co_await wait(Socket::wait_read);
    if (!readable) co_return;
    drained += socket_.read_some(asio::buffer(read_buffer()), error);
    if (error == asio::error::would_block) error.clear();
  }
}

}  // namespace doorward::http
