#include "signin/mobile.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "directory/applications.h"
#include "directory/replay.h"
#include "oidc/protocol/jwt.h"

namespace doorward::signin {

namespace {

using oidc::protocol::IdTokenClaims;

constexpr ErrorCode kNotSetUp = "mobile.not_set_up";
constexpr ErrorCode kBadBody = "mobile.bad_body";
constexpr ErrorCode kTokenUsed = "mobile.token_used";

constexpr std::string_view kScope = "openid profile email offline_access";
constexpr std::size_t kMaxBodyBytes = std::size_t{32} * 1024;
constexpr std::size_t kMaxDeviceName = 100;

http::Response answer(http::Status status, const json::Object& object) {
  auto response = http::Response::json(status, json::serialize(object));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

/// The names of RFC 6749 section 5.2 and RFC 6750 section 3.1, which apps' libraries know.
std::string_view wire_error(const Error& error) {
  if (error.kind == ErrorKind::NotFound) return "not_found";
  if (error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::RateLimited) {
    return "temporarily_unavailable";
  }
  if (error.kind == ErrorKind::Internal) return "server_error";
  if (error.code == kTokenUsed || error.code.name().starts_with("oidc.")) return "invalid_token";
  return error.kind == ErrorKind::Refused ? "access_denied" : "invalid_request";
}

http::Status status_of(const Error& error) {
  return wire_error(error) == "invalid_token" ? http::Status::Unauthorized : http::status_of(error);
}

json::Object error_body(const Error& error, std::string_view words) {
  return {{"error", wire_error(error)}, {"error_description", words}, {"reason", error.code.name()}};
}

/// What the app may show to whoever holds the phone.
std::string_view words_for(const Error& error) {
  const std::string_view wire = wire_error(error);
  if (wire == "invalid_token") return "The sign-in is not valid here. Sign in again.";
  if (wire == "access_denied") return "Your company does not let you in here. Ask your administrator.";
  return "The sign-in did not work. Try again in a moment.";
}

std::string_view words_for(directory::Refusal refusal) {
  using directory::Refusal;
  switch (refusal) {
    case Refusal::Deactivated:
      return "Your account is deactivated. Ask your administrator.";
    case Refusal::NotProvisioned:
      return "You have no account here yet. Ask your administrator.";
    case Refusal::OutsideDomains:
    case Refusal::OtherConnection:
    case Refusal::WrongTenant:
      return "This account does not belong to your company. Choose another one.";
    default:
      return "Your company does not let you in here. Ask your administrator.";
  }
}

json::Object view(const directory::Employee& employee) {
  const directory::Profile& profile = employee.profile;
  return {{"id", employee.public_id},           {"user_name", profile.user_name},
          {"name", employee.shown_name()},      {"given_name", profile.given_name},
          {"family_name", profile.family_name}, {"email", profile.email}};
}

/// What MSAL reads, on either platform.
json::Object msal(const directory::MobileSetup& setup, std::string_view redirect_uri) {
  // MSAL's authority is the tenant's address without the version.
  constexpr std::string_view kVersion = "/v2.0";
  std::string_view authority = setup.authority;
  if (authority.ends_with(kVersion)) authority.remove_suffix(kVersion.size());
  return {{"client_id", setup.client_id},
          {"redirect_uri", redirect_uri},
          {"broker_redirect_uri_registered", true},
          {"authorization_user_agent", "DEFAULT"},
          {"account_mode", "SINGLE"},
          {"multiple_clouds_supported", false},
          {"shared_device_mode_supported", false},
          {"authorities", json::Array{json::Object{{"type", "AAD"},
                                                   {"audience", json::Object{{"type", "AzureADMyOrg"},
                                                                             {"tenant_id", setup.tenant_id}}},
                                                   {"authority_url", authority},
                                                   {"default", true}}}},
          {"logging", json::Object{{"pii_enabled", false}, {"log_level", "WARNING"}}}};
}

directory::ClaimedIdentity claimed_identity(const IdTokenClaims& claims) {
  directory::ClaimedIdentity claimed;
  claimed.object_identifier = claims.object_id;
  claimed.tenant_id = claims.tenant_id;
  claimed.email = claims.email;
  claimed.user_name = claims.preferred_username;
  claimed.given_name = claims.given_name;
  claimed.family_name = claims.family_name;
  claimed.display_name = claims.name;
  return claimed;
}

/// What the signature vouches for: another spelling of the signature is the same token.
std::string_view signed_part(std::string_view token) {
  return token.substr(0, token.rfind('.'));
}

}  // namespace

/// What the app sent.
struct MobileSignIn::Asked {
  std::string id_token;
  std::string device_name;
  std::string platform;
  std::string client_address;

  static Result<Asked> read(const http::Request& request);

  /// For lists: `Anna's phone (iOS)`.
  std::string device() const {
    const std::string_view system = platform == "ios" ? "iOS" : "Android";
    return device_name.empty() ? fmt::format("{} device", system)
                               : fmt::format("{} ({})", device_name, system);
  }
  /// The attempt record's account of a check; the token is in none.
  json::Object report(std::string_view verdict) const {
    return {{"checks", json::Array{json::Object{{"check", "id_token"}, {"verdict", verdict}}}},
            {"mobile", json::Object{{"device", device()}, {"platform", platform}}}};
  }
};

Result<MobileSignIn::Asked> MobileSignIn::Asked::read(const http::Request& request) {
  const auto bad = [](std::string message) {
    return fail(ErrorKind::InvalidInput, kBadBody, std::move(message));
  };
  const auto type = request.headers.find("Content-Type").value_or("");
  if (!equal_ignoring_ascii_case(trim(split(type, ';').front()), "application/json")) {
    return fail(ErrorKind::InvalidInput, http::kUnsupportedMediaType,
                "The body must be JSON, and the Content-Type must say so: application/json.");
  }
  ASSIGN_OR_RETURN(const json::Value body,
                   json::parse(request.body, {.bytes = kMaxBodyBytes, .depth = 4, .values = 20}));
  if (!body.is_object()) return bad("The body must be a JSON object.");
  Asked asked;
  ASSIGN_OR_RETURN(asked.id_token, json::required_string(body.get_object(), "id_token"));
  ASSIGN_OR_RETURN(asked.platform, json::required_string(body.get_object(), "platform"));
  if (asked.platform != "ios" && asked.platform != "android") return bad("The platform is ios or android.");
  ASSIGN_OR_RETURN(const auto name, json::optional_string(body.get_object(), "device_name"));
  asked.device_name = printable(trim(name.value_or("")), kMaxDeviceName);
  asked.client_address = request.client_address;
  return asked;
}

/// A token that is good, on its way through the one transaction.
struct MobileSignIn::Closing {
  const Door& door;
  const Asked& asked;
  const IdTokenClaims& claims;
  directory::GrantToken access;
  directory::GrantToken refresh;
  Timestamp now;
};

struct MobileSignIn::Closed {
  directory::Decision decision = directory::Refused{};
  bool used_before = false;
  std::string reference;
};

MobileSignIn::MobileSignIn(const MobileDependencies& dependencies)
    : deps_(dependencies),
      lifetime_(),
      keys_(deps_.fetch, deps_.clock),
      accepted_(deps_.metrics.counter("doorward_mobile_sign_ins_total",
                                      "Sign-ins of the mobile app, by outcome", "outcome=\"accepted\"")),
      refused_(deps_.metrics.counter("doorward_mobile_sign_ins_total",
                                     "Sign-ins of the mobile app, by outcome", "outcome=\"refused\"")) {}

http::Response MobileSignIn::error_response(const Error& error) {
  const bool is_ours = error.kind == ErrorKind::Internal || error.kind == ErrorKind::Unavailable;
  return answer(status_of(error),
                error_body(error, is_ours ? words_for(error) : std::string_view(error.message)));
}

Result<std::optional<MobileSignIn::Door>> MobileSignIn::find_door(std::string_view slug) {
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<std::optional<Door>> {
    ASSIGN_OR_RETURN(auto account, directory::find_account_by_slug(transaction, slug));
    if (!account || account->plan != directory::Plan::Enterprise) return std::nullopt;
    ASSIGN_OR_RETURN(auto setup, directory::find_mobile_setup(transaction, account->id));
    if (!setup) return std::nullopt;
    ASSIGN_OR_RETURN(auto connection,
                     directory::load_connection(transaction, account->id, setup->connection));
    return Door{*std::move(account), *std::move(setup), std::move(connection)};
  });
}

namespace {

Error not_set_up() {
  return {ErrorKind::NotFound, kNotSetUp, "Sign-in by the mobile app is not set up for this company."};
}

}  // namespace

Result<http::Response> MobileSignIn::configuration(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto door, find_door(request.parameter("account")));
  if (!door) return error_response(not_set_up());
  const directory::MobileSetup& setup = door->setup;
  json::Object shown{
      {"account", json::Object{{"name", door->account.name}, {"slug", door->account.slug}}},
      {"client_id", setup.client_id},
      {"tenant_id", setup.tenant_id},
      {"authority", setup.authority},
      {"scopes", json::Array{"openid", "profile", "email"}},
      {"sign_in_url", fmt::format("{}/mobile/{}/sign-in", deps_.public_url, door->account.slug)},
      {"token_url", deps_.public_url + "/oauth2/token"},
      {"token_client_id", directory::kMobileClientId},
      {"ios", nullptr},
      {"android", nullptr}};
  if (!setup.ios_redirect.empty()) shown["ios"] = msal(setup, setup.ios_redirect);
  if (!setup.android_redirects.empty()) {
    // One for each certificate that the app may be signed with; the app takes the one of its own.
    json::Array configurations;
    for (const std::string& redirect : setup.android_redirects)
      configurations.push_back(msal(setup, redirect));
    shown["android"] = std::move(configurations);
  }
  return answer(http::Status::Ok, shown);
}

Result<IdTokenClaims> MobileSignIn::verify(const Door& door, std::string_view id_token) {
  const oidc::protocol::IdTokenExpectations expected{.issuer = door.setup.authority,
                                                     .tenant_id = door.setup.tenant_id,
                                                     .client_id = door.setup.client_id,
                                                     .now = deps_.clock.now()};
  ASSIGN_OR_RETURN(const auto keys, keys_.find(door.setup.authority));
  auto claims = oidc::protocol::verify_id_token(id_token, *keys, expected);
  if (claims || claims.error().code != oidc::protocol::kJwtKeyUnknown) return claims;
  ASSIGN_OR_RETURN(const auto newer, keys_.find_newer(door.setup.authority, keys));
  if (newer == keys) return claims;
  return oidc::protocol::verify_id_token(id_token, *newer, expected);
}

Result<http::Response> MobileSignIn::sign_in(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto door, find_door(request.parameter("account")));
  if (!door) return error_response(not_set_up());
  const auto asked = Asked::read(request);
  if (!asked) return error_response(asked.error());
  const auto claims = verify(*door, asked->id_token);
  if (!claims) return refuse(*door, *asked, claims.error());
  const Closing closing{*door,
                        *asked,
                        *claims,
                        directory::GrantToken::issue(door->account, directory::TokenKind::Access),
                        directory::GrantToken::issue(door->account, directory::TokenKind::Refresh),
                        deps_.clock.now()};
  const auto closed =
      deps_.database.write([&](storage::Transaction& transaction) { return close(transaction, closing); });
  if (!closed) return refuse(*door, *asked, closed.error());
  return finish(closing, *closed);
}

namespace {

/// The grant of this phone, with its two tokens.
Result<void> give_tokens(storage::Transaction& transaction, const directory::Employee& employee,
                         const directory::GrantToken& access, const directory::GrantToken& refresh,
                         directory::NewGrant grant, const directory::GrantLifetime& lifetime, Timestamp now) {
  ASSIGN_OR_RETURN(const auto application,
                   directory::find_application(transaction, directory::kMobileClientId));
  if (!application) {
    return fail(ErrorKind::Internal, "mobile.no_application", "The mobile app's application is missing.");
  }
  grant.account = employee.account;
  grant.application = application->id;
  grant.employee = employee.id;
  grant.scope = kScope;
  grant.signed_in_at = now;
  grant.expires_at = now + lifetime.offline;
  ASSIGN_OR_RETURN(const auto created, directory::create_grant(transaction, grant, now));
  RETURN_IF_ERROR(directory::add_token(
      transaction, employee.account, access,
      {.grant = created.id, .scope = created.scope, .expires_at = now + lifetime.access}, now));
  return directory::add_token(transaction, employee.account, refresh,
                              {.grant = created.id,
                               .scope = created.scope,
                               .expires_at = std::min(now + lifetime.refresh_idle, created.expires_at)},
                              now);
}

}  // namespace

/// Decides, and does what the decision says; `attempt` and `report` learn what came of it.
Result<directory::Decision> MobileSignIn::decide(storage::Transaction& transaction, const Closing& closing,
                                                 directory::NewAttempt& attempt, json::Object& report) const {
  // The company's setup may have changed since the door was found.
  const directory::AccountId id = closing.door.account.id;
  ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, id));
  ASSIGN_OR_RETURN(const auto connection,
                   directory::load_connection(transaction, id, closing.door.connection.id));
  ASSIGN_OR_RETURN(auto decision, directory::resolve_sign_in(transaction, account, connection,
                                                             claimed_identity(closing.claims),
                                                             directory::SignInPurpose::Session, closing.now));
  if (const auto* refused = std::get_if<directory::Refused>(&decision)) {
    attempt.finding = directory::finding_code(refused->reason);
    if (refused->employee) attempt.employee = refused->employee->public_id;
    report["decision"] = json::Object{{"admitted", false},
                                      {"finding", attempt.finding},
                                      {"expected", refused->expected},
                                      {"actual", refused->actual}};
    return decision;
  }
  const auto& admitted = std::get<directory::Admitted>(decision);
  attempt.outcome = directory::AttemptOutcome::Success;
  attempt.employee = admitted.employee.public_id;
  report["decision"] = json::Object{{"admitted", true},
                                    {"employee", attempt.employee},
                                    {"recognised_by", directory::to_text(admitted.match)},
                                    {"linked_now", admitted.link_created}};
  directory::NewGrant grant{.account = id, .application = {}};
  grant.device = closing.asked.device();
  grant.client_address = closing.asked.client_address;
  RETURN_IF_ERROR(give_tokens(transaction, admitted.employee, closing.access, closing.refresh,
                              std::move(grant), lifetime_, closing.now));
  return decision;
}

Result<MobileSignIn::Closed> MobileSignIn::close(storage::Transaction& transaction,
                                                 const Closing& closing) const {
  const Door& door = closing.door;
  Closed closed;
  directory::NewAttempt attempt{.account = door.account.id,
                                .connection = door.connection.id,
                                .client_address = closing.asked.client_address};
  json::Object report = closing.asked.report("passed");
  const std::string key = fmt::format("{}\n{}", door.setup.authority, signed_part(closing.asked.id_token));
  ASSIGN_OR_RETURN(const bool is_first,
                   directory::consume_once(transaction, door.account.id, directory::Once::IdToken, key,
                                           closing.claims.accepted_until));
  closed.used_before = !is_first;
  if (is_first) {
    ASSIGN_OR_RETURN(closed.decision, decide(transaction, closing, attempt, report));
  } else {
    attempt.finding = kTokenUsed.name();
    report = closing.asked.report("failed");
  }
  attempt.report = json::serialize(report);
  ASSIGN_OR_RETURN(closed.reference, directory::record_attempt(transaction, attempt, closing.now));
  return closed;
}

Result<http::Response> MobileSignIn::finish(const Closing& closing, const Closed& closed) {
  const auto* admitted = closed.used_before ? nullptr : std::get_if<directory::Admitted>(&closed.decision);
  (admitted != nullptr ? accepted_ : refused_).add();
  log::info("mobile.sign_in", {{"account", closing.door.account.slug},
                               {"outcome", admitted != nullptr ? "signed_in" : "not_signed_in"},
                               {"reference", closed.reference}});
  if (admitted != nullptr) {
    return answer(http::Status::Ok,
                  {{"access_token", closing.access.value().reveal()},
                   {"token_type", "Bearer"},
                   {"expires_in", std::chrono::duration_cast<std::chrono::seconds>(lifetime_.access).count()},
                   {"refresh_token", closing.refresh.value().reveal()},
                   {"scope", kScope},
                   {"employee", view(admitted->employee)}});
  }
  if (closed.used_before) {
    const Error error{ErrorKind::Refused, kTokenUsed, ""};
    json::Object body = error_body(error, words_for(error));
    body["reference"] = closed.reference;
    return answer(http::Status::Unauthorized, body);
  }
  const auto reason = std::get<directory::Refused>(closed.decision).reason;
  return answer(http::Status::Forbidden, {{"error", "access_denied"},
                                          {"error_description", words_for(reason)},
                                          {"reason", directory::finding_code(reason)},
                                          {"reference", closed.reference}});
}

Result<http::Response> MobileSignIn::refuse(const Door& door, const Asked& asked, const Error& error) {
  if (error.kind == ErrorKind::Internal) return fail(error);
  refused_.add();
  json::Object body = error_body(error, words_for(error));
  const Timestamp now = deps_.clock.now();
  if (error.kind != ErrorKind::Unavailable && budget_.take(now)) {
    json::Object report = asked.report("failed");
    json::Object& check = report["checks"].as_array()[0].as_object();
    check["finding"] = error.code.name();
    check["message"] = error.message;
    const directory::NewAttempt attempt{.account = door.account.id,
                                        .connection = door.connection.id,
                                        .finding = std::string(error.code.name()),
                                        .report = json::serialize(report),
                                        .client_address = asked.client_address};
    ASSIGN_OR_RETURN(const auto reference, deps_.database.write([&](storage::Transaction& transaction) {
      return directory::record_attempt(transaction, attempt, now);
    }));
    body["reference"] = reference;
  }
  const json::Value* reference = body.if_contains("reference");
  log::warning("mobile.refused",
               {{"account", door.account.slug},
                {"finding", error.code.name()},
                {"reference", reference != nullptr ? std::string_view(reference->get_string()) : "none"}});
  return answer(status_of(error), body);
}

}  // namespace doorward::signin
