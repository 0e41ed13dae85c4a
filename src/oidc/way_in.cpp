#include <fmt/format.h>

#include "base/encoding.h"
#include "directory/domains.h"
#include "oidc/asking.h"
#include "pages/application_pages.h"
#include "pages/layout.h"

/// Which company's door an authorization request leads to: the part of `Provider` for people who are not
/// signed in yet, or not to the right company.
namespace doorward::oidc {

Result<Provider::Stop> Provider::find_company(Asking& asking) {
  const protocol::AuthorizationRequest& wanted = asking.wanted;
  RETURN_IF_ERROR(deps_.database.read([&](storage::Transaction& transaction) -> Result<void> {
    if (asking.application.account) {
      ASSIGN_OR_RETURN(asking.company, directory::load_account(transaction, *asking.application.account));
    } else if (!wanted.account.empty()) {
      ASSIGN_OR_RETURN(asking.company, directory::find_account_by_slug(transaction, wanted.account));
    }
    for (const bool is_guess : {false, true}) {
      const std::string address = is_guess ? wanted.login_hint : "anybody@" + wanted.domain_hint;
      ASSIGN_OR_RETURN(const auto route, directory::find_route(transaction, address));
      if (!route) continue;
      if (!asking.company) {
        ASSIGN_OR_RETURN(asking.company, directory::load_account(transaction, route->account));
        asking.company_is_a_guess = is_guess;
      }
      const bool fits = route->account == asking.company->id && route->connection;
      asking.straight_to_provider = asking.straight_to_provider || (fits && !is_guess);
    }
    return {};
  }));
  if (wanted.account.empty() || (asking.company && asking.company->slug == wanted.account))
    return std::nullopt;
  return refuse_application(asking, {"invalid_request", "The account is none that this application serves."});
}

Result<Provider::Stop> Provider::require_company(Asking& asking) {
  const session::Visitor& visitor = *asking.visitor;
  if (!asking.company || asking.company_is_a_guess || asking.company->id == visitor.account.id)
    return std::nullopt;
  if (asking.wanted.wants(protocol::Prompt::None))
    return refuse_application(asking, {"login_required", "The person is signed in to another company."});
  pages::OtherCompanyPage page;
  page.application_name = asking.application.settings.name;
  page.account_name = visitor.account.name;
  page.application_account_name = asking.company->name;
  ASSIGN_OR_RETURN(page.sign_in, way_in(asking, true));
  return pages::other_company_page(pages::language_of(asking.request), page);
}

Result<std::string> Provider::way_in(Asking& asking, bool reauthenticate) {
  ASSIGN_OR_RETURN(const std::string waiting, wait(asking));
  const std::string return_to = percent_encode(waiting);
  const std::string hint = percent_encode(asking.wanted.login_hint);
  const std::string_view suffix = reauthenticate ? "&reauthenticate=1" : "";
  const auto& company = asking.company;
  if (company && company->plan == directory::Plan::Enterprise &&
      (company->sso_enforced_at || asking.straight_to_provider)) {
    return fmt::format("/saml/{}/login?return_to={}&login_hint={}{}", company->slug, return_to, hint, suffix);
  }
  return fmt::format("/sign-in?account={}&email={}&return_to={}{}", company ? company->slug : "", hint,
                     return_to, suffix);
}

Result<Provider::Stop> Provider::send_to_sign_in(Asking& asking, bool reauthenticate) {
  ASSIGN_OR_RETURN(const std::string address, way_in(asking, reauthenticate));
  auto response = http::Response::see_other(address);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace doorward::oidc
