#include <fmt/format.h>

#include "simulator/application_page.h"
#include "simulator/call.h"

/// *Enterprise applications*: list, creation, overview, *Users and groups*.
namespace doorward::simulator {

namespace {

using namespace ui;

Result<http::Response> show_applications(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  Html rows;
  for (const Application& application : tenant->applications) {
    rows += html("<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                 link(application_path(*tenant, application), application.name), application.app_id,
                 application.saml_selected ? "SAML-based Sign-on" : "–", application.assignments.size());
  }
  if (rows.empty()) {
    rows = html(
        R"(<tr><td colspan="4" class="muted">No applications yet. Choose New application to create one.</td></tr>)");
  }
  Html body = done_notice(call.request);
  body += html(R"(<div class="toolbar"><a class="button primary" href="{}">New application</a></div>)",
               portal_path(*tenant, "/new-application"));
  body += table(
      "All applications",
      html("<tr><th>Name</th><th>Application ID</th><th>Single sign-on</th><th>Assigned users</th></tr>"),
      rows);
  return portal_page(*tenant,
                     {.section = Section::Applications, .title = "Enterprise applications", .body = body});
}

http::Response new_application_page(const Tenant& tenant, std::string_view name,
                                    const std::optional<Error>& problem) {
  const Html fields =
      text_field("What's the name of your app?", "name", name) +
      html(
          R"(<fieldset class="field"><legend>What are you looking to do with your application?</legend><div class="check"><input type="radio" id="non-gallery" name="kind" value="non-gallery" checked><label for="non-gallery">Integrate any other application you don't find in the gallery (Non-gallery)</label></div></fieldset>)");
  return portal_page(
      tenant,
      {.section = Section::Applications,
       .breadcrumbs = {{"Enterprise applications", portal_path(tenant, "/applications")}},
       .title = "Create your own application",
       .body = problem_notice(problem) +
               card("Your application", form(portal_path(tenant, "/new-application"), fields, "Create")),
       .status = problem ? http::Status::UnprocessableContent : http::Status::Ok});
}

Result<http::Response> show_new_application(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  return new_application_page(*tenant, "", std::nullopt);
}

Result<http::Response> post_new_application(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  const auto application = create_application(*tenant, field(values, "name"), now_in(call, *tenant));
  if (!application) return new_application_page(*tenant, field(values, "name"), application.error());
  return done(application_path(*tenant, **application), "Application created.");
}

Result<http::Response> show_application(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  Html body = card("Properties", properties(property("Name", html("{}", application->name)) +
                                            copyable("Application ID", application->app_id) +
                                            copyable("Object ID", application->object_id)));
  body += html(
      R"(<h2>Getting started</h2><ul class="tiles"><li><a href="{}">1. Assign users and groups<span>Give users access to the application</span></a></li><li><a href="{}">2. Set up single sign on<span>Let users sign in with their Entra account</span></a></li><li><a href="{}">3. Provision User Accounts<span>Create and remove accounts in the application</span></a></li></ul>)",
      application_path(*tenant, *application, "/users"), application_path(*tenant, *application, "/sso"),
      application_path(*tenant, *application, "/provisioning"));
  body += card("Delete",
               html("<p>Nobody can sign in to the application any more. This cannot be undone.</p>") +
                   danger_button(application_path(*tenant, *application, "/delete"), "Delete application"));
  return application_page(call, *tenant, *application, ApplicationTab::Overview, application->name, body);
}

Result<http::Response> post_delete_application(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  std::erase_if(tenant->applications,
                [id = application->app_id](const Application& other) { return other.app_id == id; });
  return done(portal_path(*tenant, "/applications"), "Application deleted.");
}

Html group_assignments(const Tenant& tenant, const Application& application) {
  Html rows;
  std::vector<Choice> candidates;
  for (const Group& group : tenant.groups) {
    if (!application.assigned_groups.contains(group.object_id)) {
      candidates.push_back({group.object_id, group.display_name});
      continue;
    }
    rows += html("<tr><td>{}</td><td>{}</td><td>{}</td></tr>", group.display_name, group.members.size(),
                 action_button(
                     application_path(tenant, application, fmt::format("/groups/{}/remove", group.object_id)),
                     "Remove"));
  }
  Html body;
  if (!rows.empty()) {
    body += table("Groups",
                  html("<tr><th>Group</th><th>Members</th><th><span "
                       "class=\"hidden\">Actions</span></th></tr>"),
                  rows);
  }
  if (!candidates.empty()) {
    body += card("Add group",
                 html("<p>Direct members are assigned too; members of groups within it are not.</p>") +
                     form(application_path(tenant, application, "/groups"),
                          select("Group", "group", candidates, ""), "Assign group"));
  }
  return body;
}

Result<http::Response> post_group_assignment(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  const Group* group = find_group(*tenant, field(values, "group"));
  if (group == nullptr)
    return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such group in this tenant.");
  application->assigned_groups.insert(group->object_id);
  return done(application_path(*tenant, *application, "/users"), "Assigned.");
}

Result<http::Response> post_remove_group_assignment(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const Group* group, group_of(call, *tenant));
  application->assigned_groups.erase(group->object_id);
  return done(application_path(*tenant, *application, "/users"), "Assignment removed.");
}

Result<http::Response> show_assignments(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  Html rows;
  std::vector<Choice> candidates;
  for (const User& user : tenant->users) {
    const auto assignment = application->assignments.find(user.object_id);
    if (assignment == application->assignments.end()) {
      if (!user.deleted)
        candidates.push_back(
            {user.object_id, fmt::format("{} ({})", user.display_name, user.user_principal_name)});
      continue;
    }
    rows += html("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", user.display_name,
                 user.user_principal_name,
                 assignment->second.empty() ? std::string_view("Default Access") : assignment->second,
                 action_button(
                     application_path(*tenant, *application, fmt::format("/users/{}/remove", user.object_id)),
                     "Remove"));
  }
  if (rows.empty())
    rows = html(R"(<tr><td colspan="4" class="muted">No application assignments found.</td></tr>)");
  Html body = table("Users and groups",
                    html("<tr><th>Display name</th><th>User principal name</th><th>Role "
                         "assigned</th><th><span class=\"hidden\">Actions</span></th></tr>"),
                    rows);
  body += group_assignments(*tenant, *application);
  if (!candidates.empty()) {
    const Html fields =
        select("User", "user", candidates, "") +
        text_field("Role", "role", "", "Empty for Default Access; otherwise sent as role claim.");
    body += card("Add user/group", form(application_path(*tenant, *application, "/users"), fields, "Assign"));
    body += action_button(application_path(*tenant, *application, "/users/all"), "Assign all users");
  }
  return application_page(call, *tenant, *application, ApplicationTab::Users, "Users and groups", body);
}

Result<http::Response> post_assignment(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  const User* user = find_user(*tenant, field(values, "user"));
  if (user == nullptr)
    return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such user in this tenant.");
  application->assignments[user->object_id] = field(values, "role");
  return done(application_path(*tenant, *application, "/users"), "Assigned.");
}

Result<http::Response> post_assign_all(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  for (const User& user : tenant->users) {
    if (!user.deleted) application->assignments.try_emplace(user.object_id);
  }
  return done(application_path(*tenant, *application, "/users"), "All users assigned.");
}

Result<http::Response> post_remove_assignment(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const User* user, user_of(call, *tenant));
  application->assignments.erase(user->object_id);
  return done(application_path(*tenant, *application, "/users"), "Assignment removed.");
}

}  // namespace

std::vector<CallRoute> application_routes() {
  using enum http::Method;
  return {
      {Get, "/portal/{tenant}/applications", show_applications},
      {Get, "/portal/{tenant}/new-application", show_new_application},
      {Post, "/portal/{tenant}/new-application", post_new_application},
      {Get, "/portal/{tenant}/applications/{application}", show_application},
      {Post, "/portal/{tenant}/applications/{application}/delete", post_delete_application},
      {Get, "/portal/{tenant}/applications/{application}/users", show_assignments},
      {Post, "/portal/{tenant}/applications/{application}/users", post_assignment},
      {Post, "/portal/{tenant}/applications/{application}/users/all", post_assign_all},
      {Post, "/portal/{tenant}/applications/{application}/groups", post_group_assignment},
      {Post, "/portal/{tenant}/applications/{application}/groups/{group}/remove",
       post_remove_group_assignment},
      {Post, "/portal/{tenant}/applications/{application}/users/{user}/remove", post_remove_assignment},
  };
}

}  // namespace doorward::simulator
