#include "directory/metadata_refreshes.h"

#include "base/text.h"
#include "directory/names.h"

namespace doorward::directory {
namespace {

constexpr Names<RefreshVerdict, 5> kRefreshVerdicts = {{{RefreshVerdict::None, "none"},
                                                        {RefreshVerdict::Unchanged, "unchanged"},
                                                        {RefreshVerdict::Changed, "changed"},
                                                        {RefreshVerdict::Held, "held"},
                                                        {RefreshVerdict::Failed, "failed"}}};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

}  // namespace

std::string_view to_text(RefreshVerdict verdict) {
  return name_of(kRefreshVerdicts, verdict);
}

Result<std::optional<MetadataRefresh>> find_metadata_refresh(storage::Transaction& transaction,
                                                             AccountId account, ConnectionId connection) {
  return transaction.first(
      "SELECT due_at, at, verdict, changes, problem, held, failing_since, told_at FROM metadata_refreshes"
      " WHERE account_id = $1 AND connection_id = $2",
      {account, connection}, [](const storage::Row& row) {
        return MetadataRefresh{.due_at = row.time(0),
                               .at = row.optional_time(1),
                               .verdict = stored_value(kRefreshVerdicts, row.text(2)),
                               .changes = lines_of(row.text(3)),
                               .problem = std::string(row.text(4)),
                               .held = std::string(row.text(5)),
                               .failing_since = row.optional_time(6),
                               .told_at = row.optional_time(7)};
      });
}

Result<void> record_metadata_refresh(storage::Transaction& transaction, AccountId account,
                                     ConnectionId connection, const MetadataRefresh& refresh) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO metadata_refreshes (account_id, connection_id, due_at, at, verdict, changes, problem,"
      " held, failing_since, told_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
      " ON CONFLICT (account_id, connection_id) DO UPDATE SET due_at = excluded.due_at, at = excluded.at,"
      " verdict = excluded.verdict, changes = excluded.changes, problem = excluded.problem,"
      " held = excluded.held, failing_since = excluded.failing_since, told_at = excluded.told_at",
      {account, connection, refresh.due_at, refresh.at, to_text(refresh.verdict),
       joined_lines(refresh.changes), refresh.problem, refresh.held, refresh.failing_since,
       refresh.told_at}));
  return {};
}

Result<std::vector<DueRefresh>> claim_due_refreshes(storage::Transaction& transaction, Duration interval,
                                                    Timestamp now, Timestamp until, int limit) {
  // Connections are few, a handful for each account.
  ASSIGN_OR_RETURN(
      std::vector<DueRefresh> due,
      transaction.all("SELECT c.account_id, c.id FROM connections AS c LEFT JOIN metadata_refreshes AS r"
                      " ON r.account_id = c.account_id AND r.connection_id = c.id"
                      " WHERE c.metadata_url <> '' AND c.proposed_by = ''"
                      " AND COALESCE(r.due_at, c.metadata_fetched_at + $2) <= $1"
                      " ORDER BY COALESCE(r.due_at, c.metadata_fetched_at + $2) LIMIT $3",
                      {now, interval.count(), limit}, [](const storage::Row& row) {
                        return DueRefresh{.account = row.id<AccountId>(0),
                                          .connection = row.id<ConnectionId>(1)};
                      }));
  std::vector<DueRefresh> claimed;
  for (const DueRefresh& one : due) {
    ASSIGN_OR_RETURN(
        const std::int64_t taken,
        transaction.execute("INSERT INTO metadata_refreshes (account_id, connection_id, due_at, verdict)"
                            " VALUES ($1, $2, $3, 'none') ON CONFLICT (account_id, connection_id) DO UPDATE"
                            " SET due_at = excluded.due_at WHERE metadata_refreshes.due_at <= $4",
                            {one.account, one.connection, until, now}));
    if (taken > 0) claimed.push_back(one);
  }
  return claimed;
}

Result<bool> hasten_metadata_refresh(storage::Transaction& transaction, AccountId account,
                                     ConnectionId connection, Timestamp now) {
  ASSIGN_OR_RETURN(const std::int64_t hastened,
                   transaction.execute(
                       "INSERT INTO metadata_refreshes (account_id, connection_id, due_at, verdict)"
                       " SELECT account_id, id, $3, 'none' FROM connections"
                       "  WHERE account_id = $1 AND id = $2 AND metadata_url <> '' AND proposed_by = ''"
                       " ON CONFLICT (account_id, connection_id) DO UPDATE SET due_at = excluded.due_at"
                       " WHERE metadata_refreshes.due_at > $3 AND COALESCE(metadata_refreshes.at, 0) <= $4",
                       {account, connection, now, now - kUrgentPause}));
  return hastened > 0;
}

Result<WithdrawnCertificates> list_withdrawn_certificates(storage::Transaction& transaction,
                                                          AccountId account, ConnectionId connection) {
  WithdrawnCertificates withdrawn;
  RETURN_IF_ERROR(transaction.query(
      "SELECT fingerprint, since FROM withdrawn_certificates WHERE account_id = $1 AND connection_id = $2",
      {account, connection}, [&](const storage::Row& row) { withdrawn.emplace(row.text(0), row.time(1)); }));
  return withdrawn;
}

Result<void> set_withdrawn_certificates(storage::Transaction& transaction, AccountId account,
                                        ConnectionId connection, const WithdrawnCertificates& withdrawn) {
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM withdrawn_certificates WHERE account_id = $1 AND connection_id = $2",
                          {account, connection}));
  for (const auto& [fingerprint, since] : withdrawn) {
    RETURN_IF_ERROR(transaction.execute(
        "INSERT INTO withdrawn_certificates (account_id, connection_id, fingerprint, since)"
        " VALUES ($1, $2, $3, $4)",
        {account, connection, fingerprint, since}));
  }
  return {};
}

}  // namespace doorward::directory
