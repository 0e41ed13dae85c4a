#include "directory/key_rotation.h"

#include <algorithm>

#include <fmt/format.h>

#include "directory/mails.h"

namespace doorward::directory {
namespace {

constexpr std::chrono::hours kOwnCertificateLifetime{24 * 365 * 10};
/// Its notice is not the one about the certificate's own end.
constexpr int kRetirementDays = 7;

Result<void> set_retiring(storage::Transaction& transaction, AccountId account, KeyPairId id, Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE key_pairs SET state = 'retiring', retiring_since = $3 WHERE account_id = $1 AND id = $2",
      {account, id, now}));
  return {};
}

std::vector<OwnKey> in_state(const std::vector<OwnKey>& keys, KeyState state) {
  std::vector<OwnKey> found;
  std::ranges::copy_if(keys, std::back_inserter(found),
                       [state](const OwnKey& key) { return key.pair.state == state; });
  return found;
}

Result<std::vector<OwnKey>> next_keys(storage::Transaction& transaction, AccountId account) {
  ASSIGN_OR_RETURN(const auto keys, list_own_keys(transaction, account));
  std::vector<OwnKey> next = in_state(keys, KeyState::Next);
  if (!next.empty()) return next;
  return fail(ErrorKind::Conflict, "directory.no_rotation",
              "No new key is published. Somebody may have confirmed or given up the change meanwhile.");
}

std::string notice_id(const OwnKey& key) {
  return fmt::format("retiring {}", key.pair.public_id);
}

/// When administrators were told that the key goes; told now if they were not.
Result<Timestamp> told_of_retirement(storage::Transaction& transaction, AccountId account, const OwnKey& key,
                                     Timestamp now) {
  const std::string id = notice_id(key);
  ASSIGN_OR_RETURN(const std::int64_t noted,
                   transaction.execute("INSERT INTO certificate_notices (account_id, fingerprint, days,"
                                       " told_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                                       {account, id, kRetirementDays, now}));
  if (noted == 0) {
    ASSIGN_OR_RETURN(const auto told,
                     transaction.first("SELECT told_at FROM certificate_notices"
                                       " WHERE account_id = $1 AND fingerprint = $2 AND days = $3",
                                       {account, id, kRetirementDays},
                                       [](const storage::Row& row) { return row.time(0); }));
    return told.value_or(now);
  }
  // Signing is over since the change; only who encrypts to the old key would notice.
  if (key.pair.purpose == KeyPurpose::Signing) return now;
  const Timestamp end = std::max(*key.ends_at, now + kRetirementNotice);
  RETURN_IF_ERROR(queue_notice(
      transaction, account, "An old key of Doorward is deleted in a week",
      fmt::format("Hello {{name}},\n\non {} Doorward deletes the old key of {{company}} for encrypted "
                  "answers. If your identity provider still encrypts to it, nobody could sign in from "
                  "then on.\n\nIn Entra: open the application, Token encryption, and see that the "
                  "certificate of Doorward's current key is the active one. If you need more time, open the "
                  "console, Security, Doorward's own keys, and keep the old key for another 30 days. If "
                  "Token encryption is not used, there is nothing to do.\n",
                  format_rfc3339(end).substr(0, 10)),
      now));
  return now;
}

}  // namespace

Result<std::vector<OwnKey>> list_own_keys(storage::Transaction& transaction, AccountId account) {
  ASSIGN_OR_RETURN(std::vector<KeyPair> pairs, list_key_pairs(transaction, account));
  ASSIGN_OR_RETURN(const auto since,
                   transaction.all("SELECT id, retiring_since FROM key_pairs WHERE account_id = $1"
                                   " AND retiring_since IS NOT NULL",
                                   {account}, [](const storage::Row& row) {
                                     return std::pair(row.id<KeyPairId>(0), row.time(1));
                                   }));
  std::vector<OwnKey> keys;
  for (KeyPair& pair : pairs) {
    if (pair.connection) continue;
    OwnKey key{.pair = std::move(pair), .ends_at = {}};
    const auto retiring = std::ranges::find(since, key.pair.id, &std::pair<KeyPairId, Timestamp>::first);
    if (key.pair.state == KeyState::Retiring && retiring != since.end())
      key.ends_at = retiring->second + kKeyOverlap;
    keys.push_back(std::move(key));
  }
  return keys;
}

NewKeyPair make_next_key(const Account& account, KeyPurpose purpose, Timestamp now) {
  auto key = crypto::PrivateKey::generate_rsa();
  auto certificate =
      crypto::Certificate::self_signed(key, fmt::format("Doorward {}", account.slug),
                                       now - std::chrono::hours(24), now + kOwnCertificateLifetime);
  return {.account = account.id,
          .purpose = purpose,
          .key = std::move(key),
          .certificate = std::move(certificate),
          .state = KeyState::Next};
}

Result<void> begin_key_rotation(storage::Transaction& transaction, const crypto::Sealer& sealer,
                                AccountId account, const std::vector<NewKeyPair>& next, const Actor& actor,
                                Timestamp now) {
  ASSIGN_OR_RETURN(const auto keys, list_own_keys(transaction, account));
  for (const NewKeyPair& pair : next) {
    const auto retiring = std::ranges::count_if(in_state(keys, KeyState::Retiring), [&](const OwnKey& key) {
      return key.pair.purpose == pair.purpose;
    });
    if (retiring >= kMaxRetiring) {
      return fail(ErrorKind::Conflict, "directory.too_many_keys",
                  "Several old keys are still in use. Wait until the first of them is deleted.");
    }
    RETURN_IF_ERROR(create_key_pair(transaction, sealer, pair, actor, now));
  }
  return {};
}

Result<void> confirm_key_rotation(storage::Transaction& transaction, AccountId account, const Actor& actor,
                                  Timestamp now) {
  ASSIGN_OR_RETURN(const auto next, next_keys(transaction, account));
  for (const OwnKey& key : next)
    RETURN_IF_ERROR(promote_key_pair(transaction, account, key.pair.id, actor, now));
  return {};
}

Result<void> cancel_key_rotation(storage::Transaction& transaction, AccountId account, const Actor& actor,
                                 Timestamp now) {
  ASSIGN_OR_RETURN(const auto next, next_keys(transaction, account));
  for (const OwnKey& key : next) {
    RETURN_IF_ERROR(set_retiring(transaction, account, key.pair.id, now));
    RETURN_IF_ERROR(record_audit(transaction, account, actor, "key_pair.cancelled", key.pair.public_id,
                                 {{"purpose", to_text(key.pair.purpose)}}, now));
  }
  return touch_setup(transaction, account);
}

Result<void> keep_old_keys(storage::Transaction& transaction, AccountId account, const Actor& actor,
                           Timestamp now) {
  ASSIGN_OR_RETURN(const auto keys, list_own_keys(transaction, account));
  for (const OwnKey& key : in_state(keys, KeyState::Retiring)) {
    RETURN_IF_ERROR(set_retiring(transaction, account, key.pair.id, now));
    // There is a notice before the new end, too.
    RETURN_IF_ERROR(
        transaction.execute("DELETE FROM certificate_notices WHERE account_id = $1 AND fingerprint = $2",
                            {account, notice_id(key)}));
    RETURN_IF_ERROR(record_audit(transaction, account, actor, "key_pair.kept", key.pair.public_id,
                                 {{"purpose", to_text(key.pair.purpose)}}, now));
  }
  return {};
}

bool wants_retirement(const std::vector<OwnKey>& keys, Timestamp now) {
  return std::ranges::any_of(
      keys, [now](const OwnKey& key) { return key.ends_at && *key.ends_at - kRetirementNotice <= now; });
}

Result<void> retire_old_keys(storage::Transaction& transaction, AccountId account, Timestamp now) {
  ASSIGN_OR_RETURN(const auto keys, list_own_keys(transaction, account));
  for (const OwnKey& key : keys) {
    if (!key.ends_at || *key.ends_at - kRetirementNotice > now) continue;
    ASSIGN_OR_RETURN(const Timestamp told, told_of_retirement(transaction, account, key, now));
    // A server that was off for long tells first and deletes a week later.
    if (*key.ends_at > now || told + kRetirementNotice > now) continue;
    RETURN_IF_ERROR(delete_key_pair(transaction, account, key.pair.id, {ActorKind::System, "Doorward"}, now));
  }
  return {};
}

}  // namespace doorward::directory
