#include "directory/employee_changes.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "directory/domains.h"
#include "directory/employee_search.h"
#include "directory/events.h"
#include "directory/notices.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

struct ProfileField {
  std::string_view name;
  std::string Profile::* value;
};
constexpr std::array<ProfileField, 8> kProfileFields = {{{"user name", &Profile::user_name},
                                                         {"e-mail address", &Profile::email},
                                                         {"given name", &Profile::given_name},
                                                         {"family name", &Profile::family_name},
                                                         {"display name", &Profile::display_name},
                                                         {"locale", &Profile::locale},
                                                         {"object id", &Profile::object_id},
                                                         {"external id", &Profile::external_id}}};

}  // namespace

Result<void> check_profile(const Profile& profile) {
  for (const ProfileField& field : kProfileFields) {
    const Presence presence = field.value == &Profile::user_name ? Presence::Required : Presence::Optional;
    RETURN_IF_ERROR(check_value(field.name, profile.*field.value, presence));
  }
  return {};
}

json::Array changed_fields(const Profile& before, const Profile& after) {
  json::Array changed;
  for (const ProfileField& field : kProfileFields) {
    if (before.*field.value != after.*field.value) changed.emplace_back(field.name);
  }
  return changed;
}

Result<std::optional<Employee>> insert_employee(storage::Transaction& transaction,
                                                const NewEmployee& employee, std::string_view attributes,
                                                std::optional<Timestamp> provisioned_at, Timestamp now) {
  const Profile& profile = employee.profile;
  ASSIGN_OR_RETURN(
      const auto ids,
      transaction.first(
          "INSERT INTO employees (account_id, public_id, user_name, user_name_key, email, email_key,"
          " given_name, family_name, display_name, locale, object_id, object_id_key, external_id,"
          " external_id_key, active, administrator, origin, department_id, created_at, updated_at,"
          " attributes, provisioned_at, email_domain, search_key)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
          " COALESCE($18, (SELECT id FROM departments WHERE account_id = $1 AND is_default = 1)),"
          " $19, $19, $20, $21, $22, $23)"
          " ON CONFLICT (account_id, user_name_key) DO NOTHING RETURNING id, department_id",
          {employee.account,
           employee.public_id,
           profile.user_name,
           fold_case(profile.user_name),
           profile.email,
           fold_case(profile.email),
           profile.given_name,
           profile.family_name,
           profile.display_name,
           profile.locale,
           profile.object_id,
           identifier_key(profile.object_id),
           profile.external_id,
           identifier_key(profile.external_id),
           employee.active,
           employee.administrator,
           to_text(employee.origin),
           employee.department,
           now,
           attributes,
           provisioned_at,
           email_domain(profile.email).value_or(""),
           search_key(profile)},
          [](const storage::Row& row) { return std::pair(row.id<EmployeeId>(0), row.id<DepartmentId>(1)); }));
  if (!ids) return std::optional<Employee>();
  RETURN_IF_ERROR(transaction.execute("UPDATE accounts SET employee_total = employee_total + 1 WHERE id = $1",
                                      {employee.account}));
  return Employee{.id = ids->first,
                  .account = employee.account,
                  .public_id = employee.public_id,
                  .profile = profile,
                  .active = employee.active,
                  .administrator = employee.administrator,
                  .has_password = false,
                  .origin = employee.origin,
                  .department = ids->second,
                  .created_at = now,
                  .updated_at = now};
}

Result<void> tell_change(storage::Transaction& transaction, const Employee& employee, std::string_view what,
                         const json::Object& details, const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(record_audit(transaction, employee.account, actor, what, employee.public_id, details, now));
  // Who is told may know the employee by any of these, and cannot ask any more about one who was deleted.
  json::Object data = details;
  data["user_name"] = employee.profile.user_name;
  data["email"] = employee.profile.email;
  data["object_id"] = employee.profile.object_id;
  data["external_id"] = employee.profile.external_id;
  return append_event(transaction, employee.account, what, employee.public_id, data, now);
}

Result<void> say_changed(storage::Transaction& transaction, const Employee& employee) {
  return send_notice(transaction, {.account = employee.account, .employee = employee.id});
}

}  // namespace doorward::directory
