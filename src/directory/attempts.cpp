#include "directory/attempts.h"

#include "base/text.h"
#include "crypto/random.h"
#include "directory/accounts.h"
#include "directory/daily_counts.h"
#include "directory/events.h"
#include "directory/matching_domains.h"
#include "directory/names.h"

namespace doorward::directory {
namespace {

constexpr Names<AttemptOutcome, 3> kOutcomes = {{{AttemptOutcome::Success, "success"},
                                                 {AttemptOutcome::Refused, "refused"},
                                                 {AttemptOutcome::Test, "test"}}};

constexpr std::size_t kReferenceGroup = 4;

#define ATTEMPT_COLUMNS                                                                                     \
  "t.id, t.reference, t.at, t.connection_id, t.outcome, t.finding, t.employee, t.report, t.client_address," \
  " t.account_id"

Attempt read_attempt(const storage::Row& row) {
  Attempt attempt;
  attempt.id = row.id<AttemptId>(0);
  attempt.reference = row.text(1);
  attempt.at = row.time(2);
  if (!row.is_null(3)) attempt.connection = row.id<ConnectionId>(3);
  attempt.outcome = stored_value(kOutcomes, row.text(4));
  attempt.finding = row.text(5);
  attempt.employee = row.text(6);
  attempt.report = row.text(7);
  attempt.client_address = row.text(8);
  attempt.account = row.id<AccountId>(9);
  return attempt;
}

/// A test is nobody's sign-in, and is not counted either. Where nobody was found, the event is about the
/// account.
Result<void> tell(storage::Transaction& transaction, const NewAttempt& attempt, std::string_view reference,
                  Timestamp now) {
  if (attempt.outcome == AttemptOutcome::Test) return {};
  std::string subject = attempt.employee;
  if (subject.empty()) {
    ASSIGN_OR_RETURN(const Account account, load_account(transaction, attempt.account));
    subject = account.public_id;
  }
  const bool succeeded = attempt.outcome == AttemptOutcome::Success;
  RETURN_IF_ERROR(
      count_daily(transaction, attempt.account, succeeded ? DailyCount::SignedIn : DailyCount::Refused, now));
  json::Object data = {{"reference", reference}, {"client_address", attempt.client_address}};
  if (!succeeded) data["finding"] = attempt.finding;
  return append_event(transaction, attempt.account, succeeded ? "sign_in.succeeded" : "sign_in.refused",
                      subject, data, now);
}

}  // namespace

std::string_view to_text(AttemptOutcome outcome) {
  return name_of(kOutcomes, outcome);
}
std::optional<AttemptOutcome> parse_attempt_outcome(std::string_view text) {
  return value_of(kOutcomes, text);
}

Result<std::string> record_attempt(storage::Transaction& transaction, const NewAttempt& attempt,
                                   Timestamp now) {
  // A reference is short enough to be read out, so one may be taken already; three in a row never are.
  for (int tries = 0; tries < 3; ++tries) {
    const std::string reference = crypto::random_reference();
    ASSIGN_OR_RETURN(
        const std::int64_t inserted,
        transaction.execute("INSERT INTO sign_in_attempts (account_id, reference, at, connection_id, outcome,"
                            " finding, employee, report, client_address)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
                            {attempt.account, reference, now, attempt.connection, to_text(attempt.outcome),
                             attempt.finding, attempt.employee, attempt.report, attempt.client_address}));
    if (inserted != 1) continue;
    RETURN_IF_ERROR(tell(transaction, attempt, reference, now));
    return reference;
  }
  return fail(ErrorKind::Internal, "directory.no_reference", "No reference number was free.");
}

Result<std::optional<Attempt>> find_attempt(storage::Transaction& transaction, AccountId account,
                                            std::string_view reference) {
  std::string canonical;
  for (const char c : reference) {
    if (c == '-' || c == ' ') continue;
    if (canonical.size() == kReferenceGroup) canonical += '-';
    canonical += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return transaction.first("SELECT " ATTEMPT_COLUMNS
                           " FROM sign_in_attempts AS t WHERE t.account_id = $1 AND t.reference = $2",
                           {account, canonical}, read_attempt);
}

Result<std::vector<Attempt>> list_attempts(storage::Transaction& transaction, AccountId account,
                                           std::optional<AttemptId> before, int limit) {
  return transaction.all("SELECT " ATTEMPT_COLUMNS
                         " FROM sign_in_attempts AS t WHERE t.account_id = $1 AND t.id < $2"
                         " ORDER BY t.id DESC LIMIT $3",
                         {account, before.value_or(AttemptId{INT64_MAX}), limit}, read_attempt);
}

Result<std::vector<Attempt>> list_attempts_about(storage::Transaction& transaction, AccountId account,
                                                 std::string_view employee, int limit) {
  return transaction.all("SELECT " ATTEMPT_COLUMNS
                         " FROM sign_in_attempts AS t WHERE t.account_id = $1 AND t.employee = $2"
                         " ORDER BY t.id DESC LIMIT $3",
                         {account, employee, limit}, read_attempt);
}

Result<std::optional<Attempt>> find_passed_test(storage::Transaction& transaction, AccountId account,
                                                ConnectionId connection, Timestamp since, TestedBy who) {
  const bool anybody = who == TestedBy::Anybody;
  return transaction.first(
      "SELECT " ATTEMPT_COLUMNS
      " FROM sign_in_attempts AS t WHERE t.account_id = $1 AND t.connection_id = $2 AND t.at >= $3"
      " AND t.outcome = 'test' AND t.finding = '' AND ($4 = 1 OR EXISTS (SELECT 1 FROM employees AS e"
      " WHERE e.account_id = t.account_id AND e.public_id = t.employee AND e.active = 1"
      " AND e.administrator = 1 AND e.email_domain IN " DIRECTORY_MATCHING_DOMAINS
      ")) ORDER BY t.at DESC LIMIT 1",
      {account, connection, since, anybody}, read_attempt);
}

}  // namespace doorward::directory
