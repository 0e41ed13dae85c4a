#include "jobs/upkeep.h"

#include <optional>

#include "base/log.h"
#include "directory/accounts.h"
#include "directory/certificate_notices.h"
#include "directory/key_rotation.h"
#include "directory/metadata_refreshes.h"

namespace doorward::jobs {

Result<void> Upkeep::refresh_due() {
  while (!stopping_) {
    const Timestamp now = clock_.now();
    ASSIGN_OR_RETURN(const auto due, database_.write([&](storage::Transaction& transaction) {
      return directory::claim_due_refreshes(transaction, interval_, now, now + kClaim, kBatch);
    }));
    if (due.empty()) return {};
    for (const directory::DueRefresh& one : due) {
      // What was claimed and not done is due again at the end of the claim.
      if (stopping_) return {};
      const auto refreshed = refresh_(one.account, one.connection);
      if (!refreshed) log::failure(log::Level::Warning, "jobs.refresh_failed", refreshed.error());
    }
  }
  return {};
}

Result<void> Upkeep::look_at_certificates() {
  constexpr int kAccounts = 100;
  std::optional<directory::AccountId> after;
  while (!stopping_) {
    ASSIGN_OR_RETURN(const auto accounts, database_.read([&](storage::Transaction& transaction) {
      return directory::list_accounts(transaction, after, kAccounts);
    }));
    if (accounts.empty()) return {};
    after = accounts.back().id;
    for (const directory::Account& account : accounts)
      RETURN_IF_ERROR(look_at(account.id));
  }
  return {};
}

Result<void> Upkeep::look_at(directory::AccountId account) {
  const Timestamp now = clock_.now();
  const auto has_work = [&](storage::Transaction& transaction) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto ending, directory::list_ending_certificates(transaction, account, now));
    ASSIGN_OR_RETURN(const auto keys, directory::list_own_keys(transaction, account));
    return !ending.empty() || directory::wants_retirement(keys, now);
  };
  // Most accounts have nothing to be told: a write for each would keep others waiting.
  ASSIGN_OR_RETURN(const bool work, database_.read(has_work));
  if (!work) return {};
  return database_.write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(directory::tell_of_ending_certificates(transaction, account, now));
    return directory::retire_old_keys(transaction, account, now);
  });
}

}  // namespace doorward::jobs
