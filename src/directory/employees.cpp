#include "directory/employees.h"

#include "base/text.h"
#include "directory/application_access.h"
#include "directory/departments.h"
#include "directory/domains.h"
#include "directory/employee_changes.h"
#include "directory/employee_search.h"
#include "directory/names.h"
#include "directory/rows.h"
#include "directory/sessions.h"
#include "directory/setup_links.h"
#include "directory/test_accounts.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

constexpr Names<Origin, 3> kOrigins = {
    {{Origin::Manual, "manual"}, {Origin::Directory, "directory"}, {Origin::SignIn, "sign-in"}}};

Employee read_whole_row(const storage::Row& row) {
  return read_employee(row);
}

tl::unexpected<Error> user_name_taken() {
  return fail(ErrorKind::Conflict, kUserNameTaken,
              "Another employee of this account has this user name. Choose another one.");
}

Result<void> protect_last_administrator(storage::Transaction& transaction, const Employee& employee,
                                        LastAdministrator last) {
  if (!employee.administrator || last == LastAdministrator::MayGo) return {};
  ASSIGN_OR_RETURN(const auto other,
                   transaction.first("SELECT id FROM employees WHERE account_id = $1 AND administrator = 1"
                                     " AND id <> $2 LIMIT 1",
                                     {employee.account, employee.id},
                                     [](const storage::Row& row) { return row.integer(0); }));
  if (other) return {};
  return fail(ErrorKind::Refused, kLastAdministrator,
              "This is the account's last active administrator. Make somebody else an administrator first.");
}

json::Object details_of(const GroupReason* group) {
  if (group == nullptr) return {};
  return {{"group", group->public_id}, {"group_name", group->display_name}};
}

json::Object details_of(const EndedAccess& ended) {
  return {{"sessions_ended", ended.sessions},
          {"grants_ended", ended.grants},
          {"applications_told", ended.logouts}};
}

Result<void> give_administrator(storage::Transaction& transaction, const Employee& employee,
                                const Actor& actor, Timestamp now, const GroupReason* group) {
  const std::optional<GroupId> source = group == nullptr ? std::nullopt : std::optional(group->id);
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE employees SET administrator = 1, administrator_group_id = $3, rights_void = 0,"
      " version = version + 1, updated_at = $4 WHERE account_id = $1 AND id = $2",
      {employee.account, employee.id, source, now}));
  RETURN_IF_ERROR(
      tell_change(transaction, employee, "employee.administrator_granted", details_of(group), actor, now));
  return say_changed(transaction, employee);
}

/// What somebody could do elsewhere by their rights ends with these.
Result<void> end_delegated_rights(storage::Transaction& transaction, const Employee& employee,
                                  const Actor& actor, Timestamp now) {
  if (!employee.administrator) return {};
  RETURN_IF_ERROR(end_setup_links_of(transaction, employee, actor, now));
  return end_test_access(transaction, employee, actor, now);
}

Result<void> take_administrator(storage::Transaction& transaction, const Employee& employee,
                                const Actor& actor, Timestamp now, const GroupReason* group) {
  RETURN_IF_ERROR(
      transaction.execute("UPDATE employees SET administrator = 0, administrator_group_id = NULL,"
                          " version = version + 1, updated_at = $3 WHERE account_id = $1 AND id = $2",
                          {employee.account, employee.id, now}));
  RETURN_IF_ERROR(end_unfit_grants_of_employee(transaction, employee.account, employee.id, now));
  RETURN_IF_ERROR(end_delegated_rights(transaction, employee, actor, now));
  RETURN_IF_ERROR(
      tell_change(transaction, employee, "employee.administrator_revoked", details_of(group), actor, now));
  return say_changed(transaction, employee);
}

/// Rights that a group gave become the employee's own.
Result<void> own_administrator(storage::Transaction& transaction, const Employee& employee,
                               const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   transaction.execute("UPDATE employees SET administrator_group_id = NULL"
                                       " WHERE account_id = $1 AND id = $2"
                                       " AND administrator_group_id IS NOT NULL",
                                       {employee.account, employee.id}));
  if (changed == 0) return {};
  return record_audit(transaction, employee.account, actor, "employee.administrator_granted",
                      employee.public_id, {}, now);
}

}  // namespace

std::string_view to_text(Origin origin) {
  return name_of(kOrigins, origin);
}
std::optional<Origin> parse_origin(std::string_view text) {
  return value_of(kOrigins, text);
}

std::string Employee::shown_name() const {
  if (!profile.display_name.empty()) return profile.display_name;
  if (profile.given_name.empty() && profile.family_name.empty()) return profile.user_name;
  return std::string(trim(profile.given_name + ' ' + profile.family_name));
}

Employee read_employee(const storage::Row& row, int first) {
  Employee employee;
  employee.id = row.id<EmployeeId>(first);
  employee.account = row.id<AccountId>(first + 1);
  employee.public_id = row.text(first + 2);
  employee.profile.user_name = row.text(first + 3);
  employee.profile.email = row.text(first + 4);
  employee.profile.given_name = row.text(first + 5);
  employee.profile.family_name = row.text(first + 6);
  employee.profile.display_name = row.text(first + 7);
  employee.profile.locale = row.text(first + 8);
  employee.profile.object_id = row.text(first + 9);
  employee.profile.external_id = row.text(first + 10);
  employee.active = row.flag(first + 11);
  employee.administrator = row.flag(first + 12);
  employee.has_password = row.flag(first + 13);
  employee.origin = stored_value(kOrigins, row.text(first + 14));
  employee.department = row.id<DepartmentId>(first + 15);
  employee.created_at = row.time(first + 16);
  employee.updated_at = row.time(first + 17);
  return employee;
}

Result<Employee> create_employee(storage::Transaction& transaction, const NewEmployee& employee,
                                 const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(check_profile(employee.profile));
  if (employee.administrator && !employee.active) {
    return fail(ErrorKind::InvalidInput, "directory.inactive_administrator",
                "Somebody inactive cannot be an administrator. Activate the employee first.");
  }
  ASSIGN_OR_RETURN(std::optional<Employee> inserted, insert_employee(transaction, employee, {}, {}, now));
  if (!inserted) return user_name_taken();
  const Employee& created = *inserted;
  RETURN_IF_ERROR(tell_change(transaction, created, "employee.created",
                              {{"origin", to_text(employee.origin)}, {"active", employee.active}}, actor,
                              now));
  return *std::move(inserted);
}

Result<Employee> load_employee(storage::Transaction& transaction, AccountId account, EmployeeId id) {
  ASSIGN_OR_RETURN(std::optional<Employee> employee,
                   transaction.first("SELECT " DIRECTORY_EMPLOYEE_COLUMNS
                                     " FROM employees AS e WHERE e.account_id = $1 AND e.id = $2",
                                     {account, id}, read_whole_row));
  if (!employee) return fail(ErrorKind::NotFound, kNoEmployee, "The employee does not exist any more.");
  return *std::move(employee);
}

Result<std::optional<Employee>> find_employee(storage::Transaction& transaction, AccountId account,
                                              std::string_view public_id) {
  return transaction.first("SELECT " DIRECTORY_EMPLOYEE_COLUMNS
                           " FROM employees AS e WHERE e.account_id = $1 AND e.public_id = $2",
                           {account, to_ascii_lower(public_id)}, read_whole_row);
}

Result<std::optional<Employee>> find_employee_by_user_name(storage::Transaction& transaction,
                                                           AccountId account, std::string_view user_name) {
  return transaction.first("SELECT " DIRECTORY_EMPLOYEE_COLUMNS
                           " FROM employees AS e WHERE e.account_id = $1 AND e.user_name_key = $2",
                           {account, fold_case(user_name)}, read_whole_row);
}

Result<std::vector<Employee>> find_employees_by_email(storage::Transaction& transaction, AccountId account,
                                                      std::string_view email, int limit) {
  if (email.empty()) return std::vector<Employee>{};
  return transaction.all(
      "SELECT " DIRECTORY_EMPLOYEE_COLUMNS
      " FROM employees AS e WHERE e.account_id = $1 AND e.email_key = $2 AND e.email_key <> ''"
      " ORDER BY e.id LIMIT $3",
      {account, fold_case(email), limit}, read_whole_row);
}

Result<std::optional<Employee>> find_employee_by_any_name(storage::Transaction& transaction,
                                                          AccountId account, std::string_view name) {
  const std::string_view text = trim(name);
  ASSIGN_OR_RETURN(std::optional<Employee> by_user_name,
                   find_employee_by_user_name(transaction, account, text));
  if (by_user_name) return by_user_name;
  ASSIGN_OR_RETURN(std::vector<Employee> by_email, find_employees_by_email(transaction, account, text));
  if (by_email.size() == 1) return std::move(by_email.front());
  return find_employee(transaction, account, text);
}

Result<std::int64_t> count_employees(storage::Transaction& transaction, AccountId account) {
  ASSIGN_OR_RETURN(const auto count,
                   transaction.first("SELECT employee_total FROM accounts WHERE id = $1", {account},
                                     [](const storage::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

Result<Employee> update_profile(storage::Transaction& transaction, AccountId account, EmployeeId id,
                                const Profile& profile, const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(check_profile(profile));
  ASSIGN_OR_RETURN(Employee employee, load_employee(transaction, account, id));
  json::Array changed = changed_fields(employee.profile, profile);
  if (changed.empty()) return employee;
  ASSIGN_OR_RETURN(const auto same_name, find_employee_by_user_name(transaction, account, profile.user_name));
  if (same_name && same_name->id != id) return user_name_taken();
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE employees SET user_name = $3, user_name_key = $4, email = $5, email_key = $6, given_name = $7,"
      " family_name = $8, display_name = $9, locale = $10, object_id = $11, object_id_key = $12,"
      " external_id = $13, external_id_key = $14, version = version + 1,"
      " updated_at = $15, email_domain = $16, search_key = $17 WHERE account_id = $1 AND id = $2",
      {account, id, profile.user_name, fold_case(profile.user_name), profile.email, fold_case(profile.email),
       profile.given_name, profile.family_name, profile.display_name, profile.locale, profile.object_id,
       identifier_key(profile.object_id), profile.external_id, identifier_key(profile.external_id), now,
       email_domain(profile.email).value_or(""), search_key(profile)}));
  employee.profile = profile;
  employee.updated_at = now;
  RETURN_IF_ERROR(
      tell_change(transaction, employee, "employee.updated", {{"changed", std::move(changed)}}, actor, now));
  RETURN_IF_ERROR(say_changed(transaction, employee));
  return employee;
}

Result<void> move_employee(storage::Transaction& transaction, AccountId account, EmployeeId id,
                           DepartmentId department, const Actor& actor, Timestamp now,
                           const GroupReason* group) {
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, account, id));
  ASSIGN_OR_RETURN(const Department target, load_department(transaction, account, department));
  if (employee.department == department) return {};
  RETURN_IF_ERROR(
      transaction.execute("UPDATE employees SET department_id = $3, version = version + 1, updated_at = $4"
                          " WHERE account_id = $1 AND id = $2",
                          {account, id, department, now}));
  RETURN_IF_ERROR(end_unfit_grants_of_employee(transaction, account, id, now));
  json::Object details = {{"changed", json::Array{"department"}}, {"department", target.public_id}};
  for (const auto& member : details_of(group))
    details.insert(member);
  RETURN_IF_ERROR(tell_change(transaction, employee, "employee.updated", details, actor, now));
  return say_changed(transaction, employee);
}

Result<void> deactivate_employee(storage::Transaction& transaction, AccountId account, EmployeeId id,
                                 LastAdministrator last, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, account, id));
  if (!employee.active) return {};
  RETURN_IF_ERROR(protect_last_administrator(transaction, employee, last));
  // Rights that came from a group are void from here on: the membership outlives the deactivation, and must
  // not give them back by itself.
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE employees SET active = 0, administrator = 0,"
      " rights_void = CASE WHEN administrator_group_id IS NULL THEN rights_void ELSE 1 END,"
      " administrator_group_id = NULL, version = version + 1, updated_at = $3"
      " WHERE account_id = $1 AND id = $2",
      {account, id, now}));
  // Tells the caches as well.
  ASSIGN_OR_RETURN(const EndedAccess ended, end_access_of_employee(transaction, account, id, now));
  RETURN_IF_ERROR(end_delegated_rights(transaction, employee, actor, now));
  json::Object details = details_of(ended);
  details["was_administrator"] = employee.administrator;
  return tell_change(transaction, employee, "employee.deactivated", details, actor, now);
}

Result<void> activate_employee(storage::Transaction& transaction, AccountId account, EmployeeId id,
                               const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, account, id));
  if (employee.active) return {};
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE employees SET active = 1, deletion_held_at = NULL, version = version + 1, updated_at = $3"
      " WHERE account_id = $1 AND id = $2",
      {account, id, now}));
  // Who came back and is deactivated later left a second time: undoing the first departure must not undo
  // that.
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE departures SET undone_at = $3 WHERE account_id = $1 AND employee = $2 AND undone_at IS NULL",
      {account, employee.public_id, now}));
  RETURN_IF_ERROR(tell_change(transaction, employee, "employee.reactivated", {}, actor, now));
  return say_changed(transaction, employee);
}

Result<void> grant_administrator(storage::Transaction& transaction, AccountId account, EmployeeId id,
                                 const Actor& actor, Timestamp now, const GroupReason* group) {
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, account, id));
  if (!employee.active) {
    return fail(ErrorKind::Refused, "directory.inactive_administrator",
                "Somebody inactive cannot be an administrator. Activate the employee first.");
  }
  if (!employee.administrator) return give_administrator(transaction, employee, actor, now, group);
  if (group != nullptr) return {};
  return own_administrator(transaction, employee, actor, now);
}

Result<void> revoke_administrator(storage::Transaction& transaction, AccountId account, EmployeeId id,
                                  LastAdministrator last, const Actor& actor, Timestamp now,
                                  const GroupReason* group) {
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, account, id));
  if (!employee.administrator) return {};
  RETURN_IF_ERROR(protect_last_administrator(transaction, employee, last));
  return take_administrator(transaction, employee, actor, now, group);
}

Result<void> delete_employee(storage::Transaction& transaction, AccountId account, EmployeeId id,
                             LastAdministrator last, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, account, id));
  RETURN_IF_ERROR(protect_last_administrator(transaction, employee, last));
  ASSIGN_OR_RETURN(const EndedAccess ended, end_access_of_employee(transaction, account, id, now));
  RETURN_IF_ERROR(end_delegated_rights(transaction, employee, actor, now));
  // Memberships go with the employee.
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE directory_groups SET version = version + 1, updated_at = $3 WHERE account_id = $1 AND id IN"
      " (SELECT group_id FROM group_members WHERE account_id = $1 AND employee_id = $2)",
      {account, id, now}));
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM employees WHERE account_id = $1 AND id = $2", {account, id}));
  RETURN_IF_ERROR(transaction.execute("UPDATE accounts SET employee_total = employee_total - 1 WHERE id = $1",
                                      {account}));
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO deleted_employees (account_id, public_id, user_name, display_name, object_id, external_id,"
      " deleted_at, actor_kind, actor_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {account, employee.public_id, employee.profile.user_name, employee.profile.display_name,
       employee.profile.object_id, employee.profile.external_id, now, to_text(actor.kind), actor.name}));
  RETURN_IF_ERROR(
      transaction.execute("UPDATE departures SET kind = 'deleted' WHERE account_id = $1"
                          " AND employee = $2 AND kind = 'deletion-held'",
                          {account, employee.public_id}));
  return tell_change(transaction, employee, "employee.deleted", details_of(ended), actor, now);
}

Result<void> set_password(storage::Transaction& transaction, AccountId account, EmployeeId id,
                          std::string_view encoded_hash, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, account, id));
  const bool removed = encoded_hash.empty();
  RETURN_IF_ERROR(
      transaction.execute("UPDATE employees SET password_hash = $3, version = version + 1, updated_at = $4"
                          " WHERE account_id = $1 AND id = $2",
                          {account, id, removed ? std::nullopt : std::optional(encoded_hash), now}));
  ASSIGN_OR_RETURN(const EndedAccess ended, end_access_of_employee(transaction, account, id, now));
  return record_audit(transaction, account, actor,
                      removed ? "employee.password_removed" : "employee.password_set", employee.public_id,
                      details_of(ended), now);
}

Result<std::optional<std::string>> password_hash(storage::Transaction& transaction, AccountId account,
                                                 EmployeeId id) {
  ASSIGN_OR_RETURN(
      auto hash,
      transaction.first("SELECT password_hash FROM employees WHERE account_id = $1 AND id = $2",
                        {account, id}, [](const storage::Row& row) { return row.optional_text(0); }));
  if (!hash) return std::optional<std::string>();
  return *std::move(hash);
}

}  // namespace doorward::directory
