#include "directory/test_runs.h"

namespace doorward::directory {
namespace {

#define TEST_RUN_COLUMNS \
  "id, account_id, public_id, connection_id, created_at, created_by, expires_at, opened_at, reference"

TestRun read_test_run(const storage::Row& row) {
  TestRun run;
  run.id = row.id<TestRunId>(0);
  run.account = row.id<AccountId>(1);
  run.public_id = row.text(2);
  run.connection = row.id<ConnectionId>(3);
  run.created_at = row.time(4);
  run.created_by = row.text(5);
  run.expires_at = row.time(6);
  if (!row.is_null(7)) run.opened_at = row.time(7);
  run.reference = row.text(8);
  return run;
}

}  // namespace

Result<TestRun> create_test_run(storage::Transaction& transaction, AccountId account, ConnectionId connection,
                                const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(
      std::optional<TestRun> run,
      transaction.first(
          "INSERT INTO test_runs (account_id, public_id, connection_id, created_at, created_by, expires_at)"
          " VALUES ($1, $2, $3, $4, $5, $6) RETURNING " TEST_RUN_COLUMNS,
          {account, new_public_id(), connection, now, actor.name, now + kTestRunLifetime}, read_test_run));
  if (!run) return fail(ErrorKind::Internal, "directory.no_test_run", "The test was not stored.");
  return *std::move(run);
}

Result<std::optional<TestRun>> find_test_run(storage::Transaction& transaction, AccountId account,
                                             std::string_view public_id) {
  return transaction.first("SELECT " TEST_RUN_COLUMNS
                           " FROM test_runs WHERE account_id = $1 AND public_id = $2",
                           {account, public_id}, read_test_run);
}

Result<void> open_test_run(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                           Timestamp now) {
  RETURN_IF_ERROR(
      transaction.execute("UPDATE test_runs SET opened_at = $3"
                          " WHERE account_id = $1 AND public_id = $2 AND expires_at > $3",
                          {account, public_id, now}));
  return {};
}

Result<void> finish_test_run(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                             std::string_view reference, Timestamp now) {
  // The link may expire while somebody is still at the provider: what was opened in time may end.
  RETURN_IF_ERROR(
      transaction.execute("UPDATE test_runs SET reference = $3"
                          " WHERE account_id = $1 AND public_id = $2 AND opened_at <= $4",
                          {account, public_id, reference, now}));
  return {};
}

Result<std::int64_t> delete_test_runs(storage::Transaction& transaction, AccountId account, Timestamp until,
                                      int limit) {
  return transaction.execute(
      "DELETE FROM test_runs WHERE account_id = $1 AND expires_at <= (SELECT max(due.at)"
      " FROM (SELECT expires_at AS at FROM test_runs WHERE account_id = $1"
      " AND expires_at <= $2 ORDER BY expires_at LIMIT $3) AS due)",
      {account, until, limit});
}

}  // namespace doorward::directory
