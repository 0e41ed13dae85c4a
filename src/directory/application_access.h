#pragma once

#include "directory/applications.h"
#include "directory/grants.h"

/// Ends what rules no longer allow. Whatever changes rights, departments, groups or rules calls one of these
/// in its transaction.
namespace doorward::directory {

/// After the employee lost rights, moved to another department or left a group.
Result<EndedGrants> end_unfit_grants_of_employee(storage::Transaction& transaction, AccountId account,
                                                 EmployeeId employee, Timestamp now);
/// After the application's access, rules or scope became narrower.
Result<EndedGrants> end_unfit_grants_of_application(storage::Transaction& transaction, AccountId account,
                                                    const Application& application, Timestamp now);

/// Those whose employees it may serve, and in whose caches, grants and audits it may be.
Result<std::vector<AccountId>> accounts_served(storage::Transaction& transaction,
                                               const Application& application);

/// The applications of the account with a rule for the department or one above it, or for the group: read
/// them before a deletion takes the rules along, and end what is unfit after it.
Result<std::vector<ApplicationId>> applications_chosen_by_department(storage::Transaction& transaction,
                                                                     AccountId account,
                                                                     DepartmentId department);
Result<std::vector<ApplicationId>> applications_chosen_by_group(storage::Transaction& transaction,
                                                                AccountId account, GroupId group);
Result<EndedGrants> end_unfit_grants_of_applications(storage::Transaction& transaction, AccountId account,
                                                     std::span<const ApplicationId> applications,
                                                     Timestamp now);

}  // namespace doorward::directory
