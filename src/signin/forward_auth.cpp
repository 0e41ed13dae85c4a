#include "signin/forward_auth.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "pages/layout.h"
#include "pages/pages.h"
#include "session/device.h"
#include "session/return_to.h"
#include "signin/auth_headers.h"
#include "signin/forwarded.h"

namespace doorward::signin {

namespace {

using directory::GrantToken;
using directory::TokenKind;
using http::Request;
using http::Response;
using http::Status;

/// Of base64url with 256 bits in it.
constexpr std::size_t kStateLength = 43;

constexpr std::string_view kCheckPath = "/auth/check";

bool is_state(std::string_view text) {
  return text.size() == kStateLength && from_base64url(text).has_value();
}

bool has_origin(const directory::Application& application, std::string_view origin) {
  const auto& origins = application.settings.origins;
  return std::find(origins.begin(), origins.end(), origin) != origins.end();
}

bool is_usable(const directory::Application& application) {
  return application.kind == directory::ApplicationKind::Proxy && application.settings.active;
}

bool is_https(std::string_view origin) {
  return origin.starts_with("https://");
}

http::Cookie cookie_for(std::string_view origin) {
  http::Cookie cookie;
  cookie.secure = is_https(origin);
  cookie.name = cookie.secure ? "__Host-doorward_app" : "doorward_app";
  return cookie;
}

std::optional<GrantToken> token_in_cookie(const Request& request, std::string_view origin) {
  const auto cookie = request.cookie(cookie_for(origin).name);
  return cookie ? GrantToken::parse(*cookie, TokenKind::Proxy) : std::nullopt;
}

/// Where a browser may be sent after signing in: a path of the application. Our own paths there would lead in
/// circles.
std::string safe_target(std::string_view wanted, std::string_view origin) {
  std::string target = session::safe_return_to(wanted, origin);
  return target.size() > ForwardAuth::kMaxTarget || target.starts_with("/.doorward/") ? "/" : target;
}

/// As the value of a query's field, in as few bytes as that takes (RFC 3986 section 3.4): fields of an answer
/// are bounded by proxies.
std::string encode_target(std::string_view target) {
  std::string encoded;
  for (const char c : target) {
    const bool plain = c > 0x20 && c < 0x7F && std::string_view("%&+#\"<>").find(c) == std::string_view::npos;
    encoded += plain ? std::string(1, c) : percent_encode(std::string_view(&c, 1));
  }
  return encoded;
}

/// What binds a code to the browser that it was asked for in, and tells nobody how to be that browser.
std::string nonce_of(std::string_view state) {
  return to_base64url(crypto::sha256(state));
}

metrics::Counter& checks(metrics::Registry& metrics, std::string_view labels) {
  return metrics.counter("doorward_forward_auth_checks_total", "Requests that proxies asked about, by answer",
                         labels);
}

/// Whether a page of the application, or the person at the address bar, leads here. Not an image or a frame
/// that somebody put on a page, nor a link on another site.
bool is_wanted_by_person(const Request& request) {
  const auto is = [&](std::string_view name, std::string_view value) {
    return request.headers.find(name) == value;
  };
  return (is("Sec-Fetch-Site", "same-origin") || is("Sec-Fetch-Site", "none")) &&
         is("Sec-Fetch-Mode", "navigate") && is("Sec-Fetch-Dest", "document");
}

bool is_cross_site(const Request& request, std::string_view origin) {
  if (const auto site = request.headers.find("Sec-Fetch-Site")) return *site != "same-origin";
  if (const auto from = request.headers.find("Origin")) return *from != origin;
  return false;
}

}  // namespace

/// A browser that an application sent to sign in.
struct ForwardAuth::Start {
  directory::Application application;
  std::string origin;
  std::string state;

  std::string redirect_uri() const { return origin + std::string(kCallbackPath); }
  std::string path() const {
    return fmt::format("/auth/start?application={}&origin={}&state={}", application.client_id,
                       percent_encode(origin), state);
  }
};

ForwardAuth::ForwardAuth(Dependencies dependencies)
    : deps_(std::move(dependencies)),
      allowed_(checks(deps_.metrics, "answer=\"allowed\"")),
      asked_(checks(deps_.metrics, "answer=\"sign_in\"")),
      refused_(checks(deps_.metrics, "answer=\"refused\"")) {}

// --- the question of the proxy

Result<Response> ForwardAuth::check(const Request& request) {
  Question question{.target = forwarded_target(request)};
  if (!request.query.empty()) {
    ASSIGN_OR_RETURN(const http::Form query, request.query_form());
    // Twice is as good as another one: it must not turn the restriction off.
    if (query.count("application") > 1) return unknown_application(request, false);
    question.client_id = query.text("application");
    question.redirects = query.find("sign_in") == "redirect";
  }
  return answer(request, question);
}

Result<Response> ForwardAuth::check_below(const Request& request) {
  Question question{.redirects = true};
  if (request.target.starts_with(kCheckPath)) question.target = request.target.substr(kCheckPath.size());
  return answer(request, question);
}

Result<Response> ForwardAuth::answer(const Request& request, const Question& question) {
  const auto origin = forwarded_origin(request);
  if (!origin) return unknown_application(request, false);
  ASSIGN_OR_RETURN(const Bearer bearer, bearer_at(request, *origin));
  if (bearer && (question.client_id.empty() || question.client_id == bearer->application.client_id)) {
    allowed_.add();
    Response response;
    response.headers = bearer->described(auth_headers);
    return response;
  }
  ASSIGN_OR_RETURN(const auto place, find_place(request));
  if (!place || (!question.client_id.empty() && question.client_id != place->application.client_id)) {
    return unknown_application(request, false);
  }
  return ask_to_sign_in(request, question, place->origin);
}

Result<ForwardAuth::Bearer> ForwardAuth::bearer_at(const Request& request, std::string_view origin) {
  const auto token = token_in_cookie(request, origin);
  if (!token) return nullptr;
  ASSIGN_OR_RETURN(Bearer bearer, deps_.bearers.find(*token));
  if (!bearer || !bearer->employee || !is_usable(bearer->application)) return nullptr;
  // Proxies spell it as we do, but for a default port now and then.
  if (has_origin(bearer->application, origin)) return bearer;
  const auto normal = normal_origin(origin);
  if (normal && has_origin(bearer->application, *normal)) return bearer;
  return nullptr;
}

Response ForwardAuth::ask_to_sign_in(const Request& request, const Question& question,
                                     std::string_view origin) {
  asked_.add();
  const std::string target = safe_target(question.target, origin);
  const std::string link = fmt::format("{}{}?return_to={}", origin, kSignInPath, encode_target(target));
  const bool navigation = is_navigation(request);
  if (navigation && question.redirects) {
    Response response;
    response.status = Status::Found;
    response.headers.add("Location", link);
    return response;
  }
  Response response = Response::text(Status::Unauthorized, fmt::format("Sign in: {}\n", link));
  // RFC 9110 section 15.5.2 wants one; browsers ask for a password only where they know the scheme.
  response.headers.add("WWW-Authenticate", "Doorward");
  response.headers.add("X-Auth-Sign-In", link);
  // For proxies that can redirect themselves, but cannot tell people from programs.
  if (navigation) response.headers.add("X-Auth-Redirect", link);
  return response;
}

Response ForwardAuth::unknown_application(const Request& request, bool at_home) {
  refused_.add();
  log::info("forward_auth.unknown_application",
            {{"host", printable(request.headers.find("X-Forwarded-Host").value_or(""))},
             {"url", printable(request.headers.find("X-Original-URL").value_or(""))}});
  pages::TroublePage page{pages::Trouble::UnknownApplication, Status::Forbidden};
  if (at_home) return pages::trouble_page(pages::language_of(request), page);
  if (!is_navigation(request)) {
    return Response::text(
        Status::Forbidden,
        "No application of this address is connected to Doorward, or the proxy does not say "
        "which address it is (X-Forwarded-Proto and X-Forwarded-Host).\n");
  }
  page.our_origin = deps_.public_url;
  page.retry = std::nullopt;
  return pages::trouble_page(pages::language_of(request), page);
}

Result<std::optional<ForwardAuth::Place>> ForwardAuth::find_place(const Request& request) {
  const auto spelled = forwarded_origin(request);
  const auto origin = spelled ? normal_origin(*spelled) : std::nullopt;
  if (!origin) return std::nullopt;
  ASSIGN_OR_RETURN(auto application, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::find_application_by_origin(transaction, *origin);
  }));
  if (!application || !is_usable(*application)) return std::nullopt;
  return Place{*origin, *std::move(application)};
}

// --- signing in

session::SealedCookies ForwardAuth::flows(std::string_view origin) const {
  return {deps_.sealer,
          {.prefix = "doorward_app_flow_",
           .secure = is_https(origin),
           // It comes back with a redirect from our own site, which is a navigation.
           .same_site = http::SameSite::Lax,
           .lifetime = kFlowLifetime,
           .max_open = 4}};
}

Result<Response> ForwardAuth::sign_in(const Request& request) {
  ASSIGN_OR_RETURN(const auto place, find_place(request));
  if (!place) return unknown_application(request, false);
  // Proxies redirect images and scripts as well: each would take a flow's place in the cookies.
  if (!is_navigation(request)) {
    return Response::text(Status::Unauthorized, "Signing in takes a browser's window.\n")
        .with_header("WWW-Authenticate", "Doorward");
  }
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  const crypto::Secret secret = crypto::random_token();
  const Start start{place->application, place->origin, std::string(secret.reveal())};
  const Timestamp now = deps_.clock.now();
  Response response = Response::see_other(deps_.public_url + start.path());
  flows(place->origin)
      .set(response, request, start.state,
           {{"origin", place->origin}, {"target", safe_target(query.text("return_to"), place->origin)}}, now,
           now);
  return response;
}

Result<Response> ForwardAuth::start(const Request& request) {
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  std::optional<directory::Application> application;
  std::string account_slug;
  RETURN_IF_ERROR(deps_.database.read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(application, directory::find_application(transaction, query.text("application")));
    if (!application || !application->account) return {};
    ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, *application->account));
    account_slug = account.slug;
    return {};
  }));
  const std::string origin = query.text("origin");
  const std::string state = query.text("state");
  if (!application || !is_usable(*application) || !has_origin(*application, origin) || !is_state(state)) {
    return unknown_application(request, true);
  }
  const Start start{*std::move(application), origin, state};
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  if (!visitor) {
    return Response::see_other(fmt::format("/sign-in?return_to={}&account={}", percent_encode(start.path()),
                                           percent_encode(account_slug)));
  }
  ASSIGN_OR_RETURN(const auto code, give_code(request, start, *visitor));
  if (!code) return denied(request);
  return Response::see_other(
      fmt::format("{}?code={}&state={}", start.redirect_uri(), code->value().reveal(), state));
}

Result<std::optional<GrantToken>> ForwardAuth::give_code(const Request& request, const Start& start,
                                                         const session::Visitor& visitor) {
  const directory::Session& session = visitor.session;
  const Timestamp now = deps_.clock.now();
  const GrantToken code = GrantToken::issue(visitor.account, TokenKind::Code);
  directory::NewGrant grant{.account = session.account, .application = start.application.id};
  grant.employee = session.employee;
  grant.session = session.id;
  grant.sid = session.public_id;
  grant.scope = start.application.settings.scope;
  grant.signed_in_at = session.created_at;
  grant.expires_at = session.expires_at;
  grant.device = session::device_name(request.headers.find("User-Agent").value_or(""));
  grant.client_address = request.client_address;
  ASSIGN_OR_RETURN(
      const bool given, deps_.database.write([&](storage::Transaction& transaction) -> Result<bool> {
        ASSIGN_OR_RETURN(const auto employee,
                         directory::load_employee(transaction, session.account, session.employee));
        ASSIGN_OR_RETURN(const bool may, directory::may_use(transaction, start.application, employee));
        if (!may) return false;
        ASSIGN_OR_RETURN(const auto made, directory::create_grant(transaction, grant, now));
        directory::NewGrantToken token{.grant = made.id};
        token.scope = made.scope;
        token.expires_at = now + lifetime_.code;
        token.redirect_uri = start.redirect_uri();
        token.nonce = nonce_of(start.state);
        RETURN_IF_ERROR(directory::add_token(transaction, session.account, code, token, now));
        return true;
      }));
  if (!given) return std::nullopt;
  log::info("forward_auth.code", {{"application", start.application.client_id}});
  return code;
}

Response ForwardAuth::denied(const Request& request) {
  return pages::trouble_page(pages::language_of(request),
                             {pages::Trouble::ApplicationDenied, Status::Forbidden});
}

Response ForwardAuth::lost(const Request& request, pages::Trouble trouble) {
  pages::TroublePage page{trouble, Status::BadRequest};
  page.our_origin = deps_.public_url;
  return pages::trouble_page(pages::language_of(request), page);
}

Result<Response> ForwardAuth::callback(const Request& request) {
  ASSIGN_OR_RETURN(const auto place, find_place(request));
  if (!place) return unknown_application(request, false);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  const std::string state = query.text("state");
  const auto flow = flows(place->origin).find(request, state, deps_.clock.now());
  if (!flow) {
    // Going back in the browser leads here: whoever is signed in need not hear that a code works once.
    ASSIGN_OR_RETURN(const Bearer bearer, bearer_at(request, place->origin));
    if (bearer) return Response::see_other("/");
    log::failure(log::Level::Info, "forward_auth.no_flow", flow.error());
    return lost(request, pages::Trouble::OtherBrowser);
  }
  ASSIGN_OR_RETURN(const std::string origin, json::required_string(flow->content, "origin"));
  ASSIGN_OR_RETURN(const std::string target, json::required_string(flow->content, "target"));
  if (origin != place->origin) return lost(request, pages::Trouble::OtherBrowser);
  ASSIGN_OR_RETURN(const auto token, take_code(request, *place, query.text("code"), state));
  Response response = token ? Response::see_other(target) : lost(request, pages::Trouble::AlreadyUsed);
  flows(place->origin).clear(response, state);
  if (!token) return response;
  http::Cookie cookie = cookie_for(place->origin);
  cookie.value = token->value().reveal();
  response.set_cookie(cookie);
  return response;
}

Result<std::optional<GrantToken>> ForwardAuth::take_code(const Request& request, const Place& place,
                                                         std::string_view code, std::string_view state) {
  const auto shown = GrantToken::parse(code, TokenKind::Code);
  if (!shown) return std::nullopt;
  const auto previous = token_in_cookie(request, place.origin);
  const Timestamp now = deps_.clock.now();
  using Taken = std::optional<GrantToken>;
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<Taken> {
    ASSIGN_OR_RETURN(const auto exchanged,
                     directory::exchange_token(transaction, *shown, place.application.id, now));
    if (exchanged.outcome != directory::Exchange::Good) return Taken();
    const directory::TokenBearer& bearer = *exchanged.bearer;
    // RFC 6749 section 4.1.3: the code goes where it was asked for; RFC 9700 section 4.5.3: and to the
    // browser that asked. One that was carried elsewhere is worth nothing.
    if (exchanged.redirect_uri != place.origin + std::string(kCallbackPath) ||
        exchanged.nonce != nonce_of(state) || !bearer.employee) {
      RETURN_IF_ERROR(
          directory::end_grant(transaction, bearer.account.id, std::nullopt, bearer.grant.public_id, now));
      return Taken();
    }
    const GrantToken token = GrantToken::issue(bearer.account, TokenKind::Proxy);
    directory::NewGrantToken values{.grant = bearer.grant.id};
    values.scope = bearer.scope;
    values.expires_at = bearer.grant.expires_at;
    RETURN_IF_ERROR(directory::add_token(transaction, bearer.account.id, token, values, now));
    // The browser forgets the cookie that it had: so does the list of where somebody is signed in.
    if (previous) {
      ASSIGN_OR_RETURN(const auto old, directory::find_token_bearer(transaction, *previous, now));
      if (old && old->application.id == place.application.id) {
        RETURN_IF_ERROR(
            directory::end_grant(transaction, old->account.id, std::nullopt, old->grant.public_id, now));
      }
    }
    return Taken(token);
  });
}

// --- signing out

Result<Response> ForwardAuth::sign_out(const Request& request) {
  ASSIGN_OR_RETURN(const auto place, find_place(request));
  if (!place) return unknown_application(request, false);
  if (is_wanted_by_person(request)) return end(request, *place);
  return pages::ask_sign_out_page(pages::language_of(request),
                                  {place->application.settings.name, deps_.public_url}, kSignOutPath);
}

Result<Response> ForwardAuth::confirm_sign_out(const Request& request) {
  ASSIGN_OR_RETURN(const auto place, find_place(request));
  if (!place) return unknown_application(request, false);
  if (is_cross_site(request, place->origin)) {
    pages::TroublePage page{pages::Trouble::CrossSite, Status::Forbidden};
    page.our_origin = deps_.public_url;
    return pages::trouble_page(pages::language_of(request), page);
  }
  return end(request, *place);
}

Result<Response> ForwardAuth::end(const Request& request, const Place& place) {
  ASSIGN_OR_RETURN(const Bearer bearer, bearer_at(request, place.origin));
  if (bearer) {
    RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
      return directory::end_grant(transaction, bearer->account.id, bearer->employee->id,
                                  bearer->grant.public_id, deps_.clock.now());
    }));
  }
  Response response = pages::application_signed_out_page(pages::language_of(request),
                                                         {place.application.settings.name, deps_.public_url});
  http::Cookie cookie = cookie_for(place.origin);
  cookie.max_age = std::chrono::seconds(0);
  response.set_cookie(cookie);
  return response;
}

}  // namespace doorward::signin
