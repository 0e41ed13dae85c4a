#include "setup/wizard.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "directory/connections.h"
#include "directory/departments.h"
#include "directory/domain_claims.h"
#include "directory/domains.h"
#include "directory/names.h"
#include "directory/provisioning_tokens.h"
#include "directory/setup_links.h"
#include "setup/standings.h"

namespace doorward::setup {

namespace {

using directory::Account;
using directory::Actor;
using directory::Setup;

constexpr directory::Names<Step, 8> kSteps = {{{Step::Prepare, "prepare"},
                                               {Step::Application, "application"},
                                               {Step::Connection, "connection"},
                                               {Step::Provisioning, "provisioning"},
                                               {Step::Domains, "domains"},
                                               {Step::Department, "department"},
                                               {Step::Test, "test"},
                                               {Step::Enable, "enable"}}};
constexpr directory::Names<StepState, 3> kStates = {
    {{StepState::ToDo, "to-do"}, {StepState::Done, "done"}, {StepState::Attention, "attention"}}};

constexpr std::array<std::string_view, 9> kProviders = {
    "entra", "okta", "google", "onelogin", "keycloak", "adfs", "pingone", "jumpcloud", "other"};

/// What `account` was read for may be over by now.
Result<Account> load_unenforced(storage::Transaction& transaction, const Account& account) {
  ASSIGN_OR_RETURN(Account current, directory::load_account(transaction, account.id));
  if (!current.sso_enforced_at) return current;
  return fail(ErrorKind::Conflict, kEnabledAlready, "SSO is enabled. To switch it off, contact support.");
}

Result<void> require_name(const Account& account, std::string_view typed_name) {
  if (fold_case(trim(typed_name)) == fold_case(trim(account.name))) return {};
  return fail(ErrorKind::InvalidInput, kNameMismatch,
              fmt::format("To confirm, type the account's name: {}.", printable(account.name)));
}

Result<void> revoke_tokens(storage::Transaction& transaction, directory::AccountId account,
                           const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const auto tokens, directory::list_provisioning_tokens(transaction, account));
  for (const directory::ProvisioningToken& token : tokens) {
    if (token.revoked_at) continue;
    RETURN_IF_ERROR(directory::revoke_provisioning_token(transaction, account, token.id, actor, now));
  }
  return {};
}

Result<void> remove_domains(storage::Transaction& transaction, directory::AccountId account,
                            const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const auto domains, directory::list_domains(transaction, account));
  for (const directory::Domain& domain : domains) {
    if (domain.proof == directory::DomainProof::Support) continue;
    RETURN_IF_ERROR(directory::remove_domain(transaction, account, domain.name, actor, now));
  }
  return {};
}

/// Whoever came in through a connection only, as all administrators may have, could not come back.
Result<void> protect_administrators(storage::Transaction& transaction, directory::AccountId account,
                                    const std::vector<directory::Connection>& connections) {
  if (connections.empty()) return {};
  ASSIGN_OR_RETURN(const auto people, directory::take_census(transaction, account));
  if (people.administrators_with_password > 0) return {};
  return fail(ErrorKind::Refused, "setup.nobody_left",
              "No administrator has a password, so nobody could sign in once the connection is gone. Ask "
              "support to set one first.");
}

}  // namespace

std::string_view to_text(Step step) {
  return directory::name_of(kSteps, step);
}
std::optional<Step> parse_step(std::string_view text) {
  return directory::value_of(kSteps, text);
}
std::string_view to_text(StepState state) {
  return directory::name_of(kStates, state);
}
std::span<const std::string_view> providers() {
  return kProviders;
}

Step Wizard::next() const {
  const auto blocking = std::ranges::find_if(steps, &StepStanding::blocks);
  return blocking == steps.end() ? Step::Enable : blocking->step;
}

bool Wizard::may_enable() const {
  return account.plan == directory::Plan::Enterprise && !account.sso_enforced_at && setup.has_value() &&
         proposal.empty() && std::ranges::none_of(steps, &StepStanding::blocks);
}

Result<Wizard> load_wizard(storage::Transaction& transaction, const Account& account, Timestamp now) {
  Wizard wizard;
  ASSIGN_OR_RETURN(wizard.account, directory::load_account(transaction, account.id));
  ASSIGN_OR_RETURN(wizard.setup, directory::find_setup(transaction, account.id));
  ASSIGN_OR_RETURN(wizard.people, directory::take_census(transaction, account.id));
  ASSIGN_OR_RETURN(wizard.proposal, find_proposal(transaction, account.id, now));
  ASSIGN_OR_RETURN(wizard.steps, take_standings(transaction, wizard, now));
  return wizard;
}

Result<void> start(storage::Transaction& transaction, const Account& account, const Actor& actor,
                   Timestamp now) {
  RETURN_IF_ERROR(load_unenforced(transaction, account));
  RETURN_IF_ERROR(directory::start_setup(transaction, account.id, actor, now));
  return {};
}

Result<Setup> open_setup(storage::Transaction& transaction, const Account& account) {
  RETURN_IF_ERROR(load_unenforced(transaction, account));
  ASSIGN_OR_RETURN(auto setup, directory::find_setup(transaction, account.id));
  if (setup) return *std::move(setup);
  return fail(ErrorKind::Conflict, directory::kNoSetup,
              "The setup was not started, or was cancelled. Start it first.");
}

Result<void> choose_provider(storage::Transaction& transaction, const Account& account,
                             std::string_view provider) {
  if (std::ranges::find(kProviders, provider) == kProviders.end()) {
    return fail(ErrorKind::InvalidInput, "setup.unknown_provider",
                fmt::format("There are no instructions for “{}”. Choose one of the list, or other.",
                            printable(provider)));
  }
  ASSIGN_OR_RETURN(Setup setup, open_setup(transaction, account));
  if (setup.provider == provider) return {};
  // What exists at one provider does not exist at another.
  setup.application_done_at.reset();
  setup.provider = provider;
  return directory::update_setup(transaction, account.id, setup);
}

Result<void> set_application_done(storage::Transaction& transaction, const Account& account, bool done,
                                  Timestamp now) {
  ASSIGN_OR_RETURN(Setup setup, open_setup(transaction, account));
  if (done == setup.application_done_at.has_value()) return {};
  setup.application_done_at = done ? std::optional(now) : std::nullopt;
  return directory::update_setup(transaction, account.id, setup);
}

Result<void> set_provisioning_declined(storage::Transaction& transaction, const Account& account,
                                       bool declined, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(Setup setup, open_setup(transaction, account));
  if (declined == setup.provisioning_declined_at.has_value()) return {};
  setup.provisioning_declined_at = declined ? std::optional(now) : std::nullopt;
  RETURN_IF_ERROR(directory::update_setup(transaction, account.id, setup));
  return directory::record_audit(transaction, account.id, actor,
                                 declined ? "setup.provisioning_declined" : "setup.provisioning_wanted",
                                 account.public_id, {}, now);
}

Result<void> choose_department(storage::Transaction& transaction, const Account& account,
                               directory::DepartmentId department, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(Setup setup, open_setup(transaction, account));
  RETURN_IF_ERROR(directory::set_default_department(transaction, account.id, department, actor, now));
  setup.department_chosen_at = now;
  return directory::update_setup(transaction, account.id, setup);
}

Result<void> enable(storage::Transaction& transaction, const Account& account, std::string_view typed_name,
                    const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Account current, load_unenforced(transaction, account));
  RETURN_IF_ERROR(require_name(current, typed_name));
  ASSIGN_OR_RETURN(const Wizard wizard, load_wizard(transaction, current, now));
  if (!wizard.may_enable()) {
    std::string message = "SSO cannot be enabled yet.";
    for (const StepStanding& standing : wizard.steps) {
      if (standing.blocks) message += ' ' + standing.message;
    }
    if (!wizard.proposal.empty()) message += ' ' + wizard.steps.back().message;
    return fail(ErrorKind::Refused, kNotReady, std::move(message));
  }
  return directory::enforce_sso(transaction, current.id, "enabled at the end of the setup", actor, now);
}

Result<void> cancel(storage::Transaction& transaction, const Account& account, std::string_view typed_name,
                    const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(directory::require_own_rights(actor));
  ASSIGN_OR_RETURN(const Account current, load_unenforced(transaction, account));
  RETURN_IF_ERROR(open_setup(transaction, current));
  RETURN_IF_ERROR(require_name(current, typed_name));
  ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, current.id));
  RETURN_IF_ERROR(protect_administrators(transaction, current.id, connections));
  RETURN_IF_ERROR(revoke_tokens(transaction, current.id, actor, now));
  RETURN_IF_ERROR(remove_domains(transaction, current.id, actor, now));
  RETURN_IF_ERROR(directory::delete_domain_claims(transaction, current.id));
  for (const directory::Connection& connection : connections)
    RETURN_IF_ERROR(directory::delete_connection(transaction, current.id, connection.id, actor, now));
  RETURN_IF_ERROR(directory::forget_losses(transaction, current.id));
  RETURN_IF_ERROR(directory::delete_setup(transaction, current.id));
  RETURN_IF_ERROR(
      directory::end_all_setup_links(transaction, current.id, directory::LinkEnd::Cancelled, actor, now));
  return directory::record_audit(transaction, current.id, actor, "setup.cancelled", current.public_id, {},
                                 now);
}

}  // namespace doorward::setup
