#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/accounts.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "directory/provisioning_settings.h"
#include "storage/database.h"

/// What a directory service may do to an account's employees. Every rule about joining, adopting, leaving and
/// coming back that provisioning must keep is here; scim/ only translates.
namespace doorward::directory {

/// An employee as the directory sees them.
struct ProvisionedEmployee {
  Employee employee;
  /// The text of a JSON object: what the directory sent and no member of `employee` holds. Empty for none.
  std::string attributes;
  /// Grows with every change of the employee, whoever makes it.
  std::int64_t version = 1;
  /// Since when the employee is the directory's; nothing for somebody who was only ever managed by hand.
  std::optional<Timestamp> provisioned_at;
};

/// What the directory wants an employee to be.
struct EmployeeRecord {
  Profile profile;
  bool active = true;
  std::string attributes = {};
  /// The addresses besides `profile.email`, by which the employee can be found too.
  std::vector<std::string> other_emails = {};
  /// The name of the department; empty when the directory sends none.
  std::string department = {};
  /// The name that it sent before, which the caller knows from the old `attributes`: an update moves the
  /// employee only when the two differ, so that an administrator's own placement outlasts unrelated changes.
  std::string previous_department = {};
};
inline constexpr std::size_t kMaxAttributes = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxOtherEmails = 100;

inline constexpr ErrorCode kNotAdoptable = "directory.not_adoptable";
/// An objectId names one person of the account: whoever else is given it, by a creation or a change, is
/// refused.
inline constexpr ErrorCode kObjectIdTaken = "directory.object_id_taken";

enum class Joining : std::uint8_t { Created, Adopted };
struct Joined {
  ProvisionedEmployee employee;
  Joining how = Joining::Created;
};

/// A new employee, or the adoption of one who was managed by hand until now and is meant: the one with the
/// same objectId or externalId, else with the same user name or e-mail address, and then only when that
/// address lies in a domain of the account (or, while the account has none yet, in no public mail domain) and
/// nobody else has it. Whose objectId or identity link contradicts the record is somebody else. Adoption
/// keeps department, password, rights and identity links, and is audited as `employee.adopted`. The user name
/// of somebody who is the directory's already, or who must not be adopted, is `kUserNameTaken`; its message
/// says which and what to do. Whoever lies in held deletion under this user name or objectId is deleted for
/// good first, so that the new employee inherits nothing.
Result<Joined> provision_employee(storage::Transaction& transaction, const Account& account,
                                  const ProvisioningSettings& settings, const EmployeeRecord& record,
                                  const Actor& actor, Timestamp now);

/// Makes `current`, read in this transaction, into what `record` says, and does nothing when nothing differs.
/// A first change by the directory adopts the employee under the conditions above, else it is
/// `kNotAdoptable`. Active turned false is a departure: access ends in this transaction, admin rights go,
/// whoever was the last administrator. Active turned true gives access back and no rights. A changed
/// department name moves the employee as the settings say; one that is gone moves nobody, and neither does
/// any under `DepartmentSource::Default`. A user name that lies in held deletion is free, as for a new
/// employee.
Result<ProvisionedEmployee> update_provisioned(storage::Transaction& transaction, const Account& account,
                                               const ProvisioningSettings& settings,
                                               const ProvisionedEmployee& current,
                                               const EmployeeRecord& record, const Actor& actor,
                                               Timestamp now);

/// The employee leaves for good and a tombstone stays; while the brake is on, they are deactivated instead
/// and hidden from the directory until an administrator decides (directory/departures.h). Somebody managed by
/// hand must be adoptable, as for a first change.
Result<void> remove_provisioned(storage::Transaction& transaction, const Account& account,
                                const ProvisioningSettings& settings, const ProvisionedEmployee& current,
                                const Actor& actor, Timestamp now);

/// By public id. Employees in held deletion are not there for the directory, here and below.
Result<std::optional<ProvisionedEmployee>> find_provisioned(storage::Transaction& transaction,
                                                            AccountId account, std::string_view public_id);

/// The attributes by which employees are found without reading all of them. Values are compared like
/// everywhere in the directory: user names and addresses by `fold_case`, identifiers by `identifier_key`.
enum class EmployeeKey : std::uint8_t { PublicId, UserName, Email, ExternalId, ObjectId };
/// All who match, in the order of creation, at most `limit`.
Result<std::vector<ProvisionedEmployee>> find_provisioned_by(storage::Transaction& transaction,
                                                             AccountId account, EmployeeKey key,
                                                             std::string_view value, int limit);

enum class EmployeeOrder : std::uint8_t { Creation, CreationDescending, UserName, UserNameDescending };
/// Where a page begins: behind a place in the order (a cursor), at which nobody need be any more, or after
/// `skip` employees.
struct PageStart {
  /// In the orders of creation.
  std::optional<EmployeeId> after = {};
  /// In the orders of user names, by `fold_case`.
  std::optional<std::string> after_user_name = {};
  std::int64_t skip = 0;
};
/// Calls `on_employee` for each employee in `order` until it returns false. Reads rows as it goes, so a scan
/// of a million costs no memory.
Result<void> scan_provisioned(storage::Transaction& transaction, AccountId account, EmployeeOrder order,
                              const PageStart& start,
                              const std::function<bool(const ProvisionedEmployee&)>& on_employee);
Result<std::int64_t> count_provisioned(storage::Transaction& transaction, AccountId account);

/// Who was deleted, for the audit: newest first.
struct DeletedEmployee {
  std::string public_id;
  std::string user_name;
  std::string display_name;
  Timestamp deleted_at;
  Actor actor;
};
Result<std::optional<DeletedEmployee>> find_deleted_employee(storage::Transaction& transaction,
                                                             AccountId account, std::string_view public_id);

}  // namespace doorward::directory
