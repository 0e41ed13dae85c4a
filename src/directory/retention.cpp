#include "directory/retention.h"

namespace doorward::directory {

Result<std::int64_t> delete_expired(storage::Transaction& transaction, AccountId account,
                                    const Retention& retention, Timestamp now, int limit) {
  ASSIGN_OR_RETURN(const std::int64_t sessions,
                   transaction.execute("DELETE FROM sessions WHERE account_id = $1 AND id IN (SELECT id FROM"
                                       " sessions WHERE account_id = $1 AND idle_expires_at <= $2 LIMIT $3)",
                                       {account, now, limit}));
  ASSIGN_OR_RETURN(
      const std::int64_t consumed,
      transaction.execute("DELETE FROM consumed_keys WHERE account_id = $1 AND id IN (SELECT id FROM"
                          " consumed_keys WHERE account_id = $1 AND expires_at <= $2 LIMIT $3)",
                          {account, now, limit}));
  ASSIGN_OR_RETURN(
      const std::int64_t attempts,
      transaction.execute("DELETE FROM sign_in_attempts WHERE account_id = $1 AND id IN (SELECT id"
                          " FROM sign_in_attempts WHERE account_id = $1 AND at <= $2 LIMIT $3)",
                          {account, now - retention.attempts, limit}));
  ASSIGN_OR_RETURN(
      const std::int64_t counters,
      transaction.execute("DELETE FROM password_attempts WHERE account_id = $1 AND id IN (SELECT id FROM"
                          " password_attempts WHERE account_id = $1 AND last_at <= $2 LIMIT $3)",
                          {account, now - retention.password_attempts, limit}));
  return sessions + consumed + attempts + counters;
}

}  // namespace doorward::directory
