#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

/// What an administrator may choose about provisioning.
namespace doorward::directory {

/// Where an employee goes whom the directory sends with a `department`.
enum class DepartmentSource : std::uint8_t {
  Default,  ///< To the account's default department, whatever the directory says.
  Match,    ///< To the department with that name, else to the default one.
  Create,   ///< To the department with that name, which is made when there is none.
};
std::string_view to_text(DepartmentSource source);
std::optional<DepartmentSource> parse_department_source(std::string_view text);

struct ProvisioningSettings {
  DepartmentSource departments = DepartmentSource::Match;
  /// The brake goes on when within an hour more employees than this leave …
  int brake_count = 20;
  /// … and more than this share of all of them.
  int brake_percent = 10;
  /// How long the provisioning log is kept.
  int log_days = 30;
  /// Whether the log keeps names, addresses and telephone numbers as they came, rather than masked.
  bool log_personal_data = false;

  bool operator==(const ProvisioningSettings&) const = default;
};

Result<ProvisioningSettings> load_provisioning_settings(storage::Transaction& transaction, AccountId account);
/// Refuses values out of range. Tells the caches.
Result<void> update_provisioning_settings(storage::Transaction& transaction, AccountId account,
                                          const ProvisioningSettings& settings, const Actor& actor,
                                          Timestamp now);

/// An attribute of the account's own SCIM extension schema.
struct CustomAttribute {
  /// A SCIM attribute name (RFC 7643 section 2.1): a letter, then letters, digits, `-`, `_`, `$`; unique
  /// without regard to case.
  std::string name;
  /// `string`, `boolean`, `integer`, `decimal`, `dateTime` or `reference`.
  std::string type = "string";
  bool multi_valued = false;
  std::string description = {};

  bool operator==(const CustomAttribute&) const = default;
};
inline constexpr int kMaxCustomAttributes = 100;

/// In the order of declaration.
Result<std::vector<CustomAttribute>> list_custom_attributes(storage::Transaction& transaction,
                                                            AccountId account);
/// Tells the caches, as does the removal. Values of a removed attribute stay in the employees until they are
/// written again.
Result<void> declare_custom_attribute(storage::Transaction& transaction, AccountId account,
                                      const CustomAttribute& attribute, const Actor& actor, Timestamp now);
Result<void> remove_custom_attribute(storage::Transaction& transaction, AccountId account,
                                     std::string_view name, const Actor& actor, Timestamp now);

}  // namespace doorward::directory
