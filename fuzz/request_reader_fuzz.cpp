// The bytes of a connection: cut into pieces in another way they mean the same requests, and Beast's parser,
// when it takes a message too, reads the same one.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/check.h"
#include "base/text.h"
#include "http/message.h"
#include "http/request_reader.h"
#include "http/trusted_proxies.h"

namespace {

using namespace doorward;
namespace beast = boost::beast;
using State = http::RequestReader::State;

http::Limits limits() {
  http::Limits limits;
  limits.header_bytes = 2048;
  limits.header_fields = 16;
  limits.target_bytes = 256;
  limits.body_bytes = 512;
  return limits;
}

struct Outcome {
  std::vector<http::Request> requests;
  State end = State::Idle;
  http::Refusal refusal{http::Status::Ok, {}};
};

Outcome read(std::string_view bytes, std::size_t first_piece, std::size_t piece) {
  static const http::Limits kLimits = limits();
  http::RequestReader reader(kLimits);
  Outcome outcome;
  bool open = true;
  std::size_t size = first_piece;
  while (!bytes.empty() && open) {
    reader.feed(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
    size = piece;
    while (open && reader.state() == State::Complete) {
      outcome.requests.push_back(reader.take());
      open = reader.keep_alive();
    }
  }
  outcome.end = open ? reader.state() : State::Idle;
  if (outcome.end == State::Refused) outcome.refusal = reader.refusal();
  return outcome;
}

void expect_same(const Outcome& a, const Outcome& b) {
  CHECK(a.end == b.end);
  CHECK(a.refusal.status == b.refusal.status && a.refusal.reason == b.refusal.reason);
  CHECK(a.requests.size() == b.requests.size());
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    CHECK(a.requests[i].method == b.requests[i].method && a.requests[i].target == b.requests[i].target);
    CHECK(a.requests[i].headers.all() == b.requests[i].headers.all());
    CHECK(a.requests[i].body == b.requests[i].body);
  }
}

void expect_sound(const http::Request& request) {
  CHECK(request.path.starts_with('/') && !request.path.starts_with("//"));
  CHECK(is_valid_utf8(request.path) && request.path.find('\\') == std::string::npos);
  for (const auto segment : split(request.path, '/'))
    CHECK(segment != "." && segment != "..");
  CHECK(request.headers.all().size() <= limits().header_fields && request.body.size() <= limits().body_bytes);
  static_cast<void>(request.form());
  static_cast<void>(request.query_form());
  for (const auto name : request.cookie_names())
    static_cast<void>(request.cookie(name));
  const auto proxies = http::TrustedProxies::parse({"10.0.0.0/8"});
  const auto client = proxies->client(*http::Address::parse("10.0.0.1"), request.headers);
  CHECK(http::Address::parse(client));
}

using Fields = std::map<std::string, std::vector<std::string>>;

/// Beast keeps fields of one name together; their order within a name is what counts.
template <class Source>
Fields by_name(const Source& source) {
  Fields fields;
  for (const auto& [name, value] : source)
    fields[to_ascii_lower(name)].push_back(value);
  return fields;
}

/// Takes the first message off `bytes` with Beast and compares; false when Beast refuses it.
bool agrees_with_beast(const http::Request& request, std::string_view& bytes) {
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  beast::http::request_parser<beast::http::string_body> parser;
  parser.eager(true);
  boost::system::error_code error;
  while (!parser.is_done()) {
    const auto count = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(count);
    if (error || (count == 0 && !parser.is_done())) return false;
  }
  const auto& message = parser.get();
  CHECK(std::string_view(message.target().data(), message.target().size()) == request.target);
  CHECK(message.body() == request.body);
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& field : message) {
    fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  CHECK(by_name(fields) == by_name(request.headers.all()));
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t first_piece = data[0] + std::size_t{1};
  const std::size_t piece = data[1] % 32 + std::size_t{1};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = read(bytes, bytes.size() + 1, 1);
  expect_same(whole, read(bytes, first_piece, piece));
  std::string_view rest = bytes;
  bool comparable = true;
  for (const auto& request : whole.requests) {
    expect_sound(request);
    comparable = comparable && agrees_with_beast(request, rest);
  }
  return 0;
}
