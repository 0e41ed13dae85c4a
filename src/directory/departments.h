#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

namespace doorward::directory {

/// A node of an account's tree of departments. Exactly one of an account is the default, where new employees
/// go. Siblings have different names (without regard to case).
struct Department {
  DepartmentId id;
  std::string public_id;
  std::optional<DepartmentId> parent;
  std::string name;
  bool is_default = false;
};

/// From the top down to the lowest one.
inline constexpr int kMaxDepartmentLevels = 20;

struct NewDepartment {
  AccountId account;
  std::string name;
  std::optional<DepartmentId> parent = {};
  std::string public_id = new_public_id();
};

Result<Department> create_department(storage::Transaction& transaction, const NewDepartment& department,
                                     const Actor& actor, Timestamp now);
Result<Department> load_department(storage::Transaction& transaction, AccountId account, DepartmentId id);
Result<Department> default_department(storage::Transaction& transaction, AccountId account);
Result<std::optional<Department>> find_department(storage::Transaction& transaction, AccountId account,
                                                  std::string_view public_id);
/// All of them, by name.
Result<std::vector<Department>> list_departments(storage::Transaction& transaction, AccountId account);

struct DepartmentCount {
  DepartmentId department;
  std::int64_t employees = 0;
};
/// How many employees there are in each department, not counting those below it; without the empty ones.
Result<std::vector<DepartmentCount>> count_by_department(storage::Transaction& transaction,
                                                         AccountId account);

/// Another name and another place at once, so that neither has to be free where it would only pass through.
/// `parent` is nothing for the top. Refuses a place in or below the department itself.
Result<Department> change_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                                     std::string_view name, std::optional<DepartmentId> parent,
                                     const Actor& actor, Timestamp now);
Result<Department> rename_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                                     std::string_view name, const Actor& actor, Timestamp now);
Result<Department> move_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                                   std::optional<DepartmentId> parent, const Actor& actor, Timestamp now);
Result<void> set_default_department(storage::Transaction& transaction, AccountId account, DepartmentId id,
                                    const Actor& actor, Timestamp now);

struct DepartmentDeletion {
  std::int64_t employees_moved = 0;
  std::int64_t groups_unmapped = 0;
  /// Where the employees are now.
  Department fallback;
};
/// Its employees move to the default department, and groups map to it no more. Refuses the default one and
/// one that has children.
Result<DepartmentDeletion> delete_department(storage::Transaction& transaction, AccountId account,
                                             DepartmentId id, const Actor& actor, Timestamp now);

}  // namespace doorward::directory
