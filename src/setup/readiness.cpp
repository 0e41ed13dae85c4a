#include "setup/readiness.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "directory/attempts.h"
#include "directory/census.h"
#include "directory/domains.h"
#include "setup/gates.h"

namespace doorward::setup {

namespace {

using directory::Account;
using directory::Census;
using State = Gate::State;

/// A response of the provider that was accepted, in a test or for real.
Result<Gate> sign_in_gate(storage::Transaction& transaction, const Account& account) {
  constexpr int kRecent = 200;
  ASSIGN_OR_RETURN(const auto attempts,
                   directory::list_attempts(transaction, account.id, std::nullopt, kRecent));
  for (const directory::Attempt& attempt : attempts) {
    const bool accepted = attempt.outcome == directory::AttemptOutcome::Success ||
                          (attempt.outcome == directory::AttemptOutcome::Test && attempt.finding.empty());
    if (accepted && attempt.connection) {
      return Gate{"sign_in", State::Met,
                  fmt::format("A sign-in succeeded at {}.", format_rfc3339(attempt.at))};
    }
  }
  return Gate{"sign_in", State::Doubtful,
              "Nobody has signed in through SSO yet. Do a test sign-in first, in a private window."};
}

Gate employees_gate(const Census& census) {
  if (census.outside == 0) {
    return {"employees", State::Met, "Every active employee has an e-mail address in the account's domains."};
  }
  return {"employees", State::Doubtful,
          fmt::format(
              "{} of {} active employees would lose access: their e-mail address lies outside the account's "
              "domains.",
              census.outside, census.active)};
}

Gate administrator_gate(const Census& census) {
  if (census.administrators_inside > 0) {
    return {"administrator", State::Met, "An administrator can sign in through SSO."};
  }
  return {
      "administrator", State::Doubtful,
      "No administrator has an e-mail address in the account's domains: nobody could manage the account."};
}

}  // namespace

std::string_view to_text(Gate::State state) {
  switch (state) {
    case State::Met:
      return "ok";
    case State::Doubtful:
      return "warning";
    case State::Missing:
      break;
  }
  return "missing";
}

bool Readiness::blocked() const {
  return std::ranges::any_of(gates, [](const Gate& gate) { return gate.state == State::Missing; });
}

Result<Readiness> check_readiness(storage::Transaction& transaction, const Account& account, Timestamp now) {
  ASSIGN_OR_RETURN(auto connections, directory::list_connections(transaction, account.id));
  const Gate acceptance = acceptance_gate(connections);
  const auto active = admitting_among(std::move(connections));
  ASSIGN_OR_RETURN(const auto domains, directory::list_domains(transaction, account.id));
  ASSIGN_OR_RETURN(auto sign_in, sign_in_gate(transaction, account));
  ASSIGN_OR_RETURN(const Census census, directory::take_census(transaction, account.id));

  Readiness readiness;
  readiness.active_employees = census.active;
  readiness.losing_access = census.outside;
  readiness.gates = {plan_gate(account),           connection_gate(active), certificate_gate(active, now),
                     domain_gate(domains, active), std::move(sign_in),      employees_gate(census),
                     administrator_gate(census)};
  if (acceptance.state != State::Met) readiness.gates.insert(readiness.gates.begin() + 1, acceptance);
  return readiness;
}

Result<Readiness> enable_sso(storage::Transaction& transaction, const Account& account,
                             std::string_view reason, Insist insist, const directory::Actor& actor,
                             Timestamp now) {
  ASSIGN_OR_RETURN(auto readiness, check_readiness(transaction, account, now));
  if (readiness.blocked() && insist == Insist::No) {
    std::string message = "SSO cannot be enabled yet.";
    for (const Gate& gate : readiness.gates) {
      if (gate.state == State::Missing) message += ' ' + gate.message;
    }
    return fail(ErrorKind::Refused, "setup.not_ready", std::move(message));
  }
  RETURN_IF_ERROR(directory::enforce_sso(transaction, account.id, reason, actor, now));
  return readiness;
}

}  // namespace doorward::setup
