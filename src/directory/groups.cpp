#include "directory/groups.h"

#include "base/text.h"
#include "directory/application_access.h"
#include "directory/departments.h"
#include "directory/events.h"
#include "directory/group_grants.h"
#include "directory/group_rows.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

constexpr int kGroupPage = 200;

Group read_whole_row(const storage::Row& row) {
  return read_group(row);
}

/// Audit and event of the same name.
Result<void> tell(storage::Transaction& transaction, AccountId account, const Group& group,
                  std::string_view what, const json::Object& details, const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(record_audit(transaction, account, actor, what, group.public_id, details, now));
  return append_event(transaction, account, what, group.public_id, details, now);
}

Result<void> check_names(storage::Transaction& transaction, AccountId account, GroupId self,
                         std::string_view display_name, std::string_view external_id) {
  RETURN_IF_ERROR(check_value("display name", display_name, Presence::Required));
  RETURN_IF_ERROR(check_value("external id", external_id, Presence::Optional));
  ASSIGN_OR_RETURN(
      const auto twin,
      transaction.first("SELECT id FROM directory_groups WHERE account_id = $1 AND display_name_key = $2"
                        " AND id <> $3 AND NOT (external_id_key <> '' AND $4 <> '' AND external_id_key <> $4)"
                        " LIMIT 1",
                        {account, fold_case(display_name), self, identifier_key(external_id)},
                        [](const storage::Row& row) { return row.integer(0); }));
  if (!twin) return {};
  return fail(ErrorKind::Conflict, kGroupExists,
              "There is a group " + printable(display_name) +
                  " already. Two groups may have the same display name only when their external ids differ.");
}

/// Gives and takes what differs between the group as it was and as it is.
Result<void> apply_mapping(storage::Transaction& transaction, const GroupChange& was, const GroupChange& is,
                           const MemberState& member) {
  if (is.group.grants_administrator != was.group.grants_administrator) {
    RETURN_IF_ERROR(is.group.grants_administrator
                        ? give_rights(transaction, is, member, VoidRights::AreGranted)
                        : take_rights(transaction, was, member));
  }
  if (is.group.department == was.group.department) return {};
  return is.group.department ? give_department(transaction, is, member)
                             : take_department(transaction, was, member);
}

}  // namespace

Group read_group(const storage::Row& row, int first) {
  Group group;
  group.id = row.id<GroupId>(first);
  group.public_id = row.text(first + 1);
  group.display_name = row.text(first + 2);
  group.external_id = row.text(first + 3);
  group.version = row.integer(first + 4);
  group.grants_administrator = row.flag(first + 5);
  if (!row.is_null(first + 6)) group.department = row.id<DepartmentId>(first + 6);
  group.created_at = row.time(first + 7);
  group.updated_at = row.time(first + 8);
  return group;
}

Result<Group> create_group(storage::Transaction& transaction, const NewGroup& group, const Actor& actor,
                           Timestamp now) {
  RETURN_IF_ERROR(check_names(transaction, group.account, GroupId{}, group.display_name, group.external_id));
  ASSIGN_OR_RETURN(
      const auto id,
      transaction.first(
          "INSERT INTO directory_groups (account_id, public_id, display_name, display_name_key, external_id,"
          " external_id_key, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
          {group.account, group.public_id, group.display_name, fold_case(group.display_name),
           group.external_id, identifier_key(group.external_id), now},
          [](const storage::Row& row) { return row.id<GroupId>(0); }));
  ASSIGN_OR_RETURN(Group created, load_group(transaction, group.account, *id));
  RETURN_IF_ERROR(
      tell(transaction, group.account, created, "group.created", {{"name", group.display_name}}, actor, now));
  return created;
}

Result<Group> load_group(storage::Transaction& transaction, AccountId account, GroupId id) {
  ASSIGN_OR_RETURN(std::optional<Group> group,
                   transaction.first("SELECT " DIRECTORY_GROUP_COLUMNS
                                     " FROM directory_groups AS g WHERE g.account_id = $1 AND g.id = $2",
                                     {account, id}, read_whole_row));
  if (!group) return fail(ErrorKind::NotFound, kNoGroup, "The group does not exist any more.");
  return *std::move(group);
}

Result<std::optional<Group>> find_group(storage::Transaction& transaction, AccountId account,
                                        std::string_view public_id) {
  return transaction.first("SELECT " DIRECTORY_GROUP_COLUMNS
                           " FROM directory_groups AS g WHERE g.account_id = $1 AND g.public_id = $2",
                           {account, to_ascii_lower(public_id)}, read_whole_row);
}

Result<std::vector<Group>> find_groups_by(storage::Transaction& transaction, AccountId account, GroupKey key,
                                          std::string_view value, int limit) {
  switch (key) {
    case GroupKey::PublicId:
      return transaction.all("SELECT " DIRECTORY_GROUP_COLUMNS
                             " FROM directory_groups AS g WHERE g.account_id = $1 AND g.public_id = $2"
                             " LIMIT $3",
                             {account, to_ascii_lower(value), limit}, read_whole_row);
    case GroupKey::DisplayName:
      return transaction.all("SELECT " DIRECTORY_GROUP_COLUMNS
                             " FROM directory_groups AS g WHERE g.account_id = $1 AND g.display_name_key = $2"
                             " ORDER BY g.id LIMIT $3",
                             {account, fold_case(value), limit}, read_whole_row);
    case GroupKey::ExternalId:
      break;
  }
  return transaction.all("SELECT " DIRECTORY_GROUP_COLUMNS
                         " FROM directory_groups AS g WHERE g.account_id = $1 AND g.external_id_key = $2"
                         " AND g.external_id_key <> '' ORDER BY g.id LIMIT $3",
                         {account, identifier_key(value), limit}, read_whole_row);
}

Result<void> scan_groups(storage::Transaction& transaction, AccountId account, std::optional<GroupId> after,
                         std::int64_t skip, const std::function<bool(const Group&)>& on_group) {
  GroupId last = after.value_or(GroupId{});
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<Group> page,
                     transaction.all("SELECT " DIRECTORY_GROUP_COLUMNS
                                     " FROM directory_groups AS g WHERE g.account_id = $1 AND g.id > $2"
                                     " ORDER BY g.id LIMIT $3 OFFSET $4",
                                     {account, last, kGroupPage, skip}, read_whole_row));
    for (const Group& group : page) {
      if (!on_group(group)) return {};
    }
    if (page.size() < static_cast<std::size_t>(kGroupPage)) return {};
    last = page.back().id;
    skip = 0;
  }
}

Result<std::int64_t> count_groups(storage::Transaction& transaction, AccountId account) {
  ASSIGN_OR_RETURN(const auto count,
                   transaction.first("SELECT count(*) FROM directory_groups WHERE account_id = $1", {account},
                                     [](const storage::Row& row) { return row.integer(0); }));
  return *count;
}

Result<Group> update_group(storage::Transaction& transaction, AccountId account, GroupId id,
                           std::string_view display_name, std::string_view external_id, const Actor& actor,
                           Timestamp now) {
  ASSIGN_OR_RETURN(Group group, load_group(transaction, account, id));
  json::Array changed;
  if (group.display_name != display_name) changed.emplace_back("display name");
  if (group.external_id != external_id) changed.emplace_back("external id");
  if (changed.empty()) return group;
  RETURN_IF_ERROR(check_names(transaction, account, id, display_name, external_id));
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE directory_groups SET display_name = $3, display_name_key = $4, external_id = $5,"
      " external_id_key = $6, version = version + 1, updated_at = $7 WHERE account_id = $1 AND id = $2",
      {account, id, display_name, fold_case(display_name), external_id, identifier_key(external_id), now}));
  RETURN_IF_ERROR(tell(transaction, account, group, "group.updated",
                       {{"name", display_name}, {"was", group.display_name}, {"changed", std::move(changed)}},
                       actor, now));
  return load_group(transaction, account, id);
}

Result<void> delete_group(storage::Transaction& transaction, AccountId account, GroupId id,
                          const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Group group, load_group(transaction, account, id));
  const GroupChange change{.account = account, .group = group, .actor = actor, .now = now};
  if (group.grants_administrator || group.department) {
    RETURN_IF_ERROR(for_each_member(transaction, account, id, [&](const MemberState& member) -> Result<void> {
      RETURN_IF_ERROR(take_rights(transaction, change, member));
      return take_department(transaction, change, member);
    }));
  }
  ASSIGN_OR_RETURN(const auto applications, applications_chosen_by_group(transaction, account, id));
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM directory_groups WHERE account_id = $1 AND id = $2", {account, id}));
  RETURN_IF_ERROR(end_unfit_grants_of_applications(transaction, account, applications, now));
  return tell(transaction, account, group, "group.deleted", {{"name", group.display_name}}, actor, now);
}

Result<void> map_group(storage::Transaction& transaction, AccountId account, GroupId id,
                       const GroupMapping& mapping, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Group before, load_group(transaction, account, id));
  json::Value department;
  if (mapping.department) {
    ASSIGN_OR_RETURN(const Department target, load_department(transaction, account, *mapping.department));
    department = target.public_id;
  }
  if (before.grants_administrator == mapping.grants_administrator &&
      before.department == mapping.department) {
    return {};
  }
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE directory_groups SET grants_administrator = $3, department_id = $4, version = version + 1,"
      " updated_at = $5 WHERE account_id = $1 AND id = $2",
      {account, id, mapping.grants_administrator, mapping.department, now}));
  RETURN_IF_ERROR(tell(transaction, account, before, "group.mapped",
                       {{"name", before.display_name},
                        {"grants_administrator", mapping.grants_administrator},
                        {"department", department}},
                       actor, now));
  ASSIGN_OR_RETURN(const Group after, load_group(transaction, account, id));
  const GroupChange was{.account = account, .group = before, .actor = actor, .now = now};
  const GroupChange is{.account = account, .group = after, .actor = actor, .now = now};
  return for_each_member(transaction, account, id, [&](const MemberState& member) {
    return apply_mapping(transaction, was, is, member);
  });
}

}  // namespace doorward::directory
