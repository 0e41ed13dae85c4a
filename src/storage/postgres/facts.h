#pragma once

#include <cstdint>
#include <string>

#include "storage/database.h"

namespace doorward::storage::postgres {

struct ServerFacts {
  std::string version;
  /// Whether a commit is durable when it is confirmed.
  bool waits_for_disk = true;
  std::int64_t max_connections = 0;
};

/// What a PostgreSQL server says of itself.
Result<ServerFacts> read_server_facts(storage::Database& database);

}  // namespace doorward::storage::postgres
