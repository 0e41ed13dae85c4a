#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Mails to employees that wait to be sent. What one says is made when it is sent, so that no link that lets
/// somebody in is ever stored; an administrator's own words are kept.
namespace doorward::directory {

enum class MailKind : std::uint8_t {
  Invitation,    ///< Welcome, and how to sign in: by a link to choose a password, or by SSO.
  Recovery,      ///< A link to choose a password.
  Instructions,  ///< How to sign in from now on, in the administrator's words.
  Notice,        ///< To administrators: something wants to be looked at.
};
std::string_view to_text(MailKind kind);

struct QueuedMail {
  std::int64_t id = 0;
  MailKind kind = MailKind::Notice;
  std::string subject;
  std::string body;
  std::string requested_by;
  int attempts = 0;
  Timestamp created_at;
  Account account;
  Employee employee;
};

inline constexpr std::size_t kMaxMailSubject = 200;
inline constexpr std::size_t kMaxMailBody = 20'000;

/// One mail to an employee who has an address (`directory.no_email` otherwise). The same kind to the same
/// person within `kMailPause` is not queued again: false then.
inline constexpr std::chrono::minutes kMailPause{5};
Result<bool> queue_mail(storage::Transaction& transaction, const Employee& employee, MailKind kind,
                        std::string_view requested_by, Timestamp now);
/// To every active employee who has an address; says to how many. Cost grows with them, by one statement.
Result<std::int64_t> queue_recovery_for_all(storage::Transaction& transaction, AccountId account,
                                            const Actor& actor, Timestamp now);
/// Refuses an empty subject or body and what is too long. `{name}` and `{company}` in them are filled in when
/// a mail is sent.
Result<std::int64_t> queue_instructions(storage::Transaction& transaction, AccountId account,
                                        std::string_view subject, std::string_view body, const Actor& actor,
                                        Timestamp now);
/// To every active administrator who has an address.
Result<std::int64_t> queue_notice(storage::Transaction& transaction, AccountId account,
                                  std::string_view subject, std::string_view body, Timestamp now);
/// How many employees `queue_instructions` would reach.
Result<std::int64_t> count_mail_recipients(storage::Transaction& transaction, AccountId account);

/// Whether `claim_mails` would find any: most of the time there are none, and a look costs no write.
Result<bool> has_due_mails(storage::Transaction& transaction, Timestamp now);

/// Takes up to `limit` that are due, of any account, and moves their `due_at` to `until`: who dies with them
/// leaves them to the next.
Result<std::vector<QueuedMail>> claim_mails(storage::Transaction& transaction, Timestamp now, Timestamp until,
                                            int limit);
struct MailOutcome {
  bool sent = false;
  std::string problem = {};
  /// Nothing: give it up.
  std::optional<Timestamp> again_at = {};
};
Result<void> record_mail(storage::Transaction& transaction, AccountId account, std::int64_t id,
                         const MailOutcome& outcome, Timestamp now);

/// Of the last `kMailMemory`, for the administrator.
struct MailCounts {
  std::int64_t waiting = 0;
  std::int64_t sent = 0;
  std::int64_t dead = 0;
  /// What the last one that was given up failed of.
  std::string last_problem = {};
};
inline constexpr std::chrono::hours kMailMemory{24 * 30};
Result<MailCounts> count_mails(storage::Transaction& transaction, AccountId account, MailKind kind);
/// The newest mail by which an employee could come in, and what became of it.
enum class MailState : std::uint8_t { Waiting, Sent, Dead };
std::string_view to_text(MailState state);
struct LinkMail {
  MailKind kind = MailKind::Invitation;
  MailState state = MailState::Waiting;
  std::string problem = {};
  Timestamp queued_at;
  std::optional<Timestamp> finished_at = {};
};
Result<std::optional<LinkMail>> last_link_mail(storage::Transaction& transaction, AccountId account,
                                               EmployeeId employee);
/// In small batches; says how many.
Result<std::int64_t> delete_old_mails(storage::Transaction& transaction, AccountId account, Timestamp now,
                                      int limit);

}  // namespace doorward::directory
