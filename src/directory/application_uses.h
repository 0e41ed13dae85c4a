#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "directory/applications.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Who used which application, and when. What an application was given ends (grants.h); that it was used
/// stays known as long as the application and the employee are there.
namespace doorward::directory {

struct ApplicationUse {
  /// Of lists by employee.
  std::string application_name = {};
  std::string client_id = {};
  ApplicationKind kind = ApplicationKind::Web;
  /// Of lists by application.
  std::string employee_public_id = {};
  std::string employee_name = {};
  bool employee_active = false;

  Timestamp first_used_at;
  Timestamp last_used_at;
  /// A grant lives: the employee is signed in to it now.
  bool signed_in = false;
};

/// How far the stored time of the last use may lag behind: pages ask for each of their pictures who it is
/// for.
inline constexpr std::chrono::minutes kUseInterval{5};

/// Signing in to it and staying there count as use. No employee: a service, which acts for itself.
Result<void> record_use(storage::Transaction& transaction, AccountId account, ApplicationId application,
                        std::optional<EmployeeId> employee, Timestamp now);
/// Of whatever the grant is for; nothing when it has ended.
Result<void> record_use(storage::Transaction& transaction, AccountId account, GrantId grant, Timestamp now);

/// The last first, at most `limit`; services have none.
Result<std::vector<ApplicationUse>> list_uses_of_application(storage::Transaction& transaction,
                                                             AccountId account, ApplicationId application,
                                                             Timestamp now, int limit);
Result<std::vector<ApplicationUse>> list_uses_of_employee(storage::Transaction& transaction,
                                                          AccountId account, EmployeeId employee,
                                                          Timestamp now, int limit);
/// How many of the account's employees have used it.
Result<std::int64_t> count_users(storage::Transaction& transaction, AccountId account,
                                 ApplicationId application);
/// By anybody of the account, or by itself; nothing: never.
Result<std::optional<Timestamp>> last_use(storage::Transaction& transaction, AccountId account,
                                          ApplicationId application, Timestamp now);
/// All of them, for an application that goes.
Result<void> delete_uses(storage::Transaction& transaction, AccountId account, ApplicationId application);

}  // namespace doorward::directory
