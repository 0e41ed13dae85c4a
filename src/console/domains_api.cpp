#include "console/domains_api.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "console/views.h"
#include "directory/accounts.h"
#include "directory/census.h"
#include "directory/domain_claims.h"
#include "directory/domains.h"
#include "setup/domain_proof.h"

namespace doorward::console {

namespace {

constexpr std::array<std::string_view, 1> kDomainMembers = {"name"};

json::Object claim_view(const directory::DomainClaim& claim) {
  return {{"name", claim.name},
          {"recordName", claim.record_name()},
          {"recordValue", claim.record_value},
          {"claimedAt", format_rfc3339(claim.claimed_at)},
          {"checkedAt", time_or_null(claim.checked_at)},
          {"finding", claim.finding}};
}

json::Object checked(std::string_view name, const setup::DomainCheck& check) {
  return {{"name", name}, {"proven", check.proven}, {"finding", check.finding}};
}

Result<std::optional<directory::Domain>> find_domain(storage::Transaction& transaction,
                                                     directory::AccountId account, std::string_view name) {
  ASSIGN_OR_RETURN(auto domains, directory::list_domains(transaction, account));
  const auto found = std::ranges::find(domains, to_ascii_lower(trim(name)), &directory::Domain::name);
  if (found == domains.end()) return std::nullopt;
  return std::move(*found);
}

tl::unexpected<Error> no_such_domain() {
  return fail(ErrorKind::NotFound, directory::kNoDomainClaim,
              "Your company has no such domain. Somebody may have removed it: look at the list again.");
}

/// Nobody takes a domain away that others count on.
Result<void> may_be_removed(storage::Transaction& transaction, const directory::Domain& domain) {
  if (domain.proof == directory::DomainProof::Support) {
    return fail(ErrorKind::Refused, "api.domain_of_support",
                "Support added this domain; ask support to remove it.");
  }
  ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, domain.account));
  if (!account.sso_enforced_at) return {};
  ASSIGN_OR_RETURN(const auto inside,
                   directory::count_active_in_domain(transaction, account.id, domain.name));
  if (inside == 0) return {};
  return fail(
      ErrorKind::Conflict, "api.domain_in_use",
      fmt::format("{} {} in {}, and single sign-on is the only way in: without the domain they would "
                  "be locked out. Change their addresses first.",
                  inside, inside == 1 ? "active employee has an address" : "active employees have addresses",
                  domain.name));
}

/// What the check comes to. The claim may have been proven, withdrawn or made anew while the name server was
/// asked.
Result<setup::DomainCheck> conclude(storage::Transaction& transaction, const Admission& admission,
                                    const directory::DomainClaim& claim, setup::DomainCheck check,
                                    Timestamp now) {
  ASSIGN_OR_RETURN(const auto current,
                   directory::find_domain_claim(transaction, admission.account(), claim.name));
  if (!current || current->id != claim.id) return no_such_domain();
  if (check.proven) {
    const auto domain =
        directory::prove_domain(transaction, admission.account(), claim.id, admission.actor(), now);
    if (domain) return check;
    if (domain.error().kind != ErrorKind::Conflict) return fail(domain.error());
    check = {false, "The record is right, but it is too late: " + domain.error().message + " Ask support."};
  }
  RETURN_IF_ERROR(
      directory::record_domain_check(transaction, admission.account(), claim.id, check.finding, now));
  return check;
}

}  // namespace

Result<json::Object> DomainsApi::list(storage::Transaction& transaction, const Admission& admission) const {
  const directory::AccountId account = admission.account();
  ASSIGN_OR_RETURN(const auto domains, directory::list_domains(transaction, account));
  ASSIGN_OR_RETURN(const auto claims, directory::list_domain_claims(transaction, account));
  json::Array shown_domains;
  for (const directory::Domain& domain : domains) {
    json::Object shown = view(domain);
    ASSIGN_OR_RETURN(shown["activeEmployees"],
                     directory::count_active_in_domain(transaction, account, domain.name));
    shown_domains.push_back(std::move(shown));
  }
  json::Array shown_claims;
  for (const directory::DomainClaim& claim : claims)
    shown_claims.push_back(claim_view(claim));
  return json::Object{{"domains", std::move(shown_domains)},
                      {"claims", std::move(shown_claims)},
                      {"proofRequired", demands_proof(admission)}};
}

/// An administrator's word may be enough; that of whoever was given a setup link is not an administrator's.
bool DomainsApi::demands_proof(const Admission& admission) const {
  return demand_ == Demand::Proof || admission.delegate.has_value();
}

Result<http::Response> DomainsApi::domains(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto shown, deps_.database.read([&](storage::Transaction& transaction) {
    return list(transaction, admission);
  }));
  return answer(shown);
}

Result<http::Response> DomainsApi::add(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kDomainMembers));
  ASSIGN_OR_RETURN(const auto given, json::optional_string(body, "name"));
  const std::string name(given.value_or(""));
  const Timestamp now = deps_.clock.now();
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    RETURN_IF_ERROR(still_admitted(transaction, admission, now));
    if (demands_proof(admission)) {
      RETURN_IF_ERROR(
          directory::claim_domain(transaction, admission.account(), name, admission.actor(), now));
    } else {
      RETURN_IF_ERROR(directory::add_domain(
          transaction,
          {.account = admission.account(), .name = name, .proof = directory::DomainProof::Administrator},
          admission.actor(), now));
    }
    ASSIGN_OR_RETURN(const auto shown, list(transaction, admission));
    return answer(shown, http::Status::Created);
  });
}

Result<http::Response> DomainsApi::check(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto claim, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::find_domain_claim(transaction, admission.account(), request.parameter("name"));
  }));
  if (!claim) return no_such_domain();
  ASSIGN_OR_RETURN(const CheckGuard::Turn turn, guard_.begin(admission.account(), deps_.clock.now()));
  const setup::DomainCheck found = setup::check_domain(*claim, look_up_(claim->record_name()));
  const Timestamp now = deps_.clock.now();
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    RETURN_IF_ERROR(still_admitted(transaction, admission, now));
    ASSIGN_OR_RETURN(const auto concluded, conclude(transaction, admission, *claim, found, now));
    ASSIGN_OR_RETURN(auto shown, list(transaction, admission));
    shown["checked"] = checked(claim->name, concluded);
    return answer(shown);
  });
}

Result<http::Response> DomainsApi::remove(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  const std::string& name = request.parameter("name");
  const Timestamp now = deps_.clock.now();
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    RETURN_IF_ERROR(still_admitted(transaction, admission, now));
    ASSIGN_OR_RETURN(const auto domain, find_domain(transaction, admission.account(), name));
    if (domain) {
      RETURN_IF_ERROR(may_be_removed(transaction, *domain));
      RETURN_IF_ERROR(
          directory::remove_domain(transaction, admission.account(), name, admission.actor(), now));
    } else {
      ASSIGN_OR_RETURN(const auto claim,
                       directory::find_domain_claim(transaction, admission.account(), name));
      if (!claim) return no_such_domain();
      RETURN_IF_ERROR(
          directory::withdraw_domain_claim(transaction, admission.account(), name, admission.actor(), now));
    }
    ASSIGN_OR_RETURN(const auto shown, list(transaction, admission));
    return answer(shown);
  });
}

}  // namespace doorward::console
