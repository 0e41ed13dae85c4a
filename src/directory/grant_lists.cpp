#include "base/check.h"
#include "directory/grant_rows.h"
#include "directory/rows.h"

namespace doorward::directory {
namespace {

ListedGrant read_listed(const storage::Row& row) {
  ListedGrant listed;
  listed.grant = read_grant(row);
  listed.application_name = row.text(kGrantColumns);
  listed.client_id = row.text(kGrantColumns + 1);
  // One of our own CHECK constraints let it into the database.
  const auto kind = parse_application_kind(row.text(kGrantColumns + 2));
  CHECK(kind.has_value());
  listed.kind = *kind;
  return listed;
}

}  // namespace

Result<std::vector<ListedGrant>> list_grants_of_employee(storage::Transaction& transaction, AccountId account,
                                                         EmployeeId employee, Timestamp now, int limit) {
  return transaction.all(
      "SELECT " DIRECTORY_GRANT_COLUMNS
      ", p.name, p.client_id, p.kind FROM grants AS g JOIN applications AS p ON p.id = g.application_id"
      DIRECTORY_LIVING_SESSION("$3")
      " WHERE g.account_id = $1 AND g.employee_id = $2 AND " DIRECTORY_GRANT_LIVES("$3")
      " ORDER BY g.last_used_at DESC LIMIT $4",
      {account, employee, now, limit}, read_listed);
}

Result<std::vector<ListedGrant>> list_grants_of_application(storage::Transaction& transaction,
                                                            AccountId account, ApplicationId application,
                                                            Timestamp now, int limit) {
  return transaction.all(
      "SELECT " DIRECTORY_GRANT_COLUMNS ", p.name, p.client_id, p.kind, " DIRECTORY_EMPLOYEE_COLUMNS
      " FROM grants AS g JOIN applications AS p ON p.id = g.application_id"
      " LEFT JOIN employees AS e ON e.account_id = g.account_id AND e.id = g.employee_id"
      DIRECTORY_LIVING_SESSION("$3")
      " WHERE g.account_id = $1 AND g.application_id = $2 AND " DIRECTORY_GRANT_LIVES("$3")
      " ORDER BY g.last_used_at DESC LIMIT $4",
      {account, application, now, limit}, [](const storage::Row& row) {
        ListedGrant listed = read_listed(row);
        if (row.is_null(kGrantColumns + 3)) return listed;
        const Employee employee = read_employee(row, kGrantColumns + 3);
        listed.employee_public_id = employee.public_id;
        listed.employee_name = employee.shown_name();
        return listed;
      });
}

}  // namespace doorward::directory
