#pragma once

#include <cstdint>
#include <string_view>

#include "base/encoding.h"

namespace doorward::crypto {

enum class Digest : std::uint8_t { Sha1, Sha256, Sha384, Sha512 };

/// The digest of all of `data`. Contexts are kept per thread.
Bytes hash(Digest digest, BytesView data);
inline Bytes sha256(BytesView data) {
  return hash(Digest::Sha256, data);
}

Bytes hmac_sha256(BytesView key, BytesView data);

}  // namespace doorward::crypto
