#include "directory/retention.h"

namespace doorward::directory {

// Each statement reads its index of expiries twice: once for where the batch ends, once to delete up to
// there.
Result<std::int64_t> delete_expired(storage::Transaction& transaction, AccountId account,
                                    const Retention& retention, Timestamp now, int limit) {
  ASSIGN_OR_RETURN(const std::int64_t sessions,
                   transaction.execute(
                       "DELETE FROM sessions WHERE account_id = $1 AND idle_expires_at <= (SELECT max(due.at)"
                       " FROM (SELECT idle_expires_at AS at FROM sessions WHERE account_id = $1"
                       " AND idle_expires_at <= $2 ORDER BY idle_expires_at LIMIT $3) AS due)",
                       {account, now, limit}));
  ASSIGN_OR_RETURN(const std::int64_t consumed,
                   transaction.execute(
                       "DELETE FROM consumed_keys WHERE account_id = $1 AND expires_at <= (SELECT max(due.at)"
                       " FROM (SELECT expires_at AS at FROM consumed_keys WHERE account_id = $1"
                       " AND expires_at <= $2 ORDER BY expires_at LIMIT $3) AS due)",
                       {account, now, limit}));
  ASSIGN_OR_RETURN(
      const std::int64_t attempts,
      transaction.execute("DELETE FROM sign_in_attempts WHERE account_id = $1 AND at <= (SELECT max(due.at)"
                          " FROM (SELECT at FROM sign_in_attempts WHERE account_id = $1"
                          " AND at <= $2 ORDER BY at LIMIT $3) AS due)",
                          {account, now - retention.attempts, limit}));
  ASSIGN_OR_RETURN(
      const std::int64_t counters,
      transaction.execute(
          "DELETE FROM password_attempts WHERE account_id = $1 AND last_at <= (SELECT max(due.at)"
          " FROM (SELECT last_at AS at FROM password_attempts WHERE account_id = $1"
          " AND last_at <= $2 ORDER BY last_at LIMIT $3) AS due)",
          {account, now - retention.password_attempts, limit}));
  return sessions + consumed + attempts + counters;
}

}  // namespace doorward::directory
