#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/server.h"

namespace doorward::http {

/// Why a message is not read any further.
struct Refusal {
  Status status;
  /// For the log; a literal.
  std::string_view reason;
};

/// Turns the bytes of a connection into requests, without I/O. Strict: whatever two readers of HTTP/1.1 could
/// understand differently is refused, so that no proxy before us sees other requests than we do. How the
/// bytes are cut into pieces never changes the outcome.
class RequestReader {
 public:
  enum class State : std::uint8_t {
    Idle,      ///< No byte of a request has come.
    Head,      ///< Within the request line and header.
    Body,      ///< The header is complete.
    Complete,  ///< `take()` gives the request.
    Refused,   ///< For good; see `refusal()`.
  };

  /// `limits` must outlive the reader.
  explicit RequestReader(const Limits& limits) : limits_(limits) {}

  void feed(std::string_view bytes);

  State state() const;
  const Refusal& refusal() const { return refusal_; }
  /// What the current request asks for, as it came and unchecked, once that is known; of a request line that
  /// is too long, the beginning.
  std::string_view target() const { return request_.target; }

  /// In `Body`: the client holds the body back until it sees 100 Continue (RFC 9110 section 10.1.1). True
  /// once.
  bool wants_continue();

  /// Whether the connection may carry another request after the one that was taken last.
  bool keep_alive() const { return keep_alive_; }

  /// The complete request; then goes on with the bytes behind it.
  Request take();

 private:
  enum class Phase : std::uint8_t {
    RequestLine,
    Fields,
    LengthBody,
    ChunkSize,
    ChunkData,
    ChunkEnd,
    Trailer,
    Complete,
    Refused,
  };
  enum class Progress : std::uint8_t { Made, NeedsBytes };

  /// What the header says about the body.
  struct Framing {
    int lengths = 0;
    int codings = 0;
    std::string_view length;
    std::string_view coding;
  };

  void advance();
  Progress step();
  /// The next line without its end, which it takes off; nothing when it is incomplete or refused.
  std::optional<std::string_view> next_line(std::size_t max_bytes, Refusal too_long);
  Progress read_request_line();
  void parse_request_line(std::string_view line);
  void keep_target_of(std::string_view incomplete_line);
  Progress read_field();
  Progress read_body();
  Progress read_chunk_size();
  Progress expect_line_end(Phase next, std::string_view reason);
  void finish_head();
  void start_body(const Framing& framing);
  void refuse(Status status, std::string_view reason);

  std::string_view rest() const { return std::string_view(buffer_).substr(at_); }

  const Limits& limits_;
  std::string buffer_;
  std::size_t at_ = 0;       ///< What lies before in `buffer_` is done with.
  std::size_t scanned_ = 0;  ///< No line feed lies in the first `scanned_` bytes of `rest()`.
  Phase phase_ = Phase::RequestLine;
  Refusal refusal_{Status::BadRequest, {}};

  Request request_;
  std::size_t head_bytes_ = 0;
  bool after_empty_line_ = false;
  bool http_1_0_ = false;
  bool next_keep_alive_ = true;
  bool expects_continue_ = false;
  bool keep_alive_ = true;
  std::uint64_t body_left_ = 0;  ///< Of the body, or of the current chunk.
  std::size_t extension_bytes_ = 0;
};

}  // namespace doorward::http
