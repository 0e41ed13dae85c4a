#include "directory/application_uses.h"

#include <algorithm>

#include "base/check.h"
#include "directory/grant_rows.h"
#include "directory/rows.h"

namespace doorward::directory {
namespace {

/// Nothing is written while the last use is as good as now. Two nodes may be late in any order.
#define DIRECTORY_LATER_USE                                             \
  " ON CONFLICT (account_id, application_id, COALESCE(employee_id, 0))" \
  " DO UPDATE SET last_used_at = excluded.last_used_at WHERE application_uses.last_used_at <= "

/// Of `application_uses AS u`. The last is the newest use of what lives, which is written each minute: null
/// when nothing lives. The plus sign keeps SQLite from reading all grants of the application.
#define DIRECTORY_USE_COLUMNS(now) \
  "u.first_used_at, u.last_used_at,"                                                              \
  " (SELECT max(g.last_used_at) FROM grants AS g" DIRECTORY_LIVING_SESSION(now)                   \
  "  WHERE g.account_id = u.account_id AND g.employee_id = u.employee_id"                         \
  "  AND +g.application_id = u.application_id AND " DIRECTORY_GRANT_LIVES(now) ")"
constexpr int kUseColumns = 3;

ApplicationUse read_use(const storage::Row& row) {
  ApplicationUse use;
  use.first_used_at = row.time(0);
  const auto living = row.optional_time(2);
  use.signed_in = living.has_value();
  use.last_used_at = std::max(row.time(1), living.value_or(Timestamp::min()));
  return use;
}

}  // namespace

Result<void> record_use(storage::Transaction& transaction, AccountId account, ApplicationId application,
                        std::optional<EmployeeId> employee, Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO application_uses (account_id, application_id, employee_id, first_used_at, last_used_at)"
      " VALUES ($1, $2, $3, $4, $4)" DIRECTORY_LATER_USE "$5",
      {account, application, employee, now, now - kUseInterval}));
  return {};
}

Result<void> record_use(storage::Transaction& transaction, AccountId account, GrantId grant, Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO application_uses (account_id, application_id, employee_id, first_used_at, last_used_at)"
      " SELECT g.account_id, g.application_id, g.employee_id, $3, $3 FROM grants AS g"
      " WHERE g.account_id = $1 AND g.id = $2" DIRECTORY_LATER_USE "$4",
      {account, grant, now, now - kUseInterval}));
  return {};
}

Result<std::vector<ApplicationUse>> list_uses_of_application(storage::Transaction& transaction,
                                                             AccountId account, ApplicationId application,
                                                             Timestamp now, int limit) {
  return transaction.all(
      "SELECT " DIRECTORY_USE_COLUMNS(
          "$3") ", " DIRECTORY_EMPLOYEE_COLUMNS
                " FROM application_uses AS u JOIN employees AS e ON e.account_id = u.account_id AND e.id = "
                "u.employee_id"
                " WHERE u.account_id = $1 AND u.application_id = $2 ORDER BY u.last_used_at DESC LIMIT $4",
      {account, application, now, limit}, [](const storage::Row& row) {
        ApplicationUse use = read_use(row);
        const Employee employee = read_employee(row, kUseColumns);
        use.employee_public_id = employee.public_id;
        use.employee_name = employee.shown_name();
        use.employee_active = employee.active;
        return use;
      });
}

Result<std::vector<ApplicationUse>> list_uses_of_employee(storage::Transaction& transaction,
                                                          AccountId account, EmployeeId employee,
                                                          Timestamp now, int limit) {
  return transaction.all(
      "SELECT " DIRECTORY_USE_COLUMNS("$3") ", p.name, p.client_id, p.kind"
      " FROM application_uses AS u JOIN applications AS p ON p.id = u.application_id"
      " WHERE u.account_id = $1 AND u.employee_id = $2 ORDER BY u.last_used_at DESC LIMIT $4",
      {account, employee, now, limit}, [](const storage::Row& row) {
        ApplicationUse use = read_use(row);
        use.application_name = row.text(kUseColumns);
        use.client_id = row.text(kUseColumns + 1);
        // One of our own CHECK constraints let it into the database.
        const auto kind = parse_application_kind(row.text(kUseColumns + 2));
        CHECK(kind.has_value());
        use.kind = *kind;
        return use;
      });
}

Result<std::int64_t> count_users(storage::Transaction& transaction, AccountId account,
                                 ApplicationId application) {
  ASSIGN_OR_RETURN(
      const auto number,
      // The plus sign keeps SQLite from reading what the account's people used of everything.
      transaction.first("SELECT count(*) FROM application_uses WHERE account_id = $1"
                        " AND application_id = $2 AND +employee_id IS NOT NULL",
                        {account, application}, [](const storage::Row& row) { return row.integer(0); }));
  return *number;
}

Result<std::optional<Timestamp>> last_use(storage::Transaction& transaction, AccountId account,
                                          ApplicationId application, Timestamp now) {
  ASSIGN_OR_RETURN(
      std::optional<Timestamp> last,
      transaction.first("SELECT last_used_at FROM application_uses WHERE account_id = $1"
                        " AND application_id = $2 ORDER BY last_used_at DESC LIMIT 1",
                        {account, application}, [](const storage::Row& row) { return row.time(0); }));
  ASSIGN_OR_RETURN(const auto living, list_grants_of_application(transaction, account, application, now, 1));
  if (!living.empty()) last = std::max(last.value_or(Timestamp::min()), living.front().grant.last_used_at);
  return last;
}

Result<void> delete_uses(storage::Transaction& transaction, AccountId account, ApplicationId application) {
  RETURN_IF_ERROR(transaction.execute(
      "DELETE FROM application_uses WHERE account_id = $1 AND application_id = $2", {account, application}));
  return {};
}

}  // namespace doorward::directory
