#include "directory/provisioning.h"

#include <algorithm>
#include <climits>

#include "base/check.h"
#include "base/text.h"
#include "directory/adoption.h"
#include "directory/departments.h"
#include "directory/departures.h"
#include "directory/domains.h"
#include "directory/employee_changes.h"
#include "directory/employee_search.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

Result<void> check_record(const EmployeeRecord& record) {
  RETURN_IF_ERROR(check_profile(record.profile));
  if (record.attributes.size() > kMaxAttributes) {
    return fail(ErrorKind::InvalidInput, "directory.value_too_long",
                "The employee's further attributes are longer than " + std::to_string(kMaxAttributes) +
                    " bytes. Map fewer of them.");
  }
  if (record.other_emails.size() > kMaxOtherEmails) {
    return fail(ErrorKind::InvalidInput, "directory.too_many_values",
                "An employee can have " + std::to_string(kMaxOtherEmails) + " further e-mail addresses.");
  }
  for (const std::string& email : record.other_emails)
    RETURN_IF_ERROR(check_value("e-mail address", email, Presence::Optional));
  return {};
}

tl::unexpected<Error> user_name_taken(const Employee& holder, std::string_view what_to_do) {
  return fail(ErrorKind::Conflict, kUserNameTaken,
              "The user name " + printable(holder.profile.user_name) + " belongs to the employee " +
                  printable(holder.shown_name()) + ", " + std::string(what_to_do));
}

/// Two people with one objectId could neither sign in: nobody could say which of them is meant.
tl::unexpected<Error> object_id_taken(std::string_view object_id) {
  return fail(ErrorKind::Conflict, kObjectIdTaken,
              "Another employee has the object id " + printable(object_id) +
                  " already. It is the directory's key of one person: map a key that nobody shares.");
}

bool is_same_object_id(const Profile& a, const Profile& b) {
  return !a.object_id.empty() && identifier_key(a.object_id) == identifier_key(b.object_id);
}

Result<void> require_free_object_id(storage::Transaction& transaction, const Employee& employee,
                                    const Profile& wanted) {
  if (wanted.object_id.empty() || is_same_object_id(employee.profile, wanted)) return {};
  ASSIGN_OR_RETURN(const auto holder,
                   transaction.first("SELECT id FROM employees WHERE account_id = $1 AND object_id_key <> ''"
                                     " AND object_id_key = $2 AND deletion_held_at IS NULL LIMIT 1",
                                     {employee.account, identifier_key(wanted.object_id)},
                                     [](const storage::Row& row) { return row.integer(0); }));
  if (holder) return object_id_taken(wanted.object_id);
  return {};
}

// The further addresses, as keys, each once and in order.
std::vector<std::string> email_keys(const EmployeeRecord& record) {
  std::vector<std::string> keys;
  const std::string main_key = fold_case(record.profile.email);
  for (const std::string& email : record.other_emails) {
    std::string key = fold_case(email);
    if (!key.empty() && key != main_key) keys.push_back(std::move(key));
  }
  std::ranges::sort(keys);
  const auto repeated = std::ranges::unique(keys);
  keys.erase(repeated.begin(), repeated.end());
  return keys;
}

Result<void> add_email(storage::Transaction& transaction, const Employee& employee, std::string_view key) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO employee_emails (account_id, employee_id, email_key) VALUES ($1, $2, $3)",
      {employee.account, employee.id, key}));
  return {};
}

/// Says whether any differed.
Result<bool> write_emails(storage::Transaction& transaction, const Employee& employee,
                          const EmployeeRecord& record) {
  const std::vector<std::string> wanted = email_keys(record);
  ASSIGN_OR_RETURN(std::vector<std::string> stored,
                   transaction.all("SELECT email_key FROM employee_emails"
                                   " WHERE account_id = $1 AND employee_id = $2",
                                   {employee.account, employee.id},
                                   [](const storage::Row& row) { return std::string(row.text(0)); }));
  std::ranges::sort(stored);
  if (stored == wanted) return false;
  for (const std::string& key : stored) {
    if (std::ranges::binary_search(wanted, key)) continue;
    RETURN_IF_ERROR(transaction.execute(
        "DELETE FROM employee_emails WHERE account_id = $1 AND email_key = $2 AND employee_id = $3",
        {employee.account, key, employee.id}));
  }
  for (const std::string& key : wanted) {
    if (!std::ranges::binary_search(stored, key)) RETURN_IF_ERROR(add_email(transaction, employee, key));
  }
  return true;
}

/// How many departments are above it.
Result<int> depth_of(storage::Transaction& transaction, AccountId account, DepartmentId id) {
  int depth = 0;
  ASSIGN_OR_RETURN(Department department, load_department(transaction, account, id));
  while (department.parent) {
    ++depth;
    ASSIGN_OR_RETURN(department, load_department(transaction, account, *department.parent));
  }
  return depth;
}

/// The topmost department with the name, the oldest of several.
Result<std::optional<DepartmentId>> find_department_by_name(storage::Transaction& transaction,
                                                            AccountId account, std::string_view name) {
  ASSIGN_OR_RETURN(
      const std::vector<DepartmentId> same_name,
      transaction.all("SELECT id FROM departments WHERE account_id = $1 AND name_key = $2 ORDER BY id",
                      {account, fold_case(trim(name))},
                      [](const storage::Row& row) { return row.id<DepartmentId>(0); }));
  if (same_name.empty()) return std::optional<DepartmentId>();
  DepartmentId topmost = same_name.front();
  if (same_name.size() == 1) return topmost;
  int least = INT_MAX;
  for (const DepartmentId id : same_name) {
    ASSIGN_OR_RETURN(const int depth, depth_of(transaction, account, id));
    if (depth < least) {
      least = depth;
      topmost = id;
    }
  }
  return topmost;
}

/// Where the directory's word puts somebody; nothing for the default department.
Result<std::optional<DepartmentId>> place(storage::Transaction& transaction, AccountId account,
                                          const ProvisioningSettings& settings, std::string_view name,
                                          const Actor& actor, Timestamp now) {
  if (settings.departments == DepartmentSource::Default || trim(name).empty()) {
    return std::optional<DepartmentId>();
  }
  ASSIGN_OR_RETURN(const auto found, find_department_by_name(transaction, account, name));
  if (found || settings.departments == DepartmentSource::Match) return found;
  ASSIGN_OR_RETURN(
      const Department created,
      create_department(transaction, {.account = account, .name = std::string(name)}, actor, now));
  return created.id;
}

Result<void> move_by_record(storage::Transaction& transaction, const Employee& employee,
                            const ProvisioningSettings& settings, const EmployeeRecord& record,
                            const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(std::optional<DepartmentId> department,
                   place(transaction, employee.account, settings, record.department, actor, now));
  if (!department) {
    ASSIGN_OR_RETURN(const Department fallback, default_department(transaction, employee.account));
    department = fallback.id;
  }
  return move_employee(transaction, employee.account, employee.id, *department, actor, now);
}

/// A deletion that was held is completed when its user name is wanted again.
Result<void> free_user_name(storage::Transaction& transaction, const Employee& employee,
                            std::string_view user_name, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const auto holder,
                   transaction.first("SELECT id, public_id, deletion_held_at IS NOT NULL FROM employees"
                                     " WHERE account_id = $1 AND user_name_key = $2",
                                     {employee.account, fold_case(user_name)}, [](const storage::Row& row) {
                                       Employee found;
                                       found.id = row.id<EmployeeId>(0);
                                       found.public_id = row.text(1);
                                       return std::pair(found, row.flag(2));
                                     }));
  if (!holder || holder->first.id == employee.id) return {};
  if (holder->second) {
    return delete_employee(transaction, employee.account, holder->first.id, LastAdministrator::MayGo, actor,
                           now);
  }
  Employee named = holder->first;
  named.profile.user_name = user_name;
  return user_name_taken(named, "who is somebody else. Choose another user name for one of the two.");
}

/// Writes profile and attributes in one statement, and from when on the employee is the directory's.
Result<void> write_record(storage::Transaction& transaction, const Employee& employee,
                          const EmployeeRecord& record, Timestamp now) {
  const Profile& profile = record.profile;
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE employees SET user_name = $3, user_name_key = $4, email = $5, email_key = $6, given_name = $7,"
      " family_name = $8, display_name = $9, locale = $10, object_id = $11, object_id_key = $12,"
      " external_id = $13, external_id_key = $14, attributes = $15, version = version + 1, updated_at = $16,"
      " origin = $17, provisioned_at = COALESCE(provisioned_at, $16), email_domain = $18, search_key = $19"
      " WHERE account_id = $1 AND id = $2",
      {employee.account, employee.id, profile.user_name, fold_case(profile.user_name), profile.email,
       fold_case(profile.email), profile.given_name, profile.family_name, profile.display_name,
       profile.locale, profile.object_id, identifier_key(profile.object_id), profile.external_id,
       identifier_key(profile.external_id), record.attributes, now, to_text(Origin::Directory),
       email_domain(profile.email).value_or(""), search_key(profile)}));
  return {};
}

/// The part of a change that needs nothing but the row and the addresses. `by` is not empty for an adoption.
Result<ProvisionedEmployee> apply_record(storage::Transaction& transaction,
                                         const ProvisionedEmployee& current, const EmployeeRecord& record,
                                         std::string_view by, const Actor& actor, Timestamp now) {
  ProvisionedEmployee result = current;
  Employee& employee = result.employee;
  if (fold_case(employee.profile.user_name) != fold_case(record.profile.user_name)) {
    RETURN_IF_ERROR(free_user_name(transaction, employee, record.profile.user_name, actor, now));
  }
  RETURN_IF_ERROR(require_free_object_id(transaction, employee, record.profile));
  json::Array changed = changed_fields(employee.profile, record.profile);
  if (current.attributes != record.attributes) changed.emplace_back("attributes");
  ASSIGN_OR_RETURN(const bool emails_changed, write_emails(transaction, employee, record));
  if (emails_changed) changed.emplace_back("other e-mail addresses");
  if (changed.empty() && by.empty()) return result;

  RETURN_IF_ERROR(write_record(transaction, employee, record, now));
  employee.profile = record.profile;
  employee.origin = Origin::Directory;
  employee.updated_at = now;
  result.attributes = record.attributes;
  result.version += 1;
  if (!result.provisioned_at) result.provisioned_at = now;
  if (!by.empty()) {
    RETURN_IF_ERROR(record_audit(transaction, employee.account, actor, "employee.adopted", employee.public_id,
                                 {{"by", by}}, now));
  }
  if (!changed.empty()) {
    RETURN_IF_ERROR(tell_change(transaction, employee, "employee.updated", {{"changed", std::move(changed)}},
                                actor, now));
  }
  RETURN_IF_ERROR(say_changed(transaction, employee));
  return result;
}

/// Access follows the directory's word.
Result<void> apply_activity(storage::Transaction& transaction, const ProvisioningSettings& settings,
                            const Employee& employee, bool active, const Actor& actor, Timestamp now) {
  if (active) return activate_employee(transaction, employee.account, employee.id, actor, now);
  RETURN_IF_ERROR(record_departure(transaction, employee.account, settings, employee,
                                   DepartureKind::Deactivated, actor, now));
  return deactivate_employee(transaction, employee.account, employee.id, LastAdministrator::MayGo, actor,
                             now);
}

Result<ProvisionedEmployee> reload(storage::Transaction& transaction, const Employee& employee) {
  ASSIGN_OR_RETURN(std::optional<ProvisionedEmployee> found,
                   find_provisioned(transaction, employee.account, employee.public_id));
  CHECK(found.has_value());
  return *std::move(found);
}

Result<ProvisionedEmployee> adopt(storage::Transaction& transaction, const ProvisioningSettings& settings,
                                  const Adoptee& adoptee, const EmployeeRecord& record, const Actor& actor,
                                  Timestamp now) {
  ASSIGN_OR_RETURN(ProvisionedEmployee adopted,
                   apply_record(transaction, adoptee.candidate->known, record, adoptee.by, actor, now));
  if (adopted.employee.active == record.active) return adopted;
  RETURN_IF_ERROR(apply_activity(transaction, settings, adopted.employee, record.active, actor, now));
  return reload(transaction, adopted.employee);
}

Result<ProvisionedEmployee> create(storage::Transaction& transaction, const Account& account,
                                   const ProvisioningSettings& settings, const EmployeeRecord& record,
                                   const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const std::optional<DepartmentId> department,
                   place(transaction, account.id, settings, record.department, actor, now));
  ASSIGN_OR_RETURN(std::optional<Employee> inserted, insert_employee(transaction,
                                                                     {.account = account.id,
                                                                      .profile = record.profile,
                                                                      .origin = Origin::Directory,
                                                                      .active = record.active,
                                                                      .department = department},
                                                                     record.attributes, now, now));
  // Only another node's write at the same moment can be in the way.
  if (!inserted) {
    return fail(ErrorKind::Conflict, kUserNameTaken,
                "The user name " + printable(record.profile.user_name) + " was taken a moment ago.");
  }
  for (const std::string& key : email_keys(record))
    RETURN_IF_ERROR(add_email(transaction, *inserted, key));
  RETURN_IF_ERROR(tell_change(transaction, *inserted, "employee.created",
                              {{"origin", to_text(Origin::Directory)}, {"active", record.active}}, actor,
                              now));
  return ProvisionedEmployee{
      .employee = *std::move(inserted), .attributes = record.attributes, .version = 1, .provisioned_at = now};
}

/// The successor of somebody whose deletion is held inherits neither user name nor objectId, and so no link.
Result<void> complete_held_deletions(storage::Transaction& transaction, std::vector<Candidate>& candidates,
                                     const Profile& profile, const Actor& actor, Timestamp now) {
  for (const Candidate& candidate : candidates) {
    if (!candidate.deletion_held) continue;
    const Employee& held = candidate.known.employee;
    const bool same_name = fold_case(held.profile.user_name) == fold_case(profile.user_name);
    if (!same_name && !is_same_object_id(held.profile, profile)) continue;
    RETURN_IF_ERROR(
        delete_employee(transaction, held.account, held.id, LastAdministrator::MayGo, actor, now));
  }
  std::erase_if(candidates, [](const Candidate& candidate) { return candidate.deletion_held; });
  return {};
}

}  // namespace

Result<Joined> provision_employee(storage::Transaction& transaction, const Account& account,
                                  const ProvisioningSettings& settings, const EmployeeRecord& record,
                                  const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(check_record(record));
  ASSIGN_OR_RETURN(std::vector<Candidate> candidates,
                   find_candidates(transaction, account.id, record.profile));
  if (!candidates.empty()) {
    RETURN_IF_ERROR(complete_held_deletions(transaction, candidates, record.profile, actor, now));
    const std::string key = fold_case(record.profile.user_name);
    const auto named = std::ranges::find_if(candidates, [&](const Candidate& candidate) {
      return fold_case(candidate.known.employee.profile.user_name) == key;
    });
    const bool is_taken = named != candidates.end();
    if (is_taken && named->known.provisioned_at) {
      return user_name_taken(named->known.employee,
                             "whom the directory manages already. Change that employee instead of creating "
                             "them, or choose another user name.");
    }
    ASSIGN_OR_RETURN(const std::optional<Adoptee> adoptee,
                     choose_adoptee(transaction, account, candidates, record.profile));
    if (is_taken && (!adoptee || adoptee->candidate != &*named)) {
      return user_name_taken(
          named->known.employee,
          "who is managed by hand and is not certain to be the same person. Add the domain of their address "
          "to "
          "the account, enter their object id as external id, or choose another user name.");
    }
    if (adoptee) {
      ASSIGN_OR_RETURN(ProvisionedEmployee adopted,
                       adopt(transaction, settings, *adoptee, record, actor, now));
      return Joined{std::move(adopted), Joining::Adopted};
    }
    const bool shares_object_id = std::ranges::any_of(candidates, [&](const Candidate& candidate) {
      return is_same_object_id(record.profile, candidate.known.employee.profile);
    });
    if (shares_object_id) return object_id_taken(record.profile.object_id);
  }
  ASSIGN_OR_RETURN(ProvisionedEmployee created, create(transaction, account, settings, record, actor, now));
  return Joined{std::move(created), Joining::Created};
}

Result<ProvisionedEmployee> update_provisioned(storage::Transaction& transaction, const Account& account,
                                               const ProvisioningSettings& settings,
                                               const ProvisionedEmployee& current,
                                               const EmployeeRecord& record, const Actor& actor,
                                               Timestamp now) {
  CHECK(current.employee.account == account.id);
  RETURN_IF_ERROR(check_record(record));
  const bool adopting = !current.provisioned_at;
  const bool active_changes = current.employee.active != record.active;
  // Adoption keeps the department, like everything else that was arranged by hand.
  const bool moves = !adopting && settings.departments != DepartmentSource::Default &&
                     !trim(record.department).empty() &&
                     fold_case(trim(record.department)) != fold_case(trim(record.previous_department));
  if (adopting) {
    // A request that asks for what is there already changes nobody, and so adopts nobody. Further addresses
    // are stored for the directory's employees only.
    const bool differs = active_changes || current.employee.profile != record.profile ||
                         current.attributes != record.attributes || !email_keys(record).empty();
    if (!differs) return current;
    RETURN_IF_ERROR(check_adoptable(transaction, account, current, record.profile));
  }
  ASSIGN_OR_RETURN(ProvisionedEmployee updated,
                   apply_record(transaction, current, record,
                                adopting ? std::string_view("public id") : std::string_view(), actor, now));
  if (!active_changes && !moves) return updated;
  if (moves) {
    RETURN_IF_ERROR(move_by_record(transaction, updated.employee, settings, record, actor, now));
  }
  if (active_changes) {
    RETURN_IF_ERROR(apply_activity(transaction, settings, updated.employee, record.active, actor, now));
  }
  return reload(transaction, updated.employee);
}

Result<void> remove_provisioned(storage::Transaction& transaction, const Account& account,
                                const ProvisioningSettings& settings, const ProvisionedEmployee& current,
                                const Actor& actor, Timestamp now) {
  const Employee& employee = current.employee;
  CHECK(employee.account == account.id);
  if (!current.provisioned_at) {
    RETURN_IF_ERROR(check_adoptable(transaction, account, current, employee.profile));
  }
  ASSIGN_OR_RETURN(const bool held, record_departure(transaction, account.id, settings, employee,
                                                     DepartureKind::Deleted, actor, now));
  if (!held) {
    return delete_employee(transaction, account.id, employee.id, LastAdministrator::MayGo, actor, now);
  }
  RETURN_IF_ERROR(
      deactivate_employee(transaction, account.id, employee.id, LastAdministrator::MayGo, actor, now));
  RETURN_IF_ERROR(
      transaction.execute("UPDATE employees SET deletion_held_at = $3, version = version + 1, updated_at = $3"
                          " WHERE account_id = $1 AND id = $2",
                          {account.id, employee.id, now}));
  RETURN_IF_ERROR(
      record_audit(transaction, account.id, actor, "employee.deletion_held", employee.public_id, {}, now));
  return say_changed(transaction, employee);
}

}  // namespace doorward::directory
