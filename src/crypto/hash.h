#pragma once

#include <cstdint>
#include <string_view>

#include "base/encoding.h"
#include "crypto/secret.h"

namespace doorward::crypto {

enum class Digest : std::uint8_t { Sha1, Sha256, Sha384, Sha512 };

/// The digest of all of `data`. Contexts are kept per thread.
Bytes hash(Digest digest, BytesView data);
inline Bytes sha256(BytesView data) {
  return hash(Digest::Sha256, data);
}

Bytes hmac_sha256(BytesView key, BytesView data);

/// 32 bytes of HKDF-SHA-256 (RFC 5869) without a salt; `purpose` is its info.
Secret derive_key(const Secret& key, std::string_view purpose);

}  // namespace doorward::crypto
