#include "console/employees_api.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "console/provisioning_log_api.h"
#include "console/views.h"
#include "directory/departments.h"
#include "directory/domains.h"
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

/// The member without the spaces that came along when it was typed or pasted; empty when absent.
Result<std::string> trimmed_member(const json::Object& body, std::string_view name) {
  ASSIGN_OR_RETURN(const auto text, json::optional_string(body, name));
  return std::string(trim(text.value_or("")));
}

constexpr std::array<std::string_view, 7> kEmployeeMembers = {
    "userName", "email", "givenName", "familyName", "displayName", "department", "version"};
constexpr std::span<const std::string_view> kNewEmployeeMembers(kEmployeeMembers.data(),
                                                                kEmployeeMembers.size() - 1);

/// What an administrator may write, as it is.
json::Object editable(const directory::Employee& employee, const directory::Department& department) {
  const directory::Profile& profile = employee.profile;
  return {{"userName", profile.user_name},       {"email", profile.email},
          {"givenName", profile.given_name},     {"familyName", profile.family_name},
          {"displayName", profile.display_name}, {"department", department.public_id}};
}

/// `before` with the members that an administrator may write.
Result<directory::Profile> profile_from(const json::Object& body, const directory::Profile& before) {
  directory::Profile profile = before;
  ASSIGN_OR_RETURN(profile.user_name, trimmed_member(body, "userName"));
  ASSIGN_OR_RETURN(profile.email, trimmed_member(body, "email"));
  ASSIGN_OR_RETURN(profile.given_name, trimmed_member(body, "givenName"));
  ASSIGN_OR_RETURN(profile.family_name, trimmed_member(body, "familyName"));
  ASSIGN_OR_RETURN(profile.display_name, trimmed_member(body, "displayName"));
  // An address that a directory sent must not stand in the way of other changes.
  if (!profile.email.empty() && profile.email != before.email &&
      !directory::is_email_address(profile.email)) {
    return fail(ErrorKind::InvalidInput, "api.bad_email",
                fmt::format("“{}” is not an e-mail address.", printable(profile.email)));
  }
  if (profile.user_name.empty()) profile.user_name = profile.email;
  if (profile.user_name.empty()) {
    return fail(ErrorKind::InvalidInput, "api.no_user_name", "Give an e-mail address or a user name.");
  }
  return profile;
}

/// What SSO as the only way in means for this address; empty when nothing.
Result<std::string> note_of_address(storage::Transaction& transaction, const Admission& admission,
                                    const directory::Employee& employee) {
  ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
  if (!account.sso_enforced_at) return std::string();
  ASSIGN_OR_RETURN(const auto domain,
                   directory::find_matching_domain(transaction, account.id, employee.profile.email));
  if (domain) return std::string();
  return fmt::format(
      " {} cannot sign in like this: single sign-on is the only way in, and needs an e-mail address in one "
      "of "
      "your company's domains.",
      employee.shown_name());
}

/// The directory took them away for good; what is kept of them is for undoing that.
Result<void> refuse_held(storage::Transaction& transaction, const directory::Employee& employee) {
  ASSIGN_OR_RETURN(const auto provisioned,
                   directory::find_provisioned(transaction, employee.account, employee.public_id));
  if (provisioned) return {};
  return fail(ErrorKind::Refused, "api.deletion_held",
              "Your directory deleted this employee while many left at once, and the deletion is held. Under "
              "Provisioning, restore the batch before you change anything about them.");
}

Result<std::string> note_of_edit(storage::Transaction& transaction, const Admission& admission,
                                 const directory::Employee& employee) {
  ASSIGN_OR_RETURN(const auto provisioned,
                   directory::find_provisioned(transaction, employee.account, employee.public_id));
  ASSIGN_OR_RETURN(const std::string address, note_of_address(transaction, admission, employee));
  if (!provisioned || !provisioned->provisioned_at) return "Saved." + address;
  return "Saved. Your directory manages this employee: its next change of a field overwrites what you "
         "entered there." +
         address;
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
    // Empty where `displayName` is made of the other names: a form that wrote that back would freeze it.
    shown["ownDisplayName"] = employee.profile.display_name;
    shown["locale"] = employee.profile.locale;
    shown["version"] = version_of(editable(employee, department));
    shown["department"] = json::Object{
        {"id", department.public_id}, {"name", department.name}, {"isDefault", department.is_default}};
    RETURN_IF_ERROR(add_provisioned(transaction, employee, shown));
    ASSIGN_OR_RETURN(shown["groups"], groups_of(transaction, employee));
    ASSIGN_OR_RETURN(shown["log"], entries_about(transaction, employee));
    return answer(shown);
  });
}

Result<http::Response> EmployeesApi::create(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kNewEmployeeMembers));
  ASSIGN_OR_RETURN(const directory::Profile profile, profile_from(body, {}));
  ASSIGN_OR_RETURN(const auto department, json::optional_string(body, "department"));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    directory::NewEmployee wanted{.account = admission.account(), .profile = profile};
    ASSIGN_OR_RETURN(wanted.department, find_department_id(transaction, admission, department));
    ASSIGN_OR_RETURN(const auto made,
                     directory::create_employee(transaction, wanted, admission.actor(), deps_.clock.now()));
    ASSIGN_OR_RETURN(const std::string address, note_of_address(transaction, admission, made));
    ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
    const std::string_view way = account.sso_enforced_at
                                     ? "There is no password: this person signs in with the company account."
                                     : "There is no password yet.";
    return answer({{"employee", view(made)}, {"note", std::string(way) + address}}, http::Status::Created);
  });
}

Result<http::Response> EmployeesApi::edit(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kEmployeeMembers));
  ASSIGN_OR_RETURN(const auto wanted, json::optional_string(body, "department"));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto employee, find_employee(transaction, admission, request));
    RETURN_IF_ERROR(refuse_held(transaction, employee));
    ASSIGN_OR_RETURN(const auto before,
                     directory::load_department(transaction, employee.account, employee.department));
    RETURN_IF_ERROR(check_version(body, editable(employee, before)));
    ASSIGN_OR_RETURN(const auto profile, profile_from(body, employee.profile));
    ASSIGN_OR_RETURN(const auto department, find_department_id(transaction, admission, wanted));
    const Timestamp now = deps_.clock.now();
    RETURN_IF_ERROR(directory::update_profile(transaction, employee.account, employee.id, profile,
                                              admission.actor(), now));
    RETURN_IF_ERROR(directory::move_employee(transaction, employee.account, employee.id,
                                             department.value_or(employee.department), admission.actor(),
                                             now));
    ASSIGN_OR_RETURN(const auto changed,
                     directory::load_employee(transaction, employee.account, employee.id));
    ASSIGN_OR_RETURN(const auto note, note_of_edit(transaction, admission, changed));
    return answer({{"employee", view(changed)}, {"note", note}});
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
