#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "crypto/tls.h"
#include "http/io_thread.h"
#include "http/request_reader.h"

namespace doorward::http {

/// One client's connection: reads requests, has them answered in order, writes the answers.
class Connection {
 public:
  template <class T>
  using Task = boost::asio::awaitable<T, Executor>;

  Connection(IoThread& thread, Socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Lives until the connection is over.
  static Task<void> serve(std::unique_ptr<Connection> connection);

  /// Wakes whatever waits when the deadline is over.
  void expire(std::chrono::steady_clock::time_point now);
  /// Closes unless a request is under way.
  void close_if_idle();
  void abort();

 private:
  using Time = std::chrono::steady_clock::time_point;
  enum class Interrupt : std::uint8_t { None, Expired, Stopped };

  Task<void> serve_requests();
  Task<bool> shake_hands();
  Task<bool> read_request();
  Task<bool> receive();
  Task<bool> answer();
  Task<bool> run_pooled(Exchange* exchange);
  Task<void> refuse(Refusal refusal);
  Task<bool> send_answer(Exchange* exchange, AfterAnswer after);
  Task<bool> send(std::string_view bytes);
  Task<bool> write(std::string_view bytes);
  Task<bool> wait(Socket::wait_type what);
  Task<void> say_goodbye();

  void allow(std::chrono::milliseconds time);
  void allow_for(RequestReader::State state);

  IoThread& thread_;
  const Limits& limits_;
  Socket socket_;
  Address peer_;
  std::optional<crypto::TlsSession> tls_;
  RequestReader reader_;
  Time deadline_ = Time::max();
  Interrupt interrupt_ = Interrupt::None;
  bool idle_ = true;
  bool first_request_ = true;
  bool unread_body_ = false;
  std::list<Connection*>::iterator place_;
};

}  // namespace doorward::http
