#include <fmt/format.h>

#include "simulator/call.h"
#include "simulator/ui.h"

/// *App registrations*: overview and *Authentication* with its mobile platforms.
namespace doorward::simulator {

namespace {

using namespace ui;

std::string registration_path(const Tenant& tenant, const Application& application,
                              std::string_view path = "") {
  return portal_path(tenant, fmt::format("/registrations/{}{}", application.app_id, path));
}

std::vector<Link> crumbs_to(const Tenant& tenant) {
  return {{"App registrations", portal_path(tenant, "/registrations")}};
}

Result<http::Response> show_registrations(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  Html rows;
  for (const Application& application : tenant->applications) {
    rows += html("<tr><td>{}</td><td><code>{}</code></td></tr>",
                 link(registration_path(*tenant, application), application.name), application.app_id);
  }
  if (rows.empty()) {
    rows = html(
        R"(<tr><td colspan="2" class="muted">Create one under Enterprise applications first.</td></tr>)");
  }
  return portal_page(
      *tenant, {.section = Section::Registrations,
                .title = "App registrations",
                .body = table("All applications",
                              html("<tr><th>Display name</th><th>Application (client) ID</th></tr>"), rows)});
}

Result<http::Response> show_registration(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  const std::size_t platforms = application->ios_bundle_ids.size() + application->android_platforms.size();
  const Html essentials = property("Display name", html("{}", application->name)) +
                          copyable("Application (client) ID", application->app_id) +
                          copyable("Object ID", application->object_id) +
                          copyable("Directory (tenant) ID", tenant->tenant_id) +
                          property("Redirect URIs", html("{} public client", platforms));
  const Html authentication = html(
      R"(<p>Redirect URIs of the mobile apps are set up there.</p><p><a class="button" href="{}">Authentication</a></p>)",
      registration_path(*tenant, *application, "/authentication"));
  return portal_page(
      *tenant, {.section = Section::Registrations,
                .breadcrumbs = crumbs_to(*tenant),
                .title = application->name,
                .body = card("Essentials", properties(essentials)) + card("Authentication", authentication)});
}

Html platform_cards(const Call& call, const Tenant& tenant, const Application& application) {
  Html cards;
  for (std::size_t i = 0; i < application.ios_bundle_ids.size(); ++i) {
    const std::string& bundle_id = application.ios_bundle_ids[i];
    cards += card(
        "iOS / macOS",
        properties(copyable("Bundle ID", bundle_id) + copyable("Redirect URI", ios_redirect_uri(bundle_id))) +
            danger_button(registration_path(tenant, application, fmt::format("/ios/{}/remove", i)),
                          "Remove"));
  }
  for (std::size_t i = 0; i < application.android_platforms.size(); ++i) {
    const AndroidPlatform& platform = application.android_platforms[i];
    const std::string msal = msal_configuration(tenant, application, platform, call.settings.public_url);
    cards += card(
        "Android",
        properties(copyable("Package name", platform.package_name) +
                   copyable("Signature hash", platform.signature_hash) +
                   copyable("Redirect URI", android_redirect_uri(platform))) +
            html(
                R"(<h3>MSAL Configuration</h3><pre>{}</pre><div class="buttons"><button type="button" class="copy" data-copy="{}" aria-label="Copy MSAL Configuration" hidden>Copy</button>{}</div>)",
                msal, msal,
                danger_button(registration_path(tenant, application, fmt::format("/android/{}/remove", i)),
                              "Remove")));
  }
  return cards;
}

http::Response authentication_page(Call& call, const Tenant& tenant, const Application& application,
                                   const http::Form& entered, const std::optional<Error>& problem) {
  const Html platforms = platform_cards(call, tenant, application);
  std::vector<Link> crumbs = crumbs_to(tenant);
  crumbs.push_back({application.name, registration_path(tenant, application)});
  Html body = done_notice(call.request) + problem_notice(problem);
  body += platforms.empty() ? note(html("No platform has been added yet.")) : platforms;
  body += card("Add a platform: iOS / macOS",
               form(registration_path(tenant, application, "/ios"),
                    text_field("Bundle ID", "bundle_id", field(entered, "bundle_id"),
                               "For example com.example.portal."),
                    "Configure"));
  body += card("Add a platform: Android",
               form(registration_path(tenant, application, "/android"),
                    text_field("Package name", "package_name", field(entered, "package_name")) +
                        text_field("Signature hash", "signature_hash", field(entered, "signature_hash"),
                                   "Base64 of the SHA-1 hash of the certificate that signs the app."),
                    "Configure"));
  return portal_page(tenant, {.section = Section::Registrations,
                              .breadcrumbs = std::move(crumbs),
                              .title = "Authentication",
                              .body = body,
                              .status = problem ? http::Status::UnprocessableContent : http::Status::Ok});
}

Result<http::Response> show_authentication(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const Application* application, application_of(call, *tenant));
  return authentication_page(call, *tenant, *application, {}, std::nullopt);
}

Result<http::Response> post_ios(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  const auto added = add_ios_platform(*application, field(values, "bundle_id"));
  if (!added) return authentication_page(call, *tenant, *application, values, added.error());
  return done(registration_path(*tenant, *application, "/authentication"),
              "iOS / macOS platform configured.");
}

Result<http::Response> post_android(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  const auto added =
      add_android_platform(*application, field(values, "package_name"), field(values, "signature_hash"));
  if (!added) return authentication_page(call, *tenant, *application, values, added.error());
  return done(registration_path(*tenant, *application, "/authentication"), "Android platform configured.");
}

/// Removes the entry that the route's `{index}` names.
template <class T>
Result<http::Response> remove_platform(Call& call, std::vector<T> Application::* platforms) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  auto& entries = application->*platforms;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (std::to_string(i) != call.request.parameter("index")) continue;
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
    return done(registration_path(*tenant, *application, "/authentication"), "Platform removed.");
  }
  return fail(ErrorKind::NotFound, "simulator.not_found", "There is no such platform.");
}

Result<http::Response> post_remove_ios(Call& call) {
  return remove_platform(call, &Application::ios_bundle_ids);
}

Result<http::Response> post_remove_android(Call& call) {
  return remove_platform(call, &Application::android_platforms);
}

}  // namespace

std::vector<CallRoute> registration_routes() {
  using enum http::Method;
  return {
      {Get, "/portal/{tenant}/registrations", show_registrations},
      {Get, "/portal/{tenant}/registrations/{application}", show_registration},
      {Get, "/portal/{tenant}/registrations/{application}/authentication", show_authentication},
      {Post, "/portal/{tenant}/registrations/{application}/ios", post_ios},
      {Post, "/portal/{tenant}/registrations/{application}/ios/{index}/remove", post_remove_ios},
      {Post, "/portal/{tenant}/registrations/{application}/android", post_android},
      {Post, "/portal/{tenant}/registrations/{application}/android/{index}/remove", post_remove_android},
  };
}

}  // namespace doorward::simulator
