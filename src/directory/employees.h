#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

namespace doorward::directory {

/// Where an employee came from.
enum class Origin : std::uint8_t { Manual, Directory, SignIn };

std::string_view to_text(Origin origin);
std::optional<Origin> parse_origin(std::string_view text);

/// What is known about a person: stored as it was sent, compared by `fold_case`.
struct Profile {
  /// Unique in the account.
  std::string user_name = {};
  std::string email = {};
  std::string given_name = {};
  std::string family_name = {};
  std::string display_name = {};
  /// A language tag such as `de-DE`.
  std::string locale = {};
  /// The directory's immutable key of the person (Entra's objectId).
  std::string object_id = {};
  /// SCIM's externalId: whatever the directory maps to it.
  std::string external_id = {};

  bool operator==(const Profile&) const = default;
};

struct Employee {
  EmployeeId id;
  AccountId account;
  /// SCIM's id and OpenID Connect's sub.
  std::string public_id;
  Profile profile;
  bool active = true;
  bool administrator = false;
  bool has_password = false;
  Origin origin = Origin::Manual;
  DepartmentId department;
  Timestamp created_at;
  Timestamp updated_at;

  /// What to call the person: display name, else given and family name, else user name.
  std::string shown_name() const;
};

struct NewEmployee {
  AccountId account;
  Profile profile;
  Origin origin = Origin::Manual;
  bool active = true;
  bool administrator = false;
  /// The default department when empty.
  std::optional<DepartmentId> department = {};
  std::string public_id = new_public_id();
};

inline constexpr ErrorCode kUserNameTaken = "directory.user_name_taken";
inline constexpr ErrorCode kNoEmployee = "directory.no_employee";
inline constexpr ErrorCode kLastAdministrator = "directory.last_administrator";

/// Refuses a user name that another employee of the account has (`kUserNameTaken`, also when they differ in
/// case only) and values that are empty, too long or no valid UTF-8. The new employee has no identity link,
/// whoever had the same user name or e-mail address before.
Result<Employee> create_employee(storage::Transaction& transaction, const NewEmployee& employee,
                                 const Actor& actor, Timestamp now);

Result<Employee> load_employee(storage::Transaction& transaction, AccountId account, EmployeeId id);
Result<std::optional<Employee>> find_employee(storage::Transaction& transaction, AccountId account,
                                              std::string_view public_id);
Result<std::optional<Employee>> find_employee_by_user_name(storage::Transaction& transaction,
                                                           AccountId account, std::string_view user_name);
/// Addresses need not be unique; at most `limit` employees.
Result<std::vector<Employee>> find_employees_by_email(storage::Transaction& transaction, AccountId account,
                                                      std::string_view email, int limit = 2);
/// Whom the command line or a sign-in form means: by user name, then by an e-mail address that only one
/// employee has, then by public id.
Result<std::optional<Employee>> find_employee_by_any_name(storage::Transaction& transaction,
                                                          AccountId account, std::string_view name);

struct EmployeePage {
  std::vector<Employee> employees;
  /// Pass as `after` for the next page; nothing when this was the last.
  std::optional<std::string> next;
};
Result<std::int64_t> count_employees(storage::Transaction& transaction, AccountId account);

/// Writes the whole profile; identity links stay as they are. Nothing is written when nothing differs.
Result<Employee> update_profile(storage::Transaction& transaction, AccountId account, EmployeeId id,
                                const Profile& profile, const Actor& actor, Timestamp now);
/// The group of the directory by whose mapping a person is moved, gets administrator rights or loses them:
/// the audit and the event name it.
struct GroupReason {
  GroupId id;
  std::string public_id;
  std::string display_name;
};
Result<void> move_employee(storage::Transaction& transaction, AccountId account, EmployeeId id,
                           DepartmentId department, const Actor& actor, Timestamp now,
                           const GroupReason* group = nullptr);

/// Whether an account may be left without an active administrator. The console protects the last one; support
/// may override; a leaver whom the directory removes must lose access whatever follows.
enum class LastAdministrator : std::uint8_t { Protect, MayGo };

/// In one transaction: inactive, admin rights gone, every session ended and all that applications were given,
/// the applications to be told, audit and event written. Does nothing for somebody inactive.
Result<void> deactivate_employee(storage::Transaction& transaction, AccountId account, EmployeeId id,
                                 LastAdministrator last, const Actor& actor, Timestamp now);
/// Restores access, never admin rights.
Result<void> activate_employee(storage::Transaction& transaction, AccountId account, EmployeeId id,
                               const Actor& actor, Timestamp now);
/// Refuses somebody inactive. Rights that a person grants are the employee's own from then on, also when a
/// group gave them before; groups may give rights again.
Result<void> grant_administrator(storage::Transaction& transaction, AccountId account, EmployeeId id,
                                 const Actor& actor, Timestamp now, const GroupReason* group = nullptr);
Result<void> revoke_administrator(storage::Transaction& transaction, AccountId account, EmployeeId id,
                                  LastAdministrator last, const Actor& actor, Timestamp now,
                                  const GroupReason* group = nullptr);
/// Removes the employee with links, sessions and password; the audit and the events remain.
Result<void> delete_employee(storage::Transaction& transaction, AccountId account, EmployeeId id,
                             LastAdministrator last, const Actor& actor, Timestamp now);

/// `encoded_hash` comes from `crypto::hash_password`, made before the transaction; empty takes the password
/// away. Ends every session of the employee and all that applications were given: a password is changed when
/// it may be known to others.
Result<void> set_password(storage::Transaction& transaction, AccountId account, EmployeeId id,
                          std::string_view encoded_hash, const Actor& actor, Timestamp now);
/// Nothing when there is no password.
Result<std::optional<std::string>> password_hash(storage::Transaction& transaction, AccountId account,
                                                 EmployeeId id);

}  // namespace doorward::directory
