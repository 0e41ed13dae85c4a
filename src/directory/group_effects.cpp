#include "directory/group_effects.h"

#include <algorithm>

#include "directory/departments.h"

namespace doorward::directory {
namespace {

#define FROM_MEMBERS                                                                                     \
  " FROM group_members AS m JOIN employees AS e ON e.account_id = m.account_id AND e.id = m.employee_id" \
  " WHERE m.account_id = $1 AND m.group_id = $2 "
/// Completes `SELECT m.id` to whether another group of the employee says the same.
#define OTHER_GROUPS                                                                              \
  " FROM group_members AS m2 JOIN directory_groups AS g ON g.account_id = m2.account_id"          \
  " AND g.id = m2.group_id WHERE m2.account_id = m.account_id AND m2.employee_id = m.employee_id" \
  " AND m2.group_id <> m.group_id "

Result<std::int64_t> count_of(storage::Transaction& transaction, std::string_view sql,
                              storage::Parameters parameters) {
  ASSIGN_OR_RETURN(const auto count, transaction.first(sql, parameters, [](const storage::Row& row) {
    return row.integer(0);
  }));
  return *count;
}

Result<std::int64_t> count_moves(storage::Transaction& transaction, AccountId account, const Group& group,
                                 const GroupMapping& mapping) {
  if (mapping.department == group.department) return 0;
  if (mapping.department) {
    return count_of(transaction, "SELECT count(*)" FROM_MEMBERS "AND e.department_id <> $3",
                    {account, group.id, *mapping.department});
  }
  ASSIGN_OR_RETURN(const Department fallback, default_department(transaction, account));
  return count_of(transaction,
                  "SELECT count(*)" FROM_MEMBERS
                  "AND e.department_id = $3 AND e.department_id <> $4"
                  " AND NOT EXISTS (SELECT g.id" OTHER_GROUPS "AND g.department_id = $3)",
                  {account, group.id, *group.department, fallback.id});
}

}  // namespace

Result<std::int64_t> count_members(storage::Transaction& transaction, AccountId account, GroupId group) {
  return count_of(transaction, "SELECT count(*)" FROM_MEMBERS "AND e.deletion_held_at IS NULL",
                  {account, group});
}

bool MappingEffect::loses_rights(EmployeeId employee) const {
  return std::ranges::find(losers, employee) != losers.end();
}

Result<MappingEffect> effect_of_mapping(storage::Transaction& transaction, AccountId account,
                                        const Group& group, const GroupMapping& mapping) {
  MappingEffect effect;
  if (mapping.grants_administrator && !group.grants_administrator) {
    ASSIGN_OR_RETURN(
        effect.get_rights,
        count_of(transaction, "SELECT count(*)" FROM_MEMBERS "AND e.active = 1 AND e.administrator = 0",
                 {account, group.id}));
  }
  if (!mapping.grants_administrator && group.grants_administrator) {
    ASSIGN_OR_RETURN(
        effect.losers,
        transaction.all("SELECT e.id" FROM_MEMBERS "AND e.administrator = 1 AND e.administrator_group_id = $2"
                        " AND NOT EXISTS (SELECT g.id" OTHER_GROUPS "AND g.grants_administrator = 1)",
                        {account, group.id}, [](const storage::Row& row) { return row.id<EmployeeId>(0); }));
    effect.lose_rights = static_cast<std::int64_t>(effect.losers.size());
  }
  ASSIGN_OR_RETURN(effect.move, count_moves(transaction, account, group, mapping));
  return effect;
}

}  // namespace doorward::directory
