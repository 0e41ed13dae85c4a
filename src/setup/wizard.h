#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/census.h"
#include "directory/ids.h"
#include "directory/setups.h"
#include "setup/proposal.h"
#include "storage/database.h"

/// *Configure now*: the steps of the setup in their order, with the evidence for each. Nothing is done
/// because a page was seen: a step is done when its evidence is there, and undone when the evidence goes.
namespace doorward::setup {

enum class Step : std::uint8_t {
  Prepare,       ///< The administrator began, knowing what will change.
  Application,   ///< The SAML application exists at the provider.
  Connection,    ///< The provider's metadata was checked and taken over.
  Provisioning,  ///< The directory service came with a token, or none will.
  Domains,       ///< A domain is proven, and of everybody outside it is known that they lose access.
  Department,    ///< Where new employees go.
  Test,          ///< An administrator came through a test sign-in.
  Enable,
};
/// `prepare`, `application` …: in URLs and in the API.
std::string_view to_text(Step step);
std::optional<Step> parse_step(std::string_view text);

enum class StepState : std::uint8_t {
  ToDo,
  Done,
  Attention,  ///< It was done, and something about it wants to be looked at.
};
std::string_view to_text(StepState state);

struct StepStanding {
  Step step;
  StepState state;
  /// For the administrator: what is the case, and when something is missing what to do.
  std::string message;
  /// Whether SSO cannot be enabled before this is mended.
  bool blocks;
};

struct Wizard {
  directory::Account account;
  /// Nothing before the start.
  std::optional<directory::Setup> setup;
  directory::Census people;
  /// What setup links have made; it must be accepted or discarded first.
  Proposal proposal;
  /// All steps, in order. `Enable` is done once SSO is the only way in.
  std::vector<StepStanding> steps;

  /// The first step that blocks, else `Enable`.
  Step next() const;
  bool may_enable() const;
};
Result<Wizard> load_wizard(storage::Transaction& transaction, const directory::Account& account,
                           Timestamp now);

/// Identity providers that the instructions know, Entra first: `entra`, `okta`, `google`, `onelogin`,
/// `keycloak`, `adfs`, `pingone`, `jumpcloud`, `other`.
std::span<const std::string_view> providers();

inline constexpr ErrorCode kEnabledAlready = "setup.enabled_already";
inline constexpr ErrorCode kNameMismatch = "setup.name_mismatch";
inline constexpr ErrorCode kNotReady = "setup.not_ready";

/// Begins; refuses what `directory::start_setup` refuses, and after SSO was enabled (`kEnabledAlready`).
Result<void> start(storage::Transaction& transaction, const directory::Account& account,
                   const directory::Actor& actor, Timestamp now);
/// The setup, if there is anything left to set up; refuses when it was not started (`directory.no_setup`),
/// and after SSO was enabled (`kEnabledAlready`).
Result<directory::Setup> open_setup(storage::Transaction& transaction, const directory::Account& account);

/// What an administrator says on the way. Each refuses as `open_setup` does.
Result<void> choose_provider(storage::Transaction& transaction, const directory::Account& account,
                             std::string_view provider);
Result<void> set_application_done(storage::Transaction& transaction, const directory::Account& account,
                                  bool done, Timestamp now);
Result<void> set_provisioning_declined(storage::Transaction& transaction, const directory::Account& account,
                                       bool declined, const directory::Actor& actor, Timestamp now);
Result<void> choose_department(storage::Transaction& transaction, const directory::Account& account,
                               directory::DepartmentId department, const directory::Actor& actor,
                               Timestamp now);

/// Makes SSO the only way in, by an administrator's hand: stricter than support's `enable_sso`, since nothing
/// that blocks can be insisted away. `typed_name` must be the account's name (`kNameMismatch`), whatever its
/// case. Fails with `kNotReady` and what is missing. Other sessions than those of SSO end.
Result<void> enable(storage::Transaction& transaction, const directory::Account& account,
                    std::string_view typed_name, const directory::Actor& actor, Timestamp now);

/// Removes the configuration and leaves the employees alone: connections with their identity links and
/// sessions, provisioning tokens, domain claims, domains that support did not add, accepted losses, the setup
/// itself. Refuses as `open_setup` does, another name than the account's, and when nobody could sign in as
/// administrator afterwards (`setup.nobody_left`). One audit entry `setup.cancelled` besides those of what it
/// removes.
Result<void> cancel(storage::Transaction& transaction, const directory::Account& account,
                    std::string_view typed_name, const directory::Actor& actor, Timestamp now);

}  // namespace doorward::setup
