#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "http/router.h"
#include "simulator/call.h"

namespace doorward::simulator {

/// The simulator behind its routes. One request is handled at a time: it serves a developer or a test, not a
/// crowd.
class Simulator {
 public:
  Simulator(Settings settings, State state, const Clock& clock);
  ~Simulator();

  /// The routes; they refer to this object, which must outlive them. Changes are written to the state file,
  /// if any, before the answer.
  http::Router routes();

  /// From now on, provisioning jobs that were started run by themselves.
  void run_jobs();
  /// Once the port is known; before the first request.
  void set_public_url(std::string public_url);
  /// Where the admin center begins.
  std::string portal_url() const;
  Result<void> save() const;

 private:
  using Work = std::function<Result<http::Response>(Call&)>;
  Result<http::Response> handle(const Work& work, const http::Request& request);
  Result<void> save_locked() const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  Settings settings_;
  State state_;
  Sessions sessions_;
  /// Last: its thread works with all of the above.
  std::unique_ptr<ProvisioningService> provisioning_;
};

/// The state in `file`, or the default one when there is no such file.
Result<State> load_or_default(const std::string& file);

}  // namespace doorward::simulator
