#include "http/request_id.h"

#include <algorithm>
#include <array>

#include <sys/random.h>

#include "base/check.h"
#include "base/encoding.h"
#include "http/grammar.h"

namespace doorward::http {

namespace {

constexpr std::size_t kIdBytes = 16;
/// Random bytes are fetched for this many ids at a time.
constexpr std::size_t kBatch = 16;

}  // namespace

std::string new_request_id() {
  struct Pool {
    std::array<char, kIdBytes * kBatch> bytes{};
    std::size_t used = kIdBytes * kBatch;
  };
  thread_local Pool pool;
  if (pool.used == pool.bytes.size()) {
    CHECK(getentropy(pool.bytes.data(), pool.bytes.size()) == 0);
    pool.used = 0;
  }
  const BytesView bytes(pool.bytes.data() + pool.used, kIdBytes);
  pool.used += kIdBytes;
  return to_hex(bytes);
}

bool is_request_id(std::string_view text) {
  return text.size() >= 8 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alpha(c) || is_digit(c) || is_one_of(c, "-_.");
         });
}

}  // namespace doorward::http
