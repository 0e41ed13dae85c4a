#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/seal.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/key_pairs.h"
#include "storage/database.h"

/// An account's own keys towards its identity providers change without a hard cut: the next ones are
/// published beside the current ones, an administrator confirms that the provider has them, and the old ones
/// go on decrypting for a while. Answers are decrypted with all of them throughout.
namespace doorward::directory {

/// How long an old key decrypts after the change.
inline constexpr std::chrono::hours kKeyOverlap{24 * 30};
/// Administrators are told so long before it is deleted.
inline constexpr std::chrono::hours kRetirementNotice{24 * 7};
/// Old keys of one purpose at a time.
inline constexpr int kMaxRetiring = 3;

struct OwnKey {
  KeyPair pair;
  /// When it is deleted; of retiring keys only.
  std::optional<Timestamp> ends_at;
};
/// Those of the whole account, in the order in which they were made.
Result<std::vector<OwnKey>> list_own_keys(storage::Transaction& transaction, AccountId account);

/// The next key for a purpose, valid for ten years. Takes a tenth of a second: call it outside transactions.
NewKeyPair make_next_key(const Account& account, KeyPurpose purpose, Timestamp now);

/// Publishes the next keys. Refuses while others are published (`directory.key_pair_exists`), and when too
/// many old ones still decrypt (`directory.too_many_keys`).
Result<void> begin_key_rotation(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                AccountId account, const std::vector<NewKeyPair>& next, const Actor& actor,
                                Timestamp now);
/// The provider has the next keys: they become the current ones. Refuses when there are none
/// (`directory.no_rotation`).
Result<void> confirm_key_rotation(storage::Transaction& transaction, AccountId account, const Actor& actor,
                                  Timestamp now);
/// The next keys are published no more. They retire instead of going at once, since the provider may use them
/// already.
Result<void> cancel_key_rotation(storage::Transaction& transaction, AccountId account, const Actor& actor,
                                 Timestamp now);
/// The old keys stay for a whole overlap from now on.
Result<void> keep_old_keys(storage::Transaction& transaction, AccountId account, const Actor& actor,
                           Timestamp now);

/// Whether `retire_old_keys` has something to do.
bool wants_retirement(const std::vector<OwnKey>& keys, Timestamp now);
/// Tells the administrators of old keys that go soon, once each, and deletes those whose time is over and of
/// whom somebody was told a `kRetirementNotice` ago.
Result<void> retire_old_keys(storage::Transaction& transaction, AccountId account, Timestamp now);

}  // namespace doorward::directory
