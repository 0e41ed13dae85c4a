#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/key.h"
#include "crypto/seal.h"
#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Our own keys towards identity providers: one to sign requests with, one for assertions to be encrypted to.
namespace doorward::directory {

enum class KeyPurpose : std::uint8_t { Signing, Encryption };
std::string_view to_text(KeyPurpose purpose);
std::optional<KeyPurpose> parse_key_purpose(std::string_view text);

/// Rotation without a hard cut: `Next` is published beside `Current`, then promoted; `Retiring` still
/// decrypts.
enum class KeyState : std::uint8_t { Next, Current, Retiring };
std::string_view to_text(KeyState state);
std::optional<KeyState> parse_key_state(std::string_view text);

struct KeyPair {
  KeyPairId id;
  AccountId account;
  std::string public_id;
  /// Serves this connection alone; all of the account when empty.
  std::optional<ConnectionId> connection;
  KeyPurpose purpose = KeyPurpose::Signing;
  KeyState state = KeyState::Current;
  Bytes certificate;         ///< DER.
  Bytes sealed_private_key;  ///< PKCS #8, see `open_private_key`.
  Timestamp created_at;
};

struct NewKeyPair {
  AccountId account;
  KeyPurpose purpose;
  crypto::PrivateKey key;
  crypto::Certificate certificate;
  KeyState state = KeyState::Current;
  std::optional<ConnectionId> connection = {};
  std::string public_id = new_public_id();
};

/// Generate the key before the transaction: that takes a tenth of a second. Refuses a second `Current` or
/// `Next` one for the same purpose and connection.
Result<KeyPair> create_key_pair(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                const NewKeyPair& pair, const Actor& actor, Timestamp now);
/// Those of the account and of its connections.
Result<std::vector<KeyPair>> list_key_pairs(storage::Transaction& transaction, AccountId account);
/// `Next` becomes `Current`, and what was `Current` `Retiring`.
Result<void> promote_key_pair(storage::Transaction& transaction, AccountId account, KeyPairId next,
                              const Actor& actor, Timestamp now);
Result<void> delete_key_pair(storage::Transaction& transaction, AccountId account, KeyPairId id,
                             const Actor& actor, Timestamp now);

Result<crypto::PrivateKey> open_private_key(const crypto::Sealer& sealer, const KeyPair& pair);

}  // namespace doorward::directory
