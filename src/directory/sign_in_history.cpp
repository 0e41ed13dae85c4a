#include "directory/sign_in_history.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "directory/identity.h"
#include "directory/names.h"
#include "directory/person_records.h"
#include "directory/sessions.h"
#include "json/json.h"

namespace doorward::directory {
namespace {

constexpr Names<Obstacle, 14> kObstacles = {{{Obstacle::None, "none"},
                                             {Obstacle::Mended, "mended"},
                                             {Obstacle::DeletionHeld, "deletion-held"},
                                             {Obstacle::Deactivated, "deactivated"},
                                             {Obstacle::Plan, "plan"},
                                             {Obstacle::NoEmail, "no-email"},
                                             {Obstacle::OutsideDomains, "outside-domains"},
                                             {Obstacle::NoConnection, "no-connection"},
                                             {Obstacle::NoWayIn, "no-way-in"},
                                             {Obstacle::TooManyPasswords, "too-many-passwords"},
                                             {Obstacle::WrongPassword, "wrong-password"},
                                             {Obstacle::Attempt, "attempt"},
                                             {Obstacle::Deleted, "deleted"},
                                             {Obstacle::Unknown, "unknown"}}};

/// Attempts at which nobody was recognised, of which those are picked that name the address.
constexpr int kUnrecognisedLookedAt = 2000;
/// What opened or closed a door for everybody longer ago explains nothing any more.
constexpr std::chrono::hours kAccountMemory{24 * 90};

/// Changes of the account, its connections and domains that bear on sign-ins.
constexpr std::array<std::string_view, 10> kDoors = {
    "sso.enabled",          "sso.disabled",           "account.plan_changed",
    "connection.activated", "connection.deactivated", "connection.provider_changed",
    "connection.deleted",   "domain.added",           "domain.removed",
    "domain.assigned"};

bool is_address_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("._%+-@'").find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80U;
}

/// Whether a report holds the address as a word of its own; both in lower case.
bool mentions(std::string_view report, std::string_view address) {
  for (std::size_t at = report.find(address); at != std::string_view::npos;
       at = report.find(address, at + 1)) {
    const std::size_t end = at + address.size();
    const bool begins = at == 0 || !is_address_character(report[at - 1]);
    if (begins && (end == report.size() || !is_address_character(report[end]))) return true;
  }
  return false;
}

/// Puts the lists of several sources into one, newest first.
template <class Row>
void merge_newest(std::vector<Row>& into, std::vector<Row> more) {
  std::ranges::move(more, std::back_inserter(into));
  std::ranges::stable_sort(into, [](const Row& a, const Row& b) { return a.id > b.id; });
  if (into.size() > std::size_t{kHistoryLength}) into.resize(kHistoryLength);
}

Result<void> add_unrecognised_attempts(storage::Transaction& transaction, SignInHistory& history) {
  // Folding thousands of reports as names are folded would take longer than reading them.
  const std::string address = to_ascii_lower(history.address);
  if (address.empty()) return {};
  ASSIGN_OR_RETURN(std::vector<Attempt> attempts,
                   list_attempts_about(transaction, history.account.id, "", kUnrecognisedLookedAt));
  std::erase_if(attempts,
                [&](const Attempt& attempt) { return !mentions(to_ascii_lower(attempt.report), address); });
  merge_newest(history.attempts, std::move(attempts));
  return {};
}

Result<void> add_door_changes(storage::Transaction& transaction, SignInHistory& history, Timestamp now) {
  std::vector<std::string> targets = {history.account.public_id};
  if (history.connection) targets.push_back(history.connection->public_id);
  if (auto name = email_domain(history.address)) targets.push_back(*std::move(name));
  for (const std::string& target : targets) {
    ASSIGN_OR_RETURN(std::vector<AuditEntry> entries,
                     list_audit_about(transaction, history.account.id, target, kHistoryLength));
    std::erase_if(entries, [&](const AuditEntry& entry) {
      return now - entry.at > kAccountMemory || std::ranges::find(kDoors, entry.action) == kDoors.end();
    });
    merge_newest(history.changes, std::move(entries));
  }
  return {};
}

/// Where the sign-in page sends the address, and whether anybody's connection is there at all.
Result<void> add_route(storage::Transaction& transaction, SignInHistory& history) {
  const AccountId account = history.account.id;
  ASSIGN_OR_RETURN(history.domains, list_domains(transaction, account));
  ASSIGN_OR_RETURN(std::vector<Connection> connections, list_connections(transaction, account));
  history.connected = std::ranges::any_of(connections, &Connection::admits);
  ASSIGN_OR_RETURN(history.domain, find_matching_domain(transaction, account, history.address));
  if (!history.domain) return {};
  // A parent's domain is assigned among the parent's connections, which are none of ours.
  std::optional<ConnectionId> owner;
  if (history.domain->account == account) owner = history.domain->connection;
  if (!owner && connections.size() == 1) owner = connections.front().id;
  const auto found =
      std::ranges::find_if(connections, [&](const Connection& each) { return owner == each.id; });
  if (found != connections.end()) history.connection = *found;
  return {};
}

Result<void> add_guesses(storage::Transaction& transaction, SignInHistory& history, const Employee& employee,
                         Timestamp now) {
  std::vector<std::string> names = {fold_case(employee.profile.user_name)};
  const std::string email = fold_case(employee.profile.email);
  if (!email.empty() && email != names.front()) names.push_back(email);
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const PasswordGuesses guesses,
                     password_guesses(transaction, history.account.id, name, PasswordLimits{}, now));
    history.guesses.failures += guesses.failures;
    history.guesses.last_at = std::max(history.guesses.last_at, guesses.last_at);
    history.guesses.wait_until = std::max(history.guesses.wait_until, guesses.wait_until);
  }
  return {};
}

/// What holds now, whatever any attempt said.
std::optional<Obstacle> standing_obstacle(const SignInHistory& history, const Employee& employee,
                                          Timestamp now) {
  if (history.deletion_held) return Obstacle::DeletionHeld;
  if (!employee.active) return Obstacle::Deactivated;
  const bool routed = history.domain && history.connection && history.connection->admits();
  if (history.account.sso_enforced_at) {
    if (employee.profile.email.empty()) return Obstacle::NoEmail;
    if (!history.domain) return Obstacle::OutsideDomains;
    if (!routed) return Obstacle::NoConnection;
    return std::nullopt;
  }
  if (employee.has_password) {
    const auto& wait = history.guesses.wait_until;
    if (wait && *wait > now) return Obstacle::TooManyPasswords;
    return std::nullopt;
  }
  if (history.account.plan != Plan::Enterprise) return Obstacle::Plan;
  // Whom the provider knows by an identifier comes in from its own pages, wherever the address lies.
  const bool known = !employee.profile.object_id.empty() || !employee.profile.external_id.empty() ||
                     std::ranges::any_of(history.attempts, [](const Attempt& attempt) {
                       return attempt.outcome == AttemptOutcome::Success && attempt.connection.has_value();
                     });
  if (routed || (known && history.connected)) return std::nullopt;
  return Obstacle::NoWayIn;
}

bool changed_since(const SignInHistory& history, std::string_view action, Timestamp at) {
  return std::ranges::any_of(
      history.changes, [&](const AuditEntry& entry) { return entry.action == action && entry.at >= at; });
}

/// Whether what an attempt found would be found again. Asked after `standing_obstacle`.
bool stands(const SignInHistory& history, const Attempt& attempt) {
  const bool later_success = std::ranges::any_of(history.attempts, [&](const Attempt& other) {
    return other.id > attempt.id && other.outcome == AttemptOutcome::Success;
  });
  if (later_success) return false;
  const std::string_view finding = attempt.finding;
  const bool recognised = !attempt.employee.empty();
  if (finding == finding_code(Refusal::Deactivated)) return false;
  if (finding == finding_code(Refusal::AccountPlan)) return history.account.plan != Plan::Enterprise;
  if (finding == finding_code(Refusal::ConnectionInactive)) {
    return !history.connection || !history.connection->active;
  }
  if (finding == finding_code(Refusal::ConnectionNotAccepted)) {
    return history.connection && history.connection->is_proposed();
  }
  if (finding == finding_code(Refusal::NoEmail)) return !recognised;
  if (finding == finding_code(Refusal::OutsideDomains)) return !recognised && !history.domain;
  if (finding == finding_code(Refusal::NotProvisioned)) return !history.employee;
  if (finding == finding_code(Refusal::SsoEnforced)) return history.account.sso_enforced_at.has_value();
  if (finding == finding_code(Refusal::NoPassword)) {
    return !history.employee || !history.employee->has_password;
  }
  if (finding == finding_code(Refusal::LinkedElsewhere)) {
    return !changed_since(history, "employee.unlinked", attempt.at);
  }
  if (finding == "saml.signature_key_unknown" || finding == "saml.signing_certificate_expired") {
    return !changed_since(history, "connection.provider_changed", attempt.at);
  }
  return true;
}

/// Who is no employee does not become one because a domain was added since.
Obstacle obstacle_of_stranger(const SignInHistory& history, const Diagnosis& diagnosis) {
  const std::string_view finding = diagnosis.attempt->finding;
  if (history.deleted && finding == finding_code(Refusal::NotProvisioned)) return Obstacle::Deleted;
  if (diagnosis.obstacle != Obstacle::Mended || !finding.starts_with("identity.")) return diagnosis.obstacle;
  return history.deleted ? Obstacle::Deleted : Obstacle::Unknown;
}

}  // namespace

std::string_view to_text(Obstacle obstacle) {
  return name_of(kObstacles, obstacle);
}

Result<SignInHistory> sign_in_history(storage::Transaction& transaction, const Account& account,
                                      const Employee& employee, Timestamp now) {
  SignInHistory history{.account = account, .employee = employee};
  const Profile& profile = employee.profile;
  history.address = profile.email.empty() ? profile.user_name : profile.email;
  // The directory does not see those whose deletion is held.
  ASSIGN_OR_RETURN(const auto provisioned, find_provisioned(transaction, account.id, employee.public_id));
  history.deletion_held = !provisioned;
  history.provisioned = !provisioned || provisioned->provisioned_at.has_value();
  RETURN_IF_ERROR(add_route(transaction, history));
  RETURN_IF_ERROR(add_guesses(transaction, history, employee, now));
  ASSIGN_OR_RETURN(const auto sessions, list_sessions(transaction, account.id, employee.id, now));
  history.live_sessions = static_cast<std::int64_t>(sessions.size());
  ASSIGN_OR_RETURN(history.attempts,
                   list_attempts_about(transaction, account.id, employee.public_id, kHistoryLength));
  RETURN_IF_ERROR(add_unrecognised_attempts(transaction, history));
  ASSIGN_OR_RETURN(history.changes,
                   list_audit_about(transaction, account.id, employee.public_id, kHistoryLength));
  RETURN_IF_ERROR(add_door_changes(transaction, history, now));
  ASSIGN_OR_RETURN(history.requests,
                   list_provisioning_log(transaction, account.id, {.subject = employee.public_id},
                                         std::nullopt, kHistoryLength));
  std::erase_if(history.requests,
                [](const ProvisioningEntry& entry) { return entry.outcome == ProvisioningOutcome::Read; });
  ASSIGN_OR_RETURN(history.mail, last_link_mail(transaction, account.id, employee.id));
  return history;
}

Result<SignInHistory> sign_in_history_of_stranger(storage::Transaction& transaction, const Account& account,
                                                  std::string_view address, Timestamp now) {
  SignInHistory history{.account = account, .address = std::string(address)};
  RETURN_IF_ERROR(add_route(transaction, history));
  RETURN_IF_ERROR(add_unrecognised_attempts(transaction, history));
  if (!address.empty()) {
    ASSIGN_OR_RETURN(history.deleted, find_deleted_by_user_name(transaction, account.id, address));
    // A creation that failed is about nobody, but names them.
    ASSIGN_OR_RETURN(history.requests,
                     list_provisioning_log(transaction, account.id, {.text = std::string(address)},
                                           std::nullopt, kHistoryLength));
  }
  std::erase_if(history.requests,
                [](const ProvisioningEntry& entry) { return entry.outcome == ProvisioningOutcome::Read; });
  if (history.deleted) {
    ASSIGN_OR_RETURN(history.changes,
                     list_audit_about(transaction, account.id, history.deleted->public_id, kHistoryLength));
  }
  RETURN_IF_ERROR(add_door_changes(transaction, history, now));
  return history;
}

std::string address_of(const Attempt& attempt) {
  const auto report = json::parse(attempt.report);
  if (!report || !report->is_object()) return {};
  const auto* decision = report->as_object().if_contains("decision");
  if (decision == nullptr || !decision->is_object()) return {};
  const auto* actual = decision->as_object().if_contains("actual");
  if (actual == nullptr || !actual->is_string()) return {};
  std::string_view text(actual->as_string());
  // What identity.cpp writes where the provider sent no address.
  constexpr std::string_view kNameOnly = "none, with user name ";
  if (text.starts_with(kNameOnly)) text.remove_prefix(kNameOnly.size());
  if (text.find(' ') != std::string_view::npos || !email_domain(text)) return {};
  return std::string(text);
}

Diagnosis diagnose(const SignInHistory& history, const std::optional<Attempt>& about, Timestamp now) {
  Diagnosis diagnosis;
  const auto newest = std::ranges::find_if(
      history.attempts, [](const Attempt& attempt) { return attempt.outcome != AttemptOutcome::Test; });
  diagnosis.attempt = about;
  if (!about && newest != history.attempts.end()) diagnosis.attempt = *newest;
  if (history.employee) {
    if (const auto standing = standing_obstacle(history, *history.employee, now)) {
      diagnosis.obstacle = *standing;
      const auto change =
          std::ranges::find(history.changes, std::string("employee.deactivated"), &AuditEntry::action);
      if (change != history.changes.end()) diagnosis.change = *change;
      return diagnosis;
    }
    const auto& guessed_at = history.guesses.last_at;
    const bool by_password = history.employee->has_password && !history.account.sso_enforced_at;
    if (by_password && guessed_at && (!diagnosis.attempt || *guessed_at > diagnosis.attempt->at)) {
      diagnosis.obstacle = Obstacle::WrongPassword;
      return diagnosis;
    }
  }
  if (!diagnosis.attempt) {
    if (!history.employee) diagnosis.obstacle = history.deleted ? Obstacle::Deleted : Obstacle::Unknown;
    return diagnosis;
  }
  if (diagnosis.attempt->finding.empty()) return diagnosis;
  diagnosis.obstacle = stands(history, *diagnosis.attempt) ? Obstacle::Attempt : Obstacle::Mended;
  if (!history.employee) diagnosis.obstacle = obstacle_of_stranger(history, diagnosis);
  return diagnosis;
}

}  // namespace doorward::directory
