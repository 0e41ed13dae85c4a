#pragma once

#include <string>
#include <vector>

#include "simulator/model.h"

namespace doorward::simulator {

/// One tenant, *Contoso*, with its people. Ids are the same in every run, so that employees who were linked
/// to them are found again.
State default_state();

/// What `--app` and its companions set up.
struct DemoApplication {
  std::string name;
  std::vector<std::string> identifiers;
  std::vector<std::string> reply_urls;
  std::string sign_on_url;
  std::string logout_url;
  /// *Tenant URL* and *Secret Token*: the administrator has only to start provisioning.
  std::string tenant_url = {};
  crypto::Secret secret_token = {};
};

/// Creates or updates the application of that name in the first tenant, with every user assigned.
Result<Application*> set_up(State& state, const DemoApplication& demo, Timestamp now);

}  // namespace doorward::simulator
