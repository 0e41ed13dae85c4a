#pragma once

#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace doorward::crypto {

/// Seals secrets for the database and for cookies with AES-256-GCM under keys derived (HKDF-SHA-256, one per
/// purpose) from the key file, which is kept apart from the database.
class Sealer {
 public:
  static constexpr std::size_t kKeyLength = 32;

  explicit Sealer(Secret master_key);

  /// Reads the key file (64 hexadecimal digits), or creates it with mode 0600. Refuses a file that others may
  /// read.
  static Result<Sealer> from_file(const std::string& path);

  /// `context` is bound in: what was sealed for one purpose and row opens for no other.
  /// Layout: version byte ‖ 12-byte nonce ‖ ciphertext ‖ 16-byte tag.
  Bytes seal(std::string_view context, BytesView plain) const;
  /// Fails when the key, the context or a byte differs; one error for all.
  Result<Secret> open(std::string_view context, BytesView sealed) const;

 private:
  Secret master_key_;
};

}  // namespace doorward::crypto
