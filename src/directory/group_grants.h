#pragma once

#include <functional>
#include <optional>
#include <string>

#include "directory/groups.h"

/// What a mapped group gives its members and takes back from them. Only for the sources of groups.h.
namespace doorward::directory {

/// Of an employee, as far as groups are concerned.
struct MemberState {
  EmployeeId id;
  std::string public_id;
  bool active = false;
  bool administrator = false;
  /// Rights from groups ended with a deactivation.
  bool rights_void = false;
  /// The group that gave the administrator rights.
  std::optional<GroupId> administrator_group;
  DepartmentId department;
  /// The directory deleted the employee while the brake was on.
  bool deletion_held = false;
};

#define DIRECTORY_MEMBER_STATE_COLUMNS                                                                      \
  "e.id, e.public_id, e.active, e.administrator, e.rights_void, e.administrator_group_id, e.department_id," \
  " e.deletion_held_at IS NOT NULL"
MemberState read_member_state(const storage::Row& row, int first = 0);

/// Calls `on_member` for each member in the order of joining. It may change employees.
Result<void> for_each_member(storage::Transaction& transaction, AccountId account, GroupId group,
                             const std::function<Result<void>(const MemberState&)>& on_member);

enum class VoidRights : std::uint8_t { StayVoid, AreGranted };

/// Whose word it is: the account a group is in, who acts, and when.
struct GroupChange {
  AccountId account;
  const Group& group;
  const Actor& actor;
  Timestamp now;
};

/// Administrator rights, when the group grants them.
Result<void> give_rights(storage::Transaction& transaction, const GroupChange& change,
                         const MemberState& member, VoidRights void_rights);
/// Those that this group gave; another granting group of the employee takes them over.
Result<void> take_rights(storage::Transaction& transaction, const GroupChange& change,
                         const MemberState& member);

/// The department that the group maps to, if it does.
Result<void> give_department(storage::Transaction& transaction, const GroupChange& change,
                             const MemberState& member);
/// To the default department, unless the employee has been moved since or another group holds them there.
Result<void> take_department(storage::Transaction& transaction, const GroupChange& change,
                             const MemberState& member);

}  // namespace doorward::directory
