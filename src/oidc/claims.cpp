#include "oidc/claims.h"

#include "directory/domains.h"
#include "oidc/answers.h"
#include "session/token_bearers.h"

namespace doorward::oidc {

namespace {

void add_text(json::Object& claims, std::string_view name, const std::string& value) {
  if (!value.empty()) claims[name] = value;
}

void add_profile(json::Object& claims, const directory::Employee& employee) {
  const directory::Profile& profile = employee.profile;
  add_text(claims, "name", employee.shown_name());
  add_text(claims, "given_name", profile.given_name);
  add_text(claims, "family_name", profile.family_name);
  add_text(claims, "preferred_username", profile.user_name);
  add_text(claims, "locale", profile.locale);
  claims["updated_at"] = to_seconds(employee.updated_at);
}

/// Applications take a verified address for the person (and link accounts by it), so only a domain of this
/// account counts whose owner was proven: not an administrator's word, not the parent's of a test account.
Result<bool> is_verified(storage::Transaction& transaction, const directory::Employee& employee) {
  ASSIGN_OR_RETURN(const auto domain,
                   directory::find_matching_domain(transaction, employee.account, employee.profile.email));
  return domain && domain->account == employee.account &&
         domain->proof != directory::DomainProof::Administrator;
}

json::Array names(const std::vector<std::string>& values) {
  return json::Array(values.begin(), values.end());
}

}  // namespace

Result<json::Object> read_claims(storage::Transaction& transaction, const directory::Account& account,
                                 const directory::Employee& employee, const protocol::Scope& scope,
                                 ClaimsFor place) {
  json::Object claims{
      {"sub", employee.public_id}, {"account", account.slug}, {"account_id", account.public_id}};
  if (scope.has("profile")) add_profile(claims, employee);
  if (scope.has("email") && !employee.profile.email.empty()) {
    claims["email"] = employee.profile.email;
    ASSIGN_OR_RETURN(const bool verified, is_verified(transaction, employee));
    claims["email_verified"] = verified;
  }
  if (!scope.has("groups") && !scope.has("departments")) return claims;
  ASSIGN_OR_RETURN(const auto memberships, session::memberships_of(transaction, employee));
  if (scope.has("departments")) claims["departments"] = names(memberships.departments);
  const bool fit = place == ClaimsFor::UserInfo || memberships.groups.size() <= kMaxTokenGroups;
  if (scope.has("groups") && fit) claims["groups"] = names(memberships.groups);
  return claims;
}

}  // namespace doorward::oidc
