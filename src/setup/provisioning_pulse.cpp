#include "setup/provisioning_pulse.h"

#include <algorithm>

#include "directory/departures.h"

namespace doorward::setup {

namespace {

using directory::ProvisioningEntry;
using directory::ProvisioningOutcome;

constexpr std::chrono::hours kPulseWindow{24};
/// Entra works through its changes every 40 minutes, and asks nothing when there are none.
constexpr std::chrono::hours kSilentAfter{24};

Result<std::optional<ProvisioningEntry>> newest(storage::Transaction& transaction,
                                                directory::AccountId account,
                                                std::optional<ProvisioningOutcome> outcome) {
  ASSIGN_OR_RETURN(auto entries, directory::list_provisioning_log(transaction, account, {.outcome = outcome},
                                                                  std::nullopt, 1));
  if (entries.empty()) return std::nullopt;
  return std::move(entries.front());
}

}  // namespace

std::string_view to_text(PulseState state) {
  switch (state) {
    case PulseState::NotInPlan:
      return "not-in-plan";
    case PulseState::NotSetUp:
      return "not-set-up";
    case PulseState::Stopped:
      return "stopped";
    case PulseState::Waiting:
      return "waiting";
    case PulseState::Failing:
      return "failing";
    case PulseState::Silent:
      return "silent";
    case PulseState::PartlyFailing:
      return "partly-failing";
    case PulseState::Working:
      break;
  }
  return "working";
}

PulseState Pulse::state(Timestamp now) const {
  if (plan != directory::Plan::Enterprise) return PulseState::NotInPlan;
  const bool any_lives = std::ranges::any_of(tokens, [&](const auto& token) { return token.lives(now); });
  if (!any_lives) return tokens.empty() ? PulseState::NotSetUp : PulseState::Stopped;
  if (!counts.last_request_at) return PulseState::Waiting;
  if (last && last->outcome == ProvisioningOutcome::Failed) return PulseState::Failing;
  if (*counts.last_request_at < now - kSilentAfter) return PulseState::Silent;
  return counts.failed > 0 ? PulseState::PartlyFailing : PulseState::Working;
}

Result<Pulse> take_pulse(storage::Transaction& transaction, directory::AccountId account, Timestamp now) {
  Pulse pulse;
  ASSIGN_OR_RETURN(const auto loaded, directory::load_account(transaction, account));
  pulse.plan = loaded.plan;
  ASSIGN_OR_RETURN(pulse.tokens, directory::list_provisioning_tokens(transaction, account));
  ASSIGN_OR_RETURN(pulse.counts, directory::provisioning_pulse(transaction, account, now - kPulseWindow));
  ASSIGN_OR_RETURN(pulse.last, newest(transaction, account, std::nullopt));
  ASSIGN_OR_RETURN(pulse.last_failure, newest(transaction, account, ProvisioningOutcome::Failed));
  ASSIGN_OR_RETURN(pulse.brake_on, directory::is_brake_on(transaction, account));
  return pulse;
}

}  // namespace doorward::setup
