#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "directory/ids.h"
#include "storage/database.h"

/// How many sign-ins and changes by the directory a day had, for the charts: counted as they happen, so that
/// nobody reads a month of records to draw one. Days are those of UTC. Test sign-ins do not count.
namespace doorward::directory {

enum class DailyCount : std::uint8_t { SignedIn, Refused, Provisioned, ProvisioningFailed };

struct DayCounts {
  std::chrono::sys_days day;
  std::int64_t signed_in = 0;
  std::int64_t refused = 0;
  std::int64_t provisioned = 0;
  std::int64_t provisioning_failed = 0;

  bool operator==(const DayCounts&) const = default;
};

/// Adds to the day in which `at` lies.
Result<void> count_daily(storage::Transaction& transaction, AccountId account, DailyCount what, Timestamp at,
                         std::int64_t number = 1);
/// The last `days` days, today the last of them; days on which nothing happened among them.
Result<std::vector<DayCounts>> list_daily_counts(storage::Transaction& transaction, AccountId account,
                                                 int days, Timestamp now);

inline constexpr std::chrono::days kDailyCountsKept{400};
/// Says how many were older.
Result<std::int64_t> delete_old_daily_counts(storage::Transaction& transaction, AccountId account,
                                             Timestamp now);

}  // namespace doorward::directory
