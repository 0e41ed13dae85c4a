#pragma once

#include "json/json.h"
#include "simulator/provisioning_cycle.h"

/// Provisioning as JSON: what the API shows and takes, and what the state file holds.
namespace doorward::simulator {

/// Settings and state of the job, without the Secret Token.
json::Object to_json(const Provisioning& provisioning);
json::Object to_json(const CycleReport& report);
json::Object to_json(const TestVerdict& verdict);
json::Object to_json(const ProvisioningLogEntry& entry);

/// Sets what `object` has; nothing changes when any of it is refused.
Result<void> configure(ProvisioningSettings& settings, const json::Object& object);

/// With the Secret Token, without the log.
json::Object provisioning_state(const Provisioning& provisioning);
Result<Provisioning> provisioning_from_state(const json::Object& object);

}  // namespace doorward::simulator
