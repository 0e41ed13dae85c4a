#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "directory/accounts.h"
#include "directory/provisioning_log.h"
#include "directory/provisioning_tokens.h"
#include "storage/database.h"

namespace doorward::setup {

/// How provisioning is doing; the worst that holds.
enum class PulseState : std::uint8_t {
  NotInPlan,
  NotSetUp,       ///< There never was a token.
  Stopped,        ///< No token lives any more.
  Waiting,        ///< The directory has not asked yet.
  Failing,        ///< What it asked last failed.
  Silent,         ///< It has not asked for a day.
  PartlyFailing,  ///< Something failed within a day.
  Working,
};
/// As the API says it: `not-in-plan` ….
std::string_view to_text(PulseState state);

/// What is known about provisioning when somebody asks how it is doing.
struct Pulse {
  directory::Plan plan = directory::Plan::Free;
  /// The revoked and expired ones too.
  std::vector<directory::ProvisioningToken> tokens;
  directory::ProvisioningPulse counts;
  std::optional<directory::ProvisioningEntry> last;
  std::optional<directory::ProvisioningEntry> last_failure;
  bool brake_on = false;

  PulseState state(Timestamp now) const;
};
Result<Pulse> take_pulse(storage::Transaction& transaction, directory::AccountId account, Timestamp now);

}  // namespace doorward::setup
