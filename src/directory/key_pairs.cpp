#include "directory/key_pairs.h"

#include "directory/accounts.h"
#include "directory/names.h"

namespace doorward::directory {
namespace {

constexpr Names<KeyPurpose, 2> kPurposes = {
    {{KeyPurpose::Signing, "signing"}, {KeyPurpose::Encryption, "encryption"}}};
constexpr Names<KeyState, 3> kKeyStates = {
    {{KeyState::Next, "next"}, {KeyState::Current, "current"}, {KeyState::Retiring, "retiring"}}};

#define KEY_PAIR_COLUMNS \
  "id, account_id, public_id, connection_id, purpose, state, certificate, sealed_private_key, created_at"

KeyPair read_key_pair(const storage::Row& row) {
  KeyPair pair;
  pair.id = row.id<KeyPairId>(0);
  pair.account = row.id<AccountId>(1);
  pair.public_id = row.text(2);
  if (!row.is_null(3)) pair.connection = row.id<ConnectionId>(3);
  pair.purpose = stored_value(kPurposes, row.text(4));
  pair.state = stored_value(kKeyStates, row.text(5));
  pair.certificate = row.text(6);
  pair.sealed_private_key = row.text(7);
  pair.created_at = row.time(8);
  return pair;
}

/// Binds the sealed key to its row.
std::string key_pair_context(std::string_view public_id) {
  return "key-pair:" + std::string(public_id);
}

Result<KeyPair> load_key_pair(storage::Transaction& transaction, AccountId account, KeyPairId id) {
  ASSIGN_OR_RETURN(
      std::optional<KeyPair> pair,
      transaction.first("SELECT " KEY_PAIR_COLUMNS " FROM key_pairs WHERE account_id = $1 AND id = $2",
                        {account, id}, read_key_pair));
  if (!pair) return fail(ErrorKind::NotFound, "directory.no_key_pair", "The key does not exist any more.");
  return *std::move(pair);
}

Result<void> set_state(storage::Transaction& transaction, AccountId account, KeyPairId id, KeyState state) {
  RETURN_IF_ERROR(transaction.execute("UPDATE key_pairs SET state = $3 WHERE account_id = $1 AND id = $2",
                                      {account, id, to_text(state)}));
  return {};
}

}  // namespace

std::string_view to_text(KeyPurpose purpose) {
  return name_of(kPurposes, purpose);
}
std::optional<KeyPurpose> parse_key_purpose(std::string_view text) {
  return value_of(kPurposes, text);
}
std::string_view to_text(KeyState state) {
  return name_of(kKeyStates, state);
}
std::optional<KeyState> parse_key_state(std::string_view text) {
  return value_of(kKeyStates, text);
}

Result<KeyPair> create_key_pair(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                const NewKeyPair& pair, const Actor& actor, Timestamp now) {
  if (pair.certificate.public_key().id() != pair.key.public_key().id()) {
    return fail(ErrorKind::InvalidInput, "directory.key_mismatch",
                "The certificate belongs to another private key. Choose the two files of one pair.");
  }
  const Bytes sealed = sealer.seal(key_pair_context(pair.public_id), pair.key.to_der().reveal());
  ASSIGN_OR_RETURN(
      std::optional<KeyPair> created,
      transaction.first(
          "INSERT INTO key_pairs (account_id, public_id, connection_id, purpose, state, certificate,"
          " sealed_private_key, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
          " ON CONFLICT DO NOTHING RETURNING " KEY_PAIR_COLUMNS,
          {pair.account, pair.public_id, pair.connection, to_text(pair.purpose), to_text(pair.state),
           storage::Blob{pair.certificate.der()}, storage::Blob{sealed}, now},
          read_key_pair));
  if (!created) {
    return fail(ErrorKind::Conflict, "directory.key_pair_exists",
                "There is such a key already. Promote or delete it first.");
  }
  RETURN_IF_ERROR(record_audit(
      transaction, pair.account, actor, "key_pair.created", pair.public_id,
      {{"purpose", to_text(pair.purpose)}, {"fingerprint", pair.certificate.fingerprint()}}, now));
  RETURN_IF_ERROR(touch_setup(transaction, pair.account));
  return *std::move(created);
}

Result<std::vector<KeyPair>> list_key_pairs(storage::Transaction& transaction, AccountId account) {
  return transaction.all("SELECT " KEY_PAIR_COLUMNS " FROM key_pairs WHERE account_id = $1 ORDER BY id",
                         {account}, read_key_pair);
}

Result<void> promote_key_pair(storage::Transaction& transaction, AccountId account, KeyPairId next,
                              const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const KeyPair promoted, load_key_pair(transaction, account, next));
  if (promoted.state != KeyState::Next) {
    return fail(ErrorKind::Conflict, "directory.key_pair_not_next", "Only the next key can be promoted.");
  }
  ASSIGN_OR_RETURN(const std::vector<KeyPair> pairs, list_key_pairs(transaction, account));
  for (const KeyPair& pair : pairs) {
    if (pair.state == KeyState::Current && pair.purpose == promoted.purpose &&
        pair.connection == promoted.connection) {
      RETURN_IF_ERROR(set_state(transaction, account, pair.id, KeyState::Retiring));
      RETURN_IF_ERROR(
          transaction.execute("UPDATE key_pairs SET retiring_since = $3 WHERE account_id = $1 AND id = $2",
                              {account, pair.id, now}));
    }
  }
  RETURN_IF_ERROR(set_state(transaction, account, next, KeyState::Current));
  RETURN_IF_ERROR(
      record_audit(transaction, account, actor, "key_pair.promoted", promoted.public_id, {}, now));
  return touch_setup(transaction, account);
}

Result<void> delete_key_pair(storage::Transaction& transaction, AccountId account, KeyPairId id,
                             const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const KeyPair pair, load_key_pair(transaction, account, id));
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM key_pairs WHERE account_id = $1 AND id = $2", {account, id}));
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "key_pair.deleted", pair.public_id,
                               {{"purpose", to_text(pair.purpose)}}, now));
  return touch_setup(transaction, account);
}

Result<crypto::PrivateKey> open_private_key(const crypto::Sealer& sealer, const KeyPair& pair) {
  ASSIGN_OR_RETURN(const crypto::Secret der,
                   sealer.open(key_pair_context(pair.public_id), pair.sealed_private_key));
  return crypto::PrivateKey::from_der(der);
}

}  // namespace doorward::directory
