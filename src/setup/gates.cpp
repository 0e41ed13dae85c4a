#include "setup/gates.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "crypto/certificate.h"

namespace doorward::setup {

using directory::Account;
using directory::Connection;
using State = Gate::State;

namespace {

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

}  // namespace

std::vector<Connection> active_among(std::vector<Connection> connections) {
  std::erase_if(connections, [](const Connection& connection) { return !connection.active; });
  return connections;
}

std::vector<Connection> admitting_among(std::vector<Connection> connections) {
  std::erase_if(connections, [](const Connection& connection) { return !connection.admits(); });
  return connections;
}

Gate acceptance_gate(const std::vector<Connection>& connections) {
  const auto proposed = std::ranges::find_if(connections, &Connection::is_proposed);
  if (proposed == connections.end()) return {"acceptance", State::Met, "Nothing waits to be accepted."};
  return {
      "acceptance", State::Missing,
      fmt::format("The connection {} was set up by the {}, and lets nobody in before an administrator has "
                  "accepted it in the console.",
                  proposed->name, proposed->proposed_by)};
}

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

}  // namespace doorward::setup
