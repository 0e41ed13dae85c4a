#include "directory/retention.h"

#include "directory/daily_counts.h"
#include "directory/mails.h"
#include "directory/provisioning_settings.h"
#include "directory/sessions.h"
#include "directory/test_runs.h"

namespace doorward::directory {
namespace {

Result<std::int64_t> delete_old_departures(storage::Transaction& transaction, AccountId account,
                                           Timestamp until, int limit) {
  ASSIGN_OR_RETURN(
      const std::int64_t departures,
      transaction.execute("DELETE FROM departures WHERE account_id = $1 AND at <= (SELECT max(due.at)"
                          " FROM (SELECT at FROM departures WHERE account_id = $1"
                          " AND at <= $2 ORDER BY at LIMIT $3) AS due)"
                          " AND COALESCE(batch_id, 0) NOT IN"
                          " (SELECT id FROM departure_batches WHERE account_id = $1 AND state = 'open')",
                          {account, until, limit}));
  // A batch goes after its departures. Batches are few.
  ASSIGN_OR_RETURN(
      const std::int64_t batches,
      transaction.execute("DELETE FROM departure_batches WHERE account_id = $1 AND state <> 'open'"
                          " AND closed_at <= $2 AND NOT EXISTS (SELECT 1 FROM departures AS d"
                          "  WHERE d.account_id = departure_batches.account_id"
                          "  AND d.batch_id = departure_batches.id)",
                          {account, until}));
  return departures + batches;
}

/// Ids grow with the time, so the oldest ones come first. What was told of them goes along.
Result<std::int64_t> delete_old_events(storage::Transaction& transaction, AccountId account, Timestamp until,
                                       int limit) {
  return transaction.execute(
      "DELETE FROM events WHERE account_id = $1 AND at <= $2 AND id IN"
      " (SELECT e.id FROM events AS e WHERE e.account_id = $1 ORDER BY e.id LIMIT $3)",
      {account, until, limit});
}

/// Grants, tokens and what was told.
Result<std::int64_t> delete_what_was_given(storage::Transaction& transaction, AccountId account,
                                           const Retention& retention, Timestamp now, int limit) {
  // With their tokens. Those that ended before their time have told their applications already.
  ASSIGN_OR_RETURN(
      const std::int64_t grants,
      transaction.execute("DELETE FROM grants WHERE account_id = $1 AND expires_at <= (SELECT max(due.at)"
                          " FROM (SELECT expires_at AS at FROM grants WHERE account_id = $1"
                          " AND expires_at <= $2 ORDER BY expires_at LIMIT $3) AS due)",
                          {account, now, limit}));
  ASSIGN_OR_RETURN(const std::int64_t tokens,
                   transaction.execute(
                       "DELETE FROM grant_tokens WHERE account_id = $1 AND expires_at <= (SELECT max(due.at)"
                       " FROM (SELECT expires_at AS at FROM grant_tokens WHERE account_id = $1"
                       " AND expires_at <= $2 ORDER BY expires_at LIMIT $3) AS due)",
                       {account, now - retention.grant_tokens, limit}));
  ASSIGN_OR_RETURN(
      const std::int64_t deliveries,
      transaction.execute(
          "DELETE FROM deliveries WHERE account_id = $1 AND state = 'delivered'"
          " AND finished_at <= (SELECT max(due.at) FROM (SELECT finished_at AS at FROM deliveries"
          " WHERE account_id = $1 AND state = 'delivered' AND finished_at <= $2"
          " ORDER BY finished_at LIMIT $3) AS due)",
          {account, now - retention.deliveries, limit}));
  ASSIGN_OR_RETURN(const std::int64_t events,
                   delete_old_events(transaction, account, now - retention.events, limit));
  return grants + tokens + deliveries + events;
}

}  // namespace

// Each statement reads its index of expiries twice: once for where the batch ends, once to delete up to
// there.
Result<std::int64_t> delete_expired(storage::Transaction& transaction, AccountId account,
                                    const Retention& retention, Timestamp now, int limit) {
  ASSIGN_OR_RETURN(const std::int64_t sessions, end_expired_sessions(transaction, account, now, limit));
  ASSIGN_OR_RETURN(const std::int64_t given,
                   delete_what_was_given(transaction, account, retention, now, limit));
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
  ASSIGN_OR_RETURN(
      const std::int64_t log,
      transaction.execute("DELETE FROM provisioning_log WHERE account_id = $1 AND at <= (SELECT max(due.at)"
                          " FROM (SELECT at FROM provisioning_log WHERE account_id = $1"
                          " AND at <= $2 - 86400000 * COALESCE((SELECT log_days FROM provisioning_settings"
                          " WHERE account_id = $1), $4) ORDER BY at LIMIT $3) AS due)",
                          {account, now, limit, ProvisioningSettings{}.log_days}));
  ASSIGN_OR_RETURN(const std::int64_t departures,
                   delete_old_departures(transaction, account, now - retention.departures, limit));
  ASSIGN_OR_RETURN(const std::int64_t test_runs,
                   delete_test_runs(transaction, account, now - retention.test_runs, limit));
  ASSIGN_OR_RETURN(const std::int64_t links,
                   transaction.execute("DELETE FROM access_links WHERE account_id = $1 AND expires_at <= $2",
                                       {account, now}));
  ASSIGN_OR_RETURN(const std::int64_t mails, delete_old_mails(transaction, account, now, limit));
  ASSIGN_OR_RETURN(const std::int64_t days, delete_old_daily_counts(transaction, account, now));
  return sessions + given + consumed + attempts + counters + log + departures + test_runs + links + mails +
         days;
}

}  // namespace doorward::directory
