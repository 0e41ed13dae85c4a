#include <array>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "directory/sessions.h"
#include "oidc/answers.h"
#include "oidc/provider.h"
#include "pages/application_pages.h"
#include "pages/layout.h"
#include "pages/pages.h"

/// Sign-out at an application's wish (OpenID Connect RP-Initiated Logout 1.0): the part of `Provider` behind
/// `/oauth2/logout`.
namespace doorward::oidc {

namespace {

/// A hint in an address beyond this is left behind when a form becomes an address: servers in between cut
/// long ones.
constexpr std::size_t kMaxHintInAddress = 4096;

}  // namespace

/// What an application wants, checked.
struct Provider::LogoutWish {
  /// Nothing when it did not say who it is.
  std::optional<directory::Application> application = {};
  /// Of the session that it knows; empty without a hint.
  std::string sid = {};
  /// Registered, or empty.
  std::string return_address = {};
  std::string state = {};

  std::string target() const {
    if (state.empty()) return return_address;
    return protocol::with_parameters(return_address, {{"state", state}});
  }
};

Result<Provider::Hint> Provider::read_hint(std::string_view id_token, std::string_view audience) {
  ASSIGN_OR_RETURN(const auto keys, deps_.keys.view());
  ASSIGN_OR_RETURN(const protocol::JwkSet own, own_keys(*keys));
  constexpr std::array kAllowed = {protocol::JwsAlgorithm::Rs256, protocol::JwsAlgorithm::Es256};
  // Type JWT: neither an access token nor a logout token is one.
  ASSIGN_OR_RETURN(const auto verified, protocol::verify_jwt(id_token, own, kAllowed));
  Hint hint;
  ASSIGN_OR_RETURN(hint.audience, json::required_string(verified.claims(), "aud"));
  protocol::ClaimExpectations expected;
  expected.issuer = deps_.public_url;
  expected.audiences = {audience.empty() ? hint.audience : std::string(audience)};
  expected.now = deps_.clock.now();
  expected.may_be_expired = true;
  RETURN_IF_ERROR(protocol::check_claims(verified, expected));
  ASSIGN_OR_RETURN(hint.subject, json::required_string(verified.claims(), "sub"));
  ASSIGN_OR_RETURN(const auto sid, json::optional_string(verified.claims(), "sid"));
  hint.sid = sid.value_or("");
  return hint;
}

/// Nothing where what was sent contradicts itself or leads to an address that is not the application's.
Result<std::optional<Provider::LogoutWish>> Provider::read_logout(const protocol::Parameters& parameters) {
  LogoutWish wish;
  std::string client_id(find(parameters, "client_id"));
  if (const auto id_token = find(parameters, "id_token_hint"); !id_token.empty()) {
    const auto hint = read_hint(id_token, client_id);
    if (hint) {
      client_id = hint->audience;
      wish.sid = hint->sid;
    } else if (hint.error().code != protocol::kJwtKeyUnknown) {
      log::info("oidc.logout_hint_refused", {{"why", hint.error().message}});
      return std::nullopt;
    }
    // Of a key that is gone by now: as good as none, and the person is asked.
  }
  if (!client_id.empty()) {
    ASSIGN_OR_RETURN(wish.application, deps_.database.read([&](storage::Transaction& transaction) {
      return directory::find_application(transaction, client_id);
    }));
    if (!wish.application) return std::nullopt;
  }
  wish.return_address = find(parameters, "post_logout_redirect_uri");
  wish.state = find(parameters, "state");
  if (wish.return_address.empty()) return wish;
  // Section 3: exactly one of those registered; without a client, none is.
  const auto fits = [&](const std::string& registered) { return registered == wish.return_address; };
  if (!wish.application || std::ranges::none_of(wish.application->settings.post_logout_redirect_uris, fits)) {
    return std::nullopt;
  }
  return wish;
}

Result<http::Response> Provider::logout(const http::Request& request) {
  if (request.method == http::Method::Head) return method_not_allowed();
  const bool posted = request.method == http::Method::Post;
  ASSIGN_OR_RETURN(const http::Form form, posted ? request.form() : request.query_form());
  protocol::Parameters parameters;
  for (const std::string_view name : {"client_id", "post_logout_redirect_uri", "state", "id_token_hint"}) {
    // Twice could mean either: it counts as absent.
    const std::string_view value = form.find(name).value_or("");
    if (!value.empty()) parameters.emplace_back(name, value);
  }
  ASSIGN_OR_RETURN(const auto wish, read_logout(parameters));
  if (!wish) {
    pages::TroublePage page;
    page.trouble = pages::Trouble::WrongReturnAddress;
    page.status = http::Status::BadRequest;
    page.request_id = request.request_id;
    return pages::trouble_page(pages::language_of(request), page);
  }
  if (posted) {
    // A form on another site comes without the session's cookie (SameSite=Lax), the redirect after it with
    // it.
    if (wish->application && find(parameters, "client_id").empty())
      parameters.emplace_back("client_id", wish->application->client_id);
    std::erase_if(parameters, [](const auto& parameter) {
      return parameter.first == "id_token_hint" && parameter.second.size() > kMaxHintInAddress;
    });
    return http::Response::see_other("/oauth2/logout?" + to_form(parameters));
  }
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  // Section 2: whoever proves to know this very session need not ask.
  if (!visitor || (!wish->sid.empty() && wish->sid == visitor->session.public_id))
    return end_session(request, *wish);
  pages::SignOutPage page;
  if (wish->application) {
    page.application_name = wish->application->settings.name;
    page.fields.emplace_back("client_id", wish->application->client_id);
  }
  page.person = visitor->employee.shown_name();
  page.return_address = wish->return_address;
  page.fields.emplace_back("post_logout_redirect_uri", wish->return_address);
  page.fields.emplace_back("state", wish->state);
  return pages::sign_out_page(pages::language_of(request), page);
}

Result<http::Response> Provider::confirm_logout(const http::Request& request) {
  const auto form = read_form(request);
  if (!form) return fail(ErrorKind::InvalidInput, "oidc.bad_form", form.error().description);
  ASSIGN_OR_RETURN(const auto wish, read_logout(*form));
  if (!wish) return fail(ErrorKind::InvalidInput, "oidc.bad_logout", "The page's form was changed.");
  return end_session(request, *wish);
}

/// The grants end, and the applications are told, in the transaction that ends the session.
Result<http::Response> Provider::end_session(const http::Request& request, const LogoutWish& wish) {
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  if (visitor) {
    RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
      return directory::end_session(transaction, visitor->session.account, visitor->session.id,
                                    deps_.clock.now());
    }));
  }
  auto response = wish.return_address.empty() ? pages::signed_out_page(pages::language_of(request))
                                              : http::Response::see_other(wish.target());
  response.headers.set("Cache-Control", "no-store");
  deps_.sessions.clear_cookie(response);
  return response;
}

}  // namespace doorward::oidc
