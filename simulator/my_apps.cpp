#include <fmt/format.h>

#include "base/encoding.h"
#include "simulator/call.h"
#include "simulator/sessions.h"
#include "simulator/ui.h"

/// *My Apps*: tiles that begin a sign-in at the provider.
namespace doorward::simulator {

namespace {

using namespace ui;

http::Response my_apps_page(const Tenant& tenant, const User& user) {
  Html tiles;
  for (const Application& application : tenant.applications) {
    if (!application.saml_selected || !is_assigned(tenant, application, user.object_id)) continue;
    tiles += html(R"(<li><a href="/myapps/{}/{}">{}<span>{}</span></a></li>)", tenant.tenant_id,
                  application.app_id, application.name,
                  application.sign_on_url.empty() ? "Signs you in directly" : "Opens its sign-on page");
  }
  Html body = html("<p>{} · {}</p>", user.display_name, user.user_principal_name);
  body += tiles.empty() ? note(html("No application is assigned to you yet."))
                        : html(R"(<ul class="tiles">{}</ul>)", tiles);
  body += action_button("/myapps/sign-out", "Sign out");
  return plain_page("My Apps", body);
}

/// The tenant and user of the browser's session.
struct SignedIn {
  Session* session = nullptr;
  Tenant* tenant = nullptr;
  const User* user = nullptr;
};

SignedIn signed_in(Call& call) {
  SignedIn who;
  who.session = session_of(call);
  if (who.session == nullptr) return who;
  who.tenant = find_tenant(call.state, who.session->tenant_id);
  who.user = find_user(*who.tenant, who.session->user_id);
  return who;
}

Result<http::Response> show_my_apps(Call& call) {
  const SignedIn who = signed_in(call);
  if (who.session != nullptr) return my_apps_page(*who.tenant, *who.user);
  ASSIGN_OR_RETURN(const http::Form query, call.request.query_form());
  const std::string name = field(query, "tenant");
  const Tenant* tenant = name.empty() ? &call.state.tenants.front() : find_tenant(call.state, name);
  if (tenant == nullptr) return trouble_page(call, no_such_tenant(name));
  return account_picker(*tenant, fmt::format("/myapps/{}", tenant->tenant_id), {}, "");
}

Result<http::Response> post_my_apps(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const http::Form form, call.request.form());
  const std::string name = field(form, "user");
  const User* user = find_user(*tenant, name);
  if (user == nullptr || user->deleted) return trouble_page(call, no_such_user(*tenant, name));
  if (!user->account_enabled) return trouble_page(call, {50057, "The user account is disabled."});
  const std::string app_id = field(form, "application");
  auto response = http::Response::see_other(
      app_id.empty() ? std::string("/myapps")
                     : fmt::format("/myapps/{}/{}", tenant->tenant_id, percent_encode(app_id)));
  start_session(call, *tenant, *user, response);
  return response;
}

/// A tile: opens the Sign on URL when there is one, else sends a response that nobody asked for.
Result<http::Response> launch(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  const SignedIn who = signed_in(call);
  if (who.session == nullptr || who.tenant != tenant) {
    return account_picker(*tenant, fmt::format("/myapps/{}", tenant->tenant_id),
                          {{"application", application->app_id}}, "");
  }
  if (const auto judged = judge_user(*who.tenant, *application, *who.user, nullptr); !judged) {
    return trouble_page(call, judged.error());
  }
  if (!application->sign_on_url.empty()) return http::Response::see_other(application->sign_on_url);
  if (application->reply_urls.empty()) {
    return trouble_page(call, {500113, "No reply address is registered for the application."});
  }
  const auto relay_state = application->relay_state.empty()
                               ? std::optional<std::string_view>()
                               : std::optional<std::string_view>(application->relay_state);
  return send_response(call, *tenant, *application, *who.user, *who.session, application->reply_urls.front(),
                       nullptr, relay_state);
}

Result<http::Response> post_sign_out(Call& call) {
  return sign_out_everywhere(call, "", "");
}

}  // namespace

std::vector<CallRoute> my_apps_routes() {
  using enum http::Method;
  return {
      {Get, "/myapps", show_my_apps},
      {Post, "/myapps/{tenant}", post_my_apps},
      {Get, "/myapps/{tenant}/{application}", launch},
      {Post, "/myapps/sign-out", post_sign_out},
  };
}

}  // namespace doorward::simulator
