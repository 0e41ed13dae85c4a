#include "http/request_reader.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/text.h"
#include "http/grammar.h"
#include "http/target.h"

namespace doorward::http {

namespace {

/// Room for a method and the version around a target.
constexpr std::size_t kRequestLineExtra = 32;
/// Of a request line that is too long: enough to tell who is asked.
constexpr std::size_t kKeptOfLongLine = 256;
/// A chunk's size with its extensions, which nobody sends in good faith; and all extensions of a body.
constexpr std::size_t kMaxChunkLine = 256;
constexpr std::size_t kMaxExtensionBytes = 4096;
constexpr std::size_t kMaxChunkSizeDigits = 16;
/// What is set aside for a body before any of it has come.
constexpr std::size_t kMaxReserve = 64 * 1024;
constexpr std::size_t kMaxIdleCapacity = 4096;

/// RFC 9110 section 7.2: a host, which must not be empty here, and perhaps a port.
bool is_valid_host(std::string_view host) {
  std::string_view port;
  if (host.starts_with('[')) {
    const auto close = host.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    const auto inside = host.substr(1, close - 1);
    port = host.substr(close + 1);
    if (!std::all_of(inside.begin(), inside.end(),
                     [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; })) {
      return false;
    }
  } else {
    const auto colon = std::min(host.find(':'), host.size());
    const auto name = host.substr(0, colon);
    port = host.substr(colon);
    if (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) {
          return is_alpha(c) || is_digit(c) || is_one_of(c, "-._");
        })) {
      return false;
    }
  }
  if (port.empty()) return true;
  if (port.front() != ':') return false;
  port.remove_prefix(1);
  std::uint32_t number = 0;
  if (port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit)) return false;
  std::from_chars(port.data(), port.data() + port.size(), number);
  return number <= 65535;
}

std::string_view trim_field(std::string_view value) {
  while (!value.empty() && is_one_of(value.front(), " \t"))
    value.remove_prefix(1);
  while (!value.empty() && is_one_of(value.back(), " \t"))
    value.remove_suffix(1);
  return value;
}

}  // namespace

void RequestReader::feed(std::string_view bytes) {
  if (phase_ == Phase::Refused) return;
  buffer_.append(bytes);
  advance();
}

RequestReader::State RequestReader::state() const {
  switch (phase_) {
    case Phase::RequestLine:
      return rest().empty() ? State::Idle : State::Head;
    case Phase::Fields:
      return State::Head;
    case Phase::Complete:
      return State::Complete;
    case Phase::Refused:
      return State::Refused;
    default:
      return State::Body;
  }
}

bool RequestReader::wants_continue() {
  const bool wants = expects_continue_ && state() == State::Body && request_.body.empty() && rest().empty();
  if (wants) expects_continue_ = false;
  return wants;
}

Request RequestReader::take() {
  CHECK(phase_ == Phase::Complete);
  Request request = std::move(request_);
  request_ = Request();
  keep_alive_ = next_keep_alive_;
  phase_ = Phase::RequestLine;
  head_bytes_ = 0;
  after_empty_line_ = false;
  http_1_0_ = false;
  next_keep_alive_ = true;
  expects_continue_ = false;
  body_left_ = 0;
  extension_bytes_ = 0;
  // Nothing may follow a request that closes its connection.
  if (keep_alive_) advance();
  return request;
}

void RequestReader::advance() {
  while (phase_ != Phase::Complete && phase_ != Phase::Refused && step() == Progress::Made) {
  }
  buffer_.erase(0, at_);
  at_ = 0;
  // An idle connection keeps no large buffer.
  if (buffer_.empty() && buffer_.capacity() > kMaxIdleCapacity) buffer_ = std::string();
}

RequestReader::Progress RequestReader::step() {
  switch (phase_) {
    case Phase::RequestLine:
      return read_request_line();
    case Phase::Fields:
      return read_field();
    case Phase::LengthBody:
    case Phase::ChunkData:
      return read_body();
    case Phase::ChunkSize:
      return read_chunk_size();
    case Phase::ChunkEnd:
      return expect_line_end(Phase::ChunkSize, "a chunk that is longer than it says");
    case Phase::Trailer:
      // RFC 9112 section 7.1.2 lets us discard trailers; refusing them leaves no bytes unguarded.
      return expect_line_end(Phase::Complete, "trailer fields");
    case Phase::Complete:
    case Phase::Refused:
      break;
  }
  return Progress::NeedsBytes;
}

void RequestReader::refuse(Status status, std::string_view reason) {
  phase_ = Phase::Refused;
  refusal_ = Refusal{status, reason};
  at_ = buffer_.size();
}

std::optional<std::string_view> RequestReader::next_line(std::size_t max_bytes, Refusal too_long) {
  const auto text = rest();
  const auto line_feed = text.find('\n', scanned_);
  scanned_ = text.size();
  if (std::min(line_feed, text.size()) >= max_bytes) {
    refuse(too_long.status, too_long.reason);
    return std::nullopt;
  }
  if (line_feed == std::string_view::npos) return std::nullopt;
  // RFC 9112 section 2.2 lets a recipient take a bare LF for a line end; proxies disagree about it.
  if (line_feed == 0 || text[line_feed - 1] != '\r') {
    refuse(Status::BadRequest, "a line that ends without CR");
    return std::nullopt;
  }
  at_ += line_feed + 1;
  scanned_ = 0;
  return text.substr(0, line_feed - 1);
}

/// RFC 9112 section 3: method SP request-target SP HTTP-version CRLF.
RequestReader::Progress RequestReader::read_request_line() {
  const auto text = rest();
  if (text.empty()) return Progress::NeedsBytes;
  // Section 2.2: at least one empty line before the request line is ignored.
  if (!after_empty_line_ && text.front() == '\r') {
    if (text.size() == 1) return Progress::NeedsBytes;
    if (text[1] == '\n') {
      at_ += 2;
      after_empty_line_ = true;
      return Progress::Made;
    }
  }
  // Answers a TLS greeting on a plain port at once instead of waiting for a line end.
  if (!is_token_char(text.front())) {
    refuse(Status::BadRequest, "what came is not HTTP");
    return Progress::Made;
  }
  const auto line_limit = limits_.target_bytes + kRequestLineExtra;
  const auto too_long = line_limit <= limits_.header_bytes
                            ? Refusal{Status::UriTooLong, "a long request line"}
                            : Refusal{Status::HeaderFieldsTooLarge, "a long header"};
  const auto line = next_line(std::min(line_limit, limits_.header_bytes), too_long);
  if (!line) {
    if (phase_ != Phase::Refused) return Progress::NeedsBytes;
    keep_target_of(text);
    return Progress::Made;
  }
  head_bytes_ = line->size() + 2;
  parse_request_line(*line);
  return Progress::Made;
}

void RequestReader::parse_request_line(std::string_view line) {
  const auto parts = split(line, ' ');
  if (parts.size() != 3) return refuse(Status::BadRequest, "the request line has not three parts");
  const auto method = parts[0];
  const auto target = parts[1];
  const auto version = parts[2];
  if (!is_token(method)) return refuse(Status::BadRequest, "the method is not a token");
  request_.target = target.substr(0, limits_.target_bytes);
  // Section 2.3: HTTP-name is case-sensitive, the version is two digits.
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return refuse(Status::BadRequest, "the version is malformed");
  }
  http_1_0_ = version == "HTTP/1.0";
  if (!http_1_0_ && version != "HTTP/1.1")
    return refuse(Status::HttpVersionNotSupported, "another version of HTTP");
  if (target.size() > limits_.target_bytes) return refuse(Status::UriTooLong, "a long target");
  auto parsed = parse_target(target);
  if (!parsed) return refuse(parsed.error().status, parsed.error().reason);

  request_.method = method_from(method);
  request_.path = std::move(parsed->path);
  request_.query = std::move(parsed->query);
  phase_ = Phase::Fields;
}

void RequestReader::keep_target_of(std::string_view incomplete_line) {
  const auto words = split(incomplete_line.substr(0, kKeptOfLongLine), ' ');
  if (words.size() > 1 && is_token(words[0])) request_.target = words[1];
}

/// RFC 9112 section 5: field-name ":" OWS field-value OWS CRLF.
RequestReader::Progress RequestReader::read_field() {
  const auto line =
      next_line(limits_.header_bytes - head_bytes_, Refusal{Status::HeaderFieldsTooLarge, "a long header"});
  if (!line) return phase_ == Phase::Refused ? Progress::Made : Progress::NeedsBytes;
  head_bytes_ += line->size() + 2;
  if (line->empty()) {
    finish_head();
    return Progress::Made;
  }
  if (request_.headers.all().size() == limits_.header_fields) {
    refuse(Status::HeaderFieldsTooLarge, "many header fields");
    return Progress::Made;
  }
  const auto colon = line->find(':');
  // Section 5.1: no white space before the colon; section 5.2: no line folding. Both make the name no token.
  if (colon == std::string_view::npos || !is_token(line->substr(0, colon))) {
    refuse(Status::BadRequest, "a field name");
    return Progress::Made;
  }
  const auto value = trim_field(line->substr(colon + 1));
  if (!is_field_value(value)) {
    refuse(Status::BadRequest, "a control character in a field");
    return Progress::Made;
  }
  request_.headers.add(line->substr(0, colon), value);
  return Progress::Made;
}

void RequestReader::finish_head() {
  int hosts = 0;
  std::string_view expectation;
  Framing framing;
  for (const auto& [name, value] : request_.headers.all()) {
    if (equal_ignoring_ascii_case(name, "host")) {
      ++hosts;
      if (!is_valid_host(value)) return refuse(Status::BadRequest, "the host is malformed");
    } else if (equal_ignoring_ascii_case(name, "content-length")) {
      ++framing.lengths;
      framing.length = value;
    } else if (equal_ignoring_ascii_case(name, "transfer-encoding")) {
      ++framing.codings;
      framing.coding = value;
    } else if (equal_ignoring_ascii_case(name, "connection")) {
      for (const auto option : split(value, ',')) {
        if (equal_ignoring_ascii_case(trim(option), "close")) next_keep_alive_ = false;
      }
    } else if (equal_ignoring_ascii_case(name, "expect")) {
      expectation = value;
    }
  }
  // RFC 9112 section 3.2: exactly one Host; HTTP/1.0, which load balancers use for health checks, knew none.
  if (hosts > 1 || (hosts == 0 && !http_1_0_)) return refuse(Status::BadRequest, "not exactly one host");
  if (http_1_0_) {
    next_keep_alive_ = false;
  } else if (!expectation.empty()) {
    // RFC 9110 section 10.1.1. HTTP/1.0 has no expectations.
    expects_continue_ = equal_ignoring_ascii_case(expectation, "100-continue");
    if (!expects_continue_) return refuse(Status::ExpectationFailed, "an unknown expectation");
  }
  start_body(framing);
}

/// RFC 9112 section 6: how long the body is. Every rule that lets a recipient repair a contradiction is left
/// out.
void RequestReader::start_body(const Framing& framing) {
  if (framing.codings > 0) {
    // Section 6.1: both at once is an attempt at smuggling; HTTP/1.0 has no transfer codings; with any coding
    // but `chunked` alone the length cannot be told reliably.
    if (framing.lengths > 0) return refuse(Status::BadRequest, "Transfer-Encoding beside Content-Length");
    if (http_1_0_) return refuse(Status::BadRequest, "Transfer-Encoding in HTTP/1.0");
    if (framing.codings > 1 || !equal_ignoring_ascii_case(framing.coding, "chunked")) {
      return refuse(Status::BadRequest, "a Transfer-Encoding other than chunked");
    }
    phase_ = Phase::ChunkSize;
    return;
  }
  if (framing.lengths == 0) {
    phase_ = Phase::Complete;
    return;
  }
  // Section 6.3 lets a recipient merge equal lengths; two lengths are refused even so.
  if (framing.lengths > 1) return refuse(Status::BadRequest, "several Content-Lengths");
  const auto length = framing.length;
  if (length.empty() || !std::all_of(length.begin(), length.end(), is_digit)) {
    return refuse(Status::BadRequest, "Content-Length is not a number");
  }
  const auto parsed = std::from_chars(length.data(), length.data() + length.size(), body_left_);
  if (parsed.ec != std::errc() || body_left_ > limits_.body_bytes) {
    return refuse(Status::ContentTooLarge, "a large body");
  }
  request_.body.reserve(std::min<std::uint64_t>(body_left_, kMaxReserve));
  phase_ = body_left_ == 0 ? Phase::Complete : Phase::LengthBody;
}

RequestReader::Progress RequestReader::read_body() {
  const auto part = rest().substr(0, body_left_);
  if (part.empty()) return Progress::NeedsBytes;
  request_.body.append(part);
  at_ += part.size();
  body_left_ -= part.size();
  if (body_left_ == 0) phase_ = phase_ == Phase::LengthBody ? Phase::Complete : Phase::ChunkEnd;
  return Progress::Made;
}

/// RFC 9112 section 7.1: chunk-size [ chunk-ext ] CRLF.
RequestReader::Progress RequestReader::read_chunk_size() {
  const auto line = next_line(kMaxChunkLine, Refusal{Status::BadRequest, "a long chunk header"});
  if (!line) return phase_ == Phase::Refused ? Progress::Made : Progress::NeedsBytes;
  const auto end_of_size = std::min(line->find(';'), line->size());
  const auto digits = line->substr(0, end_of_size);
  const auto extensions = line->substr(end_of_size);
  std::uint64_t size = 0;
  const auto is_hex = [](char c) { return hex_value(c) >= 0; };
  if (digits.empty() || digits.size() > kMaxChunkSizeDigits ||
      !std::all_of(digits.begin(), digits.end(), is_hex)) {
    refuse(Status::BadRequest, "the size of a chunk");
    return Progress::Made;
  }
  std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  // Section 7.1.1: unknown extensions are ignored, and their length is limited.
  extension_bytes_ += extensions.size();
  if (!is_field_value(extensions) || extension_bytes_ > kMaxExtensionBytes) {
    refuse(Status::BadRequest, "a chunk extension");
    return Progress::Made;
  }
  if (size > limits_.body_bytes - request_.body.size()) {
    refuse(Status::ContentTooLarge, "a large body");
    return Progress::Made;
  }
  body_left_ = size;
  phase_ = size == 0 ? Phase::Trailer : Phase::ChunkData;
  return Progress::Made;
}

RequestReader::Progress RequestReader::expect_line_end(Phase next, std::string_view reason) {
  const auto text = rest();
  if (!std::string_view("\r\n").starts_with(text.substr(0, 2))) {
    refuse(Status::BadRequest, reason);
    return Progress::Made;
  }
  if (text.size() < 2) return Progress::NeedsBytes;
  at_ += 2;
  phase_ = next;
  return Progress::Made;
}

}  // namespace doorward::http
