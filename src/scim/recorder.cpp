#include "scim/recorder.h"

#include <utility>

#include <fmt/format.h>

namespace doorward::scim {

using directory::NewProvisioningEntry;
using directory::ProvisioningOutcome;

bool Recorder::wants(directory::AccountId account, ProvisioningOutcome outcome) {
  const std::lock_guard lock(mutex_);
  Collected& collected = by_account_[account.value];
  if (outcome == ProvisioningOutcome::Failed) return ++collected.failures <= kMaxFailures;
  return ++collected.reads <= kMaxReads;
}

void Recorder::add(directory::AccountId account, NewProvisioningEntry entry) {
  const std::lock_guard lock(mutex_);
  by_account_[account.value].entries.push_back(std::move(entry));
}

Result<void> Recorder::flush(storage::Database& database) {
  std::unordered_map<std::int64_t, Collected> due;
  {
    const std::lock_guard lock(mutex_);
    due.swap(by_account_);
  }
  if (due.empty()) return {};
  for (auto& [account, collected] : due) {
    const std::size_t left_out = collected.reads + collected.failures - collected.entries.size();
    if (left_out == 0 || collected.entries.empty()) continue;
    collected.entries.back().summary +=
        fmt::format(" ({} more requests of this moment are not listed.)", left_out);
  }
  return database.write([&](storage::Transaction& transaction) -> Result<void> {
    for (const auto& [account, collected] : due) {
      RETURN_IF_ERROR(
          directory::record_provisioning(transaction, directory::AccountId{account}, collected.entries));
    }
    return {};
  });
}

}  // namespace doorward::scim
