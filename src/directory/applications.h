#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "crypto/secret.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Applications that rely on Doorward to say who somebody is, and who may use them.
namespace doorward::directory {

enum class ApplicationKind : std::uint8_t {
  Web,      ///< Runs on a server and keeps a secret (or a private key): OpenID Connect.
  Public,   ///< In a browser or on a device, where no secret is one: OpenID Connect with PKCE.
  Service,  ///< Acts for itself, without an employee: client credentials.
  Proxy,    ///< A reverse proxy that asks for each request: forward-auth.
  Mobile,   ///< The portal's own app; there is one, `kMobileClientId`, which the migration makes.
};
std::string_view to_text(ApplicationKind kind);
std::optional<ApplicationKind> parse_application_kind(std::string_view text);

inline constexpr std::string_view kMobileClientId = "doorward-mobile";

/// Who may use it.
enum class ApplicationAccess : std::uint8_t {
  Everyone,  ///< Every active employee of the account (of every account, for one of all accounts).
  Administrators,
  /// Whoever is in one of the departments, or below it, or in one of the groups; without any, nobody. Not for
  /// one of all accounts.
  Chosen,
};
std::string_view to_text(ApplicationAccess access);
std::optional<ApplicationAccess> parse_application_access(std::string_view text);

enum class AccessTokenFormat : std::uint8_t {
  Opaque,  ///< Checked here each time, so that access ends at once.
  Jwt,     ///< Checked by the application alone: lives on until it expires, which is soon.
};
std::string_view to_text(AccessTokenFormat format);
std::optional<AccessTokenFormat> parse_access_token_format(std::string_view text);

/// What is said about an application when it is made or changed.
struct ApplicationSettings {
  std::string name = {};
  bool active = true;
  ApplicationAccess access = ApplicationAccess::Everyone;
  /// Of `Chosen`: public ids. Left out for any other access.
  std::vector<std::string> departments = {};
  std::vector<std::string> groups = {};
  /// What it may ask for, with a space between: of `openid profile email groups departments offline_access`,
  /// for a service of `scim events`. Empty: the kind's own default, see `default_scope`.
  std::string scope = {};
  bool asks_consent = false;
  AccessTokenFormat access_token_format = AccessTokenFormat::Opaque;
  /// `RS256` or `ES256`.
  std::string id_token_algorithm = "RS256";
  /// Compared byte by byte. https, or http on loopback; a `Public` one may have a scheme of its own with a
  /// dot in it (RFC 8252 section 7.1). No fragment.
  std::vector<std::string> redirect_uris = {};
  std::vector<std::string> post_logout_redirect_uris = {};
  /// Of a proxy: `https://wiki.contoso.example`, without a path; http only on loopback and below
  /// `.localhost`.
  std::vector<std::string> origins = {};
  /// OpenID Connect Back-Channel Logout; empty for none.
  std::string backchannel_logout_uri = {};
  /// A JWK Set for private_key_jwt; empty for none. Checked by the caller, who can read it.
  std::string jwks = {};

  bool operator==(const ApplicationSettings&) const = default;
};

/// `openid profile email` where employees sign in, of a proxy with `groups departments`; the least of a
/// service, `events`.
std::string_view default_scope(ApplicationKind kind);

struct Application {
  ApplicationId id;
  /// What OAuth calls client_id: public, never used again.
  std::string client_id;
  /// Nothing for one of all accounts.
  std::optional<AccountId> account;
  ApplicationKind kind = ApplicationKind::Web;
  ApplicationSettings settings;
  Timestamp created_at;
  Timestamp updated_at;

  bool keeps_secrets() const { return kind == ApplicationKind::Web || kind == ApplicationKind::Service; }
  /// Whether it may serve employees of this account.
  bool serves(AccountId who) const { return !account || *account == who; }
};

struct NewApplication {
  /// Nothing: of all accounts, which only support may make.
  std::optional<AccountId> account = {};
  ApplicationKind kind = ApplicationKind::Web;
  ApplicationSettings settings = {};
  std::string client_id = new_public_id();
};

inline constexpr int kMaxApplications = 200;         ///< Of an account.
inline constexpr int kMaxApplicationAddresses = 50;  ///< Of each purpose.
inline constexpr ErrorCode kNoApplication = "directory.no_application";
inline constexpr ErrorCode kApplicationNameTaken = "directory.application_name_taken";
inline constexpr ErrorCode kOriginTaken = "directory.origin_taken";

/// Refuses an origin that an administrator claims outside of the company's domains where several companies
/// share the server, and what does not fit the kind (a `Web` one without a redirect URI may be completed
/// later, but cannot sign anybody in), broken addresses, an origin that another application has, unknown
/// departments and groups. The message names the value and what it must look like.
Result<Application> create_application(storage::Transaction& transaction, const NewApplication& application,
                                       const Actor& actor, Timestamp now);
/// Writes all of the settings. What no longer fits ends at once: access that was taken away, grants of an
/// application that is switched off.
Result<Application> update_application(storage::Transaction& transaction, ApplicationId id,
                                       const ApplicationSettings& settings, const Actor& actor,
                                       Timestamp now);
/// Ends all it was given, and forgets who used it.
Result<void> delete_application(storage::Transaction& transaction, ApplicationId id, const Actor& actor,
                                Timestamp now);

/// By client id: the one that a protocol request names, whichever account it belongs to.
Result<std::optional<Application>> find_application(storage::Transaction& transaction,
                                                    std::string_view client_id);
Result<std::optional<Application>> find_application_by_id(storage::Transaction& transaction,
                                                          ApplicationId id);
/// By client id, then by name: one of the account's own, for the command line and the console. Nothing:
/// one of all accounts.
Result<Application> find_own_application(storage::Transaction& transaction, std::optional<AccountId> account,
                                         std::string_view id_or_name);
/// The proxy application whose pages have this origin.
Result<std::optional<Application>> find_application_by_origin(storage::Transaction& transaction,
                                                              std::string_view origin);
/// The account's own, by name, or with nothing those of all accounts (the mobile app left out).
Result<std::vector<Application>> list_applications(storage::Transaction& transaction,
                                                   std::optional<AccountId> account);

/// Whether the employee may use it, by its account, its access and rules, and both being active.
Result<bool> may_use(storage::Transaction& transaction, const Application& application,
                     const Employee& employee);

/// A secret that was made here: 256 random bits, `dws_…`. Two may be live at once, for rotation.
struct ApplicationSecret {
  std::string public_id;
  Timestamp created_at;
};
inline constexpr int kMaxApplicationSecrets = 2;
inline constexpr ErrorCode kTooManyApplicationSecrets = "directory.too_many_application_secrets";

struct IssuedApplicationSecret {
  ApplicationSecret secret;
  /// Shown once: the database keeps its SHA-256.
  crypto::Secret value;
};
Result<IssuedApplicationSecret> add_application_secret(storage::Transaction& transaction,
                                                       const Application& application, const Actor& actor,
                                                       Timestamp now);
Result<std::vector<ApplicationSecret>> list_application_secrets(storage::Transaction& transaction,
                                                                ApplicationId id);
/// Ends what a service was given: whoever else has the secret may have tokens too.
Result<void> remove_application_secret(storage::Transaction& transaction, const Application& application,
                                       std::string_view public_id, const Actor& actor, Timestamp now);
/// In a time that tells nothing about the secret.
Result<bool> is_application_secret(storage::Transaction& transaction, ApplicationId id,
                                   std::string_view presented);

}  // namespace doorward::directory
