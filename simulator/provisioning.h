#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/secret.h"

/// *Provisioning* of an enterprise application: its settings, what the job remembers, what it did. Plain
/// data.
namespace doorward::simulator {

/// A row of *Attribute Mapping*.
struct AttributeMapping {
  /// An attribute (`mail`), an expression that Entra offers (`Not([IsSoftDeleted])`), or a constant in
  /// quotes.
  std::string source;
  std::string target;
  /// *Matching precedence*; 0: objects are not matched by this attribute.
  int precedence = 0;
};

/// Entra has sent references in all of these forms.
enum class ManagerForm : std::uint8_t { Text, Object, Reference };

std::vector<AttributeMapping> default_user_mappings();
std::vector<AttributeMapping> default_group_mappings();

struct ProvisioningSettings {
  /// *Provisioning mode*: Automatic rather than Manual.
  bool automatic = false;
  std::string tenant_url = {};
  crypto::Secret secret_token = {};
  bool provision_users = true;
  bool provision_groups = true;
  std::vector<AttributeMapping> user_mappings = default_user_mappings();
  std::vector<AttributeMapping> group_mappings = default_group_mappings();

  // Not part of Entra.
  /// Between two cycles; Entra's is 40 minutes. Zero: cycles run only when asked for.
  std::chrono::seconds interval{5};
  ManagerForm manager_form = ManagerForm::Text;
  /// Users are created with nulls for what they lack, as in a sample of Microsoft's documentation.
  bool explicit_nulls = false;
  /// From how many failures on their share is looked at.
  std::int64_t failure_limit = 5000;
};

/// What the job remembers about one user or group.
struct ProvisionedObject {
  /// The application's id, kept for ever; empty for an object that was not created because it is disabled.
  std::string id = {};
  /// Target attribute → JSON of the value that was last sent.
  std::map<std::string, std::string> sent = {};
  /// False: it was unassigned when the job last saw it, so its end is nobody's business.
  bool in_scope = true;
  /// Of a group: object ids of the users who were added.
  std::set<std::string> members = {};
};

struct Quarantine {
  std::string reason;  ///< Entra's word, `EncounteredEscrowProportionThreshold` for example.
  std::string message;
  Timestamp since;
  Timestamp next_retry;
  int retries = 0;
};

struct ProvisioningStatistics {
  std::int64_t cycles = 0;
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t disabled = 0;
  std::int64_t deleted = 0;
  std::int64_t skipped = 0;
  std::int64_t failed = 0;
};

struct ProvisioningJob {
  bool started = false;
  bool initial_cycle_done = false;
  std::map<std::string, ProvisionedObject> users = {};
  std::map<std::string, ProvisionedObject> groups = {};
  ProvisioningStatistics statistics = {};
  std::optional<Quarantine> quarantine = std::nullopt;
  std::optional<Timestamp> last_cycle = std::nullopt;
  /// Why the last cycle broke off, if it did.
  std::string last_problem = {};
};

enum class ProvisioningAction : std::uint8_t { Create, Update, Disable, Delete, Other };
enum class ProvisioningStatus : std::uint8_t { Success, Failure, Skipped };

/// A request to the application and its answer; the token is never in it.
struct Exchange {
  std::string method;
  std::string url;
  std::string request_body;
  int status = 0;  ///< 0: there was no answer.
  std::string content_type;
  std::string response_body;
  std::string failure;  ///< Why there was no answer.
};

/// A row of *Provisioning logs*.
struct ProvisioningLogEntry {
  Timestamp at = {};
  std::string cycle_id = {};
  ProvisioningAction action = ProvisioningAction::Other;
  ProvisioningStatus status = ProvisioningStatus::Success;
  std::string object_type = {};  ///< `User` or `Group`.
  std::string source_id = {};
  std::string name = {};
  std::string target_id = {};
  std::string reason = {};
  std::vector<Exchange> exchanges = {};
};

struct Provisioning {
  static constexpr std::size_t kMaxLogEntries = 1000;

  ProvisioningSettings settings = {};
  ProvisioningJob job = {};

  // Of the running program only.
  bool running = false;
  /// Counts restarts, so that a cycle that ran meanwhile does not bring old ids back.
  std::uint64_t generation = 0;
  std::deque<ProvisioningLogEntry> log = {};  ///< The oldest first.
};

/// Whether the values of `[IsSoftDeleted]` and `[accountEnabled]` decide: what disabling is sent through.
bool is_active_mapping(const AttributeMapping& mapping);
/// Each target once and readable, at least one matching attribute.
Result<void> check_mappings(const std::vector<AttributeMapping>& mappings);
/// *Start provisioning* needs a Tenant URL, a Secret Token and Automatic.
Result<void> start_provisioning(Provisioning& provisioning);
/// *Restart provisioning*: forgets the ids and leaves quarantine; an initial cycle follows.
Result<void> restart_provisioning(Provisioning& provisioning);
/// A time that Entra is known to wait, by the same measure as the interval between cycles is shortened.
Duration shortened(const ProvisioningSettings& settings, Duration in_entra);
/// When the next cycle is due, if the job runs by itself.
std::optional<Timestamp> next_cycle(const Provisioning& provisioning);

/// The values of the lists that the portal offers.
const std::vector<std::string>& user_sources();
const std::vector<std::string>& group_sources();
const std::vector<std::string>& known_targets();

}  // namespace doorward::simulator
