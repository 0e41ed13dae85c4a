#include "directory/daily_counts.h"

#include <string_view>

namespace doorward::directory {
namespace {

using std::chrono::floor;
using std::chrono::sys_days;

std::int64_t day_number(Timestamp at) {
  return floor<std::chrono::days>(at).time_since_epoch().count();
}

#define ADD_TO(column)                                 \
  "INSERT INTO daily_counts (account_id, day, " column \
  ") VALUES ($1, $2, $3)"                              \
  " ON CONFLICT (account_id, day) DO UPDATE SET " column " = daily_counts." column " + excluded." column

std::string_view statement_for(DailyCount what) {
  switch (what) {
    case DailyCount::SignedIn:
      return ADD_TO("signed_in");
    case DailyCount::Refused:
      return ADD_TO("refused");
    case DailyCount::Provisioned:
      return ADD_TO("provisioned");
    case DailyCount::ProvisioningFailed:
      return ADD_TO("provisioning_failed");
  }
  return {};
}

DayCounts read_day(const storage::Row& row) {
  return {.day = sys_days(std::chrono::days(row.integer(0))),
          .signed_in = row.integer(1),
          .refused = row.integer(2),
          .provisioned = row.integer(3),
          .provisioning_failed = row.integer(4)};
}

}  // namespace

Result<void> count_daily(storage::Transaction& transaction, AccountId account, DailyCount what, Timestamp at,
                         std::int64_t number) {
  if (number == 0) return {};
  RETURN_IF_ERROR(transaction.execute(statement_for(what), {account, day_number(at), number}));
  return {};
}

Result<std::vector<DayCounts>> list_daily_counts(storage::Transaction& transaction, AccountId account,
                                                 int days, Timestamp now) {
  const sys_days today = floor<std::chrono::days>(now);
  const sys_days first = today - std::chrono::days(days - 1);
  ASSIGN_OR_RETURN(const auto stored,
                   transaction.all("SELECT day, signed_in, refused, provisioned, provisioning_failed"
                                   " FROM daily_counts WHERE account_id = $1 AND day BETWEEN $2 AND $3"
                                   " ORDER BY day",
                                   {account, day_number(first), day_number(today)}, read_day));
  std::vector<DayCounts> counts;
  auto next = stored.begin();
  for (sys_days day = first; day <= today; day += std::chrono::days(1)) {
    const bool known = next != stored.end() && next->day == day;
    counts.push_back(known ? *next++ : DayCounts{.day = day});
  }
  return counts;
}

Result<std::int64_t> delete_old_daily_counts(storage::Transaction& transaction, AccountId account,
                                             Timestamp now) {
  return transaction.execute("DELETE FROM daily_counts WHERE account_id = $1 AND day < $2",
                             {account, day_number(now - kDailyCountsKept)});
}

}  // namespace doorward::directory
