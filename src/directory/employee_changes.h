#pragma once

#include <optional>
#include <string_view>

#include "directory/employees.h"
#include "json/json.h"
#include "storage/database.h"

/// What the functions that change employees have in common, whoever asks for the change.
namespace doorward::directory {

/// Refuses values that are empty, too long or no valid UTF-8.
Result<void> check_profile(const Profile& profile);

/// The names of what differs. Values are never told: audit and events outlive the employee.
json::Array changed_fields(const Profile& before, const Profile& after);

/// One INSERT, which is not read back; nothing when the user name is taken. The caller has checked the values
/// and tells of the change.
Result<std::optional<Employee>> insert_employee(storage::Transaction& transaction,
                                                const NewEmployee& employee, std::string_view attributes,
                                                std::optional<Timestamp> provisioned_at, Timestamp now);

/// Audit and event of the same name.
Result<void> tell_change(storage::Transaction& transaction, const Employee& employee, std::string_view what,
                         const json::Object& details, const Actor& actor, Timestamp now);

/// To the caches.
Result<void> say_changed(storage::Transaction& transaction, const Employee& employee);

}  // namespace doorward::directory
