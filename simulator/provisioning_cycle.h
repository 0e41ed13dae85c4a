#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "net/send.h"
#include "simulator/model.h"
#include "simulator/provisioning.h"

/// The provisioning service at work: on a copy, so that nobody waits for the application's answers.
namespace doorward::simulator {

/// What a cycle reads and what it remembers.
struct ProvisioningSnapshot {
  std::vector<User> users;
  std::vector<Group> groups;  ///< The assigned ones.
  std::set<std::string> in_scope;
  std::map<std::string, std::string> roles;
  ProvisioningSettings settings;
  ProvisioningJob job;
};

ProvisioningSnapshot snapshot_of(const Tenant& tenant, const Application& application);

/// Sends a request to the application: `net::send`, or what a test puts in its place.
using Transport = std::function<Result<net::SendResponse>(const net::SendRequest&)>;
Transport network();

struct CycleReport {
  std::string id;
  std::string kind;  ///< `initial`, `incremental` or `on_demand`.
  Timestamp started;
  Timestamp finished;
  std::vector<ProvisioningLogEntry> entries;
  /// Why it broke off; empty when it ran to its end.
  std::string problem;
};

/// One cycle over everybody; changes `snapshot.job`.
CycleReport run_cycle(ProvisioningSnapshot& snapshot, const Transport& transport, const Clock& clock);
/// *Provision on demand*: one user, matched anew.
CycleReport provision_on_demand(ProvisioningSnapshot& snapshot, std::string_view user_id,
                                const Transport& transport, const Clock& clock);

/// What *Test Connection* says.
struct TestVerdict {
  bool ok = false;
  std::string message;
  std::string details;
  std::vector<Exchange> exchanges;
};

/// Asks for a user, and for a group when groups are provisioned, that cannot exist.
TestVerdict test_connection(const ProvisioningSettings& settings, const Transport& transport);

}  // namespace doorward::simulator
