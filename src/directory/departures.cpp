#include "directory/departures.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "directory/events.h"
#include "directory/mails.h"
#include "directory/names.h"
#include "directory/provisioning.h"

namespace doorward::directory {
namespace {

constexpr int kEverybody = std::numeric_limits<int>::max();

constexpr Names<DepartureKind, 3> kKinds = {{{DepartureKind::Deactivated, "deactivated"},
                                             {DepartureKind::Deleted, "deleted"},
                                             {DepartureKind::DeletionHeld, "deletion-held"}}};
constexpr Names<BatchState, 3> kBatchStates = {
    {{BatchState::Open, "open"}, {BatchState::Restored, "restored"}, {BatchState::Confirmed, "confirmed"}}};

/// What a departure adds to.
struct Before {
  std::optional<DepartureBatchId> open_batch;
  /// The account's last departure when its last batch was closed.
  std::int64_t closed_number = 0;
  /// The first departure of the hour.
  std::optional<std::int64_t> first_number;
  /// How many employees there were, when that was counted within the hour.
  std::optional<std::int64_t> total;
  std::optional<std::int64_t> counted_at;
};

/// Index seeks, one for each value, however many left before.
Result<Before> look_back(storage::Transaction& transaction, AccountId account, std::int64_t number,
                         Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto before,
      transaction.first(
          "SELECT (SELECT id FROM departure_batches WHERE account_id = $1 AND state = 'open'),"
          " (SELECT last_number FROM departure_batches WHERE account_id = $1 AND state <> 'open'"
          "   ORDER BY id DESC LIMIT 1),"
          " (SELECT number FROM departures WHERE account_id = $1 AND at > $2 ORDER BY at, number LIMIT 1),"
          " (SELECT employee_total FROM departures WHERE account_id = $1 AND number = $3 AND counted_at > "
          "$2),"
          " (SELECT counted_at FROM departures WHERE account_id = $1 AND number = $3 AND counted_at > $2)",
          {account, now - kBrakeWindow, number - 1}, [](const storage::Row& row) {
            const auto number_at = [&](int column) {
              return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
            };
            Before found;
            if (!row.is_null(0)) found.open_batch = row.id<DepartureBatchId>(0);
            found.closed_number = number_at(1).value_or(0);
            found.first_number = number_at(2);
            found.total = number_at(3);
            found.counted_at = number_at(4);
            return found;
          }));
  return *before;
}

/// While a batch is open, nobody is deleted.
DepartureKind kind_now(DepartureKind kind, bool is_open) {
  return is_open && kind == DepartureKind::Deleted ? DepartureKind::DeletionHeld : kind;
}

/// Whether a share of `total` leaves, within the hour, that no company loses.
bool is_too_many(const ProvisioningSettings& settings, std::int64_t count, std::int64_t total) {
  return count > settings.brake_count && count * 100 > settings.brake_percent * total;
}

struct Earlier {
  DepartureId id;
  Timestamp at;
  std::optional<DepartureBatchId> batch;
  bool undone = false;
  std::optional<DepartureBatchId> open_batch;
};

/// Somebody who is deactivated and then deleted leaves once. Says whether a batch is open, or nothing when
/// this is a departure of its own.
Result<std::optional<bool>> merge_with_earlier(storage::Transaction& transaction, const Employee& employee,
                                               DepartureKind kind, Timestamp now) {
  const auto optional_batch = [](const storage::Row& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.id<DepartureBatchId>(column));
  };
  ASSIGN_OR_RETURN(
      const auto earlier,
      transaction.first("SELECT id, at, batch_id, undone_at IS NOT NULL,"
                        " (SELECT id FROM departure_batches WHERE account_id = $1 AND state = 'open')"
                        " FROM departures WHERE account_id = $1 AND employee = $2"
                        " ORDER BY departures.id DESC LIMIT 1",
                        {employee.account, employee.public_id}, [&](const storage::Row& row) {
                          return Earlier{.id = row.id<DepartureId>(0),
                                         .at = row.time(1),
                                         .batch = optional_batch(row, 2),
                                         .undone = row.flag(3),
                                         .open_batch = optional_batch(row, 4)};
                        }));
  if (!earlier || earlier->undone) return std::optional<bool>();
  const bool in_open_batch = earlier->batch && earlier->batch == earlier->open_batch;
  const bool in_window = !earlier->batch && earlier->at > now - kBrakeWindow;
  if (!in_open_batch && !in_window) return std::optional<bool>();
  RETURN_IF_ERROR(
      transaction.execute("UPDATE departures SET kind = $3 WHERE account_id = $1 AND id = $2",
                          {employee.account, earlier->id, to_text(kind_now(kind, in_open_batch))}));
  return in_open_batch;
}

/// What administrators are told by mail.
std::string brake_words(std::int64_t count, std::int64_t total, const Actor& actor) {
  return fmt::format(
      "Hello {{name}},\n\nwithin an hour, {} of the {} employees of {{company}} were deactivated or deleted "
      "by the directory "
      "service ({}). Their access ended at once.\n\nIn case this was a mistake, further deletions are kept "
      "as deactivations: "
      "nothing is lost. Open the console, Provisioning, look at the list, and restore the whole batch or "
      "confirm "
      "it.\n",
      count, total, printable(actor.name));
}

Result<DepartureBatchId> open_batch(storage::Transaction& transaction, AccountId account, std::int64_t count,
                                    std::int64_t total, const Actor& actor, Timestamp now) {
  const std::string public_id = new_public_id();
  ASSIGN_OR_RETURN(const auto id,
                   transaction.first("INSERT INTO departure_batches (account_id, public_id, state, cause,"
                                     " opened_at) VALUES ($1, $2, 'open', $3, $4) RETURNING id",
                                     {account, public_id, actor.name, now},
                                     [](const storage::Row& row) { return row.id<DepartureBatchId>(0); }));
  const json::Object details = {{"left", count}, {"of", total}, {"cause", actor.name}};
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "departures.brake_on", public_id, details, now));
  RETURN_IF_ERROR(append_event(transaction, account, "departures.brake_on", public_id, details, now));
  RETURN_IF_ERROR(queue_notice(transaction, account, "Many employees left at once",
                               brake_words(count, total, actor), now));
  return *id;
}

/// How many employees there are, counted at most once an hour: counting costs with their number.
struct Total {
  std::int64_t employees = 0;
  Timestamp counted_at;
};

Result<Total> total_for(storage::Transaction& transaction, AccountId account,
                        const ProvisioningSettings& settings, const Before& before, std::int64_t count,
                        Timestamp now) {
  std::optional<Total> earlier;
  if (before.total && before.counted_at) earlier = Total{*before.total, from_millis(*before.counted_at)};
  // Many may have joined since: the brake does not go on for a number that is out of date.
  const bool decides = !before.open_batch && earlier && is_too_many(settings, count, earlier->employees);
  if (earlier && !decides) return *earlier;
  ASSIGN_OR_RETURN(const std::int64_t employees, count_provisioned(transaction, account));
  if (earlier && earlier->employees >= employees) return *earlier;
  return Total{employees, now};
}

Result<std::int64_t> next_number(storage::Transaction& transaction, AccountId account) {
  // Also makes departures of one account wait for one another.
  ASSIGN_OR_RETURN(const auto number,
                   transaction.first("UPDATE accounts SET departures = departures + 1 WHERE id = $1"
                                     " RETURNING departures",
                                     {account}, [](const storage::Row& row) { return row.integer(0); }));
  if (!number) {
    return fail(ErrorKind::NotFound, "directory.no_account", "The account does not exist any more.");
  }
  return *number;
}

#define BATCH_COLUMNS "id, account_id, public_id, state, cause, opened_at, closed_at, closed_by"
#define SELECT_BATCHES(chosen)                                                                           \
  "SELECT b.id, b.public_id, b.state, b.cause, b.opened_at, b.closed_at, b.closed_by,"                   \
  " COUNT(CASE WHEN d.kind = 'deactivated' THEN 1 END), COUNT(CASE WHEN d.kind = 'deleted' THEN 1 END)," \
  " COUNT(CASE WHEN d.kind = 'deletion-held' THEN 1 END)"                                                \
  " FROM (SELECT " BATCH_COLUMNS " FROM departure_batches WHERE " chosen                                 \
  ") AS b LEFT JOIN departures AS d ON d.account_id = b.account_id AND d.batch_id = b.id"                \
  " GROUP BY b.id, b.public_id, b.state, b.cause, b.opened_at, b.closed_at, b.closed_by"                 \
  " ORDER BY b.id DESC"

DepartureBatch read_batch(const storage::Row& row) {
  return {.id = row.id<DepartureBatchId>(0),
          .public_id = std::string(row.text(1)),
          .state = stored_value(kBatchStates, row.text(2)),
          .cause = std::string(row.text(3)),
          .opened_at = row.time(4),
          .closed_at = row.optional_time(5),
          .closed_by = std::string(row.text(6)),
          .deactivated = row.integer(7),
          .deleted = row.integer(8),
          .deletions_held = row.integer(9)};
}

tl::unexpected<Error> batch_closed() {
  return fail(ErrorKind::Conflict, kBatchClosed,
              "These departures were restored or confirmed already. Nothing was changed.");
}

/// What leaves from here on is counted anew. Nothing when the same was decided before.
Result<std::optional<std::string>> close_batch(storage::Transaction& transaction, AccountId account,
                                               DepartureBatchId batch, BatchState state, const Actor& actor,
                                               Timestamp now) {
  ASSIGN_OR_RETURN(
      auto public_id,
      transaction.first("UPDATE departure_batches SET state = $3, closed_at = $4, closed_by = $5,"
                        " last_number = (SELECT departures FROM accounts WHERE id = $1)"
                        " WHERE account_id = $1 AND id = $2 AND state = 'open' RETURNING public_id",
                        {account, batch, to_text(state), now, actor.name},
                        [](const storage::Row& row) { return std::string(row.text(0)); }));
  if (public_id) return public_id;
  ASSIGN_OR_RETURN(const auto known,
                   transaction.first("SELECT state FROM departure_batches WHERE account_id = $1 AND id = $2",
                                     {account, batch}, [](const storage::Row& row) {
                                       return stored_value(kBatchStates, row.text(0));
                                     }));
  if (!known) {
    return fail(ErrorKind::NotFound, "directory.no_departure_batch", "There is no such batch of departures.");
  }
  if (*known != state) return batch_closed();
  return std::nullopt;
}

/// Somebody of a batch for whom the decision is not carried out.
struct Leaver {
  EmployeeId id;
  std::string public_id;
  bool had_access = false;
};

Leaver read_leaver(const storage::Row& row) {
  return Leaver{
      .id = row.id<EmployeeId>(0), .public_id = std::string(row.text(1)), .had_access = row.flag(2)};
}

#define FROM_LEAVERS                                             \
  " FROM departures AS d JOIN employees AS e"                    \
  " ON e.account_id = d.account_id AND e.public_id = d.employee" \
  " WHERE d.account_id = $1 AND d.batch_id = $2 AND d.undone_at IS NULL"
// Who is active has come back already, and who was not active before has nothing to get back.
#define FROM_LEAVERS_TO_RESTORE \
  FROM_LEAVERS " AND e.active = 0 AND (d.was_active = 1 OR e.deletion_held_at IS NOT NULL)"
#define FROM_LEAVERS_TO_DELETE FROM_LEAVERS " AND d.kind = 'deletion-held' AND e.deletion_held_at IS NOT NULL"

Result<std::int64_t> count_leavers(storage::Transaction& transaction, std::string_view sql, AccountId account,
                                   DepartureBatchId batch) {
  ASSIGN_OR_RETURN(const auto count, transaction.first(sql, {account, batch}, [](const storage::Row& row) {
    return row.integer(0);
  }));
  return count.value_or(0);
}

/// What a decision is: its state, its words, and who it is about.
struct Decision {
  BatchState state;
  std::string_view event;
  std::string_view count;
  /// One more than a step takes, which tells whether it is the last.
  std::string_view some;
};
constexpr Decision kRestore = {BatchState::Restored, "departures.restored",
                               "SELECT count(*)" FROM_LEAVERS_TO_RESTORE " AND d.was_active = 1",
                               "SELECT e.id, e.public_id, d.was_active" FROM_LEAVERS_TO_RESTORE
                               " ORDER BY d.id LIMIT $3"};
constexpr Decision kConfirm = {
    BatchState::Confirmed, "departures.confirmed", "SELECT count(*)" FROM_LEAVERS_TO_DELETE,
    "SELECT e.id, e.public_id, d.was_active" FROM_LEAVERS_TO_DELETE " ORDER BY d.id LIMIT $3"};

/// Decides when that was not done yet, and carries the decision out for some by `act`, which says whether an
/// employee counts.
Result<DecisionStep> take_step(storage::Transaction& transaction, AccountId account, DepartureBatchId batch,
                               const Decision& decision, const Actor& actor, Timestamp now, int limit,
                               const std::function<Result<bool>(const Leaver&)>& act) {
  ASSIGN_OR_RETURN(const auto closed_now,
                   close_batch(transaction, account, batch, decision.state, actor, now));
  if (closed_now) {
    ASSIGN_OR_RETURN(const std::int64_t all, count_leavers(transaction, decision.count, account, batch));
    const json::Object details = {{"employees", all}};
    RETURN_IF_ERROR(record_audit(transaction, account, actor, decision.event, *closed_now, details, now));
    RETURN_IF_ERROR(append_event(transaction, account, decision.event, *closed_now, details, now));
  }
  ASSIGN_OR_RETURN(std::vector<Leaver> leavers,
                   transaction.all(decision.some, {account, batch, std::int64_t{limit} + 1}, read_leaver));
  if (!closed_now && leavers.empty()) return batch_closed();
  DecisionStep step{.finished = std::ssize(leavers) <= limit};
  if (!step.finished) leavers.pop_back();
  for (const Leaver& leaver : leavers) {
    ASSIGN_OR_RETURN(const bool counts, act(leaver));
    step.employees += counts ? 1 : 0;
  }
  return step;
}

/// Somebody inactive whose deletion was held is the directory's inactive employee again.
Result<void> take_back_deletion(storage::Transaction& transaction, AccountId account, const Leaver& leaver,
                                const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE employees SET deletion_held_at = NULL, version = version + 1, updated_at = $3"
      " WHERE account_id = $1 AND id = $2",
      {account, leaver.id, now}));
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE departures SET undone_at = $3 WHERE account_id = $1 AND employee = $2 AND undone_at IS NULL",
      {account, leaver.public_id, now}));
  return record_audit(transaction, account, actor, "employee.deletion_taken_back", leaver.public_id, {}, now);
}

}  // namespace

std::string_view to_text(DepartureKind kind) {
  return name_of(kKinds, kind);
}
std::string_view to_text(BatchState state) {
  return name_of(kBatchStates, state);
}

Result<bool> record_departure(storage::Transaction& transaction, AccountId account,
                              const ProvisioningSettings& settings, const Employee& employee,
                              DepartureKind kind, const Actor& actor, Timestamp now) {
  CHECK(employee.account == account);
  ASSIGN_OR_RETURN(const std::optional<bool> merged, merge_with_earlier(transaction, employee, kind, now));
  if (merged) return *merged;
  ASSIGN_OR_RETURN(const std::int64_t number, next_number(transaction, account));
  ASSIGN_OR_RETURN(const Before before, look_back(transaction, account, number, now));
  const std::int64_t first =
      std::min(number, std::max(before.first_number.value_or(number), before.closed_number + 1));
  const std::int64_t count = number - first + 1;

  ASSIGN_OR_RETURN(const Total total, total_for(transaction, account, settings, before, count, now));
  std::optional<DepartureBatchId> batch = before.open_batch;
  if (!batch && is_too_many(settings, count, total.employees)) {
    ASSIGN_OR_RETURN(batch, open_batch(transaction, account, count, total.employees, actor, now));
    RETURN_IF_ERROR(
        transaction.execute("UPDATE departures SET batch_id = $4 WHERE account_id = $1 AND number >= $2"
                            " AND number < $3",
                            {account, first, number, *batch}));
  }
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO departures (account_id, number, at, employee, user_name, kind, was_active, employee_total,"
      " counted_at, batch_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      {account, number, now, employee.public_id, employee.profile.user_name,
       to_text(kind_now(kind, batch.has_value())), employee.active, total.employees, total.counted_at,
       batch}));
  return batch.has_value();
}

Result<bool> is_brake_on(storage::Transaction& transaction, AccountId account) {
  ASSIGN_OR_RETURN(
      const auto open,
      transaction.first("SELECT id FROM departure_batches WHERE account_id = $1 AND state = 'open'",
                        {account}, [](const storage::Row& row) { return row.integer(0); }));
  return open.has_value();
}

Result<std::vector<DepartureBatch>> list_departure_batches(storage::Transaction& transaction,
                                                           AccountId account, int limit) {
  return transaction.all(SELECT_BATCHES("account_id = $1 ORDER BY id DESC LIMIT $2"), {account, limit},
                         read_batch);
}

Result<std::optional<DepartureBatch>> find_departure_batch(storage::Transaction& transaction,
                                                           AccountId account, std::string_view public_id) {
  return transaction.first(SELECT_BATCHES("account_id = $1 AND public_id = $2"),
                           {account, to_ascii_lower(public_id)}, read_batch);
}

Result<std::vector<Departure>> list_departures(storage::Transaction& transaction, AccountId account,
                                               DepartureBatchId batch, std::optional<DepartureId> after,
                                               int limit) {
  return transaction.all(
      "SELECT id, at, employee, user_name, kind, undone_at FROM departures WHERE account_id = $1"
      " AND batch_id = $2 AND id > $3 ORDER BY id LIMIT $4",
      {account, batch, after.value_or(DepartureId{}), limit}, [](const storage::Row& row) {
        return Departure{.id = row.id<DepartureId>(0),
                         .at = row.time(1),
                         .employee = std::string(row.text(2)),
                         .user_name = std::string(row.text(3)),
                         .kind = stored_value(kKinds, row.text(4)),
                         .undone_at = row.optional_time(5)};
      });
}

Result<DecisionStep> restore_some(storage::Transaction& transaction, AccountId account,
                                  DepartureBatchId batch, const Actor& actor, Timestamp now, int limit) {
  return take_step(transaction, account, batch, kRestore, actor, now, limit,
                   [&](const Leaver& leaver) -> Result<bool> {
                     if (leaver.had_access) {
                       RETURN_IF_ERROR(activate_employee(transaction, account, leaver.id, actor, now));
                     } else {
                       RETURN_IF_ERROR(take_back_deletion(transaction, account, leaver, actor, now));
                     }
                     return leaver.had_access;
                   });
}

Result<DecisionStep> confirm_some(storage::Transaction& transaction, AccountId account,
                                  DepartureBatchId batch, const Actor& actor, Timestamp now, int limit) {
  return take_step(
      transaction, account, batch, kConfirm, actor, now, limit, [&](const Leaver& leaver) -> Result<bool> {
        RETURN_IF_ERROR(
            delete_employee(transaction, account, leaver.id, LastAdministrator::MayGo, actor, now));
        return true;
      });
}

Result<std::int64_t> restore_departures(storage::Transaction& transaction, AccountId account,
                                        DepartureBatchId batch, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const DecisionStep all, restore_some(transaction, account, batch, actor, now, kEverybody));
  return all.employees;
}

Result<std::int64_t> confirm_departures(storage::Transaction& transaction, AccountId account,
                                        DepartureBatchId batch, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const DecisionStep all, confirm_some(transaction, account, batch, actor, now, kEverybody));
  return all.employees;
}

Result<std::int64_t> count_undecided(storage::Transaction& transaction, AccountId account,
                                     const DepartureBatch& batch) {
  switch (batch.state) {
    case BatchState::Open:
      return 0;
    case BatchState::Restored:
      return count_leavers(transaction, "SELECT count(*)" FROM_LEAVERS_TO_RESTORE, account, batch.id);
    case BatchState::Confirmed:
      return count_leavers(transaction, kConfirm.count, account, batch.id);
  }
  return 0;
}

}  // namespace doorward::directory
