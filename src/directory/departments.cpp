#include "directory/departments.h"

#include "base/text.h"
#include "directory/application_access.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

#define DEPARTMENT_COLUMNS "id, public_id, parent_id, name, is_default"

Department read_department(const storage::Row& row) {
  Department department;
  department.id = row.id<DepartmentId>(0);
  department.public_id = row.text(1);
  if (!row.is_null(2)) department.parent = row.id<DepartmentId>(2);
  department.name = row.text(3);
  department.is_default = row.flag(4);
  return department;
}

tl::unexpected<Error> name_taken(std::string_view name) {
  return fail(ErrorKind::Conflict, "directory.department_exists",
              "There is a department " + printable(name) + " in this place already. Choose another name.");
}

}  // namespace

Result<Department> create_department(storage::Transaction& transaction, const NewDepartment& department,
                                     const Actor& actor, Timestamp now) {
  const std::string_view name = trim(department.name);
  RETURN_IF_ERROR(check_value("name", name, Presence::Required));
  if (department.parent) {
    RETURN_IF_ERROR(load_department(transaction, department.account, *department.parent));
  }
  ASSIGN_OR_RETURN(
      std::optional<Department> created,
      transaction.first("INSERT INTO departments (account_id, public_id, parent_id, name, name_key)"
                        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING " DEPARTMENT_COLUMNS,
                        {department.account, department.public_id, department.parent, name, fold_case(name)},
                        read_department));
  if (!created) return name_taken(name);
  RETURN_IF_ERROR(record_audit(transaction, department.account, actor, "department.created",
                               department.public_id, {{"name", name}}, now));
  return *std::move(created);
}

Result<Department> load_department(storage::Transaction& transaction, AccountId account, DepartmentId id) {
  ASSIGN_OR_RETURN(
      std::optional<Department> department,
      transaction.first("SELECT " DEPARTMENT_COLUMNS " FROM departments WHERE account_id = $1 AND id = $2",
                        {account, id}, read_department));
  if (!department) {
    return fail(ErrorKind::NotFound, "directory.no_department", "The department does not exist any more.");
  }
  return *std::move(department);
}

Result<Department> default_department(storage::Transaction& transaction, AccountId account) {
  ASSIGN_OR_RETURN(std::optional<Department> department,
                   transaction.first("SELECT " DEPARTMENT_COLUMNS
                                     " FROM departments WHERE account_id = $1 AND is_default = 1",
                                     {account}, read_department));
  if (!department) {
    return fail(ErrorKind::NotFound, "directory.no_account", "The account does not exist any more.");
  }
  return *std::move(department);
}

Result<std::optional<Department>> find_department(storage::Transaction& transaction, AccountId account,
                                                  std::string_view public_id) {
  return transaction.first("SELECT " DEPARTMENT_COLUMNS
                           " FROM departments WHERE account_id = $1 AND public_id = $2",
                           {account, to_ascii_lower(public_id)}, read_department);
}

Result<std::vector<Department>> list_departments(storage::Transaction& transaction, AccountId account) {
  return transaction.all("SELECT " DEPARTMENT_COLUMNS
                         " FROM departments WHERE account_id = $1 ORDER BY name_key, id",
                         {account}, read_department);
}

Result<void> rename_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                               std::string_view name, const Actor& actor, Timestamp now) {
  const std::string_view trimmed = trim(name);
  RETURN_IF_ERROR(check_value("name", trimmed, Presence::Required));
  ASSIGN_OR_RETURN(const Department department, load_department(transaction, account, id));
  const std::string key = fold_case(trimmed);
  ASSIGN_OR_RETURN(
      const auto sibling,
      transaction.first("SELECT id FROM departments WHERE account_id = $1 AND COALESCE(parent_id, 0) = $2"
                        " AND name_key = $3 AND id <> $4",
                        {account, department.parent.value_or(DepartmentId{}), key, id},
                        [](const storage::Row& row) { return row.integer(0); }));
  if (sibling) return name_taken(trimmed);
  RETURN_IF_ERROR(
      transaction.execute("UPDATE departments SET name = $3, name_key = $4 WHERE account_id = $1 AND id = $2",
                          {account, id, trimmed, key}));
  return record_audit(transaction, account, actor, "department.renamed", department.public_id,
                      {{"from", department.name}, {"to", trimmed}}, now);
}

Result<void> set_default_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                                    const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Department department, load_department(transaction, account, id));
  if (department.is_default) return {};
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE departments SET is_default = 0 WHERE account_id = $1 AND is_default = 1", {account}));
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE departments SET is_default = 1 WHERE account_id = $1 AND id = $2", {account, id}));
  return record_audit(transaction, account, actor, "department.made_default", department.public_id,
                      {{"name", department.name}}, now);
}

Result<void> delete_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                               const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Department department, load_department(transaction, account, id));
  if (department.is_default) {
    return fail(ErrorKind::Refused, "directory.default_department",
                "New employees go to this department. Make another one the default before deleting it.");
  }
  ASSIGN_OR_RETURN(
      const auto child,
      transaction.first("SELECT id FROM departments WHERE account_id = $1 AND parent_id = $2 LIMIT 1",
                        {account, id}, [](const storage::Row& row) { return row.integer(0); }));
  if (child) {
    return fail(ErrorKind::Refused, "directory.department_has_children",
                "This department has departments below it. Delete or move them first.");
  }
  ASSIGN_OR_RETURN(const Department fallback, default_department(transaction, account));
  ASSIGN_OR_RETURN(const auto applications, applications_chosen_by_department(transaction, account, id));
  ASSIGN_OR_RETURN(
      const std::int64_t moved,
      transaction.execute("UPDATE employees SET department_id = $3, version = version + 1, updated_at = $4"
                          " WHERE account_id = $1 AND department_id = $2",
                          {account, id, fallback.id, now}));
  ASSIGN_OR_RETURN(
      const std::int64_t unmapped,
      transaction.execute("UPDATE directory_groups SET department_id = NULL, version = version + 1,"
                          " updated_at = $3 WHERE account_id = $1 AND department_id = $2",
                          {account, id, now}));
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM departments WHERE account_id = $1 AND id = $2", {account, id}));
  RETURN_IF_ERROR(end_unfit_grants_of_applications(transaction, account, applications, now));
  return record_audit(transaction, account, actor, "department.deleted", department.public_id,
                      {{"name", department.name}, {"employees_moved", moved}, {"groups_unmapped", unmapped}},
                      now);
}

}  // namespace doorward::directory
