#include "console/groups_api.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "directory/departments.h"
#include "directory/group_effects.h"
#include "directory/groups.h"

namespace doorward::console {

namespace {

constexpr std::array<std::string_view, 3> kMappingMembers = {"administrator", "department", "version"};

json::Value department_of(const directory::Group& group,
                          const std::vector<directory::Department>& departments) {
  if (!group.department) return nullptr;
  const auto found = std::ranges::find(departments, *group.department, &directory::Department::id);
  if (found == departments.end()) return nullptr;
  return json::Object{{"id", found->public_id}, {"name", found->name}};
}

/// What an administrator may write, as it is.
json::Object editable(const directory::Group& group, const std::vector<directory::Department>& departments) {
  return {{"administrator", group.grants_administrator}, {"department", department_of(group, departments)}};
}

Result<json::Object> shown(storage::Transaction& transaction, directory::AccountId account,
                           const directory::Group& group,
                           const std::vector<directory::Department>& departments) {
  ASSIGN_OR_RETURN(const auto members, directory::count_members(transaction, account, group.id));
  return json::Object{{"id", group.public_id},
                      {"displayName", group.display_name},
                      {"externalId", group.external_id},
                      {"administrator", group.grants_administrator},
                      {"department", department_of(group, departments)},
                      {"members", members},
                      {"version", version_of(editable(group, departments))},
                      {"createdAt", format_rfc3339(group.created_at)},
                      {"updatedAt", format_rfc3339(group.updated_at)}};
}

Result<directory::Group> find_group(storage::Transaction& transaction, const Admission& admission,
                                    const http::Request& request) {
  ASSIGN_OR_RETURN(auto group,
                   directory::find_group(transaction, admission.account(), request.parameter("id")));
  if (!group) {
    return fail(ErrorKind::NotFound, directory::kNoGroup,
                "There is no such group. Your directory may have deleted it.");
  }
  return *std::move(group);
}

/// `department` is a public id; nothing for none.
Result<directory::GroupMapping> mapping_from(storage::Transaction& transaction, const Admission& admission,
                                             bool administrator,
                                             const std::optional<std::string>& department) {
  directory::GroupMapping mapping{.grants_administrator = administrator};
  ASSIGN_OR_RETURN(mapping.department, find_department_id(transaction, admission, department));
  return mapping;
}

}  // namespace

Result<http::Response> GroupsApi::groups(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto after, cursor_field<directory::GroupId>(query, "after"));
  ASSIGN_OR_RETURN(const auto search, text_field(query, "search"));
  const std::string part = fold_case(search.value_or(""));
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    std::vector<directory::Group> found;
    RETURN_IF_ERROR(directory::scan_groups(
        transaction, admission.account(), after, 0, [&](const directory::Group& group) {
          if (part.empty() || fold_case(group.display_name).find(part) != std::string::npos)
            found.push_back(group);
          return static_cast<int>(found.size()) < limit;
        }));
    ASSIGN_OR_RETURN(const auto departments, directory::list_departments(transaction, admission.account()));
    json::Array items;
    for (const directory::Group& group : found) {
      ASSIGN_OR_RETURN(auto item, shown(transaction, admission.account(), group, departments));
      items.push_back(std::move(item));
    }
    return answer(page_of("groups", found, std::move(items), limit));
  });
}

Result<http::Response> GroupsApi::group(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto after, integer_field(query, "after", 1, INT64_MAX));
  const directory::AccountId account = admission.account();
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto group, find_group(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto departments, directory::list_departments(transaction, account));
    ASSIGN_OR_RETURN(const auto members,
                     directory::list_members(transaction, account, group.id, after.value_or(0), limit));
    json::Array items;
    for (const directory::Member& member : members) {
      ASSIGN_OR_RETURN(const auto employee, directory::load_employee(transaction, account, member.id));
      items.push_back(json::Object{{"id", member.public_id},
                                   {"displayName", member.shown_name},
                                   {"userName", employee.profile.user_name},
                                   {"active", employee.active},
                                   {"administrator", employee.administrator}});
    }
    json::Object page{{"members", std::move(items)}, {"next", nullptr}};
    if (static_cast<int>(members.size()) == limit) page["next"] = members.back().position;
    ASSIGN_OR_RETURN(page["group"], shown(transaction, account, group, departments));
    return answer(page);
  });
}

Result<http::Response> GroupsApi::mapping_effect(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const auto administrator, switch_field(query, "administrator"));
  ASSIGN_OR_RETURN(const auto department_field, text_field(query, "department"));
  std::optional<std::string> department;
  if (department_field && !department_field->empty()) department = *department_field;
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto group, find_group(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto mapping,
                     mapping_from(transaction, admission, administrator.value_or(false), department));
    ASSIGN_OR_RETURN(const auto effect,
                     directory::effect_of_mapping(transaction, admission.account(), group, mapping));
    return answer({{"getRights", effect.get_rights},
                   {"loseRights", effect.lose_rights},
                   {"move", effect.move},
                   {"youLoseRights", effect.loses_rights(admission.administrator->employee.id)}});
  });
}

Result<http::Response> GroupsApi::map(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kMappingMembers));
  ASSIGN_OR_RETURN(const bool administrator, required_bool(body, "administrator"));
  ASSIGN_OR_RETURN(const auto department, json::optional_string(body, "department"));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto group, find_group(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto departments, directory::list_departments(transaction, admission.account()));
    RETURN_IF_ERROR(check_version(body, editable(group, departments)));
    ASSIGN_OR_RETURN(const auto mapping, mapping_from(transaction, admission, administrator, department));
    RETURN_IF_ERROR(directory::map_group(transaction, admission.account(), group.id, mapping,
                                         admission.actor(), deps_.clock.now()));
    ASSIGN_OR_RETURN(const auto mapped, find_group(transaction, admission, request));
    ASSIGN_OR_RETURN(auto item, shown(transaction, admission.account(), mapped, departments));
    return answer({{"group", std::move(item)}});
  });
}

}  // namespace doorward::console
