#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

/// What an administrator said on the way through the setup. What can be seen elsewhere (connections, tokens,
/// domains, test sign-ins) is not kept here; setup/ puts both together.
namespace doorward::directory {

struct Setup {
  /// One of `setup::providers()`; empty until one is chosen.
  std::string provider;
  Timestamp started_at;
  /// User name of the administrator.
  std::string started_by;
  /// The administrator said that the application exists at the provider.
  std::optional<Timestamp> application_done_at;
  /// The administrator said that no directory will provision: employees are kept by hand.
  std::optional<Timestamp> provisioning_declined_at;
  std::optional<Timestamp> department_chosen_at;
};

/// Nothing before `start_setup` and after `delete_setup`.
Result<std::optional<Setup>> find_setup(storage::Transaction& transaction, AccountId account);
/// Does nothing when it was started already. Refuses the free plan. Writes the audit entry `setup.started`.
Result<Setup> start_setup(storage::Transaction& transaction, AccountId account, const Actor& actor,
                          Timestamp now);
/// Writes what differs; the start stays as it was. `kNoSetup` when it was not started.
Result<void> update_setup(storage::Transaction& transaction, AccountId account, const Setup& setup);
Result<void> delete_setup(storage::Transaction& transaction, AccountId account);

inline constexpr ErrorCode kNoSetup = "directory.no_setup";

}  // namespace doorward::directory
