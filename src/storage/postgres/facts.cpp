#include "storage/postgres/facts.h"

namespace doorward::storage::postgres {

Result<ServerFacts> read_server_facts(storage::Database& database) {
  return database.read([](storage::Transaction& transaction) -> Result<ServerFacts> {
    ServerFacts facts;
    RETURN_IF_ERROR(transaction.query(
        "SELECT current_setting('server_version'), current_setting('synchronous_commit') <> 'off'"
        " AND current_setting('fsync') = 'on', current_setting('max_connections')::bigint",
        {}, [&](const Row& row) {
          facts.version = row.text(0);
          facts.waits_for_disk = row.flag(1);
          facts.max_connections = row.integer(2);
        }));
    return facts;
  });
}

}  // namespace doorward::storage::postgres
