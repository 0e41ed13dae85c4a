#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "directory/application_access.h"
#include "directory/events.h"
#include "directory/group_grants.h"
#include "directory/group_rows.h"
#include "directory/groups.h"

namespace doorward::directory {
namespace {

constexpr std::size_t kMaxToldIds = 100;

/// What a call changed, for the audit and the event: all the numbers, some of the ids.
class Told {
 public:
  void joined(const MemberState& member) { note(joined_, joined_ids_, member); }
  void left(const MemberState& member) { note(left_, left_ids_, member); }
  std::int64_t total() const { return joined_ + left_; }

  json::Object details(const Group& group) && {
    return {{"name", group.display_name},
            {"joined", joined_},
            {"left", left_},
            {"joined_ids", std::move(joined_ids_)},
            {"left_ids", std::move(left_ids_)}};
  }

 private:
  void note(std::int64_t& number, json::Array& ids, const MemberState& member) {
    ++number;
    if (joined_ids_.size() + left_ids_.size() < kMaxToldIds) ids.emplace_back(member.public_id);
  }
  std::int64_t joined_ = 0;
  std::int64_t left_ = 0;
  json::Array joined_ids_;
  json::Array left_ids_;
};

Result<std::optional<MemberState>> find_state(storage::Transaction& transaction, AccountId account,
                                              std::string_view public_id) {
  return transaction.first("SELECT " DIRECTORY_MEMBER_STATE_COLUMNS
                           " FROM employees AS e WHERE e.account_id = $1 AND e.public_id = $2",
                           {account, to_ascii_lower(public_id)},
                           [](const storage::Row& row) { return read_member_state(row); });
}

/// All of them, or `kNoSuchMember`.
Result<std::vector<MemberState>> find_all(storage::Transaction& transaction, AccountId account,
                                          std::span<const std::string> employees) {
  std::vector<MemberState> found;
  found.reserve(employees.size());
  for (const std::string& public_id : employees) {
    ASSIGN_OR_RETURN(std::optional<MemberState> employee, find_state(transaction, account, public_id));
    if (!employee || employee->deletion_held) {
      return fail(ErrorKind::InvalidInput, kNoSuchMember,
                  "There is no employee " + printable(public_id) + ". Nobody was added to the group.");
    }
    found.push_back(*std::move(employee));
  }
  return found;
}

Result<void> join(storage::Transaction& transaction, const GroupChange& change, const MemberState& employee,
                  Told& told) {
  ASSIGN_OR_RETURN(const std::int64_t added,
                   transaction.execute("INSERT INTO group_members (account_id, group_id, employee_id)"
                                       " VALUES ($1, $2, $3)"
                                       " ON CONFLICT (account_id, group_id, employee_id) DO NOTHING",
                                       {change.account, change.group.id, employee.id}));
  if (added == 0) return {};
  told.joined(employee);
  RETURN_IF_ERROR(give_rights(transaction, change, employee, VoidRights::StayVoid));
  return give_department(transaction, change, employee);
}

Result<void> leave(storage::Transaction& transaction, const GroupChange& change, const MemberState& employee,
                   Told& told) {
  ASSIGN_OR_RETURN(const std::int64_t removed,
                   transaction.execute("DELETE FROM group_members WHERE account_id = $1 AND group_id = $2"
                                       " AND employee_id = $3",
                                       {change.account, change.group.id, employee.id}));
  if (removed == 0) return {};
  told.left(employee);
  RETURN_IF_ERROR(take_rights(transaction, change, employee));
  RETURN_IF_ERROR(take_department(transaction, change, employee));
  RETURN_IF_ERROR(end_unfit_grants_of_employee(transaction, change.account, employee.id, change.now));
  return {};
}

/// Once for all that a call changed, however many that were.
Result<std::int64_t> finish(storage::Transaction& transaction, const GroupChange& change, Told told) {
  const std::int64_t total = told.total();
  if (total == 0) return total;
  RETURN_IF_ERROR(
      transaction.execute("UPDATE directory_groups SET version = version + 1, updated_at = $3"
                          " WHERE account_id = $1 AND id = $2",
                          {change.account, change.group.id, change.now}));
  const json::Object details = std::move(told).details(change.group);
  RETURN_IF_ERROR(record_audit(transaction, change.account, change.actor, "group.members_changed",
                               change.group.public_id, details, change.now));
  RETURN_IF_ERROR(append_event(transaction, change.account, "group.members_changed", change.group.public_id,
                               details, change.now));
  return total;
}

}  // namespace

Result<std::vector<Member>> list_members(storage::Transaction& transaction, AccountId account, GroupId group,
                                         std::int64_t after, int limit) {
  return transaction.all(
      "SELECT m.id, e.id, e.public_id, e.display_name, e.given_name, e.family_name, e.user_name"
      " FROM group_members AS m"
      " JOIN employees AS e ON e.account_id = m.account_id AND e.id = m.employee_id"
      " WHERE m.account_id = $1 AND m.group_id = $2 AND m.id > $3 AND e.deletion_held_at IS NULL"
      " ORDER BY m.id LIMIT $4",
      {account, group, after, limit}, [](const storage::Row& row) {
        Employee employee;
        employee.profile.display_name = row.text(3);
        employee.profile.given_name = row.text(4);
        employee.profile.family_name = row.text(5);
        employee.profile.user_name = row.text(6);
        return Member{.position = row.integer(0),
                      .id = row.id<EmployeeId>(1),
                      .public_id = std::string(row.text(2)),
                      .shown_name = employee.shown_name()};
      });
}

Result<bool> is_member(storage::Transaction& transaction, AccountId account, GroupId group,
                       EmployeeId employee) {
  ASSIGN_OR_RETURN(
      const auto found,
      transaction.first("SELECT id FROM group_members WHERE account_id = $1"
                        " AND group_id = $2 AND employee_id = $3",
                        {account, group, employee}, [](const storage::Row& row) { return row.integer(0); }));
  return found.has_value();
}

Result<std::vector<Group>> groups_of(storage::Transaction& transaction, AccountId account,
                                     EmployeeId employee) {
  return transaction.all("SELECT " DIRECTORY_GROUP_COLUMNS
                         " FROM group_members AS m"
                         " JOIN directory_groups AS g ON g.account_id = m.account_id AND g.id = m.group_id"
                         " WHERE m.account_id = $1 AND m.employee_id = $2"
                         " ORDER BY g.display_name_key, g.id",
                         {account, employee}, [](const storage::Row& row) { return read_group(row); });
}

Result<std::int64_t> add_members(storage::Transaction& transaction, AccountId account, GroupId group,
                                 std::span<const std::string> employees, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Group loaded, load_group(transaction, account, group));
  ASSIGN_OR_RETURN(const std::vector<MemberState> found, find_all(transaction, account, employees));
  const GroupChange change{.account = account, .group = loaded, .actor = actor, .now = now};
  Told told;
  for (const MemberState& employee : found)
    RETURN_IF_ERROR(join(transaction, change, employee, told));
  return finish(transaction, change, std::move(told));
}

Result<std::int64_t> remove_members(storage::Transaction& transaction, AccountId account, GroupId group,
                                    std::span<const std::string> employees, const Actor& actor,
                                    Timestamp now) {
  ASSIGN_OR_RETURN(const Group loaded, load_group(transaction, account, group));
  const GroupChange change{.account = account, .group = loaded, .actor = actor, .now = now};
  Told told;
  for (const std::string& public_id : employees) {
    // Somebody in held deletion leaves as well: that is what the directory wants in any case.
    ASSIGN_OR_RETURN(const auto employee, find_state(transaction, account, public_id));
    if (employee) RETURN_IF_ERROR(leave(transaction, change, *employee, told));
  }
  return finish(transaction, change, std::move(told));
}

Result<std::int64_t> replace_members(storage::Transaction& transaction, AccountId account, GroupId group,
                                     std::span<const std::string> employees, const Actor& actor,
                                     Timestamp now) {
  ASSIGN_OR_RETURN(const Group loaded, load_group(transaction, account, group));
  ASSIGN_OR_RETURN(const std::vector<MemberState> wanted, find_all(transaction, account, employees));
  const GroupChange change{.account = account, .group = loaded, .actor = actor, .now = now};
  std::unordered_set<std::int64_t> stay;
  for (const MemberState& employee : wanted)
    stay.insert(employee.id.value);
  Told told;
  std::vector<MemberState> leavers;
  RETURN_IF_ERROR(
      for_each_member(transaction, account, group, [&](const MemberState& member) -> Result<void> {
        if (!stay.contains(member.id.value)) leavers.push_back(member);
        return {};
      }));
  // Joins first: a newcomer may be the administrator that a leaver must not be the last of.
  for (const MemberState& employee : wanted)
    RETURN_IF_ERROR(join(transaction, change, employee, told));
  for (const MemberState& leaver : leavers)
    RETURN_IF_ERROR(leave(transaction, change, leaver, told));
  return finish(transaction, change, std::move(told));
}

}  // namespace doorward::directory
