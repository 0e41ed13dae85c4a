#include "directory/signing_keys.h"

#include <algorithm>
#include <array>

#include "directory/names.h"

namespace doorward::directory {
namespace {

constexpr Names<TokenAlgorithm, 2> kAlgorithms = {
    {{TokenAlgorithm::Rs256, "RS256"}, {TokenAlgorithm::Es256, "ES256"}}};
constexpr std::array<TokenAlgorithm, 2> kEachAlgorithm = {TokenAlgorithm::Rs256, TokenAlgorithm::Es256};

SigningKey read_key(const storage::Row& row) {
  SigningKey key;
  key.id = row.integer(0);
  key.key_id = row.text(1);
  key.algorithm = stored_value(kAlgorithms, row.text(2));
  const auto state = parse_key_state(row.text(3));
  CHECK(state.has_value());
  key.state = *state;
  key.public_key = row.text(4);
  key.sealed_private_key = row.text(5);
  key.since = row.time(6);
  key.created_at = row.time(7);
  return key;
}

/// Binds the sealed key to its row.
std::string signing_key_context(std::string_view key_id) {
  return "signing-key:" + std::string(key_id);
}

/// The keys of one algorithm.
struct KeySet {
  const SigningKey* current = nullptr;
  const SigningKey* next = nullptr;
  std::vector<const SigningKey*> retiring;
};

KeySet keys_of(const std::vector<SigningKey>& keys, TokenAlgorithm algorithm) {
  KeySet set;
  for (const SigningKey& key : keys) {
    if (key.algorithm != algorithm) continue;
    switch (key.state) {
      case KeyState::Current:
        set.current = &key;
        break;
      case KeyState::Next:
        set.next = &key;
        break;
      case KeyState::Retiring:
        set.retiring.push_back(&key);
        break;
    }
  }
  return set;
}

/// What has to happen to the keys of one algorithm now.
struct Steps {
  /// There is none to sign with.
  bool make_current = false;
  bool make_next = false;
  bool promote = false;
  std::vector<std::int64_t> expired;

  bool any() const { return make_current || make_next || promote || !expired.empty(); }
};

Steps steps_due(const KeySet& keys, const SigningKeyRotation& rotation, Timestamp now) {
  Steps steps;
  for (const SigningKey* key : keys.retiring) {
    if (now >= key->since + rotation.overlap) steps.expired.push_back(key->id);
  }
  if (keys.current == nullptr) {
    // Without a current key nobody can sign in: a next one signs before its time.
    steps.promote = keys.next != nullptr;
    steps.make_current = keys.next == nullptr;
    return steps;
  }
  const Timestamp ends = keys.current->since + rotation.active;
  steps.make_next = keys.next == nullptr && now >= ends - rotation.overlap;
  // However late it was made, it is published for the whole overlap before it signs.
  steps.promote = keys.next != nullptr && now >= ends && now >= keys.next->since + rotation.overlap;
  return steps;
}

Result<void> insert_key(storage::Transaction& transaction, const crypto::Sealer& sealer,
                        TokenAlgorithm algorithm, KeyState state, const crypto::PrivateKey& key,
                        Timestamp now) {
  const std::string key_id = to_base64url(key.public_key().id());
  // Another node may have made one meanwhile: then that is the one.
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO signing_keys (key_id, algorithm, state, public_key, sealed_private_key, since, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
      {key_id, to_text(algorithm), to_text(state), storage::Blob{key.public_key().to_der()},
       storage::Blob{sealer.seal(signing_key_context(key_id), key.to_der().reveal())}, now}));
  return {};
}

/// Only from the state that was read: another node may have been first.
Result<void> change_state(storage::Transaction& transaction, const SigningKey& key, KeyState state,
                          Timestamp now) {
  RETURN_IF_ERROR(
      transaction.execute("UPDATE signing_keys SET state = $2, since = $3 WHERE id = $1 AND state = $4",
                          {key.id, to_text(state), now, to_text(key.state)}));
  return {};
}

const crypto::PrivateKey& fresh_key(const FreshKeys& fresh, TokenAlgorithm algorithm) {
  return algorithm == TokenAlgorithm::Rs256 ? fresh.rs256 : fresh.es256;
}

}  // namespace

std::string_view to_text(TokenAlgorithm algorithm) {
  return name_of(kAlgorithms, algorithm);
}
std::optional<TokenAlgorithm> parse_token_algorithm(std::string_view text) {
  return value_of(kAlgorithms, text);
}

Result<bool> is_rotation_due(storage::Transaction& transaction, const SigningKeyRotation& rotation,
                             Timestamp now) {
  ASSIGN_OR_RETURN(const std::vector<SigningKey> keys, list_signing_keys(transaction));
  return std::ranges::any_of(kEachAlgorithm, [&](TokenAlgorithm algorithm) {
    return steps_due(keys_of(keys, algorithm), rotation, now).any();
  });
}

Result<void> rotate_signing_keys(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                 const FreshKeys& fresh, const SigningKeyRotation& rotation, Timestamp now) {
  ASSIGN_OR_RETURN(const std::vector<SigningKey> keys, list_signing_keys(transaction));
  for (const TokenAlgorithm algorithm : kEachAlgorithm) {
    const KeySet set = keys_of(keys, algorithm);
    const Steps steps = steps_due(set, rotation, now);
    const crypto::PrivateKey& key = fresh_key(fresh, algorithm);
    if (steps.make_current) {
      RETURN_IF_ERROR(insert_key(transaction, sealer, algorithm, KeyState::Current, key, now));
    }
    if (steps.make_next) {
      RETURN_IF_ERROR(insert_key(transaction, sealer, algorithm, KeyState::Next, key, now));
    }
    if (steps.promote) {
      if (set.current != nullptr) {
        RETURN_IF_ERROR(change_state(transaction, *set.current, KeyState::Retiring, now));
      }
      RETURN_IF_ERROR(change_state(transaction, *set.next, KeyState::Current, now));
    }
    for (const std::int64_t id : steps.expired)
      RETURN_IF_ERROR(transaction.execute("DELETE FROM signing_keys WHERE id = $1", {id}));
  }
  return {};
}

Result<void> replace_signing_keys(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                  const FreshKeys& fresh, Timestamp now) {
  RETURN_IF_ERROR(transaction.execute("DELETE FROM signing_keys", {}));
  for (const TokenAlgorithm algorithm : kEachAlgorithm) {
    RETURN_IF_ERROR(
        insert_key(transaction, sealer, algorithm, KeyState::Current, fresh_key(fresh, algorithm), now));
  }
  return {};
}

Result<std::vector<SigningKey>> list_signing_keys(storage::Transaction& transaction) {
  return transaction.all(
      "SELECT id, key_id, algorithm, state, public_key, sealed_private_key, since, created_at"
      " FROM signing_keys ORDER BY algorithm, CASE state WHEN 'current' THEN 0 ELSE 1 END, id",
      {}, read_key);
}

Result<crypto::PrivateKey> open_signing_key(const crypto::Sealer& sealer, const SigningKey& key) {
  ASSIGN_OR_RETURN(const crypto::Secret der,
                   sealer.open(signing_key_context(key.key_id), key.sealed_private_key));
  return crypto::PrivateKey::from_der(der);
}

}  // namespace doorward::directory
