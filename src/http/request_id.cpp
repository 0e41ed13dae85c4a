#include "http/request_id.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/random.h"
#include "http/grammar.h"

namespace doorward::http {

namespace {

constexpr std::size_t kIdBytes = 16;
/// Random bytes are fetched for this many ids at a time.
constexpr std::size_t kBatch = 16;

}  // namespace

std::string new_request_id() {
  thread_local Bytes pool;
  if (pool.empty()) pool = crypto::random_bytes(kIdBytes * kBatch);
  auto id = to_hex(BytesView(pool).substr(pool.size() - kIdBytes));
  pool.resize(pool.size() - kIdBytes);
  return id;
}

bool is_request_id(std::string_view text) {
  return text.size() >= 8 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alpha(c) || is_digit(c) || is_one_of(c, "-_.");
         });
}

}  // namespace doorward::http
