#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "directory/ids.h"
#include "storage/database.h"

/// The record of what a directory service asked and what came of it.
namespace doorward::directory {

enum class ProvisioningOutcome : std::uint8_t { Read, Unchanged, Changed, Failed };
std::string_view to_text(ProvisioningOutcome outcome);
std::optional<ProvisioningOutcome> parse_provisioning_outcome(std::string_view text);

struct NewProvisioningEntry {
  Timestamp at;
  std::string token_name;
  std::string client_address;
  std::string request_id;
  std::string method;
  /// With the query, in which personal data is masked.
  std::string path;
  int status = 0;
  ProvisioningOutcome outcome = ProvisioningOutcome::Read;
  /// One sentence for the administrator: "Entra changed Ben Baker's department from Sales to Support."
  std::string summary = {};
  /// Public id of the employee or group; empty when it is about none.
  std::string subject = {};
  /// A JSON array of `{"attribute", "before", "after"}`.
  std::string changes = "[]";
  /// Masked by the writer; cut by `record_provisioning` to 16 KB each, between characters.
  std::string request_body = {};
  std::string response_body = {};
  std::int64_t duration_micros = 0;
};
struct ProvisioningEntry : NewProvisioningEntry {
  ProvisioningEntryId id;
};

/// A change is noted in its own transaction; reads and failures come in batches.
Result<void> record_provisioning(storage::Transaction& transaction, AccountId account,
                                 std::span<const NewProvisioningEntry> entries);

struct ProvisioningLogFilter {
  std::optional<ProvisioningOutcome> outcome = {};
  /// Public id of an employee or group.
  std::string subject = {};
  /// Found anywhere in summary or path, without regard to ASCII case.
  std::string text = {};
};
/// Newest first, without the bodies; `before` is the last id of the previous page. Looks through at most
/// 20,000 entries.
Result<std::vector<ProvisioningEntry>> list_provisioning_log(storage::Transaction& transaction,
                                                             AccountId account,
                                                             const ProvisioningLogFilter& filter,
                                                             std::optional<ProvisioningEntryId> before,
                                                             int limit);
Result<std::optional<ProvisioningEntry>> find_provisioning_entry(storage::Transaction& transaction,
                                                                 AccountId account, ProvisioningEntryId id);

/// Counts since `from`, for the pulse on the overview.
struct ProvisioningPulse {
  std::optional<Timestamp> last_request_at;
  std::int64_t changed = 0;
  std::int64_t failed = 0;
};
Result<ProvisioningPulse> provisioning_pulse(storage::Transaction& transaction, AccountId account,
                                             Timestamp from);

/// Deletes about `limit` entries older than `until` and says how many there were.
Result<std::int64_t> delete_provisioning_log(storage::Transaction& transaction, AccountId account,
                                             Timestamp until, int limit);

}  // namespace doorward::directory
