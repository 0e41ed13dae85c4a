#pragma once

#include "directory/grants.h"

namespace doorward::directory {

/// Of `grants AS g`. `first` is the column where they begin.
#define DIRECTORY_GRANT_COLUMNS                                                                     \
  "g.id, g.public_id, g.account_id, g.application_id, g.employee_id, g.session_id, g.sid, g.scope," \
  " g.signed_in_at, g.device, g.client_address, g.created_at, g.last_used_at, g.expires_at"
inline constexpr int kGrantColumns = 14;
Grant read_grant(const storage::Row& row, int first = 0);

/// Of `grants AS g`: the browser session that a grant ends with, if it has one. With `s.id` not null or
/// `g.session_id` null, it lives. The plus sign keeps SQLite from taking the index of ends, and with it all
/// of an account's grants.
#define DIRECTORY_LIVING_SESSION(now)                                               \
  " LEFT JOIN sessions AS s ON s.account_id = g.account_id AND s.id = g.session_id" \
  " AND s.idle_expires_at > " now " AND s.expires_at > " now
#define DIRECTORY_GRANT_LIVES(now) "+g.expires_at > " now " AND (g.session_id IS NULL OR s.id IS NOT NULL)"

}  // namespace doorward::directory
