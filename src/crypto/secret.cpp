#include "crypto/secret.h"

#include <utility>

#include <openssl/crypto.h>

namespace doorward::crypto {

Secret::Secret(std::string value) : value_(std::move(value)) {
  // A short string is copied by a move, and the copy stays behind.
  wipe(value);
}

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
  wipe(other.value_);
}

Secret& Secret::operator=(Secret other) noexcept {
  value_.swap(other.value_);
  return *this;
}

Secret::~Secret() {
  wipe(value_);
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& bytes) {
  // Also what an earlier, longer value left behind the end.
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.Move): what a move left behind is exactly what is to be wiped
  bytes.resize(bytes.capacity());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace doorward::crypto
