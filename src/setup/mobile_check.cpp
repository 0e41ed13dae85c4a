#include "setup/mobile_check.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "directory/ids.h"
#include "json/json.h"

namespace doorward::setup {

namespace {

using directory::Connection;

std::string quoted(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, " or "));
}

/// The text member; empty when it is absent or something else.
std::string text_of(const json::Object& object, std::string_view name) {
  const json::Value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(trim(value->get_string()));
}

/// The application that single sign-on is configured for, as the address of its metadata names it.
std::string_view app_of(const Connection& connection) {
  constexpr std::string_view kParameter = "appid=";
  const std::string_view url = connection.metadata_url;
  const auto at = url.find(kParameter);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = url.substr(at + kParameter.size());
  return rest.substr(0, rest.find('&'));
}

/// One check of a submission; collects what it finds.
class MobileChecker {
 public:
  MobileChecker(const MobileApp& app, std::span<const Connection> connections,
                const MobileSubmission& submission)
      : app_(app), connections_(connections), submission_(submission) {}

  MobileCheck run() {
    check_app();
    check_connections();
    read_configuration();
    if (configuration_) {
      choose_connection();
      check_client_id();
      check_redirect_uri();
      check_authorities();
    }
    check_ios_redirect();
    MobileCheck check{.findings = std::move(findings_), .setup = std::nullopt};
    const bool is_bad = std::any_of(check.findings.begin(), check.findings.end(),
                                    [](const MobileFinding& f) { return f.verdict == MobileVerdict::Bad; });
    if (!is_bad) check.setup = setup();
    return check;
  }

 private:
  void add(MobileItem item, MobileVerdict verdict, std::string message, std::string expected = {},
           std::string_view actual = {}) {
    findings_.push_back({item, verdict, std::move(message), std::move(expected), printable(actual)});
  }
  void bad(MobileItem item, std::string message, std::string expected = {}, std::string_view actual = {}) {
    add(item, MobileVerdict::Bad, std::move(message), std::move(expected), actual);
  }

  void check_app();
  void check_connections();
  void read_configuration();
  void choose_connection();
  void check_client_id();
  void check_redirect_uri();
  void check_authorities();
  void check_authority(const json::Object& authority);
  void check_authority_url(const std::string& text);
  void check_ios_redirect();
  directory::MobileSetup setup() const;

  std::string tenant() const { return connection_ != nullptr ? to_ascii_lower(connection_->tenant_id) : ""; }
  /// Where there is no app for Android, that of iOS is shown alike.
  bool is_ios_configuration() const {
    return configuration_ && app_.has_ios() &&
           text_of(*configuration_, "redirect_uri") == app_.ios_redirect();
  }
  bool wants_ios() const { return submission_.ios_redirect && !trim(*submission_.ios_redirect).empty(); }

  const MobileApp& app_;
  std::span<const Connection> connections_;
  const MobileSubmission& submission_;
  std::vector<MobileFinding> findings_;
  std::optional<json::Object> configuration_;
  /// The one of Entra whose tenant the configuration names, else the first.
  const Connection* connection_ = nullptr;
  bool has_android_ = false;
};

void MobileChecker::check_app() {
  if (app_.has_ios() || app_.has_android()) return add(MobileItem::App, MobileVerdict::Good, "");
  bad(MobileItem::App,
      "This portal has no mobile app yet. Ask whoever runs the server to set mobile.ios_bundle_id, or "
      "mobile.android_package with mobile.android_signature_hashes.");
}

void MobileChecker::check_connections() {
  for (const Connection& connection : connections_) {
    if (connection_ == nullptr && connection.active && !connection.tenant_id.empty()) {
      connection_ = &connection;
    }
  }
  if (connection_ != nullptr) return add(MobileItem::Connection, MobileVerdict::Good, "");
  bad(MobileItem::Connection,
      connections_.empty()
          ? "Connect your identity provider first: the mobile app signs in at the same tenant."
          : "Mobile sign-in needs Microsoft Entra ID; none of your active connections leads to a tenant of "
            "it.",
      "a connection whose entity id names an Entra tenant",
      connections_.empty() ? std::string_view() : connections_.front().provider.entity_id);
}

void MobileChecker::read_configuration() {
  const std::string_view text = trim(submission_.msal_configuration);
  if (text.empty()) {
    return bad(MobileItem::Configuration,
               "Paste the MSAL Configuration: in Entra under App registrations > your app > Authentication > "
               "Android > View.");
  }
  auto value = json::parse(text, {.bytes = MobileSubmission::kMaxMsalBytes, .depth = 12, .values = 1000});
  if (!value) {
    return bad(
        MobileItem::Configuration,
        "The MSAL Configuration is not valid JSON. Copy it as a whole, from the first brace to the last. " +
            value.error().message);
  }
  if (!value->is_object()) {
    return bad(MobileItem::Configuration, "The MSAL Configuration must be a JSON object.", "{ … }");
  }
  configuration_ = std::move(value->get_object());
  add(MobileItem::Configuration, MobileVerdict::Good, "");
}

void MobileChecker::choose_connection() {
  const std::string text = to_ascii_lower(json::serialize(*configuration_));
  for (const Connection& connection : connections_) {
    if (!connection.active || connection.tenant_id.empty()) continue;
    if (text.find(to_ascii_lower(connection.tenant_id)) == std::string::npos) continue;
    connection_ = &connection;
    return;
  }
}

void MobileChecker::check_client_id() {
  const std::string client_id = text_of(*configuration_, "client_id");
  if (!directory::is_uuid(client_id)) {
    return bad(MobileItem::ClientId,
               "The client_id must be the Application (client) ID that Entra shows under Overview.",
               "00000000-0000-0000-0000-000000000000", client_id);
  }
  const std::string_view known = connection_ != nullptr ? app_of(*connection_) : std::string_view();
  if (!known.empty() && !equal_ignoring_ascii_case(known, client_id)) {
    return add(MobileItem::ClientId, MobileVerdict::Note,
               "The mobile app has an app registration of its own. That works as long as it is in the same "
               "tenant and people are assigned to it.",
               std::string(known), client_id);
  }
  add(MobileItem::ClientId, MobileVerdict::Good, "");
}

void MobileChecker::check_redirect_uri() {
  const std::string redirect = text_of(*configuration_, "redirect_uri");
  const std::vector<std::string> expected = app_.android_redirects();
  if (std::find(expected.begin(), expected.end(), redirect) != expected.end()) {
    has_android_ = true;
    if (expected.size() == 1) return add(MobileItem::RedirectUri, MobileVerdict::Good, "");
    return add(MobileItem::RedirectUri, MobileVerdict::Note,
               "The app is signed with several certificates. Add the platform Android in Entra once for each "
               "signature hash, or the app will not sign in where it came from another store.",
               fmt::format("{}", fmt::join(expected, ", ")), redirect);
  }
  // Without Android, the app on iOS is all there is.
  if (app_.has_ios() && redirect == app_.ios_redirect()) {
    return add(MobileItem::RedirectUri, MobileVerdict::Note,
               "This is the configuration of iOS; the app on Android is not set up.", "", redirect);
  }
  std::string message =
      "The redirect_uri is not the one of this portal's app. Check package name and signature hash of the "
      "platform Android in Entra.";
  if (!app_.has_android() && redirect.starts_with("msauth://")) {
    message = "This portal has no app for Android. Use the configuration of the platform iOS.";
  } else if (const auto decoded = percent_decode(redirect)) {
    const bool is_decoded = std::any_of(expected.begin(), expected.end(), [&](const std::string& uri) {
      return *percent_decode(uri) == *decoded;
    });
    if (is_decoded) {
      message =
          "The signature hash in the redirect_uri must be percent-encoded, as Entra shows it. Copy the whole "
          "text again.";
    }
  }
  bad(MobileItem::RedirectUri, std::move(message), expected.empty() ? app_.ios_redirect() : quoted(expected),
      redirect);
}

void MobileChecker::check_authorities() {
  const json::Value* list = configuration_->if_contains("authorities");
  if (list == nullptr || !list->is_array() || list->get_array().empty()) {
    return bad(MobileItem::Authorities,
               "The configuration names no authorities: everybody with a Microsoft account could sign in to "
               "the app and would be refused here.",
               fmt::format("one of type AAD with the tenant {}", tenant()));
  }
  const std::size_t before = findings_.size();
  for (const json::Value& entry : list->get_array()) {
    if (!entry.is_object()) {
      bad(MobileItem::Authorities, "An authority must be a JSON object.", "{ … }");
      continue;
    }
    check_authority(entry.get_object());
  }
  if (findings_.size() == before) add(MobileItem::Authorities, MobileVerdict::Good, "");
}

void MobileChecker::check_authority(const json::Object& authority) {
  if (const std::string type = text_of(authority, "type"); type != "AAD") {
    bad(MobileItem::Authorities, "Only authorities of Microsoft Entra ID work here.", "AAD", type);
  }
  const json::Value* value = authority.if_contains("audience");
  const json::Object empty;
  const json::Object& audience = value != nullptr && value->is_object() ? value->get_object() : empty;
  if (const std::string type = text_of(audience, "type"); type != "AzureADMyOrg") {
    bad(MobileItem::Authorities,
        "The app must be for accounts in this directory only (Supported account types under Authentication).",
        "AzureADMyOrg", type);
  }
  if (const std::string named = text_of(audience, "tenant_id"); !equal_ignoring_ascii_case(named, tenant())) {
    bad(MobileItem::Authorities, "The tenant is another one than that of your single sign-on.", tenant(),
        named);
  }
  if (const std::string url = text_of(authority, "authority_url"); !url.empty()) check_authority_url(url);
}

void MobileChecker::check_authority_url(const std::string& text) {
  const std::string expected = fmt::format("{}/{}", app_.authority_origin, tenant());
  const auto url = Url::parse(text);
  std::string_view path = url ? std::string_view(url->path()) : std::string_view();
  while (path.ends_with('/'))
    path.remove_suffix(1);
  if (url && url->origin() == app_.authority_origin && equal_ignoring_ascii_case(path, "/" + tenant()))
    return;
  bad(MobileItem::Authorities, "The authority_url leads elsewhere than to your tenant.", expected, text);
}

void MobileChecker::check_ios_redirect() {
  if (!wants_ios()) {
    if (!app_.has_ios() || is_ios_configuration()) return;
    return add(
        MobileItem::IosRedirect, MobileVerdict::Note,
        "The app on iOS is not set up: add the platform iOS in Entra and paste its redirect URI to let "
        "people sign in on iPhones and iPads.",
        app_.ios_redirect());
  }
  const std::string_view redirect = trim(*submission_.ios_redirect);
  if (!app_.has_ios()) {
    return bad(MobileItem::IosRedirect, "This portal has no app for iOS. Leave the field empty.", "",
               redirect);
  }
  if (redirect == app_.ios_redirect()) return add(MobileItem::IosRedirect, MobileVerdict::Good, "");
  bad(MobileItem::IosRedirect,
      equal_ignoring_ascii_case(redirect, app_.ios_redirect())
          ? "The bundle ID must be written exactly like the app's, capitals included."
          : "The redirect URI is not the one of this portal's app. Check the Bundle ID of the platform iOS "
            "in "
            "Entra.",
      app_.ios_redirect(), redirect);
}

directory::MobileSetup MobileChecker::setup() const {
  directory::MobileSetup setup{.account = connection_->account,
                               .connection = connection_->id,
                               .client_id = to_ascii_lower(text_of(*configuration_, "client_id")),
                               .tenant_id = tenant(),
                               .authority = fmt::format("{}/{}/v2.0", app_.authority_origin, tenant())};
  if (app_.has_ios() && (wants_ios() || is_ios_configuration())) setup.ios_redirect = app_.ios_redirect();
  if (has_android_) setup.android_redirects = app_.android_redirects();
  return setup;
}

}  // namespace

std::string MobileApp::ios_redirect() const {
  return has_ios() ? fmt::format("msauth.{}://auth", ios_bundle_id) : std::string();
}

std::vector<std::string> MobileApp::android_redirects() const {
  std::vector<std::string> redirects;
  if (android_package.empty()) return redirects;
  for (const std::string& hash : android_signature_hashes)
    redirects.push_back(fmt::format("msauth://{}/{}", android_package, percent_encode(hash)));
  return redirects;
}

std::string_view to_text(MobileItem item) {
  constexpr std::array<std::string_view, 7> kNames = {
      "app", "connection", "configuration", "client_id", "redirect_uri", "authorities", "ios_redirect"};
  return kNames[static_cast<std::size_t>(item)];
}

std::string_view to_text(MobileVerdict verdict) {
  constexpr std::array<std::string_view, 3> kNames = {"good", "bad", "note"};
  return kNames[static_cast<std::size_t>(verdict)];
}

MobileCheck check_mobile(const MobileApp& app, std::span<const Connection> connections,
                         const MobileSubmission& submission) {
  return MobileChecker(app, connections, submission).run();
}

}  // namespace doorward::setup
