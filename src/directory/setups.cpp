#include "directory/setups.h"

#include "directory/accounts.h"

namespace doorward::directory {
namespace {

Setup read_setup(const storage::Row& row) {
  Setup setup;
  setup.provider = row.text(0);
  setup.started_at = row.time(1);
  setup.started_by = row.text(2);
  setup.application_done_at = row.optional_time(3);
  setup.provisioning_declined_at = row.optional_time(4);
  setup.department_chosen_at = row.optional_time(5);
  return setup;
}

}  // namespace

Result<std::optional<Setup>> find_setup(storage::Transaction& transaction, AccountId account) {
  return transaction.first(
      "SELECT provider, started_at, started_by, application_done_at, provisioning_declined_at,"
      " department_chosen_at FROM setups WHERE account_id = $1",
      {account}, read_setup);
}

Result<Setup> start_setup(storage::Transaction& transaction, AccountId account, const Actor& actor,
                          Timestamp now) {
  ASSIGN_OR_RETURN(auto started, find_setup(transaction, account));
  if (started) return *std::move(started);
  ASSIGN_OR_RETURN(const Account loaded, load_account(transaction, account));
  if (loaded.plan != Plan::Enterprise) {
    return fail(ErrorKind::Refused, "directory.plan_without_sso",
                "Single sign-on belongs to the enterprise plan, which your company does not have. Ask "
                "support to change the plan.");
  }
  RETURN_IF_ERROR(
      transaction.execute("INSERT INTO setups (account_id, started_at, started_by) VALUES ($1, $2, $3)",
                          {account, now, actor.name}));
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "setup.started", loaded.public_id, {}, now));
  Setup setup;
  setup.started_at = now;
  setup.started_by = actor.name;
  return setup;
}

Result<void> update_setup(storage::Transaction& transaction, AccountId account, const Setup& setup) {
  ASSIGN_OR_RETURN(const std::int64_t updated,
                   transaction.execute("UPDATE setups SET provider = $2, application_done_at = $3,"
                                       " provisioning_declined_at = $4, department_chosen_at = $5"
                                       " WHERE account_id = $1",
                                       {account, setup.provider, setup.application_done_at,
                                        setup.provisioning_declined_at, setup.department_chosen_at}));
  if (updated > 0) return {};
  return fail(ErrorKind::Conflict, kNoSetup, "The setup was not started, or was cancelled. Start it first.");
}

Result<void> delete_setup(storage::Transaction& transaction, AccountId account) {
  RETURN_IF_ERROR(transaction.execute("DELETE FROM setups WHERE account_id = $1", {account}));
  return {};
}

}  // namespace doorward::directory
