#include "directory/census.h"

namespace doorward::directory {

Result<std::int64_t> count_active_in_domain(storage::Transaction& transaction, AccountId account,
                                            std::string_view name) {
  ASSIGN_OR_RETURN(
      const auto count,
      transaction.first("SELECT count(*) FROM employees"
                        " WHERE account_id = $1 AND active = 1 AND email_domain = $2",
                        {account, name}, [](const storage::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

}  // namespace doorward::directory
