#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/certificate.h"
#include "simulator/faults.h"
#include "simulator/provisioning.h"

/// What the simulator knows about: tenants and what is in them, in Entra's own words. Plain data; whoever
/// holds it guards it (see `Simulator`).
namespace doorward::simulator {

struct User {
  std::string object_id;
  std::string user_principal_name;
  std::string display_name;
  std::string given_name;
  std::string surname;
  /// *Email* under *Contact information*; the emailaddress claim is missing when it is empty.
  std::string mail;
  std::string department;
  std::string job_title;
  /// The part of the user principal name before the @, unless another one is given.
  std::string mail_nickname = {};
  std::string employee_id = {};
  std::string telephone_number = {};
  std::string mobile = {};
  std::string fax = {};
  std::string street_address = {};
  std::string city = {};
  std::string state = {};
  std::string postal_code = {};
  std::string country = {};
  std::string preferred_language = {};
  std::string manager = {};  ///< Object id of a user.
  bool account_enabled = true;
  /// Signs in without a password, so that a request for a password context fails (AADSTS75011).
  bool passwordless = false;
  /// Set while the user lies under *Deleted users*.
  std::optional<Timestamp> deleted = std::nullopt;
};

struct Group {
  std::string object_id;
  std::string display_name;
  std::set<std::string> members;  ///< Object ids of users.
};

enum class SigningOption : std::uint8_t { Assertion, Response, Both };
enum class NameIdFormat : std::uint8_t { EmailAddress, Persistent, Unspecified, Transient };
enum class NameIdSource : std::uint8_t { UserPrincipalName, Mail, ObjectId };
enum class ContentCipher : std::uint8_t { Aes256Cbc, Aes256Gcm };

struct SigningCertificate {
  crypto::PrivateKey key;
  crypto::Certificate certificate;
  bool active = false;
};

struct TokenEncryption {
  std::optional<crypto::Certificate> certificate = std::nullopt;
  bool enabled = false;
  ContentCipher cipher = ContentCipher::Aes256Cbc;
};

struct AndroidPlatform {
  std::string package_name;
  std::string signature_hash;  ///< Base64 of the SHA-1 of the signing certificate.
};

struct Application {
  std::string app_id;  ///< *Application ID*, also *client ID*.
  std::string object_id;
  std::string name;

  // Basic SAML Configuration. The first identifier and the first reply URL are the default ones.
  std::vector<std::string> identifiers;
  std::vector<std::string> reply_urls;
  std::string sign_on_url;
  std::string relay_state;  ///< Sent along when a sign-in begins at My Apps.
  std::string logout_url;
  /// SAML was chosen under *Single sign-on*.
  bool saml_selected = false;

  NameIdFormat name_id_format = NameIdFormat::EmailAddress;
  NameIdSource name_id_source = NameIdSource::UserPrincipalName;
  bool emit_groups = false;

  SigningOption signing_option = SigningOption::Assertion;
  std::vector<SigningCertificate> certificates;
  TokenEncryption encryption;

  /// Object id of a user → app role value; an empty value is *Default Access*.
  std::map<std::string, std::string> assignments;
  /// Object ids of groups whose direct members are assigned too.
  std::set<std::string> assigned_groups;

  Provisioning provisioning;

  std::vector<std::string> ios_bundle_ids;
  std::vector<AndroidPlatform> android_platforms;
};

struct Tenant {
  std::string tenant_id;
  std::string name;
  std::string primary_domain;
  std::vector<User> users;
  std::vector<Group> groups;
  std::vector<Application> applications;

  // Not part of Entra.
  std::set<Fault> faults;
  std::chrono::seconds clock_offset{0};
};

struct State {
  std::vector<Tenant> tenants;
  /// Signs the documents that belong to no application: Microsoft's own key in the real service.
  std::optional<SigningCertificate> shared_certificate;
};

// The lookups return null when there is none.

/// By tenant id or primary domain.
Tenant* find_tenant(State& state, std::string_view id_or_domain);
/// By object id or user principal name; deleted users are found by object id only.
User* find_user(Tenant& tenant, std::string_view id_or_name);
const User* find_user(const Tenant& tenant, std::string_view id_or_name);
Group* find_group(Tenant& tenant, std::string_view object_id);
/// By application id, object id or name.
Application* find_application(Tenant& tenant, std::string_view id_or_name);
/// The application whose Identifier is the `Issuer` of a request. `spn:` before an identifier is ignored, as
/// in Entra.
Application* find_application_by_identifier(Tenant& tenant, std::string_view identifier);

/// A random GUID (RFC 9562 version 4) in lower case.
std::string new_guid();
bool is_guid(std::string_view text);

Result<Tenant*> create_tenant(State& state, std::string_view name, std::string_view primary_domain);
/// Checks what Entra checks: a user principal name of the form name@domain that nobody else has, and a
/// manager who is another user of the tenant.
Result<User*> create_user(Tenant& tenant, User user);
/// Replaces the properties of `user`, an element of `tenant.users`.
Result<void> update_user(Tenant& tenant, User& user, User properties);
/// To *Deleted users*; the assignments stay, as in Entra.
void delete_user(User& user, Timestamp now);
Result<void> restore_user(Tenant& tenant, User& user);
/// For ever: the user, their memberships and assignments go.
void purge_user(Tenant& tenant, std::string_view object_id);

/// Directly, or as a direct member of an assigned group; members of groups within groups are not.
bool is_assigned(const Tenant& tenant, const Application& application, std::string_view user_id);

Result<Group*> create_group(Tenant& tenant, std::string_view display_name);
Result<void> rename_group(Group& group, std::string_view display_name);
/// With its assignments.
void delete_group(Tenant& tenant, std::string_view object_id);
/// An enterprise application made by *Create your own application* > *Non-gallery*, with its first
/// certificate.
Result<Application*> create_application(Tenant& tenant, std::string_view name, Timestamp now);

/// *Basic SAML Configuration*: at least one identifier, unique within the tenant, and one reply URL; reply,
/// sign-on and logout URLs are http or https (Entra wants https except on localhost; a simulator meets both).
Result<void> check_basic_configuration(Tenant& tenant, const Application& wanted);
/// *Token encryption*: `certificate` as PEM or base64; empty removes it and switches encryption off.
Result<void> set_token_encryption(Application& application, std::string_view certificate, bool enabled,
                                  ContentCipher cipher);

/// Three years from `now`, as Entra makes them.
SigningCertificate new_certificate(Timestamp now);
SigningCertificate new_certificate(Timestamp not_before, Timestamp not_after);
/// By thumbprint, ignoring case; makes it the only active one.
Result<void> activate_certificate(Application& application, std::string_view thumbprint);
/// Refuses the active certificate, as Entra does.
Result<void> delete_certificate(Application& application, std::string_view thumbprint);
/// The active one; when that has expired, the youngest that has not, although nobody activated it.
const SigningCertificate& signing_certificate(const Application& application, Timestamp now);

/// iOS and macOS: `msauth.<bundle id>://auth`.
std::string ios_redirect_uri(std::string_view bundle_id);
/// Android: `msauth://<package>/<percent-encoded hash>`.
std::string android_redirect_uri(const AndroidPlatform& platform);
/// The *MSAL Configuration* that Entra shows after *Configure*, indented for people.
std::string msal_configuration(const Tenant& tenant, const Application& application,
                               const AndroidPlatform& platform, std::string_view login_host);
Result<void> add_ios_platform(Application& application, std::string_view bundle_id);
Result<void> add_android_platform(Application& application, std::string_view package_name,
                                  std::string_view signature_hash);

}  // namespace doorward::simulator
