#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "simulator/provisioning_cycle.h"

namespace doorward::simulator {

/// Runs provisioning for the simulator's applications: works on copies, and holds the simulator's lock only
/// to take them and to bring the results back. One cycle runs at a time.
class ProvisioningService {
 public:
  enum class Changed : std::uint8_t { No, Yes };
  using Work = std::function<Changed(State&)>;
  /// Runs the work under the simulator's lock, and saves the state when it has changed.
  using WithState = std::function<void(const Work&)>;

  ProvisioningService(WithState with_state, const Clock& clock);
  /// Breaks a running cycle off before its next request.
  ~ProvisioningService();

  /// Begins to run the jobs that are due, in a thread of its own.
  void start();

  // These block until the application has answered; never to be called under the simulator's lock.

  /// A cycle now, whether the job is started, in quarantine or neither.
  Result<CycleReport> run(std::string_view tenant, std::string_view application);
  Result<CycleReport> run_on_demand(std::string_view tenant, std::string_view application,
                                    std::string_view user);
  TestVerdict test(const ProvisioningSettings& settings) const;

 private:
  using Task = std::function<CycleReport(ProvisioningSnapshot&)>;
  Result<CycleReport> perform(std::string_view tenant, std::string_view application, const Task& task);
  void run_due_jobs();
  void loop(const std::stop_token& stop);

  WithState with_state_;
  const Clock& clock_;
  std::atomic<bool> ending_ = false;
  Transport transport_;
  std::mutex one_at_a_time_;
  std::mutex wait_mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace doorward::simulator
