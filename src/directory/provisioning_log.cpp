#include "directory/provisioning_log.h"

#include <algorithm>

#include "base/text.h"
#include "directory/daily_counts.h"
#include "directory/names.h"

namespace doorward::directory {
namespace {

constexpr Names<ProvisioningOutcome, 4> kOutcomes = {{{ProvisioningOutcome::Read, "read"},
                                                      {ProvisioningOutcome::Unchanged, "unchanged"},
                                                      {ProvisioningOutcome::Changed, "changed"},
                                                      {ProvisioningOutcome::Failed, "failed"}}};

constexpr std::size_t kMaxBody = std::size_t{16} * 1024;
constexpr std::size_t kMaxText = 2048;
constexpr std::size_t kMaxLoggedName = 256;
constexpr int kMaxLookedAt = 20'000;
constexpr int kLogPage = 500;

#define LIST_COLUMNS                                                                                  \
  "id, at, token_name, client_address, request_id, method, path, status, outcome, summary, subject, " \
  "changes,"                                                                                          \
  " duration_micros"
constexpr int kListColumns = 13;

ProvisioningEntry read_listed(const storage::Row& row) {
  ProvisioningEntry entry;
  entry.id = row.id<ProvisioningEntryId>(0);
  entry.at = row.time(1);
  entry.token_name = row.text(2);
  entry.client_address = row.text(3);
  entry.request_id = row.text(4);
  entry.method = row.text(5);
  entry.path = row.text(6);
  entry.status = static_cast<int>(row.integer(7));
  entry.outcome = stored_value(kOutcomes, row.text(8));
  entry.summary = row.text(9);
  entry.subject = row.text(10);
  entry.changes = row.text(11);
  entry.duration_micros = row.integer(12);
  return entry;
}

/// At most `kMaxBody` bytes, and a text that every database takes: what a client sent may be anything.
std::string storable_body(std::string_view body) {
  if (!is_valid_utf8(body) || body.find('\0') != std::string_view::npos) return printable(body, kMaxBody);
  if (body.size() <= kMaxBody) return std::string(body);
  std::size_t end = kMaxBody;
  // Continuation bytes of UTF-8 are 10xxxxxx.
  while ((static_cast<unsigned char>(body[end]) & 0xC0U) == 0x80U)
    --end;
  return std::string(body.substr(0, end));
}

bool matches(const ProvisioningEntry& entry, const ProvisioningLogFilter& filter,
             std::string_view lower_case_text) {
  if (filter.outcome && entry.outcome != *filter.outcome) return false;
  return lower_case_text.empty() ||
         to_ascii_lower(entry.summary).find(lower_case_text) != std::string::npos ||
         to_ascii_lower(entry.path).find(lower_case_text) != std::string::npos;
}

/// The next entries below `before` that an index finds; the filter's other parts are looked at afterwards.
Result<std::vector<ProvisioningEntry>> read_page(storage::Transaction& transaction, AccountId account,
                                                 const ProvisioningLogFilter& filter,
                                                 ProvisioningEntryId before, int limit) {
  if (!filter.subject.empty()) {
    return transaction.all("SELECT " LIST_COLUMNS
                           " FROM provisioning_log WHERE account_id = $1 AND subject = $2 AND subject <> ''"
                           " AND id < $3 ORDER BY id DESC LIMIT $4",
                           {account, to_ascii_lower(filter.subject), before, limit}, read_listed);
  }
  if (filter.outcome) {
    return transaction.all("SELECT " LIST_COLUMNS
                           " FROM provisioning_log WHERE account_id = $1 AND outcome = $2 AND id < $3"
                           " ORDER BY id DESC LIMIT $4",
                           {account, to_text(*filter.outcome), before, limit}, read_listed);
  }
  return transaction.all("SELECT " LIST_COLUMNS
                         " FROM provisioning_log WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                         {account, before, limit}, read_listed);
}

/// Entries that come together are of the same minutes: all count for the day of the last one.
Result<void> count_entries(storage::Transaction& transaction, AccountId account,
                           std::span<const NewProvisioningEntry> entries) {
  if (entries.empty()) return {};
  const auto number_of = [&](ProvisioningOutcome outcome) {
    return std::ranges::count(entries, outcome, &NewProvisioningEntry::outcome);
  };
  const Timestamp at = entries.back().at;
  RETURN_IF_ERROR(count_daily(transaction, account, DailyCount::Provisioned, at,
                              number_of(ProvisioningOutcome::Changed)));
  return count_daily(transaction, account, DailyCount::ProvisioningFailed, at,
                     number_of(ProvisioningOutcome::Failed));
}

}  // namespace

std::string_view to_text(ProvisioningOutcome outcome) {
  return name_of(kOutcomes, outcome);
}
std::optional<ProvisioningOutcome> parse_provisioning_outcome(std::string_view text) {
  return value_of(kOutcomes, text);
}

Result<void> record_provisioning(storage::Transaction& transaction, AccountId account,
                                 std::span<const NewProvisioningEntry> entries) {
  for (const NewProvisioningEntry& entry : entries) {
    RETURN_IF_ERROR(transaction.execute(
        "INSERT INTO provisioning_log (account_id, at, token_name, client_address, request_id, method, path,"
        " status, outcome, summary, subject, changes, request_body, response_body, duration_micros)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        {account, entry.at, printable(entry.token_name, kMaxLoggedName),
         printable(entry.client_address, kMaxLoggedName), printable(entry.request_id, kMaxLoggedName),
         printable(entry.method, kMaxLoggedName), printable(entry.path, kMaxText), entry.status,
         to_text(entry.outcome), printable(entry.summary, kMaxText),
         to_ascii_lower(printable(entry.subject, kMaxLoggedName)), entry.changes,
         storable_body(entry.request_body), storable_body(entry.response_body), entry.duration_micros}));
  }
  return count_entries(transaction, account, entries);
}

Result<std::vector<ProvisioningEntry>> list_provisioning_log(storage::Transaction& transaction,
                                                             AccountId account,
                                                             const ProvisioningLogFilter& filter,
                                                             std::optional<ProvisioningEntryId> before,
                                                             int limit) {
  const std::string text = to_ascii_lower(filter.text);
  const bool index_decides = text.empty() && (filter.subject.empty() || !filter.outcome);
  const int page_size = index_decides ? std::min(limit, kMaxLookedAt) : kLogPage;
  std::vector<ProvisioningEntry> found;
  ProvisioningEntryId last = before.value_or(ProvisioningEntryId{INT64_MAX});
  for (int looked_at = 0; looked_at < kMaxLookedAt; looked_at += page_size) {
    ASSIGN_OR_RETURN(std::vector<ProvisioningEntry> page,
                     read_page(transaction, account, filter, last, page_size));
    for (ProvisioningEntry& entry : page) {
      if (std::cmp_equal(found.size(), limit)) return found;
      last = entry.id;
      if (matches(entry, filter, text)) found.push_back(std::move(entry));
    }
    if (std::cmp_less(page.size(), page_size) || std::cmp_equal(found.size(), limit)) break;
  }
  return found;
}

Result<std::optional<ProvisioningEntry>> find_provisioning_entry(storage::Transaction& transaction,
                                                                 AccountId account, ProvisioningEntryId id) {
  return transaction.first("SELECT " LIST_COLUMNS
                           ", request_body, response_body FROM provisioning_log"
                           " WHERE account_id = $1 AND id = $2",
                           {account, id}, [](const storage::Row& row) {
                             ProvisioningEntry entry = read_listed(row);
                             entry.request_body = row.text(kListColumns);
                             entry.response_body = row.text(kListColumns + 1);
                             return entry;
                           });
}

Result<ProvisioningPulse> provisioning_pulse(storage::Transaction& transaction, AccountId account,
                                             Timestamp from) {
  ProvisioningPulse pulse;
  ASSIGN_OR_RETURN(pulse.last_request_at,
                   transaction.first("SELECT at FROM provisioning_log WHERE account_id = $1"
                                     " ORDER BY at DESC LIMIT 1",
                                     {account}, [](const storage::Row& row) { return row.time(0); }));
  RETURN_IF_ERROR(
      transaction.query("SELECT outcome, count(*) FROM provisioning_log"
                        " WHERE account_id = $1 AND at >= $2 GROUP BY outcome",
                        {account, from}, [&](const storage::Row& row) {
                          const ProvisioningOutcome outcome = stored_value(kOutcomes, row.text(0));
                          if (outcome == ProvisioningOutcome::Changed) {
                            pulse.changed = row.integer(1);
                          } else if (outcome == ProvisioningOutcome::Failed) {
                            pulse.failed = row.integer(1);
                          }
                        }));
  return pulse;
}

Result<std::int64_t> delete_provisioning_log(storage::Transaction& transaction, AccountId account,
                                             Timestamp until, int limit) {
  return transaction.execute(
      "DELETE FROM provisioning_log WHERE account_id = $1 AND at <= (SELECT max(due.at)"
      " FROM (SELECT at FROM provisioning_log WHERE account_id = $1 AND at < $2 ORDER BY at LIMIT $3) AS "
      "due)",
      {account, until, limit});
}

}  // namespace doorward::directory
