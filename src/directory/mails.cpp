#include "directory/mails.h"

#include <fmt/format.h>

#include "base/text.h"
#include "directory/names.h"
#include "directory/rows.h"

namespace doorward::directory {
namespace {

constexpr Names<MailKind, 4> kKinds = {{{MailKind::Invitation, "invitation"},
                                        {MailKind::Recovery, "recovery"},
                                        {MailKind::Instructions, "instructions"},
                                        {MailKind::Notice, "notice"}}};

constexpr Names<MailState, 3> kMailStates = {
    {{MailState::Waiting, "waiting"}, {MailState::Sent, "sent"}, {MailState::Dead, "dead"}}};

constexpr std::size_t kMaxProblem = 500;

Result<void> check_words(std::string_view subject, std::string_view body) {
  if (trim(subject).empty() || trim(body).empty()) {
    return fail(ErrorKind::InvalidInput, "directory.mail_empty", "The mail needs a subject and a text.");
  }
  if (subject.size() > kMaxMailSubject || body.size() > kMaxMailBody) {
    return fail(ErrorKind::InvalidInput, "directory.mail_too_long",
                fmt::format("The subject may have {} bytes and the text {}.", kMaxMailSubject, kMaxMailBody));
  }
  if (is_valid_utf8(subject) && is_valid_utf8(body) && subject.find_first_of("\r\n") == subject.npos)
    return {};
  return fail(ErrorKind::InvalidInput, "directory.mail_broken",
              "The subject must be one line, and both must be valid UTF-8.");
}

}  // namespace

std::string_view to_text(MailKind kind) {
  return name_of(kKinds, kind);
}
std::string_view to_text(MailState state) {
  return name_of(kMailStates, state);
}

Result<bool> queue_mail(storage::Transaction& transaction, const Employee& employee, MailKind kind,
                        std::string_view requested_by, Timestamp now) {
  if (employee.profile.email.empty()) {
    return fail(ErrorKind::InvalidInput, "directory.no_email", "The employee has no e-mail address.");
  }
  ASSIGN_OR_RETURN(const auto queued,
                   transaction.execute(
                       "INSERT INTO mails (account_id, employee_id, kind, requested_by, state, due_at,"
                       " created_at) SELECT $1, $2, $3, $4, 'waiting', $5, $5"
                       " WHERE NOT EXISTS (SELECT 1 FROM mails WHERE account_id = $1"
                       " AND employee_id = $2 AND kind = $3 AND created_at > $6)",
                       {employee.account, employee.id, to_text(kind), requested_by, now, now - kMailPause}));
  return queued > 0;
}

Result<std::int64_t> queue_recovery_for_all(storage::Transaction& transaction, AccountId account,
                                            const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto queued,
      transaction.execute("INSERT INTO mails (account_id, employee_id, kind, requested_by, state, due_at,"
                          " created_at) SELECT account_id, id, $2, $3, 'waiting', $4, $4 FROM employees"
                          " WHERE account_id = $1 AND active = 1 AND email <> ''",
                          {account, to_text(MailKind::Recovery), actor.name, now}));
  RETURN_IF_ERROR(
      record_audit(transaction, account, actor, "mail.recovery_queued", "", {{"recipients", queued}}, now));
  return queued;
}

Result<std::int64_t> queue_instructions(storage::Transaction& transaction, AccountId account,
                                        std::string_view subject, std::string_view body, const Actor& actor,
                                        Timestamp now) {
  RETURN_IF_ERROR(check_words(subject, body));
  ASSIGN_OR_RETURN(const auto queued,
                   transaction.execute(
                       "INSERT INTO mails (account_id, employee_id, kind, subject, body, requested_by, state,"
                       " due_at, created_at) SELECT account_id, id, $2, $3, $4, $5, 'waiting', $6, $6"
                       " FROM employees WHERE account_id = $1 AND active = 1 AND email <> ''",
                       {account, to_text(MailKind::Instructions), subject, body, actor.name, now}));
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "mail.instructions_queued", "",
                               {{"recipients", queued}}, now));
  return queued;
}

Result<std::int64_t> queue_notice(storage::Transaction& transaction, AccountId account,
                                  std::string_view subject, std::string_view body, Timestamp now) {
  RETURN_IF_ERROR(check_words(subject, body));
  return transaction.execute(
      "INSERT INTO mails (account_id, employee_id, kind, subject, body, requested_by, state,"
      " due_at, created_at) SELECT account_id, id, $2, $3, $4, 'Doorward', 'waiting', $5, $5"
      " FROM employees WHERE account_id = $1 AND administrator = 1 AND email <> ''",
      {account, to_text(MailKind::Notice), subject, body, now});
}

Result<std::int64_t> count_mail_recipients(storage::Transaction& transaction, AccountId account) {
  // Reads the index of domains: an address without a domain reaches nobody.
  ASSIGN_OR_RETURN(const auto count,
                   transaction.first("SELECT count(*) FROM employees"
                                     " WHERE account_id = $1 AND active = 1 AND email_domain > ''",
                                     {account}, [](const storage::Row& row) { return row.integer(0); }));
  return *count;
}

Result<bool> has_due_mails(storage::Transaction& transaction, Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto due,
      transaction.first("SELECT m.id FROM mails AS m WHERE m.state = 'waiting' AND m.due_at <= $1 LIMIT 1",
                        {now}, [](const storage::Row& row) { return row.integer(0); }));
  return due.has_value();
}

Result<std::optional<LinkMail>> last_link_mail(storage::Transaction& transaction, AccountId account,
                                               EmployeeId employee) {
  std::optional<LinkMail> last;
  std::int64_t last_id = 0;
  // Two seeks: sorted by id, the kinds lie apart in the index.
  for (const MailKind kind : {MailKind::Invitation, MailKind::Recovery}) {
    RETURN_IF_ERROR(transaction.query(
        "SELECT id, state, last_problem, created_at, finished_at FROM mails"
        " WHERE account_id = $1 AND employee_id = $2 AND kind = $3 ORDER BY id DESC LIMIT 1",
        {account, employee, to_text(kind)}, [&](const storage::Row& row) {
          if (row.integer(0) < last_id) return;
          last_id = row.integer(0);
          last = LinkMail{.kind = kind,
                          .state = stored_value(kMailStates, row.text(1)),
                          .problem = std::string(row.text(2)),
                          .queued_at = row.time(3)};
          if (!row.is_null(4)) last->finished_at = row.time(4);
        }));
  }
  return last;
}

Result<std::vector<QueuedMail>> claim_mails(storage::Transaction& transaction, Timestamp now, Timestamp until,
                                            int limit) {
  // The partial index holds only what waits.
  ASSIGN_OR_RETURN(
      auto mails,
      transaction.all(
          "SELECT m.id, m.kind, m.subject, m.body, m.requested_by, m.attempts, m.created_at,"
          " " DIRECTORY_EMPLOYEE_COLUMNS ", " DIRECTORY_ACCOUNT_COLUMNS
          " FROM mails AS m JOIN accounts AS a ON a.id = m.account_id"
          " JOIN employees AS e ON e.account_id = m.account_id AND e.id = m.employee_id"
          " WHERE m.state = 'waiting' AND m.due_at <= $1 ORDER BY m.account_id, m.due_at LIMIT $2",
          {now, limit}, [](const storage::Row& row) {
            return QueuedMail{.id = row.integer(0),
                              .kind = stored_value(kKinds, row.text(1)),
                              .subject = std::string(row.text(2)),
                              .body = std::string(row.text(3)),
                              .requested_by = std::string(row.text(4)),
                              .attempts = static_cast<int>(row.integer(5)),
                              .created_at = row.time(6),
                              .account = read_account(row, 7 + kEmployeeColumns),
                              .employee = read_employee(row, 7)};
          }));
  std::vector<QueuedMail> claimed;
  for (QueuedMail& mail : mails) {
    ASSIGN_OR_RETURN(const auto taken,
                     transaction.execute("UPDATE mails SET due_at = $3 WHERE account_id = $1 AND id = $2"
                                         " AND state = 'waiting' AND due_at <= $4",
                                         {mail.account.id, mail.id, until, now}));
    if (taken > 0) claimed.push_back(std::move(mail));
  }
  return claimed;
}

Result<void> record_mail(storage::Transaction& transaction, AccountId account, std::int64_t id,
                         const MailOutcome& outcome, Timestamp now) {
  const bool finished = outcome.sent || !outcome.again_at;
  const std::string_view state = outcome.sent ? "sent" : finished ? "dead" : "waiting";
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE mails SET state = $3, attempts = attempts + 1, due_at = $4, last_problem = $5, finished_at = $6"
      " WHERE account_id = $1 AND id = $2 AND state = 'waiting'",
      {account, id, state, outcome.again_at.value_or(now), printable(outcome.problem, kMaxProblem),
       finished ? std::optional(now) : std::nullopt}));
  return {};
}

Result<MailCounts> count_mails(storage::Transaction& transaction, AccountId account, MailKind kind) {
  MailCounts counts;
  ASSIGN_OR_RETURN(const auto rows,
                   transaction.all("SELECT state, count(*) FROM mails WHERE account_id = $1 AND kind = $2"
                                   " GROUP BY state",
                                   {account, to_text(kind)}, [](const storage::Row& row) {
                                     return std::pair(std::string(row.text(0)), row.integer(1));
                                   }));
  for (const auto& [state, count] : rows) {
    if (state == "waiting") counts.waiting = count;
    if (state == "sent") counts.sent = count;
    if (state == "dead") counts.dead = count;
  }
  ASSIGN_OR_RETURN(const auto problem,
                   transaction.first("SELECT last_problem FROM mails WHERE account_id = $1 AND kind = $2"
                                     " AND last_problem <> '' ORDER BY id DESC LIMIT 1",
                                     {account, to_text(kind)},
                                     [](const storage::Row& row) { return std::string(row.text(0)); }));
  counts.last_problem = problem.value_or("");
  return counts;
}

Result<std::int64_t> delete_old_mails(storage::Transaction& transaction, AccountId account, Timestamp now,
                                      int limit) {
  return transaction.execute(
      "DELETE FROM mails WHERE account_id = $1 AND finished_at <= (SELECT max(due.at)"
      " FROM (SELECT finished_at AS at FROM mails WHERE account_id = $1"
      " AND finished_at <= $2 ORDER BY finished_at LIMIT $3) AS due)",
      {account, now - kMailMemory, limit});
}

}  // namespace doorward::directory
