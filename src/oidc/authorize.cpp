#include <array>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "directory/authorization_requests.h"
#include "oidc/answers.h"
#include "oidc/asking.h"
#include "pages/application_pages.h"
#include "pages/layout.h"
#include "pages/pages.h"
#include "session/device.h"

/// The authorization endpoint: the part of `Provider` behind `/oauth2/authorize` and `/oauth2/consent`
/// (OpenID Connect Core section 3.1.2).
namespace doorward::oidc {

namespace {

using protocol::Prompt;

/// In stored requests of our own; a pushed one cannot have it.
constexpr std::string_view kWaitingMark = "doorward_waiting";

/// A page, where nothing may be sent to anybody (Core section 3.1.2.6): whoever wrote the request may want
/// the browser somewhere.
http::Response stop_here(const http::Request& request, pages::Trouble what, std::string_view client_id,
                         std::string_view why) {
  log::info("oidc.authorize_refused", {{"client_id", printable(client_id)}, {"why", why}});
  pages::TroublePage page;
  page.trouble = what;
  page.status = http::Status::BadRequest;
  page.retry = std::nullopt;
  page.request_id = request.request_id;
  return pages::trouble_page(pages::language_of(request), page);
}

/// The one value; empty when it is absent or could mean either.
std::string_view only(const protocol::Parameters& parameters, std::string_view name) {
  std::string_view found;
  bool repeated = false;
  for (const auto& [key, value] : parameters) {
    if (key != name) continue;
    repeated = repeated || !found.empty();
    found = value;
  }
  return repeated ? std::string_view() : found;
}

bool is_web(std::string_view address) {
  return address.starts_with("https://") || address.starts_with("http://");
}

std::vector<pages::Phrase> wishes_of(const protocol::Scope& scope) {
  using pages::Phrase;
  constexpr std::array<std::pair<std::string_view, Phrase>, 5> kWishes = {
      {{"profile", Phrase::WishProfile},
       {"email", Phrase::WishEmail},
       {"groups", Phrase::WishGroups},
       {"departments", Phrase::WishDepartments},
       {"offline_access", Phrase::WishOffline}}};
  std::vector<Phrase> wishes = {Phrase::WishIdentity};
  for (const auto& [name, wish] : kWishes) {
    if (scope.has(name)) wishes.push_back(wish);
  }
  return wishes;
}

}  // namespace

bool signs_people_in(const directory::Application& application) {
  return application.settings.active && (application.kind == directory::ApplicationKind::Web ||
                                         application.kind == directory::ApplicationKind::Public);
}

protocol::ClientFacts facts_of(const directory::Application& application) {
  return {.redirect_uris = application.settings.redirect_uris,
          .scope = protocol::Scope(application.settings.scope),
          .requires_pkce = application.kind == directory::ApplicationKind::Public};
}

Result<http::Response> Provider::authorize(const http::Request& request) {
  // A code for HEAD would be given to nobody.
  if (request.method == http::Method::Head) return method_not_allowed();
  const bool posted = request.method == http::Method::Post;
  ASSIGN_OR_RETURN(const http::Form form, posted ? request.form() : request.query_form());
  Asking asking{.request = request, .parameters = form.fields()};
  for (const auto step : {&Provider::find_client, &Provider::read_request}) {
    ASSIGN_OR_RETURN(auto stop, (this->*step)(asking));
    if (stop) return *std::move(stop);
  }
  if (!posted) return go_on(asking);
  // A form on another site comes without the session's cookie (SameSite=Lax), the redirect after it with it.
  ASSIGN_OR_RETURN(const std::string address, wait(asking));
  return http::Response::see_other(address);
}

Result<http::Response> Provider::consent(const http::Request& request) {
  ASSIGN_OR_RETURN(const http::Form form, request.form());
  const auto field = [&](std::string_view name) { return std::string(form.find(name).value_or("")); };
  Asking asking{.request = request,
                .parameters = {{"client_id", field("client_id")}, {"request_uri", field("request_uri")}}};
  asking.consent = field("decision") == "allow" ? Asking::Answer::Allow : Asking::Answer::Deny;
  asking.consent_by = field("employee");
  for (const auto step : {&Provider::find_client, &Provider::read_request}) {
    ASSIGN_OR_RETURN(auto stop, (this->*step)(asking));
    if (stop) return *std::move(stop);
  }
  return go_on(asking);
}

Result<http::Response> Provider::go_on(Asking& asking) {
  for (const auto step : {&Provider::find_company, &Provider::require_person, &Provider::require_company,
                          &Provider::require_right, &Provider::require_consent}) {
    ASSIGN_OR_RETURN(auto stop, (this->*step)(asking));
    if (stop) return *std::move(stop);
  }
  return give_code(asking);
}

Result<Provider::Stop> Provider::find_client(Asking& asking) {
  const std::string client_id(only(asking.parameters, "client_id"));
  const std::string_view request_uri = only(asking.parameters, "request_uri");
  const bool is_stored = request_uri.starts_with(kRequestUriPrefix);
  if (is_stored) asking.reference = request_uri.substr(kRequestUriPrefix.size());
  std::optional<directory::Application> application;
  std::optional<directory::AuthorizationRequestRow> stored;
  RETURN_IF_ERROR(deps_.database.read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(application, directory::find_application(transaction, client_id));
    if (!is_stored) return {};
    ASSIGN_OR_RETURN(stored,
                     directory::find_authorization_request(transaction, asking.reference, deps_.clock.now()));
    return {};
  }));
  if (!application || !signs_people_in(*application)) {
    return stop_here(asking.request, pages::Trouble::UnknownApplication, client_id, "no such application");
  }
  asking.application = *std::move(application);
  if (!is_stored) return std::nullopt;
  // RFC 9126 section 2.2: a reference is good for the client that pushed it.
  if (!stored || stored->application != asking.application.id) {
    return stop_here(asking.request, pages::Trouble::RequestOver, client_id, "no such stored request");
  }
  // RFC 9126 section 4: what was pushed counts, and nothing of what the browser brings besides.
  ASSIGN_OR_RETURN(const http::Form form, http::Form::parse(stored->parameters));
  asking.parameters = form.fields();
  if (form.count(kWaitingMark) > 0) asking.waiting_since = stored->created_at;
  return std::nullopt;
}

Result<Provider::Stop> Provider::read_request(Asking& asking) {
  const protocol::ClientFacts facts = facts_of(asking.application);
  auto redirect_uri = protocol::find_redirect_uri(asking.parameters, facts);
  if (!redirect_uri) {
    return stop_here(asking.request, pages::Trouble::WrongReturnAddress, asking.application.client_id,
                     redirect_uri.error().description);
  }
  asking.address = protocol::answer_address(asking.parameters, *std::move(redirect_uri));
  auto wanted = protocol::read_authorization_request(asking.parameters, facts);
  if (!wanted) return refuse_application(asking, wanted.error());
  asking.wanted = *std::move(wanted);
  return std::nullopt;
}

Result<Provider::Stop> Provider::require_person(Asking& asking) {
  const protocol::AuthorizationRequest& wanted = asking.wanted;
  ASSIGN_OR_RETURN(asking.visitor, deps_.sessions.who(asking.request));
  const session::Visitor* visitor = asking.visitor.get();
  std::optional<std::string> hinted;
  if (!wanted.id_token_hint.empty()) {
    const auto hint = read_hint(wanted.id_token_hint, wanted.client_id);
    if (!hint)
      return refuse_application(asking, {"invalid_request", "The id_token_hint is no ID token of ours."});
    hinted = hint->subject;
  }
  const auto age = visitor ? deps_.clock.now() - visitor->session.created_at : Duration::zero();
  const bool other = visitor && hinted && *hinted != visitor->employee.public_id;
  // Core section 3.1.2.1, prompt and max_age. Without a session, the provider's own must not do either.
  const bool reauthenticate = wanted.wants(Prompt::Login) || wanted.wants(Prompt::SelectAccount) || other ||
                              (wanted.max_age && (!visitor || age > *wanted.max_age));
  const bool came_back =
      visitor && asking.waiting_since && visitor->session.created_at > *asking.waiting_since;
  if (visitor && (came_back || !reauthenticate)) {
    // Core section 3.1.2.1, id_token_hint: for nobody else.
    if (other) return refuse_application(asking, {"login_required", "Somebody else is signed in."});
    return std::nullopt;
  }
  if (wanted.wants(Prompt::None))
    return refuse_application(asking, {"login_required", "The person has to sign in."});
  return send_to_sign_in(asking, reauthenticate);
}

Result<Provider::Stop> Provider::require_right(Asking& asking) {
  ASSIGN_OR_RETURN(const bool may_use, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::may_use(transaction, asking.application, asking.visitor->employee);
  }));
  if (may_use) return std::nullopt;
  return refuse_application(asking, {"access_denied", "This person may not use the application."});
}

Result<Provider::Stop> Provider::require_consent(Asking& asking) {
  const directory::Employee& employee = asking.visitor->employee;
  if (asking.has_answer()) {
    if (asking.consent == Asking::Answer::Allow) return std::nullopt;
    return refuse_application(asking, {"access_denied", "The person did not allow it."});
  }
  bool needed = asking.wanted.wants(Prompt::Consent);
  if (!needed && asking.application.settings.asks_consent) {
    ASSIGN_OR_RETURN(const bool consented, deps_.database.read([&](storage::Transaction& transaction) {
      return directory::has_consented(transaction, employee.account, employee.id, asking.application.id,
                                      asking.wanted.scope.text());
    }));
    needed = !consented;
  }
  if (!needed) return std::nullopt;
  if (asking.wanted.wants(Prompt::None))
    return refuse_application(asking, {"consent_required", "The person has to allow it."});
  RETURN_IF_ERROR(wait(asking));
  pages::ConsentPage page;
  page.application_name = asking.application.settings.name;
  page.person = employee.shown_name();
  page.account_name = asking.visitor->account.name;
  page.wishes = wishes_of(asking.wanted.scope);
  page.return_address = asking.address.redirect_uri;
  page.fields = {{"client_id", asking.application.client_id},
                 {"request_uri", std::string(kRequestUriPrefix) + asking.reference},
                 // The answer counts for whom it was asked, whoever is signed in by then.
                 {"employee", employee.public_id}};
  return pages::consent_page(pages::language_of(asking.request), page);
}

Result<http::Response> Provider::give_code(Asking& asking) {
  const directory::Session& session = asking.visitor->session;
  const protocol::AuthorizationRequest& wanted = asking.wanted;
  const Timestamp now = deps_.clock.now();
  const bool offline = wanted.scope.has("offline_access");
  const auto code = directory::GrantToken::issue(asking.visitor->account, directory::TokenKind::Code);
  directory::NewGrant grant{.account = session.account, .application = asking.application.id};
  grant.employee = session.employee;
  if (!offline) grant.session = session.id;
  grant.sid = session.public_id;
  grant.scope = wanted.scope.text();
  grant.signed_in_at = session.created_at;
  grant.expires_at = offline ? now + deps_.lifetime.offline : session.expires_at;
  grant.device = session::device_name(asking.request.headers.find("User-Agent").value_or(""));
  grant.client_address = asking.request.client_address;
  const auto given = deps_.database.write([&](storage::Transaction& transaction) -> Result<void> {
    if (asking.has_answer()) {
      RETURN_IF_ERROR(directory::consent(transaction, session.account, session.employee,
                                         asking.application.id, grant.scope, now));
    }
    ASSIGN_OR_RETURN(const directory::Grant created, directory::create_grant(transaction, grant, now));
    RETURN_IF_ERROR(directory::add_token(transaction, session.account, code,
                                         {.grant = created.id,
                                          .scope = grant.scope,
                                          .expires_at = now + deps_.lifetime.code,
                                          .redirect_uri = wanted.redirect_uri,
                                          .code_challenge = wanted.code_challenge,
                                          .nonce = wanted.nonce},
                                         now));
    if (asking.reference.empty()) return {};
    return directory::delete_authorization_request(transaction, asking.reference);
  });
  if (!given) {
    // The session or the right ended in this moment.
    if (given.error().kind != ErrorKind::Refused) return fail(given.error());
    return *refuse_application(asking, {"access_denied", "This person may not use the application."});
  }
  return answer_application(asking, {{"code", std::string(code.value().reveal())}});
}

http::Response Provider::answer_application(const Asking& asking, protocol::Parameters values) const {
  const protocol::AnswerAddress& address = asking.address;
  if (!address.state.empty()) values.emplace_back("state", address.state);
  // RFC 9207: which of its providers answers, so that a client is not mixed up.
  values.emplace_back("iss", deps_.public_url);
  const auto language = pages::language_of(asking.request);
  const std::string& name = asking.application.settings.name;
  if (address.response_mode == protocol::ResponseMode::FormPost)
    return pages::return_form_page(language, {name, address.redirect_uri, std::move(values)});
  const std::string target = protocol::with_parameters(address.redirect_uri, values);
  if (asking.waiting_since && !is_web(target)) return pages::open_application_page(language, name, target);
  auto response = http::Response::see_other(target);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Provider::Stop Provider::refuse_application(const Asking& asking, const protocol::OAuthError& error) const {
  log::info(
      "oidc.authorize_answered",
      {{"client_id", asking.application.client_id}, {"error", error.error}, {"why", error.description}});
  return answer_application(asking, {{"error", error.error}, {"error_description", error.description}});
}

Result<std::string> Provider::wait(Asking& asking) {
  if (!asking.waiting_since) {
    if (!stored_.take(asking.request.client_address, deps_.clock.now())) {
      return fail(ErrorKind::RateLimited, "oidc.too_many_requests",
                  "Too many sign-ins were started from this address.");
    }
    protocol::Parameters parameters = asking.parameters;
    std::erase_if(parameters, [](const auto& parameter) { return parameter.first == kWaitingMark; });
    parameters.emplace_back(kWaitingMark, "1");
    ASSIGN_OR_RETURN(asking.reference, store(asking.application, parameters, kWaiting));
    asking.waiting_since = deps_.clock.now();
  }
  return fmt::format("/oauth2/authorize?client_id={}&request_uri={}",
                     percent_encode(asking.application.client_id),
                     percent_encode(std::string(kRequestUriPrefix) + asking.reference));
}

Result<std::string> Provider::store(const directory::Application& application,
                                    const protocol::Parameters& parameters, Duration lifetime) {
  const Timestamp now = deps_.clock.now();
  return deps_.database.write([&](storage::Transaction& transaction) {
    return directory::store_authorization_request(transaction,
                                                  {application.id, to_form(parameters), now, now + lifetime});
  });
}

// https://www.rfc-editor.org/rfc/rfc9126#section-2
Result<http::Response> Provider::push(const http::Request& request) {
  const auto form = read_form(request);
  if (!form) return refuse(form.error());
  if (request.body.size() > kMaxPushedBytes) {
    return refuse({"invalid_request", "The request is too long."}, http::Status::ContentTooLarge);
  }
  ASSIGN_OR_RETURN(const ClientAdmission admission, clients_.admit(request, *form));
  if (admission.refusal) return *admission.refusal;
  const directory::Application& client = *admission.client;
  if (!signs_people_in(client)) return refuse({"unauthorized_client", "This application signs nobody in."});
  if (!find(*form, "request_uri").empty())
    return refuse({"invalid_request", "A request is pushed by its parameters, not by a request_uri."});

  protocol::Parameters parameters;
  for (const auto& [name, value] : *form) {
    if (name == "client_id" || name == "client_secret" || name.starts_with("client_assertion") ||
        name == kWaitingMark) {
      continue;
    }
    parameters.emplace_back(name, value);
  }
  parameters.emplace_back("client_id", client.client_id);
  const protocol::ClientFacts facts = facts_of(client);
  const auto redirect_uri = protocol::find_redirect_uri(parameters, facts);
  if (!redirect_uri) return refuse({"invalid_request", redirect_uri.error().description});
  const auto wanted = protocol::read_authorization_request(parameters, facts);
  if (!wanted) return refuse(wanted.error());
  // Whoever proved who they are may be a portal with many people.
  if (!client.keeps_secrets() && !stored_.take(request.client_address, deps_.clock.now())) {
    return refuse({"temporarily_unavailable", "Too many requests came from this address."},
                  http::Status::TooManyRequests);
  }
  ASSIGN_OR_RETURN(const std::string reference, store(client, parameters, kPushed));
  auto response =
      answer({{"request_uri", std::string(kRequestUriPrefix) + reference}, {"expires_in", kPushed.count()}},
             http::Status::Created);
  allow_origin(response, request, client);
  return response;
}

}  // namespace doorward::oidc
