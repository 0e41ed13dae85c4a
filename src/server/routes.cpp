#include "server/routes.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/url.h"
#include "console/console_page.h"
#include "console/openapi.h"
#include "json/json.h"
#include "oidc/answers.h"
#include "pages/assets.h"
#include "pages/layout.h"
#include "pages/pages.h"

namespace doorward::server {

using http::Method;
using http::Request;
using http::Response;
using http::Run;

namespace {

/// Which requests of browsers a route takes when they change something.
enum class From : std::uint8_t {
  Anywhere,  ///< Protocol messages, which carry their own proof; and everything that only reads.
  OurPages,  ///< Forms and scripts of our own origin.
};

/// Whether a browser says that another site caused this request (Fetch Metadata, else Origin). Programs that
/// are no browsers send neither field, and nobody can make them act with somebody else's cookies.
bool is_cross_site(const Request& request, std::string_view public_url) {
  if (const auto site = request.headers.find("Sec-Fetch-Site"))
    return *site != "same-origin" && *site != "none";
  if (const auto origin = request.headers.find("Origin")) return *origin != public_url;
  return false;
}

Result<Response> health(const Request&) {
  return Response::text(http::Status::Ok, "ok\n");
}

Result<Response> readiness(Services& services) {
  RETURN_IF_ERROR(services.database->read([](storage::Transaction& transaction) {
    return directory::list_accounts(transaction, std::nullopt, 1);
  }));
  return Response::text(http::Status::Ok, "ready\n");
}

/// For a collector on this machine; whoever comes through a proxy is not, also where nobody told us that the
/// proxy beside us is one.
Result<Response> metrics_page(Services& services, const Request& request) {
  const std::string& from = request.client_address;
  const bool forwarded = request.headers.find("X-Forwarded-For") || request.headers.find("Forwarded");
  if (forwarded || (!from.starts_with("127.") && from != "::1")) {
    return fail(ErrorKind::Refused, "server.metrics_local", "Metrics are given to this machine only.");
  }
  return Response::bytes(http::Status::Ok, "text/plain; version=0.0.4; charset=utf-8",
                         services.metrics.expose());
}

/// A browser's session is somebody, and so is an access token that an employee gave an application; a
/// provisioning token is nobody.
Result<Response> who_am_i(Services& services, const Request& request) {
  if (!request.headers.find("Authorization")) {
    ASSIGN_OR_RETURN(const auto signed_in, services.sessions.who(request));
    if (signed_in) return services.scim.own(request, signed_in->employee);
    return services.scim.me(request);
  }
  ASSIGN_OR_RETURN(const auto bearer, services.token_bearers.who(request));
  if (bearer && bearer->employee && bearer->has_scope("openid")) {
    return services.scim.own(request, *bearer->employee);
  }
  return services.scim.me(request);
}

pages::Trouble trouble_of(const Request& request, const Error& error) {
  if (error.code == ErrorCode("server.cross_site")) return pages::Trouble::CrossSite;
  switch (error.kind) {
    case ErrorKind::NotFound:
      // The routes of these are there; what is missing is the company that they name.
      return error.code != http::kNotFound &&
                     (request.path.starts_with("/saml/") || request.path.starts_with("/sign-in"))
                 ? pages::Trouble::UnknownAccount
                 : pages::Trouble::NotFound;
    case ErrorKind::RateLimited:
      return pages::Trouble::TooManyAttempts;
    case ErrorKind::Unavailable:
      return pages::Trouble::TooBusy;
    case ErrorKind::Internal:
      return pages::Trouble::Internal;
    case ErrorKind::InvalidInput:
    case ErrorKind::Conflict:
    case ErrorKind::Refused:
      return pages::Trouble::BadRequest;
  }
  return pages::Trouble::Internal;
}

/// Adds routes whose handlers are member functions of the rooms' classes.
class Table {
 public:
  explicit Table(std::string_view public_url) : public_url_(public_url) {}

  template <class Room>
  void add(Method method, std::string_view pattern, Run run, From from, Room& room,
           Result<Response> (Room::*handler)(const Request&)) {
    add(method, pattern, run, from,
        [&room, handler](const Request& request) { return (room.*handler)(request); });
  }

  void add(Method method, std::string_view pattern, Run run, From from, http::Handler handler) {
    if (from == From::OurPages) {
      handler = [next = std::move(handler),
                 origin = std::string(public_url_)](const Request& request) -> Result<Response> {
        if (is_cross_site(request, origin)) {
          return fail(ErrorKind::Refused, "server.cross_site",
                      "The request came from a page of another site.");
        }
        return next(request);
      };
    }
    // Some SCIM clients put a slash behind every address: …/Users/?filter=…
    if (pattern.starts_with("/scim/")) router_.add(method, std::string(pattern) + "/", run, handler);
    router_.add(method, pattern, run, std::move(handler));
  }

  http::Router take() && { return std::move(router_); }

 private:
  std::string_view public_url_;
  http::Router router_;
};

/// Applications that rely on Doorward, and what they were given.
void add_applications(Table& table, Services& s) {
  using console::ApplicationsApi;
  // clang-format off
  table.add(Method::Get,    "/api/v1/applications",                       Run::Pooled, From::Anywhere, s.applications_api, &ApplicationsApi::applications);
  table.add(Method::Post,   "/api/v1/applications",                       Run::Pooled, From::OurPages, s.applications_api, &ApplicationsApi::create);
  table.add(Method::Get,    "/api/v1/applications/{id}",                  Run::Pooled, From::Anywhere, s.applications_api, &ApplicationsApi::application);
  table.add(Method::Put,    "/api/v1/applications/{id}",                  Run::Pooled, From::OurPages, s.applications_api, &ApplicationsApi::edit);
  table.add(Method::Delete, "/api/v1/applications/{id}",                  Run::Pooled, From::OurPages, s.applications_api, &ApplicationsApi::remove);
  table.add(Method::Post,   "/api/v1/applications/{id}/secrets",          Run::Pooled, From::OurPages, s.applications_api, &ApplicationsApi::add_secret);
  table.add(Method::Delete, "/api/v1/applications/{id}/secrets/{secret}", Run::Pooled, From::OurPages, s.applications_api, &ApplicationsApi::remove_secret);
  table.add(Method::Get,    "/api/v1/applications/{id}/usage",            Run::Pooled, From::Anywhere, s.applications_api, &ApplicationsApi::usage);
  table.add(Method::Delete, "/api/v1/applications/{id}/usage/{grant}",    Run::Pooled, From::OurPages, s.applications_api, &ApplicationsApi::end_usage);
  table.add(Method::Get,    "/api/v1/applications/{id}/users",            Run::Pooled, From::Anywhere, s.applications_api, &ApplicationsApi::users);
  table.add(Method::Get,    "/api/v1/employees/{id}/applications",        Run::Pooled, From::Anywhere, s.applications_api, &ApplicationsApi::applications_of_employee);
  table.add(Method::Get,    "/api/v1/employees/{id}/grants",              Run::Pooled, From::Anywhere, s.applications_api, &ApplicationsApi::grants_of_employee);
  table.add(Method::Delete, "/api/v1/employees/{id}/grants/{grant}",      Run::Pooled, From::OurPages, s.applications_api, &ApplicationsApi::end_grant_of_employee);
  table.add(Method::Post,   "/api/v1/employees/{id}/sign-out-everywhere", Run::Pooled, From::OurPages, s.applications_api, &ApplicationsApi::sign_out_everywhere);
  // clang-format on
}

/// What applications ask and where they send people (docs/applications.md).
void add_provider(Table& table, Services& s) {
  using oidc::Provider;
  // clang-format off
  table.add(Method::Get,  "/.well-known/openid-configuration",       Run::Inline, From::Anywhere, s.provider, &Provider::discovery);
  table.add(Method::Get,  "/.well-known/oauth-authorization-server", Run::Inline, From::Anywhere, s.provider, &Provider::discovery);
  table.add(Method::Get,  "/oauth2/jwks",           Run::Pooled, From::Anywhere, s.provider, &Provider::jwks);
  table.add(Method::Get,  "/oauth2/authorize",      Run::Pooled, From::Anywhere, s.provider, &Provider::authorize);
  table.add(Method::Post, "/oauth2/authorize",      Run::Pooled, From::Anywhere, s.provider, &Provider::authorize);
  table.add(Method::Post, "/oauth2/consent",        Run::Pooled, From::OurPages, s.provider, &Provider::consent);
  table.add(Method::Post, "/oauth2/par",            Run::Pooled, From::Anywhere, s.provider, &Provider::push);
  table.add(Method::Post, "/oauth2/token",          Run::Pooled, From::Anywhere, s.provider, &Provider::token);
  table.add(Method::Get,  "/oauth2/userinfo",       Run::Pooled, From::Anywhere, s.provider, &Provider::userinfo);
  table.add(Method::Post, "/oauth2/userinfo",       Run::Pooled, From::Anywhere, s.provider, &Provider::userinfo);
  table.add(Method::Post, "/oauth2/introspect",     Run::Pooled, From::Anywhere, s.provider, &Provider::introspect);
  table.add(Method::Post, "/oauth2/revoke",         Run::Pooled, From::Anywhere, s.provider, &Provider::revoke);
  table.add(Method::Get,  "/oauth2/logout",         Run::Pooled, From::Anywhere, s.provider, &Provider::logout);
  table.add(Method::Post, "/oauth2/logout",         Run::Pooled, From::Anywhere, s.provider, &Provider::logout);
  table.add(Method::Post, "/oauth2/logout/confirm", Run::Pooled, From::OurPages, s.provider, &Provider::confirm_logout);
  // clang-format on
  // What pages of applications ask from the browser.
  for (const std::string_view path :
       {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth2/jwks",
        "/oauth2/par", "/oauth2/token", "/oauth2/userinfo", "/oauth2/revoke"}) {
    table.add(Method::Options, path, Run::Inline, From::Anywhere, oidc::preflight);
  }
}

/// What administrators do in the console besides looking around.
void add_administration(Table& table, Services& s) {
  using console::ConnectionsApi;
  using console::DepartmentsApi;
  using console::DeparturesApi;
  using console::DomainsApi;
  using console::EmployeesApi;
  using console::GroupsApi;
  using console::ImportApi;
  using console::OwnKeysApi;
  using console::ProvisioningApi;
  using console::ProvisioningLogApi;
  using console::TestRunsApi;
  // clang-format off
  table.add(Method::Get,    "/api/v1/connections",                         Run::Pooled, From::Anywhere, s.connections_api, &ConnectionsApi::connections);
  table.add(Method::Get,    "/api/v1/connections/service-provider",        Run::Pooled, From::Anywhere, s.connections_api, &ConnectionsApi::service_provider);
  table.add(Method::Post,   "/api/v1/connections/refresh",                 Run::Pooled, From::OurPages, s.connections_api, &ConnectionsApi::refresh);
  table.add(Method::Get,    "/api/v1/own-keys",                            Run::Pooled, From::Anywhere, s.own_keys_api, &OwnKeysApi::keys);
  table.add(Method::Post,   "/api/v1/own-keys/rotation",                   Run::Pooled, From::OurPages, s.own_keys_api, &OwnKeysApi::rotate);
  table.add(Method::Post,   "/api/v1/connections/check",                   Run::Pooled, From::OurPages, s.connections_api, &ConnectionsApi::check);

  table.add(Method::Post,   "/api/v1/employees",                           Run::Pooled, From::OurPages, s.employees_api, &EmployeesApi::create);
  table.add(Method::Post,   "/api/v1/employees/import",                    Run::Pooled, From::OurPages, s.import_api, &ImportApi::import);
  table.add(Method::Put,    "/api/v1/employees/{id}",                      Run::Pooled, From::OurPages, s.employees_api, &EmployeesApi::edit);
  table.add(Method::Get,    "/api/v1/employees/{id}",                      Run::Pooled, From::Anywhere, s.employees_api, &EmployeesApi::employee);
  table.add(Method::Post,   "/api/v1/employees/{id}/deactivate",           Run::Pooled, From::OurPages, s.employees_api, &EmployeesApi::deactivate);
  table.add(Method::Post,   "/api/v1/employees/{id}/activate",             Run::Pooled, From::OurPages, s.employees_api, &EmployeesApi::activate);
  table.add(Method::Post,   "/api/v1/employees/{id}/grant-administrator",  Run::Pooled, From::OurPages, s.employees_api, &EmployeesApi::grant_administrator);
  table.add(Method::Post,   "/api/v1/employees/{id}/revoke-administrator", Run::Pooled, From::OurPages, s.employees_api, &EmployeesApi::revoke_administrator);

  table.add(Method::Get,    "/api/v1/groups",                     Run::Pooled, From::Anywhere, s.groups_api, &GroupsApi::groups);
  table.add(Method::Get,    "/api/v1/groups/{id}",                Run::Pooled, From::Anywhere, s.groups_api, &GroupsApi::group);
  table.add(Method::Get,    "/api/v1/groups/{id}/mapping-effect", Run::Pooled, From::Anywhere, s.groups_api, &GroupsApi::mapping_effect);
  table.add(Method::Put,    "/api/v1/groups/{id}/mapping",        Run::Pooled, From::OurPages, s.groups_api, &GroupsApi::map);

  table.add(Method::Get,    "/api/v1/departments",                Run::Pooled, From::Anywhere, s.departments_api, &DepartmentsApi::departments);
  table.add(Method::Post,   "/api/v1/departments",                Run::Pooled, From::OurPages, s.departments_api, &DepartmentsApi::create);
  table.add(Method::Put,    "/api/v1/departments/{id}",           Run::Pooled, From::OurPages, s.departments_api, &DepartmentsApi::change);
  table.add(Method::Delete, "/api/v1/departments/{id}",           Run::Pooled, From::OurPages, s.departments_api, &DepartmentsApi::remove);
  table.add(Method::Post,   "/api/v1/departments/{id}/default",   Run::Pooled, From::OurPages, s.departments_api, &DepartmentsApi::make_default);

  table.add(Method::Get,    "/api/v1/provisioning/tokens",            Run::Pooled, From::Anywhere, s.provisioning_api, &ProvisioningApi::tokens);
  table.add(Method::Post,   "/api/v1/provisioning/tokens",            Run::Pooled, From::OurPages, s.provisioning_api, &ProvisioningApi::create_token);
  table.add(Method::Delete, "/api/v1/provisioning/tokens/{id}",       Run::Pooled, From::OurPages, s.provisioning_api, &ProvisioningApi::revoke_token);
  table.add(Method::Get,    "/api/v1/provisioning/settings",          Run::Pooled, From::Anywhere, s.provisioning_api, &ProvisioningApi::settings);
  table.add(Method::Put,    "/api/v1/provisioning/settings",          Run::Pooled, From::OurPages, s.provisioning_api, &ProvisioningApi::save_settings);
  table.add(Method::Get,    "/api/v1/provisioning/attributes",        Run::Pooled, From::Anywhere, s.provisioning_api, &ProvisioningApi::attributes);
  table.add(Method::Post,   "/api/v1/provisioning/attributes",        Run::Pooled, From::OurPages, s.provisioning_api, &ProvisioningApi::declare_attribute);
  table.add(Method::Delete, "/api/v1/provisioning/attributes/{name}", Run::Pooled, From::OurPages, s.provisioning_api, &ProvisioningApi::remove_attribute);
  table.add(Method::Get,    "/api/v1/provisioning/log",               Run::Pooled, From::Anywhere, s.provisioning_log_api, &ProvisioningLogApi::log);
  table.add(Method::Get,    "/api/v1/provisioning/log/{id}",          Run::Pooled, From::Anywhere, s.provisioning_log_api, &ProvisioningLogApi::entry);
  table.add(Method::Get,    "/api/v1/provisioning/pulse",             Run::Pooled, From::Anywhere, s.provisioning_log_api, &ProvisioningLogApi::pulse);

  table.add(Method::Get,    "/api/v1/departure-batches",              Run::Pooled, From::Anywhere, s.departures_api, &DeparturesApi::batches);
  table.add(Method::Get,    "/api/v1/departure-batches/{id}",         Run::Pooled, From::Anywhere, s.departures_api, &DeparturesApi::batch);
  table.add(Method::Post,   "/api/v1/departure-batches/{id}/restore", Run::Pooled, From::OurPages, s.departures_api, &DeparturesApi::restore);
  table.add(Method::Post,   "/api/v1/departure-batches/{id}/confirm", Run::Pooled, From::OurPages, s.departures_api, &DeparturesApi::confirm);

  table.add(Method::Post,   "/api/v1/setup/tests",                    Run::Pooled, From::OurPages, s.test_runs_api, &TestRunsApi::create);
  table.add(Method::Get,    "/api/v1/setup/tests/{id}",               Run::Pooled, From::Anywhere, s.test_runs_api, &TestRunsApi::test_run);
  table.add(Method::Get,    "/api/v1/domains",              Run::Pooled, From::Anywhere, s.domains_api, &DomainsApi::domains);
  table.add(Method::Post,   "/api/v1/domains",              Run::Pooled, From::OurPages, s.domains_api, &DomainsApi::add);
  table.add(Method::Post,   "/api/v1/domains/{name}/check", Run::Pooled, From::OurPages, s.domains_api, &DomainsApi::check);
  table.add(Method::Delete, "/api/v1/domains/{name}",       Run::Pooled, From::OurPages, s.domains_api, &DomainsApi::remove);
  // clang-format on
}

/// What others are told of, and what they read by themselves.
void add_events(Table& table, Services& s) {
  using console::EventsApi;
  using console::WebhooksApi;
  // clang-format off
  table.add(Method::Get,    "/api/v1/webhooks",                 Run::Pooled, From::Anywhere, s.webhooks_api, &WebhooksApi::webhooks);
  table.add(Method::Post,   "/api/v1/webhooks",                 Run::Pooled, From::OurPages, s.webhooks_api, &WebhooksApi::create);
  table.add(Method::Get,    "/api/v1/webhooks/{id}",            Run::Pooled, From::Anywhere, s.webhooks_api, &WebhooksApi::webhook);
  table.add(Method::Put,    "/api/v1/webhooks/{id}",            Run::Pooled, From::OurPages, s.webhooks_api, &WebhooksApi::update);
  table.add(Method::Delete, "/api/v1/webhooks/{id}",            Run::Pooled, From::OurPages, s.webhooks_api, &WebhooksApi::remove);
  table.add(Method::Post,   "/api/v1/webhooks/{id}/secret",     Run::Pooled, From::OurPages, s.webhooks_api, &WebhooksApi::rotate);
  table.add(Method::Post,   "/api/v1/webhooks/{id}/test",       Run::Pooled, From::OurPages, s.webhooks_api, &WebhooksApi::test);
  table.add(Method::Get,    "/api/v1/webhooks/{id}/deliveries", Run::Pooled, From::Anywhere, s.webhooks_api, &WebhooksApi::deliveries);
  table.add(Method::Post,   "/api/v1/deliveries/{id}/replay",   Run::Pooled, From::OurPages, s.webhooks_api, &WebhooksApi::replay);
  table.add(Method::Get,    "/api/v1/events",                   Run::Pooled, From::Anywhere, s.events_api, &EventsApi::events);
  table.add(Method::Get,    "/api/v1/event-types",              Run::Pooled, From::Anywhere, s.events_api, &EventsApi::event_types);
  // clang-format on
}

/// What everybody may do about themselves.
void add_profile(Table& table, Services& s) {
  using console::ProfileApi;
  // clang-format off
  table.add(Method::Get,    "/api/v1/profile",               Run::Pooled, From::Anywhere, s.profile_api, &ProfileApi::profile);
  table.add(Method::Post,   "/api/v1/profile/password",      Run::Pooled, From::OurPages, s.profile_api, &ProfileApi::change_password);
  table.add(Method::Get,    "/api/v1/profile/sessions",      Run::Pooled, From::Anywhere, s.profile_api, &ProfileApi::sessions);
  table.add(Method::Delete, "/api/v1/profile/sessions",      Run::Pooled, From::OurPages, s.profile_api, &ProfileApi::end_other_sessions);
  table.add(Method::Delete, "/api/v1/profile/sessions/{id}", Run::Pooled, From::OurPages, s.profile_api, &ProfileApi::end_session);
  // clang-format on
}

/// *Security > SSO and SCIM > Configure now*.
void add_setup(Table& table, Services& s) {
  using console::MailApi;
  using console::MobileApi;
  using console::SetupApi;
  using console::SetupLinksApi;
  using console::TestAccountsApi;
  // clang-format off
  table.add(Method::Get,  "/api/v1/setup",                      Run::Pooled, From::Anywhere, s.setup_api, &SetupApi::wizard);
  table.add(Method::Post, "/api/v1/setup/start",                Run::Pooled, From::OurPages, s.setup_api, &SetupApi::start);
  table.add(Method::Put,  "/api/v1/setup/provider",             Run::Pooled, From::OurPages, s.setup_api, &SetupApi::choose_provider);
  table.add(Method::Put,  "/api/v1/setup/application",          Run::Pooled, From::OurPages, s.setup_api, &SetupApi::application);
  table.add(Method::Put,  "/api/v1/setup/provisioning",         Run::Pooled, From::OurPages, s.setup_api, &SetupApi::provisioning);
  table.add(Method::Put,  "/api/v1/setup/department",           Run::Pooled, From::OurPages, s.setup_api, &SetupApi::department);
  table.add(Method::Get,  "/api/v1/setup/outsiders",            Run::Pooled, From::Anywhere, s.setup_api, &SetupApi::outsiders);
  table.add(Method::Post, "/api/v1/setup/outsiders/accept-all", Run::Pooled, From::OurPages, s.setup_api, &SetupApi::accept_all);
  table.add(Method::Put,  "/api/v1/setup/outsiders/{id}",       Run::Pooled, From::OurPages, s.setup_api, &SetupApi::set_loss);
  table.add(Method::Post, "/api/v1/setup/accept",               Run::Pooled, From::OurPages, s.setup_api, &SetupApi::accept);
  table.add(Method::Post, "/api/v1/setup/discard",              Run::Pooled, From::OurPages, s.setup_api, &SetupApi::discard);
  table.add(Method::Post, "/api/v1/setup/enable",               Run::Pooled, From::OurPages, s.setup_api, &SetupApi::enable);
  table.add(Method::Get,  "/api/v1/mail",                       Run::Pooled, From::Anywhere, s.mail_api, &MailApi::mail);
  table.add(Method::Get,  "/api/v1/setup/instructions",         Run::Pooled, From::Anywhere, s.mail_api, &MailApi::instructions);
  table.add(Method::Post, "/api/v1/setup/instructions",         Run::Pooled, From::OurPages, s.mail_api, &MailApi::send_instructions);
  table.add(Method::Get,  "/api/v1/employees/{id}/send-link",   Run::Pooled, From::Anywhere, s.mail_api, &MailApi::link_offer);
  table.add(Method::Post, "/api/v1/employees/{id}/send-link",   Run::Pooled, From::OurPages, s.mail_api, &MailApi::send_link);
  table.add(Method::Post, "/api/v1/setup/cancel",               Run::Pooled, From::OurPages, s.setup_api, &SetupApi::cancel);

  table.add(Method::Get,    "/api/v1/setup-links",              Run::Pooled, From::Anywhere, s.setup_links_api, &SetupLinksApi::links);
  table.add(Method::Post,   "/api/v1/setup-links",              Run::Pooled, From::OurPages, s.setup_links_api, &SetupLinksApi::create);
  table.add(Method::Delete, "/api/v1/setup-links/{id}",         Run::Pooled, From::OurPages, s.setup_links_api, &SetupLinksApi::end);
  table.add(Method::Post,   "/api/v1/setup-session",            Run::Pooled, From::OurPages, s.setup_links_api, &SetupLinksApi::open);
  table.add(Method::Get,    "/api/v1/setup-session",            Run::Pooled, From::Anywhere, s.setup_links_api, &SetupLinksApi::session);
  table.add(Method::Delete, "/api/v1/setup-session",            Run::Pooled, From::OurPages, s.setup_links_api, &SetupLinksApi::finish);

  table.add(Method::Get,    "/api/v1/test-accounts",            Run::Pooled, From::Anywhere, s.test_accounts_api, &TestAccountsApi::test_accounts);
  table.add(Method::Post,   "/api/v1/test-accounts",            Run::Pooled, From::OurPages, s.test_accounts_api, &TestAccountsApi::create);
  table.add(Method::Post,   "/api/v1/test-accounts/{id}/open",  Run::Pooled, From::OurPages, s.test_accounts_api, &TestAccountsApi::open);
  table.add(Method::Delete, "/api/v1/test-accounts/{id}",       Run::Pooled, From::OurPages, s.test_accounts_api, &TestAccountsApi::remove);

  table.add(Method::Get,    "/api/v1/setup/mobile",             Run::Pooled, From::Anywhere, s.mobile_api, &MobileApi::show);
  table.add(Method::Post,   "/api/v1/setup/mobile/check",       Run::Pooled, From::OurPages, s.mobile_api, &MobileApi::check);
  table.add(Method::Put,    "/api/v1/setup/mobile",             Run::Pooled, From::OurPages, s.mobile_api, &MobileApi::save);
  table.add(Method::Delete, "/api/v1/setup/mobile",             Run::Pooled, From::OurPages, s.mobile_api, &MobileApi::remove);
  // clang-format on
}

/// What is nearly always answered from memory, and else by a short look into the database: into a file, which
/// an I/O thread can afford. Another machine may not answer for seconds, and would silence all connections of
/// that thread.
Run run_of_remembered(const Services& services) {
  return services.database->dialect() == storage::Dialect::Sqlite ? Run::Inline : Run::Pooled;
}

}  // namespace

http::Router make_routes(Services& s) {
  using console::Api;
  using saml::ServiceProvider;
  using scim::Scim;
  using signin::Access;
  using signin::ForwardAuth;
  using signin::MobileSignIn;
  using signin::SignIn;
  Table table(s.public_url);
  const Run remembered = run_of_remembered(s);
  // clang-format off
  table.add(Method::Get,  "/",                        Run::Pooled, From::Anywhere, s.sign_in, &SignIn::home);
  table.add(Method::Get,  "/sign-in",                 Run::Pooled, From::Anywhere, s.sign_in, &SignIn::form);
  table.add(Method::Post, "/sign-in",                 Run::Pooled, From::OurPages, s.sign_in, &SignIn::choose);
  table.add(Method::Post, "/sign-in/password",        Run::Pooled, From::OurPages, s.sign_in, &SignIn::password);
  table.add(Method::Get,  "/sign-in/forgotten",       Run::Pooled, From::Anywhere, s.access, &Access::forgotten);
  table.add(Method::Post, "/sign-in/forgotten",       Run::Pooled, From::OurPages, s.access, &Access::send_recovery);
  table.add(Method::Get,  "/access",                  Run::Pooled, From::Anywhere, s.access, &Access::page);
  table.add(Method::Post, "/access/password",         Run::Pooled, From::OurPages, s.access, &Access::choose_password);
  table.add(Method::Post, "/access/emergency",        Run::Pooled, From::OurPages, s.access, &Access::emergency);
  table.add(Method::Post, "/sign-out",                Run::Pooled, From::OurPages, s.sign_in, &SignIn::sign_out);
  table.add(Method::Post, "/sessions/end",            Run::Pooled, From::OurPages, s.sign_in, &SignIn::end_session);
  table.add(Method::Post, "/sessions/end-others",     Run::Pooled, From::OurPages, s.sign_in, &SignIn::end_other_sessions);

  table.add(Method::Get,  "/auth/check",              remembered,  From::Anywhere, s.forward_auth, &ForwardAuth::check);
  for (const Method method : {Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete, Method::Options}) {
    table.add(method,     "/auth/check/{rest...}",    remembered,  From::Anywhere, s.forward_auth, &ForwardAuth::check_below);
  }
  table.add(Method::Get,  "/auth/sign-in",            Run::Pooled, From::Anywhere, s.forward_auth, &ForwardAuth::sign_in);
  table.add(Method::Get,  "/auth/start",              Run::Pooled, From::Anywhere, s.forward_auth, &ForwardAuth::start);
  table.add(Method::Get,  "/auth/callback",           Run::Pooled, From::Anywhere, s.forward_auth, &ForwardAuth::callback);
  table.add(Method::Get,  "/auth/sign-out",           Run::Pooled, From::Anywhere, s.forward_auth, &ForwardAuth::sign_out);
  table.add(Method::Post, "/auth/sign-out",           Run::Pooled, From::Anywhere, s.forward_auth, &ForwardAuth::confirm_sign_out);

  add_provider(table, s);

  table.add(Method::Get,  "/saml/{account}/metadata", Run::Pooled, From::Anywhere, s.service_provider, &ServiceProvider::metadata);
  table.add(Method::Get,  "/saml/{account}/login",    Run::Pooled, From::Anywhere, s.service_provider, &ServiceProvider::login);
  table.add(Method::Post, "/saml/{account}/acs",      Run::Pooled, From::Anywhere, s.service_provider, &ServiceProvider::acs);
  table.add(Method::Get,  "/saml/{account}/logout",   Run::Pooled, From::Anywhere, s.service_provider, &ServiceProvider::logout);
  table.add(Method::Post, "/saml/{account}/logout",   Run::Pooled, From::Anywhere, s.service_provider, &ServiceProvider::logout_post);

  table.add(Method::Get,  "/mobile/{account}/configuration", Run::Pooled, From::Anywhere, s.mobile_sign_in, &MobileSignIn::configuration);
  table.add(Method::Post, "/mobile/{account}/sign-in",       Run::Pooled, From::Anywhere, s.mobile_sign_in, &MobileSignIn::sign_in);

  table.add(Method::Get,    "/scim/v2/Users",                 Run::Pooled, From::Anywhere, s.scim, &Scim::users);
  table.add(Method::Post,   "/scim/v2/Users",                 Run::Pooled, From::Anywhere, s.scim, &Scim::users);
  table.add(Method::Post,   "/scim/v2/Users/.search",         Run::Pooled, From::Anywhere, s.scim, &Scim::search_users);
  table.add(Method::Get,    "/scim/v2/Users/{id}",            Run::Pooled, From::Anywhere, s.scim, &Scim::user);
  table.add(Method::Put,    "/scim/v2/Users/{id}",            Run::Pooled, From::Anywhere, s.scim, &Scim::user);
  table.add(Method::Patch,  "/scim/v2/Users/{id}",            Run::Pooled, From::Anywhere, s.scim, &Scim::user);
  table.add(Method::Delete, "/scim/v2/Users/{id}",            Run::Pooled, From::Anywhere, s.scim, &Scim::user);
  table.add(Method::Get,    "/scim/v2/Groups",                Run::Pooled, From::Anywhere, s.scim, &Scim::groups);
  table.add(Method::Post,   "/scim/v2/Groups",                Run::Pooled, From::Anywhere, s.scim, &Scim::groups);
  table.add(Method::Post,   "/scim/v2/Groups/.search",        Run::Pooled, From::Anywhere, s.scim, &Scim::search_groups);
  table.add(Method::Get,    "/scim/v2/Groups/{id}",           Run::Pooled, From::Anywhere, s.scim, &Scim::group);
  table.add(Method::Put,    "/scim/v2/Groups/{id}",           Run::Pooled, From::Anywhere, s.scim, &Scim::group);
  table.add(Method::Patch,  "/scim/v2/Groups/{id}",           Run::Pooled, From::Anywhere, s.scim, &Scim::group);
  table.add(Method::Delete, "/scim/v2/Groups/{id}",           Run::Pooled, From::Anywhere, s.scim, &Scim::group);
  table.add(Method::Post,   "/scim/v2/Bulk",                  Run::Pooled, From::Anywhere, s.scim, &Scim::bulk);
  table.add(Method::Post,   "/scim/v2/.search",               Run::Pooled, From::Anywhere, s.scim, &Scim::search_everything);
  table.add(Method::Get,    "/scim/v2/Me",                    Run::Pooled, From::Anywhere, [&s](const Request& request) { return who_am_i(s, request); });
  for (const Method method : {Method::Post, Method::Put, Method::Patch, Method::Delete}) {
    table.add(method,       "/scim/v2/Me",                    Run::Pooled, From::Anywhere, s.scim, &Scim::me);
  }
  table.add(Method::Get,    "/scim/v2/ServiceProviderConfig", Run::Pooled, From::Anywhere, s.scim, &Scim::service_provider_config);
  table.add(Method::Get,    "/scim/v2/Schemas",               Run::Pooled, From::Anywhere, s.scim, &Scim::schemas);
  table.add(Method::Get,    "/scim/v2/Schemas/{id}",          Run::Pooled, From::Anywhere, s.scim, &Scim::schema);
  table.add(Method::Get,    "/scim/v2/ResourceTypes",         Run::Pooled, From::Anywhere, s.scim, &Scim::resource_types);
  table.add(Method::Get,    "/scim/v2/ResourceTypes/{name}",  Run::Pooled, From::Anywhere, s.scim, &Scim::resource_type);

  table.add(Method::Get,  "/api/v1/openapi.json",     Run::Inline, From::Anywhere, console::openapi);
  table.add(Method::Get,  "/api/v1/session",          remembered,  From::Anywhere, s.api, &Api::session);
  table.add(Method::Get,  "/api/v1/employees",                   Run::Pooled, From::Anywhere, s.api, &Api::employees);
  table.add(Method::Get,  "/api/v1/sign-in-attempts",            Run::Pooled, From::Anywhere, s.api, &Api::attempts);
  table.add(Method::Get,  "/api/v1/sign-in-attempts/{reference}", Run::Pooled, From::Anywhere, s.api, &Api::attempt);
  table.add(Method::Get,  "/api/v1/sign-in-diagnosis",           Run::Pooled, From::Anywhere, s.diagnosis_api, &console::DiagnosisApi::diagnosis);
  table.add(Method::Get,  "/api/v1/activity",                    Run::Pooled, From::Anywhere, s.api, &Api::activity);
  table.add(Method::Get,  "/api/v1/audit",                       Run::Pooled, From::Anywhere, s.api, &Api::audit);
  add_applications(table, s);
  add_profile(table, s);
  add_administration(table, s);
  add_setup(table, s);
  add_events(table, s);

  table.add(Method::Get,  "/console/assets/{name}",   Run::Inline, From::Anywhere, console::console_asset);
  table.add(Method::Get,  "/console",                 Run::Inline, From::Anywhere, [](const Request&) { return Response::see_other("/console/"); });
  table.add(Method::Get,  "/console/{rest...}",       Run::Inline, From::Anywhere, console::console_page);

  table.add(Method::Get,  "/assets/{name}",           Run::Inline, From::Anywhere, pages::serve_asset);
  table.add(Method::Get,  "/healthz",                 Run::Inline, From::Anywhere, health);
  table.add(Method::Get,  "/readyz",                  Run::Pooled, From::Anywhere, [&s](const Request&) { return readiness(s); });
  table.add(Method::Get,  "/metrics",                 Run::Inline, From::Anywhere, [&s](const Request& request) { return metrics_page(s, request); });
  // clang-format on
  return std::move(table).take();
}

Response answer_error(const Request& request, const Error& error) {
  const auto status = http::status_of(error);
  const bool ours = error.kind == ErrorKind::Internal || error.kind == ErrorKind::Unavailable;
  // http/ has logged ours.
  if (!ours) log::failure(log::Level::Info, "server.refused", error);
  if (request.path.starts_with("/mobile/")) return signin::MobileSignIn::error_response(error);
  if (request.path.starts_with("/scim/")) return scim::Scim::error_response(request, error);
  if (oidc::Provider::is_for_programs(request.path)) return oidc::Provider::error_response(error);
  if (request.path.starts_with("/api/")) {
    return Response::json(
        status, json::serialize(json::Object{{"error", json::Object{{"code", error.code.name()},
                                                                    {"message", error.message},
                                                                    {"request_id", request.request_id}}}}));
  }
  if (request.path == "/readyz" || request.path == "/metrics" || request.path.starts_with("/assets/") ||
      request.path.starts_with("/console/assets/")) {
    return Response::text(status, error.message + "\n");
  }
  pages::TroublePage page;
  page.trouble = trouble_of(request, error);
  page.status = status;
  if (ours) page.request_id = request.request_id;
  return pages::trouble_page(pages::language_of(request), page);
}

std::optional<Response> answer_refusal(std::string_view target, http::Status status,
                                       std::string_view reason) {
  if (!target.starts_with("/scim/")) return std::nullopt;
  return scim::Scim::refusal_response(status, reason);
}

http::Headers security_headers(const Services& services) {
  http::Headers headers;
  headers.set("X-Content-Type-Options", "nosniff");
  // Not no-referrer: under it browsers send `Origin: null` with our own forms.
  headers.set("Referrer-Policy", "same-origin");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("X-Frame-Options", "DENY");
  headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  headers.set("Cache-Control", "no-store");
  if (services.public_url.starts_with("https://")) {
    headers.set("Strict-Transport-Security", "max-age=31536000");
  }
  return headers;
}

}  // namespace doorward::server
