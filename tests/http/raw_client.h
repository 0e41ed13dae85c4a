#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doorward::http {

/// A client that sends exactly the bytes it is given. Waiting has an upper bound that only a broken server
/// meets.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False when the server has closed the connection.
  bool send(std::string_view bytes);
  /// No more bytes will come from here.
  void finish_sending();
  /// Closes with a reset, as a client does that crashes.
  void reset();

  int descriptor() const { return socket_; }

  /// All that comes until the server closes.
  std::string read_all();
  /// One answer: its header and as much body as Content-Length says (none when `head_only`).
  std::string read_answer(bool head_only = false);
  /// Reads until `bytes` have come; less when the server closes first.
  std::string read(std::size_t bytes);

 private:
  bool fill();

  int socket_;
  std::string buffer_;
};

/// `200` of `HTTP/1.1 200 OK…`; 0 when there is no status line.
int status_in(std::string_view answer);
/// The value of a field of an answer; empty when absent.
std::string field_in(std::string_view answer, std::string_view name);
/// What lies behind the header.
std::string body_in(std::string_view answer);

}  // namespace doorward::http
