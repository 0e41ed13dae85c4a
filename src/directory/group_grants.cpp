#include "directory/group_grants.h"

#include "directory/departments.h"

namespace doorward::directory {
namespace {

constexpr int kGrantPage = 500;

GroupReason reason_of(const Group& group) {
  return {.id = group.id, .public_id = group.public_id, .display_name = group.display_name};
}

/// The directory's leavers lose their rights whatever follows; a person's click must not lock everybody out.
LastAdministrator last_administrator_for(const Actor& actor) {
  const bool by_itself = actor.kind == ActorKind::Directory || actor.kind == ActorKind::System;
  return by_itself ? LastAdministrator::MayGo : LastAdministrator::Protect;
}

Result<bool> hand_over(storage::Transaction& transaction, const GroupChange& change,
                       const MemberState& member) {
  ASSIGN_OR_RETURN(
      const auto heir,
      transaction.first("SELECT g.id, g.public_id, g.display_name FROM group_members AS m"
                        " JOIN directory_groups AS g ON g.account_id = m.account_id AND g.id = m.group_id"
                        " WHERE m.account_id = $1 AND m.employee_id = $2 AND m.group_id <> $3"
                        " AND g.grants_administrator = 1 ORDER BY m.group_id LIMIT 1",
                        {change.account, member.id, change.group.id}, [](const storage::Row& row) {
                          return GroupReason{.id = row.id<GroupId>(0),
                                             .public_id = std::string(row.text(1)),
                                             .display_name = std::string(row.text(2))};
                        }));
  if (!heir) return false;
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE employees SET administrator_group_id = $3 WHERE account_id = $1 AND id = $2",
      {change.account, member.id, heir->id}));
  RETURN_IF_ERROR(record_audit(transaction, change.account, change.actor, "employee.administrator_kept",
                               member.public_id,
                               {{"from_group", change.group.public_id},
                                {"from_group_name", change.group.display_name},
                                {"group", heir->public_id},
                                {"group_name", heir->display_name}},
                               change.now));
  return true;
}

}  // namespace

MemberState read_member_state(const storage::Row& row, int first) {
  MemberState member;
  member.id = row.id<EmployeeId>(first);
  member.public_id = row.text(first + 1);
  member.active = row.flag(first + 2);
  member.administrator = row.flag(first + 3);
  member.rights_void = row.flag(first + 4);
  if (!row.is_null(first + 5)) member.administrator_group = row.id<GroupId>(first + 5);
  member.department = row.id<DepartmentId>(first + 6);
  member.deletion_held = row.flag(first + 7);
  return member;
}

Result<void> for_each_member(storage::Transaction& transaction, AccountId account, GroupId group,
                             const std::function<Result<void>(const MemberState&)>& on_member) {
  std::int64_t position = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<MemberState> page,
                     transaction.all("SELECT " DIRECTORY_MEMBER_STATE_COLUMNS ", m.id FROM group_members AS m"
                                     " JOIN employees AS e ON e.account_id = m.account_id"
                                     " AND e.id = m.employee_id"
                                     " WHERE m.account_id = $1 AND m.group_id = $2 AND m.id > $3"
                                     " ORDER BY m.id LIMIT $4",
                                     {account, group, position, kGrantPage}, [&](const storage::Row& row) {
                                       position = row.integer(8);
                                       return read_member_state(row);
                                     }));
    for (const MemberState& member : page)
      RETURN_IF_ERROR(on_member(member));
    if (page.size() < static_cast<std::size_t>(kGrantPage)) return {};
  }
}

Result<void> give_rights(storage::Transaction& transaction, const GroupChange& change,
                         const MemberState& member, VoidRights void_rights) {
  if (!change.group.grants_administrator || !member.active || member.administrator) return {};
  if (member.rights_void && void_rights == VoidRights::StayVoid) return {};
  const GroupReason reason = reason_of(change.group);
  return grant_administrator(transaction, change.account, member.id, change.actor, change.now, &reason);
}

Result<void> take_rights(storage::Transaction& transaction, const GroupChange& change,
                         const MemberState& member) {
  if (!member.administrator || member.administrator_group != change.group.id) return {};
  ASSIGN_OR_RETURN(const bool kept, hand_over(transaction, change, member));
  if (kept) return {};
  const GroupReason reason = reason_of(change.group);
  return revoke_administrator(transaction, change.account, member.id, last_administrator_for(change.actor),
                              change.actor, change.now, &reason);
}

Result<void> give_department(storage::Transaction& transaction, const GroupChange& change,
                             const MemberState& member) {
  if (!change.group.department || member.department == *change.group.department) return {};
  const GroupReason reason = reason_of(change.group);
  return move_employee(transaction, change.account, member.id, *change.group.department, change.actor,
                       change.now, &reason);
}

Result<void> take_department(storage::Transaction& transaction, const GroupChange& change,
                             const MemberState& member) {
  if (!change.group.department || member.department != *change.group.department) return {};
  ASSIGN_OR_RETURN(
      const auto held,
      transaction.first("SELECT g.id FROM group_members AS m"
                        " JOIN directory_groups AS g ON g.account_id = m.account_id AND g.id = m.group_id"
                        " WHERE m.account_id = $1 AND m.employee_id = $2 AND m.group_id <> $3"
                        " AND g.department_id = $4 LIMIT 1",
                        {change.account, member.id, change.group.id, member.department},
                        [](const storage::Row& row) { return row.integer(0); }));
  if (held) return {};
  ASSIGN_OR_RETURN(const Department fallback, default_department(transaction, change.account));
  const GroupReason reason = reason_of(change.group);
  return move_employee(transaction, change.account, member.id, fallback.id, change.actor, change.now,
                       &reason);
}

}  // namespace doorward::directory
