#include "simulator/model.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/random.h"
#include "json/json.h"

namespace doorward::simulator {

namespace {

template <class Range, class Predicate>
auto* find_where(Range& range, Predicate predicate) {
  const auto found = std::ranges::find_if(range, predicate);
  return found == range.end() ? nullptr : &*found;
}

/// What Entra fills in by itself, and the manager by object id when the user principal name was given.
void complete(const Tenant& tenant, User& user) {
  if (const User* manager = find_user(tenant, user.manager); manager != nullptr)
    user.manager = manager->object_id;
  if (user.mail_nickname.empty())
    user.mail_nickname = user.user_principal_name.substr(0, user.user_principal_name.find('@'));
}

/// `name@domain`, the least that Entra asks of a user principal name.
Result<void> check_user(const Tenant& tenant, const User& user) {
  const auto at = user.user_principal_name.find('@');
  if (at == 0 || at == std::string::npos || at + 1 == user.user_principal_name.size() ||
      user.user_principal_name.find_first_of(" \t\r\n") != std::string::npos) {
    return fail(ErrorKind::InvalidInput, "simulator.user_principal_name",
                "The user principal name must have the form name@domain.");
  }
  if (user.display_name.empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.display_name", "Display name must not be empty.");
  }
  const User* other = find_user(tenant, user.user_principal_name);
  if (other != nullptr && other->object_id != user.object_id) {
    return fail(ErrorKind::Conflict, "simulator.user_principal_name",
                "Another user already has this user principal name.");
  }
  if (!user.manager.empty() &&
      (user.manager == user.object_id || find_user(tenant, user.manager) == nullptr)) {
    return fail(ErrorKind::InvalidInput, "simulator.manager",
                "The manager must be another user of this tenant.");
  }
  return {};
}

SigningCertificate* find_certificate(Application& application, std::string_view thumbprint) {
  return find_where(application.certificates, [&](const SigningCertificate& candidate) {
    return equal_ignoring_ascii_case(candidate.certificate.thumbprint(), thumbprint);
  });
}

/// Letters, digits, dots, hyphens and underscores, as in bundle ids and package names.
bool is_dotted_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

std::string json_string(std::string_view text) {
  return json::serialize(json::Value(text));
}

bool contains(const std::vector<std::string>& values, std::string_view wanted) {
  return std::ranges::find(values, wanted) != values.end();
}

}  // namespace

Tenant* find_tenant(State& state, std::string_view id_or_domain) {
  return find_where(state.tenants, [&](const Tenant& tenant) {
    return equal_ignoring_ascii_case(tenant.tenant_id, id_or_domain) ||
           equal_ignoring_ascii_case(tenant.primary_domain, id_or_domain);
  });
}

const User* find_user(const Tenant& tenant, std::string_view id_or_name) {
  const std::string folded = fold_case(id_or_name);
  return find_where(tenant.users, [&](const User& user) {
    return equal_ignoring_ascii_case(user.object_id, id_or_name) ||
           (!user.deleted && fold_case(user.user_principal_name) == folded);
  });
}

User* find_user(Tenant& tenant, std::string_view id_or_name) {
  return const_cast<User*>(find_user(std::as_const(tenant), id_or_name));
}

Group* find_group(Tenant& tenant, std::string_view object_id) {
  return find_where(tenant.groups, [&](const Group& group) {
    return equal_ignoring_ascii_case(group.object_id, object_id);
  });
}

Application* find_application(Tenant& tenant, std::string_view id_or_name) {
  return find_where(tenant.applications, [&](const Application& application) {
    return equal_ignoring_ascii_case(application.app_id, id_or_name) ||
           equal_ignoring_ascii_case(application.object_id, id_or_name) || application.name == id_or_name;
  });
}

Application* find_application_by_identifier(Tenant& tenant, std::string_view identifier) {
  constexpr std::string_view kServicePrincipalName = "spn:";
  if (identifier.starts_with(kServicePrincipalName)) identifier.remove_prefix(kServicePrincipalName.size());
  return find_where(tenant.applications, [&](const Application& application) {
    return application.app_id == identifier || contains(application.identifiers, identifier);
  });
}

std::string new_guid() {
  Bytes bytes = crypto::random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = to_hex(bytes);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

Result<Tenant*> create_tenant(State& state, std::string_view name, std::string_view primary_domain) {
  if (trim(name).empty() || !is_dotted_name(primary_domain)) {
    return fail(ErrorKind::InvalidInput, "simulator.tenant",
                "A tenant needs a name and a primary domain such as fabrikam.example.");
  }
  if (find_tenant(state, primary_domain) != nullptr) {
    return fail(ErrorKind::Conflict, "simulator.tenant", "Another tenant already has this primary domain.");
  }
  Tenant tenant;
  tenant.tenant_id = new_guid();
  tenant.name = trim(name);
  tenant.primary_domain = to_ascii_lower(primary_domain);
  return &state.tenants.emplace_back(std::move(tenant));
}

Result<User*> create_user(Tenant& tenant, User user) {
  if (user.object_id.empty()) user.object_id = new_guid();
  RETURN_IF_ERROR(check_user(tenant, user));
  complete(tenant, user);
  return &tenant.users.emplace_back(std::move(user));
}

Result<void> update_user(Tenant& tenant, User& user, User properties) {
  properties.object_id = user.object_id;
  properties.deleted = user.deleted;
  RETURN_IF_ERROR(check_user(tenant, properties));
  complete(tenant, properties);
  user = std::move(properties);
  return {};
}

void delete_user(User& user, Timestamp now) {
  if (!user.deleted) user.deleted = now;
}

Result<void> restore_user(Tenant& tenant, User& user) {
  RETURN_IF_ERROR(check_user(tenant, user));
  user.deleted.reset();
  return {};
}

void purge_user(Tenant& tenant, std::string_view object_id) {
  const std::string id(object_id);
  std::erase_if(tenant.users, [&](const User& user) { return user.object_id == id; });
  for (User& user : tenant.users) {
    if (user.manager == id) user.manager.clear();
  }
  for (Group& group : tenant.groups)
    group.members.erase(id);
  for (Application& application : tenant.applications)
    application.assignments.erase(id);
}

bool is_assigned(const Tenant& tenant, const Application& application, std::string_view user_id) {
  const std::string id(user_id);
  return application.assignments.contains(id) || std::ranges::any_of(tenant.groups, [&](const Group& group) {
           return application.assigned_groups.contains(group.object_id) && group.members.contains(id);
         });
}

Result<Group*> create_group(Tenant& tenant, std::string_view display_name) {
  if (trim(display_name).empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.group", "Group name must not be empty.");
  }
  return &tenant.groups.emplace_back(Group{new_guid(), std::string(trim(display_name)), {}});
}

Result<void> rename_group(Group& group, std::string_view display_name) {
  if (trim(display_name).empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.group", "Group name must not be empty.");
  }
  group.display_name = trim(display_name);
  return {};
}

void delete_group(Tenant& tenant, std::string_view object_id) {
  const std::string id(object_id);
  std::erase_if(tenant.groups, [&](const Group& group) { return group.object_id == id; });
  for (Application& application : tenant.applications)
    application.assigned_groups.erase(id);
}

Result<Application*> create_application(Tenant& tenant, std::string_view name, Timestamp now) {
  if (trim(name).empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.application", "Enter a name for the application.");
  }
  Application application;
  application.app_id = new_guid();
  application.object_id = new_guid();
  application.name = trim(name);
  application.certificates.push_back(new_certificate(now));
  application.certificates.front().active = true;
  return &tenant.applications.emplace_back(std::move(application));
}

Result<void> check_basic_configuration(Tenant& tenant, const Application& wanted) {
  if (wanted.identifiers.empty() || wanted.reply_urls.empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.basic_saml",
                "Identifier (Entity ID) and Reply URL (Assertion Consumer Service URL) are required.");
  }
  for (const std::string& identifier : wanted.identifiers) {
    const Application* other = find_application_by_identifier(tenant, identifier);
    if (other != nullptr && other->app_id != wanted.app_id) {
      return fail(ErrorKind::Conflict, "simulator.identifier",
                  fmt::format("The Identifier {} belongs to the application {} already.",
                              printable(identifier), other->name));
    }
  }
  std::vector<std::string> urls = wanted.reply_urls;
  for (const std::string& url : {wanted.sign_on_url, wanted.logout_url}) {
    if (!url.empty()) urls.push_back(url);
  }
  for (const std::string& url : urls) {
    if (const auto parsed = Url::parse(url); !parsed) return fail(parsed.error());
  }
  return {};
}

Result<void> set_token_encryption(Application& application, std::string_view certificate, bool enabled,
                                  ContentCipher cipher) {
  TokenEncryption wanted;
  wanted.cipher = cipher;
  if (!trim(certificate).empty()) {
    ASSIGN_OR_RETURN(wanted.certificate, crypto::Certificate::from_text(certificate));
    if (wanted.certificate->public_key().type() != crypto::KeyType::Rsa) {
      return fail(ErrorKind::InvalidInput, "simulator.encryption",
                  "Token encryption needs a certificate with an RSA key.");
    }
  }
  if (enabled && !wanted.certificate) {
    return fail(ErrorKind::InvalidInput, "simulator.encryption",
                "Import a certificate before activating encryption.");
  }
  wanted.enabled = enabled;
  application.encryption = std::move(wanted);
  return {};
}

SigningCertificate new_certificate(Timestamp now) {
  return new_certificate(now, now + std::chrono::years(3));
}

SigningCertificate new_certificate(Timestamp not_before, Timestamp not_after) {
  auto key = crypto::PrivateKey::generate_rsa();
  auto certificate = crypto::Certificate::self_signed(key, "Entra simulator Federated SSO Certificate",
                                                      not_before, not_after);
  return {std::move(key), std::move(certificate), false};
}

Result<void> activate_certificate(Application& application, std::string_view thumbprint) {
  const SigningCertificate* chosen = find_certificate(application, thumbprint);
  if (chosen == nullptr) {
    return fail(ErrorKind::NotFound, "simulator.certificate",
                "There is no certificate with this thumbprint.");
  }
  for (SigningCertificate& certificate : application.certificates)
    certificate.active = &certificate == chosen;
  return {};
}

Result<void> delete_certificate(Application& application, std::string_view thumbprint) {
  const SigningCertificate* chosen = find_certificate(application, thumbprint);
  if (chosen == nullptr) {
    return fail(ErrorKind::NotFound, "simulator.certificate",
                "There is no certificate with this thumbprint.");
  }
  if (chosen->active) {
    return fail(ErrorKind::Conflict, "simulator.certificate",
                "The active certificate cannot be deleted. Make another certificate active first.");
  }
  application.certificates.erase(application.certificates.begin() +
                                 (chosen - application.certificates.data()));
  return {};
}

const SigningCertificate& signing_certificate(const Application& application, Timestamp now) {
  const SigningCertificate* chosen = nullptr;
  const auto expired = [now](const SigningCertificate& candidate) {
    return candidate.certificate.not_after() <= now;
  };
  for (const SigningCertificate& candidate : application.certificates) {
    if (candidate.active) chosen = &candidate;
  }
  CHECK(chosen != nullptr);
  if (!expired(*chosen)) return *chosen;
  for (const SigningCertificate& candidate : application.certificates) {
    if (expired(candidate)) continue;
    if (expired(*chosen) || candidate.certificate.not_after() > chosen->certificate.not_after())
      chosen = &candidate;
  }
  return *chosen;
}

std::string ios_redirect_uri(std::string_view bundle_id) {
  return fmt::format("msauth.{}://auth", bundle_id);
}

std::string android_redirect_uri(const AndroidPlatform& platform) {
  return fmt::format("msauth://{}/{}", platform.package_name, percent_encode(platform.signature_hash));
}

std::string msal_configuration(const Tenant& tenant, const Application& application,
                               const AndroidPlatform& platform, std::string_view login_host) {
  return fmt::format(
      R"({{
  "client_id" : {},
  "authorization_user_agent" : "DEFAULT",
  "redirect_uri" : {},
  "authorities" : [
    {{
      "type": "AAD",
      "audience": {{
        "type": "AzureADMyOrg",
        "tenant_id": {}
      }},
      "authority_url": {},
      "default": true
    }}
  ]
}})",
      json_string(application.app_id), json_string(android_redirect_uri(platform)),
      json_string(tenant.tenant_id), json_string(fmt::format("{}/{}", login_host, tenant.tenant_id)));
}

Result<void> add_ios_platform(Application& application, std::string_view bundle_id) {
  bundle_id = trim(bundle_id);
  if (!is_dotted_name(bundle_id)) {
    return fail(ErrorKind::InvalidInput, "simulator.bundle_id",
                "The Bundle ID may hold letters, digits, dots and hyphens, as in com.example.portal.");
  }
  if (!contains(application.ios_bundle_ids, bundle_id)) {
    application.ios_bundle_ids.emplace_back(bundle_id);
  }
  return {};
}

Result<void> add_android_platform(Application& application, std::string_view package_name,
                                  std::string_view signature_hash) {
  package_name = trim(package_name);
  signature_hash = trim(signature_hash);
  if (!is_dotted_name(package_name)) {
    return fail(ErrorKind::InvalidInput, "simulator.package_name",
                "The package name may hold letters, digits, dots and underscores, as in com.example.portal.");
  }
  const auto hash = from_base64(signature_hash);
  constexpr std::size_t kSha1Length = 20;
  if (!hash || hash->size() != kSha1Length) {
    return fail(ErrorKind::InvalidInput, "simulator.signature_hash",
                "The signature hash must be the base64 form of a SHA-1 hash: 28 characters that end in an "
                "equals sign.");
  }
  const bool known = std::ranges::any_of(application.android_platforms, [&](const AndroidPlatform& platform) {
    return platform.package_name == package_name && platform.signature_hash == signature_hash;
  });
  if (!known)
    application.android_platforms.push_back({std::string(package_name), std::string(signature_hash)});
  return {};
}

}  // namespace doorward::simulator
