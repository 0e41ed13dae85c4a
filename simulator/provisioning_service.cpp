#include "simulator/provisioning_service.h"

#include <utility>
#include <vector>

namespace doorward::simulator {

namespace {

constexpr std::chrono::milliseconds kLookForDueJobs{200};

Result<std::pair<Tenant*, Application*>> find(State& state, std::string_view tenant_name,
                                              std::string_view application_name) {
  Tenant* tenant = find_tenant(state, tenant_name);
  Application* application = tenant == nullptr ? nullptr : find_application(*tenant, application_name);
  if (application == nullptr) {
    return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such application in this tenant.");
  }
  return std::pair(tenant, application);
}

void bring_back(Provisioning& provisioning, ProvisioningSnapshot& snapshot, const CycleReport& report,
                std::uint64_t generation) {
  provisioning.running = false;
  for (const ProvisioningLogEntry& entry : report.entries)
    provisioning.log.push_back(entry);
  while (provisioning.log.size() > Provisioning::kMaxLogEntries)
    provisioning.log.pop_front();
  // Restarted meanwhile: what this cycle learnt was to be forgotten.
  if (provisioning.generation != generation) return;
  const bool started = provisioning.job.started && snapshot.job.started;
  provisioning.job = std::move(snapshot.job);
  provisioning.job.started = started;
}

}  // namespace

ProvisioningService::ProvisioningService(WithState with_state, const Clock& clock)
    : with_state_(std::move(with_state)), clock_(clock) {
  transport_ = [this, send = network()](const net::SendRequest& request) -> Result<net::SendResponse> {
    if (ending_) return fail(ErrorKind::Unavailable, "simulator.ending", "The simulator is ending.");
    return send(request);
  };
}

ProvisioningService::~ProvisioningService() {
  ending_ = true;
}

void ProvisioningService::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
}

void ProvisioningService::loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    run_due_jobs();
    std::unique_lock lock(wait_mutex_);
    wake_.wait_for(lock, stop, kLookForDueJobs, [] { return false; });
  }
}

void ProvisioningService::run_due_jobs() {
  std::vector<std::pair<std::string, std::string>> due;
  with_state_([&](State& state) {
    for (const Tenant& tenant : state.tenants) {
      for (const Application& application : tenant.applications) {
        const auto next = next_cycle(application.provisioning);
        if (next && *next <= clock_.now()) due.emplace_back(tenant.tenant_id, application.app_id);
      }
    }
    return Changed::No;
  });
  for (const auto& [tenant, application] : due) {
    // An application that was deleted meanwhile has no job any more.
    const auto report = run(tenant, application);
    static_cast<void>(report);
  }
}

Result<CycleReport> ProvisioningService::perform(std::string_view tenant, std::string_view application,
                                                 const Task& task) {
  const std::lock_guard lock(one_at_a_time_);
  ProvisioningSnapshot snapshot;
  std::uint64_t generation = 0;
  Result<void> begun;
  with_state_([&](State& state) {
    const auto found = find(state, tenant, application);
    if (!found) {
      begun = fail(found.error());
      return Changed::No;
    }
    Provisioning& provisioning = found->second->provisioning;
    if (provisioning.settings.tenant_url.empty()) {
      begun = fail(ErrorKind::InvalidInput, "simulator.provisioning", "Save the Tenant URL first.");
      return Changed::No;
    }
    provisioning.running = true;
    generation = provisioning.generation;
    snapshot = snapshot_of(*found->first, *found->second);
    return Changed::No;
  });
  RETURN_IF_ERROR(begun);
  const std::string problem_before = snapshot.job.last_problem;
  CycleReport report = task(snapshot);
  const bool worth_saving = !report.entries.empty() || report.problem != problem_before ||
                            report.kind == std::string_view("initial");
  with_state_([&](State& state) {
    const auto found = find(state, tenant, application);
    if (found) bring_back(found->second->provisioning, snapshot, report, generation);
    return worth_saving ? Changed::Yes : Changed::No;
  });
  return report;
}

Result<CycleReport> ProvisioningService::run(std::string_view tenant, std::string_view application) {
  return perform(tenant, application,
                 [this](ProvisioningSnapshot& snapshot) { return run_cycle(snapshot, transport_, clock_); });
}

Result<CycleReport> ProvisioningService::run_on_demand(std::string_view tenant, std::string_view application,
                                                       std::string_view user) {
  std::string user_id;
  with_state_([&](State& state) {
    const Tenant* owner = find_tenant(state, tenant);
    const User* found = owner == nullptr ? nullptr : find_user(*owner, user);
    if (found != nullptr) user_id = found->object_id;
    return Changed::No;
  });
  if (user_id.empty()) {
    return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such user in this tenant.");
  }
  return perform(tenant, application, [&](ProvisioningSnapshot& snapshot) {
    return provision_on_demand(snapshot, user_id, transport_, clock_);
  });
}

TestVerdict ProvisioningService::test(const ProvisioningSettings& settings) const {
  return test_connection(settings, transport_);
}

}  // namespace doorward::simulator
