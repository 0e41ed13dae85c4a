#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Groups of the company's directory and who is in them. A membership is a row: concurrent changes lose
/// nothing, and a change costs by what changes, not by the size of the group.
namespace doorward::directory {

struct Group {
  GroupId id;
  std::string public_id;
  std::string display_name;
  std::string external_id;
  /// Grows with every change of the group or its members.
  std::int64_t version = 1;
  /// What an administrator made of the group.
  bool grants_administrator = false;
  std::optional<DepartmentId> department;
  Timestamp created_at;
  Timestamp updated_at;
};

struct NewGroup {
  AccountId account;
  std::string display_name;
  std::string external_id = {};
  std::string public_id = new_public_id();
};

inline constexpr ErrorCode kGroupExists = "directory.group_exists";
inline constexpr ErrorCode kNoGroup = "directory.no_group";
inline constexpr ErrorCode kNoSuchMember = "directory.no_such_member";

/// Two groups may have the same display name only when both have external ids and these differ, as two groups
/// of Entra may (`kGroupExists` otherwise): a create that is sent again after a time-out makes no second
/// group.
Result<Group> create_group(storage::Transaction& transaction, const NewGroup& group, const Actor& actor,
                           Timestamp now);
Result<Group> load_group(storage::Transaction& transaction, AccountId account, GroupId id);
Result<std::optional<Group>> find_group(storage::Transaction& transaction, AccountId account,
                                        std::string_view public_id);

enum class GroupKey : std::uint8_t { PublicId, DisplayName, ExternalId };
/// All that match, in the order of creation, at most `limit`.
Result<std::vector<Group>> find_groups_by(storage::Transaction& transaction, AccountId account, GroupKey key,
                                          std::string_view value, int limit);
/// In the order of creation, after `skip` groups or behind `after`, until `on_group` returns false.
Result<void> scan_groups(storage::Transaction& transaction, AccountId account, std::optional<GroupId> after,
                         std::int64_t skip, const std::function<bool(const Group&)>& on_group);
Result<std::int64_t> count_groups(storage::Transaction& transaction, AccountId account);

/// Does nothing when nothing differs. Refuses what `create_group` refuses.
Result<Group> update_group(storage::Transaction& transaction, AccountId account, GroupId id,
                           std::string_view display_name, std::string_view external_id, const Actor& actor,
                           Timestamp now);
/// Takes away what the group granted.
Result<void> delete_group(storage::Transaction& transaction, AccountId account, GroupId id,
                          const Actor& actor, Timestamp now);

struct Member {
  std::int64_t position = 0;  ///< Grows in the order of joining.
  EmployeeId id;
  std::string public_id;
  std::string shown_name;
};
/// In the order of joining, behind `after`'s position (0: from the beginning), at most `limit`. Employees in
/// held deletion are not there.
Result<std::vector<Member>> list_members(storage::Transaction& transaction, AccountId account, GroupId group,
                                         std::int64_t after, int limit);
Result<bool> is_member(storage::Transaction& transaction, AccountId account, GroupId group,
                       EmployeeId employee);
/// The groups of an employee, by display name.
Result<std::vector<Group>> groups_of(storage::Transaction& transaction, AccountId account,
                                     EmployeeId employee);

/// Public ids of employees. Adding a member twice and removing somebody who is none change nothing; an id
/// that is no employee of the account is `kNoSuchMember` when adding (nothing is added then) and is passed
/// over when removing. Whoever joins a group that maps to a department moves there; whoever joins one that
/// grants administrator rights gets them, unless they are inactive or their rights are void since a
/// deactivation. Leaving takes back what this group gave: the rights, and the department in favour of the
/// default one, unless another group of the employee gives the same; the last administrator may go by the
/// directory's word, not by a person's. Each says how many memberships changed, and writes one audit entry
/// and one event
/// (`group.members_changed`) with at most 100 of the ids.
Result<std::int64_t> add_members(storage::Transaction& transaction, AccountId account, GroupId group,
                                 std::span<const std::string> employees, const Actor& actor, Timestamp now);
Result<std::int64_t> remove_members(storage::Transaction& transaction, AccountId account, GroupId group,
                                    std::span<const std::string> employees, const Actor& actor,
                                    Timestamp now);
/// Exactly these: joins and leaves are told apart, so that who stays keeps everything.
Result<std::int64_t> replace_members(storage::Transaction& transaction, AccountId account, GroupId group,
                                     std::span<const std::string> employees, const Actor& actor,
                                     Timestamp now);

/// What a group means here, chosen by an administrator; by default nothing.
struct GroupMapping {
  bool grants_administrator = false;
  std::optional<DepartmentId> department = {};
};
/// Applies to the members at once, also when something is taken back; what the group gave before is not given
/// again. Active members whose rights are void are granted them as well: this is the administrator's own
/// word. A person cannot take the last administrator's rights in this way (`kLastAdministrator`).
Result<void> map_group(storage::Transaction& transaction, AccountId account, GroupId id,
                       const GroupMapping& mapping, const Actor& actor, Timestamp now);

}  // namespace doorward::directory
