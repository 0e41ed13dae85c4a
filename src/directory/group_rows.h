#pragma once

#include "directory/groups.h"
#include "storage/database.h"

namespace doorward::directory {

/// Of `directory_groups AS g`. `first` is the column where they begin.
#define DIRECTORY_GROUP_COLUMNS                                                                           \
  "g.id, g.public_id, g.display_name, g.external_id, g.version, g.grants_administrator, g.department_id," \
  " g.created_at, g.updated_at"
Group read_group(const storage::Row& row, int first = 0);

}  // namespace doorward::directory
