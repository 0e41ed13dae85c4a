#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/accounts.h"
#include "directory/attempts.h"
#include "directory/audit.h"
#include "directory/connections.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "directory/mails.h"
#include "directory/password_attempts.h"
#include "directory/provisioning.h"
#include "directory/provisioning_log.h"
#include "storage/database.h"

/// "Why can this person not sign in?": all that bears on one person, and what it comes to. It tells what
/// identity.h decided and would decide; it decides nothing.
namespace doorward::directory {

/// Everything in a list is newest first and at most `kHistoryLength` long.
inline constexpr int kHistoryLength = 50;

struct SignInHistory {
  Account account;
  /// Nothing for somebody who is no employee.
  std::optional<Employee> employee = {};
  bool deletion_held = false;
  /// The directory manages the employee.
  bool provisioned = false;
  /// By which the sign-in page would send them on: the e-mail address, else the user name, else what was
  /// searched for.
  std::string address = {};
  /// The account's domain in which the address lies, and the connection that vouches for it.
  std::optional<Domain> domain = {};
  std::optional<Connection> connection = {};
  /// The account's domains and whether one of its connections is switched on.
  std::vector<Domain> domains = {};
  bool connected = false;
  /// Guesses at the password under their user name or address.
  PasswordGuesses guesses = {};
  std::int64_t live_sessions = 0;

  std::vector<Attempt> attempts = {};
  /// About the employee, and those about account, connection and domain that open or close a door.
  std::vector<AuditEntry> changes = {};
  /// What the directory asked and did about them, without what it only read.
  std::vector<ProvisioningEntry> requests = {};
  std::optional<LinkMail> mail = {};
  /// Who had this user name and was deleted, where nobody has it now.
  std::optional<DeletedEmployee> deleted = {};
};

Result<SignInHistory> sign_in_history(storage::Transaction& transaction, const Account& account,
                                      const Employee& employee, Timestamp now);
/// Of an address or user name that no employee has.
Result<SignInHistory> sign_in_history_of_stranger(storage::Transaction& transaction, const Account& account,
                                                  std::string_view address, Timestamp now);

/// The address that a refused attempt was about although nobody was recognised; empty when it names none.
std::string address_of(const Attempt& attempt);

/// What keeps somebody out.
enum class Obstacle : std::uint8_t {
  None,              ///< Nothing that we know of.
  Mended,            ///< The last attempt was refused for a reason that does not hold any more.
  DeletionHeld,      ///< The directory deleted them while many left at once.
  Deactivated,       ///< By whom: `change`.
  Plan,              ///< There is no password, and the plan has no single sign-on.
  NoEmail,           ///< SSO is the only way in, and there is no address.
  OutsideDomains,    ///< SSO is the only way in, and the address lies outside the domains.
  NoConnection,      ///< SSO is the only way in, and the connection for the address is not switched on.
  NoWayIn,           ///< No password, and no SSO for the address.
  TooManyPasswords,  ///< Wrong passwords: they have to wait.
  WrongPassword,     ///< Wrong passwords were the last that was heard.
  Attempt,           ///< The last attempt's own finding: `attempt`.
  Deleted,           ///< They were an employee, and were deleted.
  Unknown,           ///< Nobody of that name is or was an employee, and no attempt names them.
};
std::string_view to_text(Obstacle obstacle);

struct Diagnosis {
  Obstacle obstacle = Obstacle::None;
  /// The attempt that the verdict speaks of.
  std::optional<Attempt> attempt = {};
  /// Who switched them off.
  std::optional<AuditEntry> change = {};
};

/// The cause: what holds now comes first, then the last attempt, or `about`, the one whose reference number
/// somebody read out. Looks at nothing but its arguments.
Diagnosis diagnose(const SignInHistory& history, const std::optional<Attempt>& about, Timestamp now);

}  // namespace doorward::directory
