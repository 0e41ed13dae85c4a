#include "simulator/application_page.h"

namespace doorward::simulator {

using namespace ui;

http::Response application_page(const Call& call, const Tenant& tenant, const Application& application,
                                ApplicationTab tab, std::string_view title, const Html& body,
                                const std::optional<Error>& problem) {
  const struct {
    ApplicationTab tab;
    const char* path;
    const char* title;
  } tabs[] = {
      {ApplicationTab::Overview, "", "Overview"},
      {ApplicationTab::Users, "/users", "Users and groups"},
      {ApplicationTab::SingleSignOn, "/sso", "Single sign-on"},
      {ApplicationTab::Provisioning, "/provisioning", "Provisioning"},
      {ApplicationTab::TokenEncryption, "/token-encryption", "Token encryption"},
  };
  Html items;
  for (const auto& item : tabs) {
    const std::string href = application_path(tenant, application, item.path);
    items += item.tab == tab ? html(R"(<li><a href="{}" aria-current="page">{}</a></li>)", href, item.title)
                             : html(R"(<li><a href="{}">{}</a></li>)", href, item.title);
  }
  std::vector<Link> crumbs{{"Enterprise applications", portal_path(tenant, "/applications")}};
  if (tab != ApplicationTab::Overview)
    crumbs.push_back({application.name, application_path(tenant, application)});
  return portal_page(tenant,
                     {.section = Section::Applications,
                      .breadcrumbs = std::move(crumbs),
                      .title = std::string(title),
                      .body = html(R"(<nav aria-label="Application"><ul class="tabs">{}</ul></nav>)", items) +
                              done_notice(call.request) + problem_notice(problem) + body,
                      .status = problem ? http::Status::UnprocessableContent : http::Status::Ok});
}

}  // namespace doorward::simulator
