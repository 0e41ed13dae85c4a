#include "directory/departments.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "directory/application_access.h"
#include "directory/employee_changes.h"
#include "directory/events.h"
#include "directory/notices.h"
#include "directory/rows.h"
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

tl::unexpected<Error> too_deep() {
  return fail(ErrorKind::Refused, "directory.department_too_deep",
              "Departments go down to " + std::to_string(kMaxDepartmentLevels) +
                  " levels. Choose a place further up.");
}

/// Who is below whom, to look at without a statement for each step.
class Tree {
 public:
  explicit Tree(const std::vector<Department>& departments) {
    for (const Department& department : departments)
      parents_.emplace(department.id, department.parent);
  }

  /// From `id`, which counts, up to the top.
  int levels_above(std::optional<DepartmentId> id) const {
    int levels = 0;
    for (; id; id = parents_.at(*id))
      ++levels;
    return levels;
  }
  bool is_within(std::optional<DepartmentId> id, DepartmentId above) const {
    for (; id; id = parents_.at(*id)) {
      if (*id == above) return true;
    }
    return false;
  }
  /// From `id`, which counts, down to the lowest below it.
  int levels_below(DepartmentId id) const {
    const int own = levels_above(id);
    int lowest = own;
    for (const auto& [each, parent] : parents_) {
      if (is_within(each, id)) lowest = std::max(lowest, levels_above(each));
    }
    return lowest - own + 1;
  }

 private:
  std::unordered_map<DepartmentId, std::optional<DepartmentId>> parents_;
};

/// That a department may stand below `parent`, which is there.
Result<void> check_place(storage::Transaction& transaction, const Department& department, AccountId account,
                         DepartmentId parent) {
  ASSIGN_OR_RETURN(const auto departments, list_departments(transaction, account));
  const Tree tree(departments);
  if (tree.is_within(parent, department.id)) {
    return fail(ErrorKind::Refused, "directory.department_below_itself",
                "A department cannot be below itself. Choose a place outside of it.");
  }
  if (tree.levels_above(parent) + tree.levels_below(department.id) > kMaxDepartmentLevels) return too_deep();
  return {};
}

Result<std::string> name_of_place(storage::Transaction& transaction, AccountId account,
                                  std::optional<DepartmentId> parent) {
  if (!parent) return std::string();
  ASSIGN_OR_RETURN(Department department, load_department(transaction, account, *parent));
  return std::move(department.name);
}

/// Audit and event of the same name.
Result<void> tell_of_department(storage::Transaction& transaction, AccountId account, std::string_view what,
                                std::string_view department, const json::Object& details, const Actor& actor,
                                Timestamp now) {
  RETURN_IF_ERROR(record_audit(transaction, account, actor, what, department, details, now));
  return append_event(transaction, account, what, department, details, now);
}

/// That each employee of a department moves. Some at a time, because a department may be the whole company.
Result<void> tell_employees(storage::Transaction& transaction, AccountId account, DepartmentId from,
                            const Department& to, const Actor& actor, Timestamp now) {
  constexpr int kAtOnce = 500;
  const json::Object details = {{"changed", json::Array{"department"}}, {"department", to.public_id}};
  EmployeeId last;
  while (true) {
    ASSIGN_OR_RETURN(const auto employees,
                     transaction.all("SELECT " DIRECTORY_EMPLOYEE_COLUMNS
                                     " FROM employees AS e WHERE e.account_id = $1 AND e.department_id = $2"
                                     " AND e.id > $3 ORDER BY e.id LIMIT $4",
                                     {account, from, last, kAtOnce},
                                     [](const storage::Row& row) { return read_employee(row); }));
    for (const Employee& employee : employees)
      RETURN_IF_ERROR(tell_change(transaction, employee, "employee.updated", details, actor, now));
    if (employees.size() < kAtOnce) return {};
    last = employees.back().id;
  }
}

/// What changed, each in an entry of its own.
Result<void> record_change(storage::Transaction& transaction, AccountId account, const Department& before,
                           const Department& after, const Actor& actor, Timestamp now) {
  if (before.name != after.name) {
    RETURN_IF_ERROR(tell_of_department(transaction, account, "department.renamed", before.public_id,
                                       {{"name", after.name}, {"from", before.name}, {"to", after.name}},
                                       actor, now));
  }
  if (before.parent == after.parent) return {};
  ASSIGN_OR_RETURN(const std::string from, name_of_place(transaction, account, before.parent));
  ASSIGN_OR_RETURN(const std::string to, name_of_place(transaction, account, after.parent));
  return tell_of_department(transaction, account, "department.moved", before.public_id,
                            {{"name", after.name}, {"from", from}, {"to", to}}, actor, now);
}

}  // namespace

Result<Department> create_department(storage::Transaction& transaction, const NewDepartment& department,
                                     const Actor& actor, Timestamp now) {
  const std::string_view name = trim(department.name);
  RETURN_IF_ERROR(check_value("name", name, Presence::Required));
  if (department.parent) {
    int levels = 1;
    for (auto above = department.parent; above; ++levels) {
      if (levels == kMaxDepartmentLevels) return too_deep();
      ASSIGN_OR_RETURN(const Department each, load_department(transaction, department.account, *above));
      above = each.parent;
    }
  }
  ASSIGN_OR_RETURN(
      std::optional<Department> created,
      transaction.first("INSERT INTO departments (account_id, public_id, parent_id, name, name_key)"
                        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING " DEPARTMENT_COLUMNS,
                        {department.account, department.public_id, department.parent, name, fold_case(name)},
                        read_department));
  if (!created) return name_taken(name);
  RETURN_IF_ERROR(tell_of_department(transaction, department.account, "department.created",
                                     department.public_id, {{"name", name}}, actor, now));
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

Result<std::vector<DepartmentCount>> count_by_department(storage::Transaction& transaction,
                                                         AccountId account) {
  return transaction.all(
      "SELECT department_id, count(*) FROM employees WHERE account_id = $1 GROUP BY department_id", {account},
      [](const storage::Row& row) {
        return DepartmentCount{.department = row.id<DepartmentId>(0), .employees = row.integer(1)};
      });
}

Result<Department> change_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                                     std::string_view name, std::optional<DepartmentId> parent,
                                     const Actor& actor, Timestamp now) {
  const std::string_view trimmed = trim(name);
  RETURN_IF_ERROR(check_value("name", trimmed, Presence::Required));
  ASSIGN_OR_RETURN(const Department before, load_department(transaction, account, id));
  if (parent && parent != before.parent) {
    RETURN_IF_ERROR(load_department(transaction, account, *parent));
    RETURN_IF_ERROR(check_place(transaction, before, account, *parent));
  }
  const std::string key = fold_case(trimmed);
  ASSIGN_OR_RETURN(
      const auto sibling,
      transaction.first("SELECT id FROM departments WHERE account_id = $1 AND COALESCE(parent_id, 0) = $2"
                        " AND name_key = $3 AND id <> $4",
                        {account, parent.value_or(DepartmentId{}), key, id},
                        [](const storage::Row& row) { return row.integer(0); }));
  if (sibling) return name_taken(trimmed);
  // A rule for a department above counts as long as this one is below it.
  std::vector<ApplicationId> applications;
  if (parent != before.parent) {
    ASSIGN_OR_RETURN(applications, applications_chosen_by_department(transaction, account, id));
  }
  Department after = before;
  after.name = trimmed;
  after.parent = parent;
  RETURN_IF_ERROR(
      transaction.execute("UPDATE departments SET name = $3, name_key = $4, parent_id = $5"
                          " WHERE account_id = $1 AND id = $2",
                          {account, id, trimmed, key, parent}));
  RETURN_IF_ERROR(end_unfit_grants_of_applications(transaction, account, applications, now));
  RETURN_IF_ERROR(record_change(transaction, account, before, after, actor, now));
  return after;
}

Result<Department> rename_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                                     std::string_view name, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Department department, load_department(transaction, account, id));
  return change_department(transaction, account, id, name, department.parent, actor, now);
}

Result<Department> move_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                                   std::optional<DepartmentId> parent, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Department department, load_department(transaction, account, id));
  return change_department(transaction, account, id, department.name, parent, actor, now);
}

Result<void> set_default_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                                    const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Department department, load_department(transaction, account, id));
  if (department.is_default) return {};
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE departments SET is_default = 0 WHERE account_id = $1 AND is_default = 1", {account}));
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE departments SET is_default = 1 WHERE account_id = $1 AND id = $2", {account, id}));
  return tell_of_department(transaction, account, "department.made_default", department.public_id,
                            {{"name", department.name}}, actor, now);
}

Result<DepartmentDeletion> delete_department(storage::Transaction& transaction, AccountId account,
                                             DepartmentId id, const Actor& actor, Timestamp now) {
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
  DepartmentDeletion deletion;
  ASSIGN_OR_RETURN(deletion.fallback, default_department(transaction, account));
  ASSIGN_OR_RETURN(const auto applications, applications_chosen_by_department(transaction, account, id));
  RETURN_IF_ERROR(tell_employees(transaction, account, id, deletion.fallback, actor, now));
  ASSIGN_OR_RETURN(
      deletion.employees_moved,
      transaction.execute("UPDATE employees SET department_id = $3, version = version + 1, updated_at = $4"
                          " WHERE account_id = $1 AND department_id = $2",
                          {account, id, deletion.fallback.id, now}));
  ASSIGN_OR_RETURN(
      deletion.groups_unmapped,
      transaction.execute("UPDATE directory_groups SET department_id = NULL, version = version + 1,"
                          " updated_at = $3 WHERE account_id = $1 AND department_id = $2",
                          {account, id, now}));
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM departments WHERE account_id = $1 AND id = $2", {account, id}));
  RETURN_IF_ERROR(end_unfit_grants_of_applications(transaction, account, applications, now));
  // What is kept of the employees in memory says where they are.
  if (deletion.employees_moved > 0) RETURN_IF_ERROR(send_notice(transaction, {.account = account}));
  RETURN_IF_ERROR(tell_of_department(transaction, account, "department.deleted", department.public_id,
                                     {{"name", department.name},
                                      {"employees_moved", deletion.employees_moved},
                                      {"groups_unmapped", deletion.groups_unmapped}},
                                     actor, now));
  return deletion;
}

}  // namespace doorward::directory
