#include <fmt/format.h>

#include "base/encoding.h"
#include "simulator/call.h"
#include "simulator/json_model.h"
#include "simulator/saml_response.h"

/// `/simulator/api`: the screens' doings for tests. README.md lists the calls.
namespace doorward::simulator {

namespace {

http::Response reply(const json::Object& object, http::Status status = http::Status::Ok) {
  return http::Response::json(status, json::serialize(object));
}

http::Response no_content() {
  http::Response response;
  response.status = http::Status::NoContent;
  return response;
}

/// The body as an object; an empty body is an empty object.
Result<json::Object> body_of(const Call& call) {
  if (call.request.body.empty()) return json::Object();
  ASSIGN_OR_RETURN(const json::Value value, json::parse(call.request.body));
  return as_object(value);
}

json::Object describe(const Call& call, const Tenant& tenant, const Application& application) {
  return to_json(call.settings, tenant, application, now_in(call, tenant));
}

json::Object describe(const Call& call, const Tenant& tenant) {
  return to_json(call.settings, tenant, now_in(call, tenant));
}

Result<http::Response> get_tenants(Call& call) {
  json::Array tenants;
  for (const Tenant& tenant : call.state.tenants)
    tenants.push_back(describe(call, tenant));
  return reply({{"tenants", std::move(tenants)}});
}

Result<http::Response> post_tenant(Call& call) {
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "name"));
  ASSIGN_OR_RETURN(const std::string domain, json::required_string(body, "primary_domain"));
  ASSIGN_OR_RETURN(const Tenant* tenant, create_tenant(call.state, name, domain));
  return reply(describe(call, *tenant), http::Status::Created);
}

Result<http::Response> get_tenant(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  return reply(describe(call, *tenant));
}

/// `faults` replaces the faults that are on; `clock_offset` is in seconds.
Result<http::Response> patch_tenant(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  ASSIGN_OR_RETURN(const auto names, optional_strings(body, "faults"));
  ASSIGN_OR_RETURN(const auto offset, json::optional_integer(body, "clock_offset"));
  std::set<Fault> faults = tenant->faults;
  if (names) faults.clear();
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    const auto fault = fault_by_name(name);
    if (!fault)
      return fail(ErrorKind::InvalidInput, "simulator.fault",
                  "There is no fault of this name: " + name + ".");
    faults.insert(*fault);
  }
  tenant->faults = std::move(faults);
  if (offset) tenant->clock_offset = std::chrono::seconds(*offset);
  return reply(describe(call, *tenant));
}

Result<http::Response> post_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  ASSIGN_OR_RETURN(User properties, user_from_json(body, {}));
  ASSIGN_OR_RETURN(const User* user, create_user(*tenant, std::move(properties)));
  return reply(to_json(*user), http::Status::Created);
}

Result<http::Response> get_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const User* user, user_of(call, *tenant));
  return reply(to_json(*user));
}

Result<http::Response> patch_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(User * user, user_of(call, *tenant));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  ASSIGN_OR_RETURN(User properties, user_from_json(body, *user));
  RETURN_IF_ERROR(update_user(*tenant, *user, std::move(properties)));
  return reply(to_json(*user));
}

/// Soft; a second time, for ever.
Result<http::Response> remove_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(User * user, user_of(call, *tenant));
  if (user->deleted) {
    purge_user(*tenant, user->object_id);
  } else {
    delete_user(*user, call.now);
  }
  return no_content();
}

Result<http::Response> restore(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(User * user, user_of(call, *tenant));
  RETURN_IF_ERROR(restore_user(*tenant, *user));
  return reply(to_json(*user));
}

Result<std::set<std::string>> user_ids(const Tenant& tenant, const std::vector<std::string>& names) {
  std::set<std::string> ids;
  for (const std::string& name : names) {
    const User* user = find_user(tenant, name);
    if (user == nullptr)
      return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such user: " + name + ".");
    ids.insert(user->object_id);
  }
  return ids;
}

/// With `count`, as many groups of numbered names, for tests of the overage.
Result<http::Response> post_group(Call& call) {
  constexpr std::int64_t kMaxGroupsAtOnce = 1000;
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "display_name"));
  ASSIGN_OR_RETURN(const auto members, optional_strings(body, "members"));
  ASSIGN_OR_RETURN(const auto count, json::optional_integer(body, "count"));
  if (count && (*count < 1 || *count > kMaxGroupsAtOnce)) {
    return fail(ErrorKind::InvalidInput, "simulator.count", "The count must be between 1 and 1000.");
  }
  ASSIGN_OR_RETURN(const auto ids, user_ids(*tenant, members.value_or(std::vector<std::string>())));
  json::Array groups;
  for (std::int64_t i = 1; i <= count.value_or(1); ++i) {
    ASSIGN_OR_RETURN(Group * group, create_group(*tenant, count ? fmt::format("{} {}", name, i) : name));
    group->members = ids;
    groups.push_back(to_json(*group));
  }
  return reply({{"groups", std::move(groups)}}, http::Status::Created);
}

/// `display_name` renames; `members`, `add_members` and `remove_members` are users.
Result<http::Response> patch_group(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Group * group, group_of(call, *tenant));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  Group wanted = *group;
  ASSIGN_OR_RETURN(const auto name, json::optional_string(body, "display_name"));
  if (name) RETURN_IF_ERROR(rename_group(wanted, *name));
  const std::vector<std::string> none;
  ASSIGN_OR_RETURN(const auto members, optional_strings(body, "members"));
  if (members) {
    ASSIGN_OR_RETURN(wanted.members, user_ids(*tenant, *members));
  }
  ASSIGN_OR_RETURN(const auto add, optional_strings(body, "add_members"));
  ASSIGN_OR_RETURN(const auto added, user_ids(*tenant, add.value_or(none)));
  wanted.members.insert(added.begin(), added.end());
  ASSIGN_OR_RETURN(const auto remove, optional_strings(body, "remove_members"));
  ASSIGN_OR_RETURN(const auto removed, user_ids(*tenant, remove.value_or(none)));
  std::erase_if(wanted.members, [&](const std::string& id) { return removed.contains(id); });
  *group = std::move(wanted);
  return reply(to_json(*group));
}

Result<http::Response> remove_group(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Group* group, group_of(call, *tenant));
  delete_group(*tenant, std::string(group->object_id));
  return no_content();
}

/// `users`: `"all"`, one user, or an array of users; each an object id or user principal name.
Result<void> assign(const Tenant& tenant, Application& application, const json::Object& body) {
  ASSIGN_OR_RETURN(const auto users, optional_strings(body, "users"));
  ASSIGN_OR_RETURN(const auto role, json::optional_string(body, "role"));
  for (const std::string& name : users.value_or(std::vector<std::string>())) {
    if (name == "all") {
      for (const User& user : tenant.users)
        application.assignments[user.object_id] = role.value_or("");
      continue;
    }
    const User* user = find_user(tenant, name);
    if (user == nullptr)
      return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such user: " + name + ".");
    application.assignments[user->object_id] = role.value_or("");
  }
  return {};
}

Result<http::Response> post_application(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "name"));
  ASSIGN_OR_RETURN(Application * application, create_application(*tenant, name, now_in(call, *tenant)));
  auto configured = configure(*tenant, *application, body);
  if (configured) configured = assign(*tenant, *application, body);
  if (!configured) {
    tenant->applications.pop_back();
    return fail(configured.error());
  }
  return reply(describe(call, *tenant, *application), http::Status::Created);
}

Result<http::Response> get_application(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  return reply(describe(call, *tenant, *application));
}

Result<http::Response> patch_application(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  RETURN_IF_ERROR(configure(*tenant, *application, body));
  return reply(describe(call, *tenant, *application));
}

Result<http::Response> delete_application(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  std::erase_if(tenant->applications,
                [id = application->app_id](const Application& other) { return other.app_id == id; });
  return no_content();
}

Result<http::Response> post_assignments(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  RETURN_IF_ERROR(assign(*tenant, *application, body));
  return reply(describe(call, *tenant, *application));
}

Result<http::Response> delete_assignment(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const User* user, user_of(call, *tenant));
  application->assignments.erase(user->object_id);
  return no_content();
}

/// `groups`: object ids.
Result<http::Response> post_group_assignments(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  ASSIGN_OR_RETURN(const auto groups, optional_strings(body, "groups"));
  for (const std::string& id : groups.value_or(std::vector<std::string>())) {
    const Group* group = find_group(*tenant, id);
    if (group == nullptr)
      return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such group: " + id + ".");
    application->assigned_groups.insert(group->object_id);
  }
  return reply(describe(call, *tenant, *application));
}

Result<http::Response> delete_group_assignment(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const Group* group, group_of(call, *tenant));
  application->assigned_groups.erase(group->object_id);
  return no_content();
}

/// `active` makes it active at once; `not_after` (RFC 3339) makes one that expires then.
Result<http::Response> post_certificate(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  ASSIGN_OR_RETURN(const auto active, json::optional_bool(body, "active"));
  ASSIGN_OR_RETURN(const auto not_after, json::optional_string(body, "not_after"));
  const Timestamp now = now_in(call, *tenant);
  if (not_after) {
    const auto end = parse_rfc3339(*not_after);
    if (!end)
      return fail(ErrorKind::InvalidInput, "simulator.not_after", "not_after must be an RFC 3339 time.");
    application->certificates.push_back(new_certificate(std::min(now, *end) - std::chrono::days(1), *end));
  } else {
    application->certificates.push_back(new_certificate(now));
  }
  if (active.value_or(false)) {
    const std::string thumbprint = application->certificates.back().certificate.thumbprint();
    RETURN_IF_ERROR(activate_certificate(*application, thumbprint));
  }
  return reply(describe(call, *tenant, *application), http::Status::Created);
}

Result<http::Response> activate(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  RETURN_IF_ERROR(activate_certificate(*application, call.request.parameter("thumbprint")));
  return reply(describe(call, *tenant, *application));
}

Result<http::Response> remove_certificate(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  RETURN_IF_ERROR(delete_certificate(*application, call.request.parameter("thumbprint")));
  return no_content();
}

/// A response without a browser: `user`, optional `in_response_to` and `reply_url`.
Result<http::Response> post_response(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "user"));
  const User* user = find_user(*tenant, name);
  if (user == nullptr)
    return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such user: " + name + ".");
  ResponseParameters parameters;
  ASSIGN_OR_RETURN(parameters.in_response_to, json::optional_string(body, "in_response_to"));
  ASSIGN_OR_RETURN(const auto reply_url, json::optional_string(body, "reply_url"));
  if (!reply_url && application->reply_urls.empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.no_reply_url", "The application has no Reply URL.");
  }
  parameters.reply_url = reply_url ? *reply_url : application->reply_urls.front();
  parameters.now = now_in(call, *tenant);
  parameters.authenticated = parameters.now;
  ASSIGN_OR_RETURN(const IssuedResponse issued, issue_response(*tenant, *application, *user, parameters));
  return reply({{"reply_url", parameters.reply_url},
                {"saml_response", to_base64(issued.xml)},
                {"name_id", issued.name_id},
                {"session_index", issued.session_index}});
}

}  // namespace

std::vector<CallRoute> api_routes() {
  using enum http::Method;
  return {
      {Get, "/simulator/api/tenants", get_tenants},
      {Post, "/simulator/api/tenants", post_tenant},
      {Get, "/simulator/api/tenants/{tenant}", get_tenant},
      {Patch, "/simulator/api/tenants/{tenant}", patch_tenant},
      {Post, "/simulator/api/tenants/{tenant}/users", post_user},
      {Get, "/simulator/api/tenants/{tenant}/users/{user}", get_user},
      {Patch, "/simulator/api/tenants/{tenant}/users/{user}", patch_user},
      {Delete, "/simulator/api/tenants/{tenant}/users/{user}", remove_user},
      {Post, "/simulator/api/tenants/{tenant}/users/{user}/restore", restore},
      {Post, "/simulator/api/tenants/{tenant}/groups", post_group},
      {Patch, "/simulator/api/tenants/{tenant}/groups/{group}", patch_group},
      {Delete, "/simulator/api/tenants/{tenant}/groups/{group}", remove_group},
      {Post, "/simulator/api/tenants/{tenant}/applications", post_application},
      {Get, "/simulator/api/tenants/{tenant}/applications/{application}", get_application},
      {Patch, "/simulator/api/tenants/{tenant}/applications/{application}", patch_application},
      {Delete, "/simulator/api/tenants/{tenant}/applications/{application}", delete_application},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/users", post_assignments},
      {Delete, "/simulator/api/tenants/{tenant}/applications/{application}/users/{user}", delete_assignment},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/groups", post_group_assignments},
      {Delete, "/simulator/api/tenants/{tenant}/applications/{application}/groups/{group}",
       delete_group_assignment},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/certificates", post_certificate},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/certificates/{thumbprint}/activate",
       activate},
      {Delete, "/simulator/api/tenants/{tenant}/applications/{application}/certificates/{thumbprint}",
       remove_certificate},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/responses", post_response},
  };
}

}  // namespace doorward::simulator
