#pragma once

#include "directory/applications.h"

namespace doorward::directory {

/// Of `applications AS p`, without what may be large (its key set) and what other tables hold (addresses,
/// rules). `first` is the column where they begin.
#define DIRECTORY_APPLICATION_COLUMNS                                                             \
  "p.id, p.client_id, p.account_id, p.name, p.kind, p.active, p.access, p.scope, p.asks_consent," \
  " p.access_token_format, p.id_token_algorithm, p.backchannel_logout_uri, p.created_at, p.updated_at"
inline constexpr int kApplicationColumns = 14;
Application read_application(const storage::Row& row, int first = 0);

}  // namespace doorward::directory
