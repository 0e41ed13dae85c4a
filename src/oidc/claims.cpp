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
    ASSIGN_OR_RETURN(const bool verified,
                     directory::is_verified_email(transaction, employee.account, employee.profile.email));
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
