#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "simulator/call.h"
#include "simulator/ui.h"
#include "simulator/user_attributes.h"

/// *Users* and *Groups*.
namespace doorward::simulator {

namespace {

using namespace ui;

std::string user_path(const Tenant& tenant, const User& user, std::string_view path = "") {
  return portal_path(tenant, fmt::format("/users/{}{}", user.object_id, path));
}

std::string group_path(const Tenant& tenant, const Group& group, std::string_view path = "") {
  return portal_path(tenant, fmt::format("/groups/{}{}", group.object_id, path));
}

Link users_link(const Tenant& tenant) {
  return {"Users", portal_path(tenant, "/users")};
}

bool matches(const User& user, std::string_view folded) {
  return fold_case(user.display_name).find(folded) != std::string::npos ||
         fold_case(user.user_principal_name).find(folded) != std::string::npos ||
         fold_case(user.mail).find(folded) != std::string::npos;
}

Html user_rows(const Tenant& tenant, std::string_view search, bool deleted) {
  constexpr std::size_t kMaxRows = 500;
  const std::string folded = fold_case(search);
  std::size_t count = 0;
  Html rows;
  for (const User& user : tenant.users) {
    if (user.deleted.has_value() != deleted || !matches(user, folded) || ++count > kMaxRows) continue;
    rows += html("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                 link(user_path(tenant, user), user.display_name), user.user_principal_name,
                 user.mail.empty() ? std::string_view("–") : user.mail, user.account_enabled ? "Yes" : "No");
  }
  if (rows.empty()) return html(R"(<tr><td colspan="4" class="muted">No users found.</td></tr>)");
  if (count > kMaxRows) {
    rows +=
        html(R"(<tr><td colspan="4" class="muted">{} more. Search to see them.</td></tr>)", count - kMaxRows);
  }
  return rows;
}

Html users_table(const Tenant& tenant, std::string_view search, bool deleted) {
  return table(
      deleted ? "Deleted users" : "Users",
      html(
          "<tr><th>Display name</th><th>User principal name</th><th>Email</th><th>Account enabled</th></tr>"),
      user_rows(tenant, search, deleted));
}

Result<http::Response> show_users(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const http::Form query, call.request.query_form());
  const std::string search = field(query, "search");
  const Html tools = html(
      R"(<div class="toolbar"><a class="button primary" href="{}">New user</a><a class="button" href="{}">Deleted users</a></div><form class="toolbar" role="search"><input type="text" name="search" value="{}" aria-label="Search users" placeholder="Search"><button type="submit">Search</button></form>)",
      portal_path(*tenant, "/new-user"), portal_path(*tenant, "/deleted-users"), search);
  return portal_page(*tenant,
                     {.section = Section::Users,
                      .title = "Users",
                      .body = done_notice(call.request) + tools + users_table(*tenant, search, false)});
}

Result<http::Response> show_deleted_users(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  return portal_page(*tenant, {.section = Section::Users,
                               .breadcrumbs = {users_link(*tenant)},
                               .title = "Deleted users",
                               .body = done_notice(call.request) + users_table(*tenant, "", true)});
}

std::string_view hint_of(const UserAttribute& attribute) {
  if (attribute.member == &User::mail)
    return "Under Contact information in Entra. Without it, applications get no emailaddress claim.";
  if (attribute.member == &User::mail_nickname)
    return "When left empty, the user principal name up to the @.";
  return "";
}

Html manager_field(const Tenant& tenant, const User& user) {
  std::vector<Choice> choices{{"", "None"}};
  for (const User& other : tenant.users) {
    if (!other.deleted && other.object_id != user.object_id)
      choices.push_back({other.object_id, other.display_name});
  }
  return select("Manager", "manager", choices, user.manager);
}

Html user_fields(const Tenant& tenant, const User& user) {
  Html fields;
  for (const UserAttribute& attribute : kUserAttributes)
    fields += text_field(attribute.label, attribute.name, user.*attribute.member, hint_of(attribute));
  return fields + manager_field(tenant, user) +
         checkbox("Account enabled", "account_enabled", user.account_enabled) +
         checkbox("Signs in without a password", "passwordless", user.passwordless,
                  "Then a request that asks for a password context fails with AADSTS75011.");
}

User user_from(const http::Form& values) {
  User user;
  for (const UserAttribute& attribute : kUserAttributes)
    user.*attribute.member = field(values, attribute.name);
  user.manager = field(values, "manager");
  user.account_enabled = values.find("account_enabled").has_value();
  user.passwordless = values.find("passwordless").has_value();
  return user;
}

http::Response new_user_page(const Tenant& tenant, const User& user, const std::optional<Error>& problem) {
  return portal_page(tenant, {.section = Section::Users,
                              .breadcrumbs = {users_link(tenant)},
                              .title = "Create new user",
                              .body = problem_notice(problem) +
                                      card("Properties", form(portal_path(tenant, "/new-user"),
                                                              user_fields(tenant, user), "Create")),
                              .status = problem ? http::Status::UnprocessableContent : http::Status::Ok});
}

Result<http::Response> show_new_user(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  User user;
  user.user_principal_name = "@" + tenant->primary_domain;
  return new_user_page(*tenant, user, std::nullopt);
}

Result<http::Response> post_new_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  const User wanted = user_from(values);
  const auto user = create_user(*tenant, wanted);
  if (!user) return new_user_page(*tenant, wanted, user.error());
  return done(user_path(*tenant, **user), "User created.");
}

http::Response user_page(Call& call, const Tenant& tenant, const User& user, const User& shown,
                         const std::optional<Error>& problem) {
  Html body = done_notice(call.request) + problem_notice(problem);
  body += card("Identity", properties(copyable("Object ID", user.object_id) +
                                      copyable("User principal name", user.user_principal_name)));
  if (user.deleted) {
    body +=
        card("Deleted", html("<p>Deleted on {}. Restoring brings the memberships and assignments back.</p>",
                             format_rfc3339(*user.deleted)) +
                            html(R"(<div class="buttons">{}{}</div>)",
                                 action_button(user_path(tenant, user, "/restore"), "Restore user"),
                                 danger_button(user_path(tenant, user, "/purge"), "Delete permanently")));
  } else {
    body += card("Properties", form(user_path(tenant, user), user_fields(tenant, shown), "Save"));
    body += card("Delete", html("<p>The user moves to Deleted users and can be restored from there.</p>") +
                               danger_button(user_path(tenant, user, "/delete"), "Delete"));
  }
  return portal_page(tenant, {.section = Section::Users,
                              .breadcrumbs = {users_link(tenant)},
                              .title = user.display_name,
                              .body = body,
                              .status = problem ? http::Status::UnprocessableContent : http::Status::Ok});
}

Result<http::Response> show_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const User* user, user_of(call, *tenant));
  return user_page(call, *tenant, *user, *user, std::nullopt);
}

Result<http::Response> post_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(User * user, user_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  User wanted = user_from(values);
  wanted.object_id = user->object_id;
  const auto updated = update_user(*tenant, *user, wanted);
  if (!updated) return user_page(call, *tenant, *user, wanted, updated.error());
  return done(user_path(*tenant, *user), "Saved.");
}

Result<http::Response> post_delete_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(User * user, user_of(call, *tenant));
  delete_user(*user, call.now);
  return done(portal_path(*tenant, "/users"), "User deleted.");
}

Result<http::Response> post_restore_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(User * user, user_of(call, *tenant));
  RETURN_IF_ERROR(restore_user(*tenant, *user));
  return done(user_path(*tenant, *user), "User restored.");
}

Result<http::Response> post_purge_user(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const User* user, user_of(call, *tenant));
  purge_user(*tenant, user->object_id);
  return done(portal_path(*tenant, "/deleted-users"), "User deleted permanently.");
}

Result<http::Response> show_groups(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  Html rows;
  for (const Group& group : tenant->groups) {
    rows += html("<tr><td>{}</td><td><code>{}</code></td><td>{}</td></tr>",
                 link(group_path(*tenant, group), group.display_name), group.object_id, group.members.size());
  }
  if (rows.empty()) rows = html(R"(<tr><td colspan="3" class="muted">No groups yet.</td></tr>)");
  Html body = done_notice(call.request);
  body += table("Groups", html("<tr><th>Name</th><th>Object ID</th><th>Members</th></tr>"), rows);
  body += card("New group",
               form(portal_path(*tenant, "/groups"), text_field("Group name", "name", ""), "Create"));
  return portal_page(*tenant, {.section = Section::Groups, .title = "Groups", .body = body});
}

Result<http::Response> post_group(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  ASSIGN_OR_RETURN(const Group* group, create_group(*tenant, field(values, "name")));
  return done(group_path(*tenant, *group), "Group created.");
}

Result<http::Response> show_group(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Group* group, group_of(call, *tenant));
  Html rows;
  std::vector<Choice> candidates;
  for (const User& user : tenant->users) {
    if (!group->members.contains(user.object_id)) {
      if (!user.deleted) candidates.push_back({user.object_id, user.display_name});
      continue;
    }
    rows += html("<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                 link(user_path(*tenant, user), user.display_name), user.user_principal_name,
                 action_button(group_path(*tenant, *group, fmt::format("/members/{}/remove", user.object_id)),
                               "Remove"));
  }
  if (rows.empty()) rows = html(R"(<tr><td colspan="3" class="muted">No members.</td></tr>)");
  Html members = table(
      "Members",
      html(
          "<tr><th>Name</th><th>User principal name</th><th><span class=\"hidden\">Actions</span></th></tr>"),
      rows);
  if (!candidates.empty()) {
    members +=
        form(group_path(*tenant, *group, "/members"), select("User", "user", candidates, ""), "Add member");
  }
  Html body = done_notice(call.request);
  body += card("Overview", properties(copyable("Object ID", group->object_id)) +
                               form(group_path(*tenant, *group),
                                    text_field("Group name", "name", group->display_name), "Save"));
  body += card("Members", members);
  body += card("Delete", danger_button(group_path(*tenant, *group, "/delete"), "Delete group"));
  return portal_page(*tenant, {.section = Section::Groups,
                               .breadcrumbs = {{"Groups", portal_path(*tenant, "/groups")}},
                               .title = group->display_name,
                               .body = body});
}

Result<http::Response> post_member(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Group * group, group_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  const User* user = find_user(*tenant, field(values, "user"));
  if (user == nullptr)
    return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such user in this tenant.");
  group->members.insert(user->object_id);
  return done(group_path(*tenant, *group), "Member added.");
}

Result<http::Response> post_remove_member(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Group * group, group_of(call, *tenant));
  ASSIGN_OR_RETURN(const User* user, user_of(call, *tenant));
  group->members.erase(user->object_id);
  return done(group_path(*tenant, *group), "Member removed.");
}

Result<http::Response> post_rename_group(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Group * group, group_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  RETURN_IF_ERROR(rename_group(*group, field(values, "name")));
  return done(group_path(*tenant, *group), "Saved.");
}

Result<http::Response> post_delete_group(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Group* group, group_of(call, *tenant));
  delete_group(*tenant, std::string(group->object_id));
  return done(portal_path(*tenant, "/groups"), "Group deleted.");
}

}  // namespace

std::vector<CallRoute> user_routes() {
  using enum http::Method;
  return {
      {Get, "/portal/{tenant}/users", show_users},
      {Get, "/portal/{tenant}/new-user", show_new_user},
      {Post, "/portal/{tenant}/new-user", post_new_user},
      {Get, "/portal/{tenant}/deleted-users", show_deleted_users},
      {Get, "/portal/{tenant}/users/{user}", show_user},
      {Post, "/portal/{tenant}/users/{user}", post_user},
      {Post, "/portal/{tenant}/users/{user}/delete", post_delete_user},
      {Post, "/portal/{tenant}/users/{user}/restore", post_restore_user},
      {Post, "/portal/{tenant}/users/{user}/purge", post_purge_user},
      {Get, "/portal/{tenant}/groups", show_groups},
      {Post, "/portal/{tenant}/groups", post_group},
      {Get, "/portal/{tenant}/groups/{group}", show_group},
      {Post, "/portal/{tenant}/groups/{group}", post_rename_group},
      {Post, "/portal/{tenant}/groups/{group}/delete", post_delete_group},
      {Post, "/portal/{tenant}/groups/{group}/members", post_member},
      {Post, "/portal/{tenant}/groups/{group}/members/{user}/remove", post_remove_member},
  };
}

}  // namespace doorward::simulator
