#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "directory/connections.h"
#include "directory/mobile_setups.h"

/// Whether what Entra shows about the mobile app fits the portal's app and the account's connection.
namespace doorward::setup {

/// The portal's own app, as the operator configured it.
struct MobileApp {
  /// Empty: there is none for iOS.
  std::string ios_bundle_id = {};
  /// Empty: there is none for Android.
  std::string android_package = {};
  /// Base64 of the SHA-1 of the certificates that the app is signed with: the operator's, and Google Play's.
  std::vector<std::string> android_signature_hashes = {};
  /// Where people sign in: `https://login.microsoftonline.com`.
  std::string authority_origin = "https://login.microsoftonline.com";

  bool has_ios() const { return !ios_bundle_id.empty(); }
  bool has_android() const { return !android_package.empty() && !android_signature_hashes.empty(); }
  /// `msauth.<bundle id>://auth`; empty without iOS.
  std::string ios_redirect() const;
  /// `msauth://<package>/<percent-encoded hash>`, in the order of the hashes.
  std::vector<std::string> android_redirects() const;
};

/// What the administrator copied out of Entra.
struct MobileSubmission {
  /// Of *Authentication > iOS/macOS*. Absent or blank: iOS is not set up.
  std::optional<std::string> ios_redirect = {};
  /// *MSAL Configuration*, the JSON text.
  std::string msal_configuration = {};

  static constexpr std::size_t kMaxMsalBytes = std::size_t{64} * 1024;
};

enum class MobileItem : std::uint8_t {
  App,            ///< Whether there is an app to set up.
  Connection,     ///< Whether the account's single sign-on is Entra's, and of which tenant.
  Configuration,  ///< Whether the text is an MSAL configuration.
  ClientId,
  RedirectUri,  ///< Whether it is the app's, computed from package and signature hash.
  Authorities,  ///< Whether they are the tenant's alone.
  IosRedirect,
};
/// `app`, `connection`, `configuration`, `client_id`, `redirect_uri` …
std::string_view to_text(MobileItem item);

enum class MobileVerdict : std::uint8_t {
  Good,
  Bad,
  Note,  ///< Nothing is wrong, and something is worth knowing.
};
std::string_view to_text(MobileVerdict verdict);

struct MobileFinding {
  MobileItem item = MobileItem::App;
  MobileVerdict verdict = MobileVerdict::Good;
  /// For the administrator: what is the case, and what to do where.
  std::string message = {};
  std::string expected = {};
  std::string actual = {};
};

struct MobileCheck {
  /// All of them, in the order of `MobileItem`.
  std::vector<MobileFinding> findings;
  /// What may be saved; nothing when a finding is bad.
  std::optional<directory::MobileSetup> setup;
};

/// Looks at everything, whatever it finds on the way. `connections` are the account's.
MobileCheck check_mobile(const MobileApp& app, std::span<const directory::Connection> connections,
                         const MobileSubmission& submission);

}  // namespace doorward::setup
