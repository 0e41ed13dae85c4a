#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "crypto/key.h"
#include "crypto/seal.h"
#include "directory/ids.h"
#include "directory/key_pairs.h"
#include "storage/database.h"

/// The server's own keys for ID tokens, access tokens that are JWTs, and logout tokens. One set for all
/// accounts, as the issuer is one.
namespace doorward::directory {

enum class TokenAlgorithm : std::uint8_t { Rs256, Es256 };
std::string_view to_text(TokenAlgorithm algorithm);
std::optional<TokenAlgorithm> parse_token_algorithm(std::string_view text);

struct SigningKey {
  std::int64_t id = 0;
  /// JWS `kid`: the RFC 7638 thumbprint would do, but any name that is never given twice does.
  std::string key_id;
  TokenAlgorithm algorithm = TokenAlgorithm::Rs256;
  KeyState state = KeyState::Current;
  Bytes public_key;          ///< SubjectPublicKeyInfo, DER.
  Bytes sealed_private_key;  ///< PKCS #8, see `open_signing_key`.
  Timestamp since;           ///< When the state began.
  Timestamp created_at;
};

struct SigningKeyRotation {
  /// A key signs for so long.
  Duration active = std::chrono::hours(24 * 90);
  /// And is published for so long before it signs, and after: applications cache the key set.
  Duration overlap = std::chrono::hours(24 * 7);
};

/// Takes whatever step is due and gives all keys that are to be published, those that sign first among their
/// algorithm: makes the first key of each algorithm, makes the next one `overlap` before the current one's
/// time is over, promotes it, deletes what has been retiring for `overlap`. Changes nothing when nothing is
/// due; two nodes that do it at once end up with one set. `fresh` holds one new private key of each
/// algorithm, made before the transaction; they are used only when needed.
struct FreshKeys {
  crypto::PrivateKey rs256;
  crypto::PrivateKey es256;
};
Result<bool> is_rotation_due(storage::Transaction& transaction, const SigningKeyRotation& rotation,
                             Timestamp now);
Result<void> rotate_signing_keys(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                 const FreshKeys& fresh, const SigningKeyRotation& rotation, Timestamp now);
/// For an emergency: a new current key of each algorithm, and every other one is gone at once. Every token
/// that was signed before stops being believed.
Result<void> replace_signing_keys(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                  const FreshKeys& fresh, Timestamp now);
/// By algorithm, current ones first.
Result<std::vector<SigningKey>> list_signing_keys(storage::Transaction& transaction);

Result<crypto::PrivateKey> open_signing_key(const crypto::Sealer& sealer, const SigningKey& key);

}  // namespace doorward::directory
