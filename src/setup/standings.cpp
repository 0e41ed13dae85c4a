#include "setup/standings.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "directory/attempts.h"
#include "directory/departments.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "setup/gates.h"
#include "setup/provisioning_pulse.h"

namespace doorward::setup {

namespace {

using directory::Account;
using directory::Attempt;
using directory::Census;
using directory::Connection;
using directory::ProvisioningToken;
using directory::Setup;

StepStanding done(Step step, std::string message) {
  return {step, StepState::Done, std::move(message), false};
}
StepStanding to_do(Step step, std::string message) {
  return {step, StepState::ToDo, std::move(message), true};
}
/// In the way, although something of the step was there already.
StepStanding broken(Step step, std::string message) {
  return {step, StepState::Attention, std::move(message), true};
}
StepStanding doubtful(Step step, std::string message) {
  return {step, StepState::Attention, std::move(message), false};
}

std::string day_of(Timestamp time) {
  return format_rfc3339(time).substr(0, 10);
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

StepStanding prepare_standing(const Account& account, const std::optional<Setup>& setup) {
  if (account.plan != directory::Plan::Enterprise) {
    return to_do(
        Step::Prepare,
        "With single sign-on your employees sign in with the account that they have at work already, "
        "and whoever leaves the company loses access at once. It belongs to the enterprise plan, "
        "which your company does not have: ask support to change the plan.");
  }
  if (!setup) return to_do(Step::Prepare, "Read what will change, and start the setup.");
  return done(Step::Prepare, fmt::format("{} started on {}.", setup->started_by, day_of(setup->started_at)));
}

StepStanding application_standing(const std::optional<Setup>& setup, bool any_connection) {
  if (any_connection) return done(Step::Application, "The application exists: its provider is connected.");
  if (!setup || setup->provider.empty()) return to_do(Step::Application, "Choose your identity provider.");
  if (!setup->application_done_at) {
    return to_do(Step::Application,
                 "Create the application at your identity provider, then say here that it is there.");
  }
  return done(Step::Application,
              fmt::format("The application was created on {}.", day_of(*setup->application_done_at)));
}

StepStanding connection_standing(const std::vector<Connection>& active, Timestamp now) {
  const Gate connection = connection_gate(active);
  if (connection.state == Gate::State::Missing) return to_do(Step::Connection, connection.message);
  const Gate certificate = certificate_gate(active, now);
  if (certificate.state == Gate::State::Missing) return broken(Step::Connection, certificate.message);
  if (certificate.state == Gate::State::Doubtful) return doubtful(Step::Connection, certificate.message);
  return done(Step::Connection, connection.message);
}

/// What is said when nothing shows that the directory service comes with a token that is good now.
StepStanding unprovisioned_standing(const Setup& setup, const Pulse& pulse, Timestamp now) {
  if (setup.provisioning_declined_at) {
    return done(Step::Provisioning,
                fmt::format("No directory will provision: employees are kept by hand, as was said on {}.",
                            day_of(*setup.provisioning_declined_at)));
  }
  // A token that was revoked before says nothing about this setup.
  const bool was_used = std::ranges::any_of(pulse.tokens, [&](const ProvisioningToken& token) {
    return token.last_used_at && (!token.revoked_at || *token.revoked_at >= setup.started_at);
  });
  const auto living =
      std::ranges::find_if(pulse.tokens, [&](const ProvisioningToken& token) { return token.lives(now); });
  if (living != pulse.tokens.end()) {
    return {Step::Provisioning, was_used ? StepState::Attention : StepState::ToDo,
            fmt::format("The token “{}” was never used. Enter it at your identity provider and choose Test "
                        "Connection there.",
                        living->name),
            true};
  }
  if (was_used) {
    return broken(
        Step::Provisioning,
        "Every token is revoked or has expired, so your directory cannot come in any more. Create a "
        "token and enter it at your identity provider.");
  }
  return to_do(Step::Provisioning,
               "Create a token for your directory, or say that employees are kept by hand.");
}

StepStanding provisioning_standing(const std::optional<Setup>& setup, const Pulse& pulse, Timestamp now) {
  const bool proven = std::ranges::any_of(
      pulse.tokens, [&](const ProvisioningToken& token) { return token.lives(now) && token.last_used_at; });
  if (!proven) return unprovisioned_standing(setup.value_or(Setup{}), pulse, now);
  if (pulse.state(now) == PulseState::Failing) {
    return doubtful(Step::Provisioning, "What your directory asked last failed: " + pulse.last->summary);
  }
  if (pulse.brake_on) {
    return doubtful(Step::Provisioning,
                    "Your directory sends away more people than usual, and the brake is on. Look at who they "
                    "are.");
  }
  const auto last = pulse.counts.last_request_at;
  return done(Step::Provisioning, last ? fmt::format("Your directory came last on {}.", day_of(*last))
                                       : std::string("Your directory comes with its token."));
}

/// A test account routes nobody, and its people match in the parent's domains.
Gate domains_gate(const Account& account, const std::vector<directory::Domain>& own,
                  const std::vector<directory::Domain>& shared, const std::vector<Connection>& active) {
  if (account.parent && own.empty() && !shared.empty()) {
    return {"domain", Gate::State::Met,
            "This test account matches employees in the domains of the account that it tests for."};
  }
  return domain_gate(own, active);
}

StepStanding domains_standing(const Gate& gate, bool any_domain, const Census& people) {
  if (!any_domain) return to_do(Step::Domains, gate.message);
  if (gate.state == Gate::State::Missing) return broken(Step::Domains, gate.message);
  const std::int64_t undecided = people.outside - people.accepted;
  if (undecided > 0) {
    return broken(
        Step::Domains,
        fmt::format("{} outside your domains: edit the e-mail address, or allow that access is lost.",
                    counted(undecided, "employee has an address", "employees have addresses")));
  }
  if (people.administrators_inside == 0) {
    return broken(Step::Domains,
                  "No administrator has an e-mail address in your domains: nobody could manage the account.");
  }
  if (gate.state == Gate::State::Doubtful) return doubtful(Step::Domains, gate.message);
  if (people.accepted == 0) return done(Step::Domains, gate.message);
  return done(Step::Domains, fmt::format("{} {} will lose access, as was allowed.", gate.message,
                                         counted(people.accepted, "employee", "employees")));
}

StepStanding department_standing(const std::optional<Setup>& setup, const directory::Department& department) {
  if (setup && setup->department_chosen_at) {
    return done(Step::Department, fmt::format("New employees go to {}.", department.name));
  }
  return to_do(Step::Department, "Choose the department that new employees go to.");
}

Result<std::optional<Attempt>> newest_test(storage::Transaction& transaction,
                                           const std::vector<Connection>& active, directory::TestedBy who) {
  std::optional<Attempt> newest;
  for (const Connection& connection : active) {
    ASSIGN_OR_RETURN(auto passed, directory::find_passed_test(transaction, connection.account, connection.id,
                                                              connection.provider_since, who));
    if (passed && (!newest || newest->at < passed->at)) newest = std::move(passed);
  }
  return newest;
}

Result<StepStanding> test_standing(storage::Transaction& transaction, const std::vector<Connection>& active) {
  if (active.empty()) return to_do(Step::Test, "Connect your identity provider first.");
  ASSIGN_OR_RETURN(const auto passed, newest_test(transaction, active, directory::TestedBy::Administrator));
  if (passed) {
    ASSIGN_OR_RETURN(const auto tester,
                     directory::find_employee(transaction, passed->account, passed->employee));
    return done(Step::Test,
                fmt::format("{} came through a test sign-in on {}.",
                            tester ? tester->shown_name() : passed->employee, day_of(passed->at)));
  }
  ASSIGN_OR_RETURN(const auto anybody, newest_test(transaction, active, directory::TestedBy::Anybody));
  if (anybody) {
    return to_do(
        Step::Test,
        fmt::format("Somebody came through a test sign-in on {}, but no administrator yet whose address is "
                    "in your domains. Test with such an account, so that somebody can manage yours "
                    "afterwards.",
                    day_of(anybody->at)));
  }
  return to_do(Step::Test, "Open the test link in a private window, and sign in there as an administrator.");
}

/// Whose work waits to be accepted.
std::string_view proposer_of(const Proposal& proposal) {
  return proposal.connections.empty() ? proposal.tokens.front().proposed_by
                                      : proposal.connections.front().proposed_by;
}

StepStanding enable_standing(const Wizard& wizard, const std::vector<StepStanding>& before) {
  const Account& account = wizard.account;
  const Census& people = wizard.people;
  if (account.sso_enforced_at) {
    return done(Step::Enable,
                fmt::format("SSO is the only way in since {}.", day_of(*account.sso_enforced_at)));
  }
  const auto missing = std::ranges::count_if(before, &StepStanding::blocks);
  if (missing > 0) {
    return {Step::Enable, StepState::ToDo,
            fmt::format("{} to do before.", counted(missing, "step is", "steps are")), false};
  }
  if (!wizard.proposal.empty()) {
    return {Step::Enable, StepState::ToDo,
            fmt::format("An administrator has to look at what was set up by the {}, and accept it.",
                        proposer_of(wizard.proposal)),
            false};
  }
  return {Step::Enable, StepState::ToDo,
          fmt::format("Everything is in place: {} access, {} it.",
                      counted(people.active - people.outside, "employee keeps", "employees keep"),
                      counted(people.outside, "loses", "lose")),
          false};
}

}  // namespace

Result<std::vector<StepStanding>> take_standings(storage::Transaction& transaction, const Wizard& wizard,
                                                 Timestamp now) {
  const Account& account = wizard.account;
  const std::optional<Setup>& setup = wizard.setup;
  ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, account.id));
  const auto active = active_among(connections);
  ASSIGN_OR_RETURN(const Pulse pulse, take_pulse(transaction, account.id, now));
  ASSIGN_OR_RETURN(const auto own, directory::list_domains(transaction, account.id));
  std::vector<directory::Domain> shared;
  if (account.parent) {
    ASSIGN_OR_RETURN(shared, directory::list_domains(transaction, *account.parent));
  }
  ASSIGN_OR_RETURN(const auto department, directory::default_department(transaction, account.id));
  ASSIGN_OR_RETURN(auto test, test_standing(transaction, active));
  const Gate domains = domains_gate(account, own, shared, active);

  std::vector<StepStanding> steps = {
      prepare_standing(account, setup),
      application_standing(setup, !connections.empty()),
      connection_standing(active, now),
      provisioning_standing(setup, pulse, now),
      domains_standing(domains, !own.empty() || !shared.empty(), wizard.people),
      department_standing(setup, department),
      std::move(test)};
  steps.push_back(enable_standing(wizard, steps));
  return steps;
}

}  // namespace doorward::setup
