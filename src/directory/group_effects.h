#pragma once

#include <cstdint>
#include <vector>

#include "directory/groups.h"

/// What an administrator must know before a group means something here.
namespace doorward::directory {

/// Employees in held deletion do not count.
Result<std::int64_t> count_members(storage::Transaction& transaction, AccountId account, GroupId group);

/// How many people `map_group` would touch.
struct MappingEffect {
  std::int64_t get_rights = 0;
  std::int64_t lose_rights = 0;
  /// To the department, or back to the default one.
  std::int64_t move = 0;
  /// Who loses rights, as far as they are administrators now.
  std::vector<EmployeeId> losers;

  bool loses_rights(EmployeeId employee) const;
};
/// The same answer as `map_group`'s deeds, without doing them.
Result<MappingEffect> effect_of_mapping(storage::Transaction& transaction, AccountId account,
                                        const Group& group, const GroupMapping& mapping);

}  // namespace doorward::directory
