#include "console/employees_api.h"

#include "console/provisioning_log_api.h"
#include "console/views.h"
#include "directory/departments.h"
#include "directory/groups.h"
#include "directory/provisioning.h"

namespace doorward::console {

namespace {

constexpr int kShownEntries = 10;
constexpr std::string_view kEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

Result<directory::Employee> find_employee(storage::Transaction& transaction, const Admission& admission,
                                          const http::Request& request) {
  ASSIGN_OR_RETURN(auto employee,
                   directory::find_employee(transaction, admission.account(), request.parameter("id")));
  if (!employee) {
    return fail(ErrorKind::NotFound, directory::kNoEmployee,
                "There is no such employee. Your directory may have deleted them.");
  }
  return *std::move(employee);
}

/// The manager's id in what the directory sent, which is one of ours.
std::string manager_id(const json::Object& attributes) {
  const auto* extension = attributes.if_contains(kEnterprise);
  if (extension == nullptr || !extension->is_object()) return {};
  const auto* manager = extension->get_object().if_contains("manager");
  if (manager == nullptr || !manager->is_object()) return {};
  const auto* value = manager->get_object().if_contains("value");
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<json::Value> manager_of(storage::Transaction& transaction, directory::AccountId account,
                               const json::Object& attributes) {
  const std::string id = manager_id(attributes);
  if (id.empty()) return nullptr;
  ASSIGN_OR_RETURN(const auto manager, directory::find_employee(transaction, account, id));
  if (!manager) return nullptr;
  return json::Object{{"id", manager->public_id}, {"name", manager->shown_name()}};
}

/// What the directory keeps of the employee.
Result<void> add_provisioned(storage::Transaction& transaction, const directory::Employee& employee,
                             json::Object& shown) {
  ASSIGN_OR_RETURN(const auto provisioned,
                   directory::find_provisioned(transaction, employee.account, employee.public_id));
  // The directory does not see those whose deletion is held.
  shown["deletionHeld"] = !provisioned;
  shown["provisionedAt"] = provisioned ? time_or_null(provisioned->provisioned_at) : json::Value(nullptr);
  json::Object attributes;
  if (provisioned && !provisioned->attributes.empty()) {
    ASSIGN_OR_RETURN(auto parsed, json::parse(provisioned->attributes));
    if (parsed.is_object()) attributes = std::move(parsed.as_object());
  }
  ASSIGN_OR_RETURN(shown["manager"], manager_of(transaction, employee.account, attributes));
  shown["attributes"] = std::move(attributes);
  return {};
}

Result<json::Array> groups_of(storage::Transaction& transaction, const directory::Employee& employee) {
  ASSIGN_OR_RETURN(const auto groups, directory::groups_of(transaction, employee.account, employee.id));
  json::Array items;
  for (const directory::Group& group : groups) {
    items.push_back(json::Object{{"id", group.public_id},
                                 {"displayName", group.display_name},
                                 {"administrator", group.grants_administrator}});
  }
  return items;
}

Result<json::Array> entries_about(storage::Transaction& transaction, const directory::Employee& employee) {
  ASSIGN_OR_RETURN(const auto entries, directory::list_provisioning_log(transaction, employee.account,
                                                                        {.subject = employee.public_id},
                                                                        std::nullopt, kShownEntries));
  json::Array items;
  for (const directory::ProvisioningEntry& entry : entries)
    items.push_back(view(entry));
  return items;
}

}  // namespace

Result<http::Response> EmployeesApi::employee(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto employee, find_employee(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto department,
                     directory::load_department(transaction, employee.account, employee.department));
    json::Object shown = view(employee);
    shown["locale"] = employee.profile.locale;
    shown["department"] = json::Object{
        {"id", department.public_id}, {"name", department.name}, {"isDefault", department.is_default}};
    RETURN_IF_ERROR(add_provisioned(transaction, employee, shown));
    ASSIGN_OR_RETURN(shown["groups"], groups_of(transaction, employee));
    ASSIGN_OR_RETURN(shown["log"], entries_about(transaction, employee));
    return answer(shown);
  });
}

Result<http::Response> EmployeesApi::act(const http::Request& request, Act change, std::string_view note) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto employee, find_employee(transaction, admission, request));
    RETURN_IF_ERROR(change(transaction, employee, admission.actor(), deps_.clock.now()));
    ASSIGN_OR_RETURN(const auto changed,
                     directory::load_employee(transaction, employee.account, employee.id));
    return answer({{"employee", view(changed)}, {"note", note}});
  });
}

Result<http::Response> EmployeesApi::deactivate(const http::Request& request) {
  return act(
      request,
      [](storage::Transaction& transaction, const directory::Employee& employee,
         const directory::Actor& actor, Timestamp now) {
        return directory::deactivate_employee(transaction, employee.account, employee.id,
                                              directory::LastAdministrator::Protect, actor, now);
      },
      "Access is off, and every session has ended.");
}

Result<http::Response> EmployeesApi::activate(const http::Request& request) {
  return act(
      request,
      [](storage::Transaction& transaction, const directory::Employee& employee,
         const directory::Actor& actor, Timestamp now) {
        return directory::activate_employee(transaction, employee.account, employee.id, actor, now);
      },
      "Access is back. Administrator rights do not come back with it: whoever had them must be granted them "
      "again.");
}

Result<http::Response> EmployeesApi::grant_administrator(const http::Request& request) {
  return act(
      request,
      [](storage::Transaction& transaction, const directory::Employee& employee,
         const directory::Actor& actor, Timestamp now) {
        return directory::grant_administrator(transaction, employee.account, employee.id, actor, now);
      },
      "Administrator rights are granted.");
}

Result<http::Response> EmployeesApi::revoke_administrator(const http::Request& request) {
  return act(
      request,
      [](storage::Transaction& transaction, const directory::Employee& employee,
         const directory::Actor& actor, Timestamp now) {
        return directory::revoke_administrator(transaction, employee.account, employee.id,
                                               directory::LastAdministrator::Protect, actor, now);
      },
      "Administrator rights are taken away.");
}

}  // namespace doorward::console
