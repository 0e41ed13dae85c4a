#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace doorward::crypto {

/// What to do when there is no key file yet. Only a new installation may create one: under a new key, nothing
/// that the database already holds can be opened.
enum class KeyFileAbsent : std::uint8_t { Create, Fail };

/// Seals secrets for the database and for cookies with AES-256-GCM under keys derived (HKDF-SHA-256, one per
/// context) from the key file, which is kept apart from the database.
class Sealer {
 public:
  static constexpr std::size_t kKeyLength = 32;

  explicit Sealer(Secret master_key);

  /// Reads the key file (64 hexadecimal digits), or creates it with mode 0600; of several processes that try,
  /// all get the same key. Refuses a file that others may read or its group may write.
  static Result<Sealer> from_file(const std::string& path, KeyFileAbsent absent = KeyFileAbsent::Create);

  /// `context` is bound in: what was sealed for one purpose and row opens for no other.
  /// Layout: version byte ‖ 12-byte nonce ‖ ciphertext ‖ 16-byte tag.
  Bytes seal(std::string_view context, BytesView plain) const;
  /// Fails when the key, the context or a byte differs; one error for all.
  Result<Secret> open(std::string_view context, BytesView sealed) const;

 private:
  Secret master_key_;
};

}  // namespace doorward::crypto
