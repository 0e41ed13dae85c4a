#include "directory/application_access.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "base/text.h"
#include "directory/grant_endings.h"
#include "directory/notices.h"

namespace doorward::directory {
namespace {

/// Whether a rule of application $2 in account $1 names the department $3, one above it, or a group of
/// employee $4.
Result<bool> fits_a_rule(storage::Transaction& transaction, AccountId account, ApplicationId application,
                         const Employee& employee) {
  ASSIGN_OR_RETURN(
      const auto found,
      transaction.first(
          "WITH RECURSIVE above (id, parent_id) AS ("
          " SELECT d.id, d.parent_id FROM departments AS d WHERE d.account_id = $1 AND d.id = $3"
          " UNION SELECT d.id, d.parent_id FROM above JOIN departments AS d"
          "  ON d.account_id = $1 AND d.id = above.parent_id)"
          " SELECT 1 FROM application_rules AS r WHERE r.account_id = $1 AND r.application_id = $2"
          " AND (r.department_id IN (SELECT id FROM above) OR r.group_id IN"
          "  (SELECT m.group_id FROM group_members AS m WHERE m.account_id = $1 AND m.employee_id = $4))"
          " LIMIT 1",
          {account, application, employee.department, employee.id},
          [](const storage::Row& row) { return row.integer(0); }));
  return found.has_value();
}

bool is_within(std::string_view scope, std::string_view allowed) {
  const std::vector<std::string_view> names = split(allowed, ' ');
  return std::ranges::all_of(split(scope, ' '), [&](std::string_view name) {
    return name.empty() || std::ranges::find(names, name) != names.end();
  });
}

/// Ends them and makes the caches forget the employees.
Result<EndedGrants> end_and_tell(storage::Transaction& transaction, AccountId account,
                                 const std::vector<EndingGrant>& unfit, Timestamp now) {
  if (unfit.empty()) return EndedGrants{};
  std::vector<EmployeeId> told;
  for (const EndingGrant& grant : unfit) {
    if (!grant.employee || std::ranges::find(told, *grant.employee) != told.end()) continue;
    told.push_back(*grant.employee);
    RETURN_IF_ERROR(send_notice(transaction, {.account = account, .employee = grant.employee}));
  }
  return end_grants(transaction, account, unfit, LogoutReach::Everywhere, now);
}

}  // namespace

Result<bool> may_use(storage::Transaction& transaction, const Application& application,
                     const Employee& employee) {
  if (!application.settings.active || !employee.active || !application.serves(employee.account)) return false;
  switch (application.settings.access) {
    case ApplicationAccess::Everyone:
      return true;
    case ApplicationAccess::Administrators:
      return employee.administrator;
    case ApplicationAccess::Chosen:
      break;
  }
  return fits_a_rule(transaction, employee.account, application.id, employee);
}

Result<std::vector<AccountId>> accounts_served(storage::Transaction& transaction,
                                               const Application& application) {
  if (application.account) return std::vector<AccountId>{*application.account};
  return transaction.all("SELECT id FROM accounts ORDER BY id", {},
                         [](const storage::Row& row) { return row.id<AccountId>(0); });
}

Result<EndedGrants> end_unfit_grants_of_employee(storage::Transaction& transaction, AccountId account,
                                                 EmployeeId employee, Timestamp now) {
  // Most employees have no grant at such an application: then this is all.
  ASSIGN_OR_RETURN(std::vector<EndingGrant> candidates,
                   transaction.all("SELECT " DIRECTORY_ENDING_COLUMNS " FROM " DIRECTORY_ENDING_TABLES
                                   " WHERE g.account_id = $1 AND g.employee_id = $2"
                                   " AND p.access <> 'everyone'",
                                   {account, employee}, read_ending_grant));
  if (candidates.empty()) return EndedGrants{};
  ASSIGN_OR_RETURN(const Employee who, load_employee(transaction, account, employee));
  std::unordered_map<std::int64_t, bool> fits;
  std::vector<EndingGrant> unfit;
  for (EndingGrant& grant : candidates) {
    const auto known = fits.find(grant.application.value);
    bool may = false;
    if (known != fits.end()) {
      may = known->second;
    } else {
      ASSIGN_OR_RETURN(const auto application, find_application_by_id(transaction, grant.application));
      ASSIGN_OR_RETURN(may, may_use(transaction, *application, who));
      fits.emplace(grant.application.value, may);
    }
    if (!may) unfit.push_back(std::move(grant));
  }
  return end_and_tell(transaction, account, unfit, now);
}

Result<EndedGrants> end_unfit_grants_of_application(storage::Transaction& transaction, AccountId account,
                                                    const Application& application, Timestamp now) {
  ASSIGN_OR_RETURN(std::vector<EndingGrant> grants,
                   transaction.all("SELECT " DIRECTORY_ENDING_COLUMNS " FROM " DIRECTORY_ENDING_TABLES
                                   " WHERE g.account_id = $1 AND g.application_id = $2",
                                   {account, application.id}, read_ending_grant));
  std::unordered_map<std::int64_t, bool> fits;
  std::vector<EndingGrant> unfit;
  for (EndingGrant& grant : grants) {
    bool may = is_within(grant.scope, application.settings.scope);
    if (may && grant.employee) {
      const auto known = fits.find(grant.employee->value);
      if (known != fits.end()) {
        may = known->second;
      } else {
        ASSIGN_OR_RETURN(const Employee who, load_employee(transaction, account, *grant.employee));
        ASSIGN_OR_RETURN(may, may_use(transaction, application, who));
        fits.emplace(grant.employee->value, may);
      }
    }
    if (!may) unfit.push_back(std::move(grant));
  }
  return end_and_tell(transaction, account, unfit, now);
}

Result<std::vector<ApplicationId>> applications_chosen_by_department(storage::Transaction& transaction,
                                                                     AccountId account,
                                                                     DepartmentId department) {
  return transaction.all(
      "WITH RECURSIVE above (id, parent_id) AS ("
      " SELECT d.id, d.parent_id FROM departments AS d WHERE d.account_id = $1 AND d.id = $2"
      " UNION SELECT d.id, d.parent_id FROM above JOIN departments AS d"
      "  ON d.account_id = $1 AND d.id = above.parent_id)"
      // CROSS, so that SQLite begins with the departments.
      " SELECT r.application_id FROM above CROSS JOIN application_rules AS r"
      " WHERE r.account_id = $1 AND r.department_id = above.id",
      {account, department}, [](const storage::Row& row) { return row.id<ApplicationId>(0); });
}

Result<std::vector<ApplicationId>> applications_chosen_by_group(storage::Transaction& transaction,
                                                                AccountId account, GroupId group) {
  return transaction.all(
      "SELECT application_id FROM application_rules"
      " WHERE account_id = $1 AND group_id = $2",
      {account, group}, [](const storage::Row& row) { return row.id<ApplicationId>(0); });
}

Result<EndedGrants> end_unfit_grants_of_applications(storage::Transaction& transaction, AccountId account,
                                                     std::span<const ApplicationId> applications,
                                                     Timestamp now) {
  EndedGrants all;
  for (const ApplicationId id : applications) {
    ASSIGN_OR_RETURN(const auto application, find_application_by_id(transaction, id));
    if (!application) continue;
    ASSIGN_OR_RETURN(const EndedGrants ended,
                     end_unfit_grants_of_application(transaction, account, *application, now));
    all.grants += ended.grants;
    all.logouts += ended.logouts;
  }
  return all;
}

}  // namespace doorward::directory
