#include <algorithm>

#include "base/text.h"
#include "directory/grants.h"

namespace doorward::directory {
namespace {

Result<std::string> consented_scope(storage::Transaction& transaction, AccountId account, EmployeeId employee,
                                    ApplicationId application) {
  ASSIGN_OR_RETURN(auto scope,
                   transaction.first("SELECT scope FROM consents WHERE account_id = $1 AND employee_id = $2"
                                     " AND application_id = $3",
                                     {account, employee, application},
                                     [](const storage::Row& row) { return std::string(row.text(0)); }));
  return std::move(scope).value_or("");
}

/// The names of `scope` that `consented` lacks.
std::vector<std::string_view> missing_names(std::string_view scope, std::string_view consented) {
  const std::vector<std::string_view> known = split(consented, ' ');
  std::vector<std::string_view> missing;
  for (const std::string_view name : split(scope, ' ')) {
    if (!name.empty() && std::ranges::find(known, name) == known.end()) missing.push_back(name);
  }
  return missing;
}

}  // namespace

Result<bool> has_consented(storage::Transaction& transaction, AccountId account, EmployeeId employee,
                           ApplicationId application, std::string_view scope) {
  ASSIGN_OR_RETURN(const std::string consented, consented_scope(transaction, account, employee, application));
  // Agreeing to nothing is no agreement either.
  return !consented.empty() && missing_names(scope, consented).empty();
}

Result<void> consent(storage::Transaction& transaction, AccountId account, EmployeeId employee,
                     ApplicationId application, std::string_view scope, Timestamp now) {
  ASSIGN_OR_RETURN(std::string consented, consented_scope(transaction, account, employee, application));
  for (const std::string_view name : missing_names(scope, consented)) {
    if (!consented.empty()) consented += ' ';
    consented += name;
  }
  RETURN_IF_ERROR(
      transaction.execute("INSERT INTO consents (account_id, employee_id, application_id, scope, given_at)"
                          " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, employee_id, application_id)"
                          " DO UPDATE SET scope = excluded.scope, given_at = excluded.given_at",
                          {account, employee, application, consented, now}));
  return {};
}

}  // namespace doorward::directory
