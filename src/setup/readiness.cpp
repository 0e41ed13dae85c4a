#include "setup/readiness.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "crypto/certificate.h"
#include "directory/attempts.h"
#include "directory/connections.h"
#include "directory/domains.h"
#include "directory/employees.h"

namespace doorward::setup {

namespace {

using directory::Account;
using directory::Connection;
using State = Gate::State;

Gate plan_gate(const Account& account) {
  if (account.plan == directory::Plan::Enterprise)
    return {"plan", State::Met, "The account has the enterprise plan."};
  return {"plan", State::Missing, "SSO is part of the enterprise plan, which this account does not have."};
}

Gate connection_gate(const std::vector<Connection>& active) {
  if (active.empty()) {
    return {"connection", State::Missing,
            "There is no active connection to an identity provider. Set its metadata."};
  }
  std::vector<std::string_view> names;
  names.reserve(active.size());
  for (const Connection& connection : active)
    names.push_back(connection.name);
  return {"connection", State::Met, fmt::format("Connected: {}.", fmt::join(names, ", "))};
}

/// When the last certificate of a connection that is valid now ends.
std::optional<Timestamp> valid_until(const Connection& connection, Timestamp now) {
  std::optional<Timestamp> latest;
  for (const Bytes& der : connection.provider.signing_certificates) {
    const auto certificate = crypto::Certificate::from_der(der);
    if (!certificate || now < certificate->not_before() || now > certificate->not_after()) continue;
    latest = std::max(latest.value_or(certificate->not_after()), certificate->not_after());
  }
  return latest;
}

/// An expired certificate still verifies: providers sign with them for a while, and administrators must look.
Gate certificate_gate(const std::vector<Connection>& active, Timestamp now) {
  constexpr auto kSoon = std::chrono::hours(24 * 30);
  if (active.empty()) return {"certificate", State::Missing, "There is no signing certificate yet."};
  std::optional<Gate> doubt;
  for (const Connection& connection : active) {
    const auto until = valid_until(connection, now);
    if (!until) {
      return {"certificate", State::Missing,
              fmt::format(
                  "No signing certificate of connection {} is valid today. Renew it at the provider and set "
                  "the metadata again.",
                  connection.name)};
    }
    if (*until - now < kSoon) {
      doubt = {"certificate", State::Doubtful,
               fmt::format("The signing certificate of connection {} expires on {}.", connection.name,
                           format_rfc3339(*until).substr(0, 10))};
    }
  }
  return doubt.value_or(Gate{"certificate", State::Met, "Every connection has a valid signing certificate."});
}

Gate domain_gate(const std::vector<directory::Domain>& domains, const std::vector<Connection>& active) {
  const auto is_routed = [&](const directory::Domain& domain) {
    if (!domain.connection) return active.size() == 1;
    return std::ranges::any_of(active, [&](const Connection& c) { return c.id == *domain.connection; });
  };
  std::vector<std::string_view> names;
  std::vector<std::string_view> lost;
  for (const directory::Domain& domain : domains)
    (is_routed(domain) ? names : lost).push_back(domain.name);
  if (domains.empty()) {
    return {"domain", State::Missing, "The account has no proven e-mail domain. Add one."};
  }
  if (names.empty()) {
    return {"domain", State::Missing,
            fmt::format("No active connection signs in the people of {}.", fmt::join(lost, ", "))};
  }
  if (!lost.empty()) {
    return {
        "domain", State::Doubtful,
        fmt::format("No active connection signs in the people of {}. Assign one.", fmt::join(lost, ", "))};
  }
  return {"domain", State::Met, fmt::format("Proven: {}.", fmt::join(names, ", "))};
}

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

/// The domains in which employees of the account match: a test account shares its parent's.
Result<std::vector<directory::Domain>> matching_domains(storage::Transaction& transaction,
                                                        const Account& account) {
  ASSIGN_OR_RETURN(auto domains, directory::list_domains(transaction, account.id));
  if (!account.parent) return domains;
  ASSIGN_OR_RETURN(auto shared, directory::list_domains(transaction, *account.parent));
  std::ranges::move(shared, std::back_inserter(domains));
  return domains;
}

struct Census {
  std::int64_t active = 0;
  std::int64_t outside = 0;
  std::int64_t administrators_inside = 0;
};

Result<Census> count_people(storage::Transaction& transaction, const Account& account) {
  ASSIGN_OR_RETURN(const auto domains, matching_domains(transaction, account));
  const auto is_inside = [&](const directory::Employee& employee) {
    const auto domain = directory::email_domain(employee.profile.email);
    return domain && std::ranges::find(domains, *domain, &directory::Domain::name) != domains.end();
  };
  constexpr int kPage = 500;
  Census census;
  std::optional<std::string> after;
  do {
    ASSIGN_OR_RETURN(auto page,
                     directory::list_employees(transaction, account.id, {.active = true}, after, kPage));
    for (const directory::Employee& employee : page.employees) {
      ++census.active;
      if (!is_inside(employee)) {
        ++census.outside;
      } else if (employee.administrator) {
        ++census.administrators_inside;
      }
    }
    after = std::move(page.next);
  } while (after);
  return census;
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
  ASSIGN_OR_RETURN(auto active, directory::list_connections(transaction, account.id));
  std::erase_if(active, [](const Connection& connection) { return !connection.active; });
  ASSIGN_OR_RETURN(const auto domains, directory::list_domains(transaction, account.id));
  ASSIGN_OR_RETURN(auto sign_in, sign_in_gate(transaction, account));
  ASSIGN_OR_RETURN(const Census census, count_people(transaction, account));

  Readiness readiness;
  readiness.active_employees = census.active;
  readiness.losing_access = census.outside;
  readiness.gates = {plan_gate(account),           connection_gate(active), certificate_gate(active, now),
                     domain_gate(domains, active), std::move(sign_in),      employees_gate(census),
                     administrator_gate(census)};
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
