#include "simulator/json_model.h"

#include <fmt/format.h>

#include "simulator/metadata.h"
#include "simulator/provisioning_json.h"
#include "simulator/saml_response.h"
#include "simulator/user_attributes.h"
#include "simulator/words.h"

namespace doorward::simulator {

namespace {

tl::unexpected<Error> wrong_type(std::string_view name, const char* expected) {
  return fail(ErrorKind::InvalidInput, "simulator.json",
              fmt::format("The member {} must be {}.", name, expected));
}

template <class Strings>
json::Array strings(const Strings& values) {
  json::Array array;
  for (const auto& value : values)
    array.emplace_back(value);
  return array;
}

/// Overwrites `target` by a string member that is there.
Result<void> take(const json::Object& object, std::string_view name, std::string& target) {
  ASSIGN_OR_RETURN(auto value, json::optional_string(object, name));
  if (value) target = *std::move(value);
  return {};
}

Result<void> take(const json::Object& object, std::string_view name, bool& target) {
  ASSIGN_OR_RETURN(const auto value, json::optional_bool(object, name));
  if (value) target = *value;
  return {};
}

Result<void> take(const json::Object& object, std::string_view name, std::vector<std::string>& target) {
  ASSIGN_OR_RETURN(auto value, optional_strings(object, name));
  if (value) target = *std::move(value);
  return {};
}

template <class Enum>
Result<void> take_word(const json::Object& object, std::string_view name, Enum& target) {
  ASSIGN_OR_RETURN(const auto value, json::optional_string(object, name));
  if (value) {
    ASSIGN_OR_RETURN(target, parse_word<Enum>(*value));
  }
  return {};
}

Result<json::Array> array_member(const json::Object& object, std::string_view name) {
  const json::Value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return json::Array();
  if (!value->is_array()) return wrong_type(name, "an array");
  return value->get_array();
}

json::Object certificate_json(const SigningCertificate& entry) {
  return {{"thumbprint", entry.certificate.thumbprint()},
          {"active", entry.active},
          {"not_before", format_rfc3339(entry.certificate.not_before())},
          {"not_after", format_rfc3339(entry.certificate.not_after())},
          {"pem", entry.certificate.to_pem()}};
}

json::Object with_key(const SigningCertificate& entry) {
  json::Object object = certificate_json(entry);
  object["key"] = entry.key.to_pem().reveal();
  return object;
}

Result<SigningCertificate> certificate_from_json(const json::Value& value) {
  ASSIGN_OR_RETURN(const json::Object object, as_object(value));
  ASSIGN_OR_RETURN(std::string key_pem, json::required_string(object, "key"));
  ASSIGN_OR_RETURN(const std::string pem, json::required_string(object, "pem"));
  ASSIGN_OR_RETURN(auto key, crypto::PrivateKey::from_pem(crypto::Secret(std::move(key_pem))));
  ASSIGN_OR_RETURN(auto certificate, crypto::Certificate::from_text(pem));
  SigningCertificate entry{std::move(key), std::move(certificate), false};
  RETURN_IF_ERROR(take(object, "active", entry.active));
  return entry;
}

json::Object configuration_json(const Application& application) {
  json::Object assignments;
  for (const auto& [user, role] : application.assignments)
    assignments[user] = role;
  json::Array android;
  for (const AndroidPlatform& platform : application.android_platforms) {
    android.push_back(
        json::Object{{"package_name", platform.package_name}, {"signature_hash", platform.signature_hash}});
  }
  const auto& encryption = application.encryption;
  return {{"app_id", application.app_id},
          {"object_id", application.object_id},
          {"name", application.name},
          {"saml_selected", application.saml_selected},
          {"identifiers", strings(application.identifiers)},
          {"reply_urls", strings(application.reply_urls)},
          {"sign_on_url", application.sign_on_url},
          {"relay_state", application.relay_state},
          {"logout_url", application.logout_url},
          {"name_id_format", word(application.name_id_format)},
          {"name_id_source", word(application.name_id_source)},
          {"emit_groups", application.emit_groups},
          {"signing_option", word(application.signing_option)},
          {"encryption",
           json::Object{{"certificate", encryption.certificate ? encryption.certificate->to_pem() : ""},
                        {"enabled", encryption.enabled},
                        {"cipher", word(encryption.cipher)}}},
          {"assignments", std::move(assignments)},
          {"assigned_groups", strings(application.assigned_groups)},
          {"ios_bundle_ids", strings(application.ios_bundle_ids)},
          {"android_platforms", std::move(android)}};
}

Result<void> configure_encryption(Application& application, const json::Object& object) {
  const json::Value* value = object.if_contains("encryption");
  if (value == nullptr) return {};
  ASSIGN_OR_RETURN(const json::Object settings, as_object(*value));
  TokenEncryption& current = application.encryption;
  std::string certificate = current.certificate ? current.certificate->to_pem() : "";
  bool enabled = current.enabled;
  ContentCipher cipher = current.cipher;
  RETURN_IF_ERROR(take(settings, "certificate", certificate));
  RETURN_IF_ERROR(take(settings, "enabled", enabled));
  RETURN_IF_ERROR(take_word(settings, "cipher", cipher));
  return set_token_encryption(application, certificate, enabled, cipher);
}

Result<void> configure_platforms(Application& application, const json::Object& object) {
  ASSIGN_OR_RETURN(const auto bundle_ids, optional_strings(object, "ios_bundle_ids"));
  if (bundle_ids) {
    application.ios_bundle_ids.clear();
    for (const std::string& bundle_id : *bundle_ids)
      RETURN_IF_ERROR(add_ios_platform(application, bundle_id));
  }
  if (!object.contains("android_platforms")) return {};
  ASSIGN_OR_RETURN(const json::Array platforms, array_member(object, "android_platforms"));
  application.android_platforms.clear();
  for (const json::Value& value : platforms) {
    ASSIGN_OR_RETURN(const json::Object platform, as_object(value));
    ASSIGN_OR_RETURN(const std::string package_name, json::required_string(platform, "package_name"));
    ASSIGN_OR_RETURN(const std::string signature_hash, json::required_string(platform, "signature_hash"));
    RETURN_IF_ERROR(add_android_platform(application, package_name, signature_hash));
  }
  return {};
}

Result<Application> application_from_json(Tenant& tenant, const json::Value& value) {
  ASSIGN_OR_RETURN(const json::Object object, as_object(value));
  Application application;
  ASSIGN_OR_RETURN(application.app_id, json::required_string(object, "app_id"));
  ASSIGN_OR_RETURN(application.object_id, json::required_string(object, "object_id"));
  RETURN_IF_ERROR(take(object, "saml_selected", application.saml_selected));
  ASSIGN_OR_RETURN(const json::Array certificates, array_member(object, "certificates"));
  bool has_active = false;
  for (const json::Value& certificate : certificates) {
    ASSIGN_OR_RETURN(SigningCertificate entry, certificate_from_json(certificate));
    has_active = has_active || entry.active;
    application.certificates.push_back(std::move(entry));
  }
  if (!has_active) {
    return fail(ErrorKind::InvalidInput, "simulator.json", "Each application needs an active certificate.");
  }
  if (const json::Value* assignments = object.if_contains("assignments"); assignments != nullptr) {
    ASSIGN_OR_RETURN(const json::Object entries, as_object(*assignments));
    for (const auto& entry : entries) {
      if (!entry.value().is_string()) return wrong_type("assignments", "an object of strings");
      application.assignments.emplace(entry.key(), entry.value().get_string());
    }
  }
  std::vector<std::string> groups;
  RETURN_IF_ERROR(take(object, "assigned_groups", groups));
  application.assigned_groups.insert(groups.begin(), groups.end());
  if (const json::Value* provisioning = object.if_contains("provisioning"); provisioning != nullptr) {
    ASSIGN_OR_RETURN(const json::Object saved, as_object(*provisioning));
    ASSIGN_OR_RETURN(application.provisioning, provisioning_from_state(saved));
  }
  RETURN_IF_ERROR(configure(tenant, application, object));
  return application;
}

Result<Tenant> tenant_from_json(const json::Value& value) {
  ASSIGN_OR_RETURN(const json::Object object, as_object(value));
  Tenant tenant;
  ASSIGN_OR_RETURN(tenant.tenant_id, json::required_string(object, "tenant_id"));
  ASSIGN_OR_RETURN(tenant.name, json::required_string(object, "name"));
  ASSIGN_OR_RETURN(tenant.primary_domain, json::required_string(object, "primary_domain"));
  ASSIGN_OR_RETURN(const json::Array users, array_member(object, "users"));
  for (const json::Value& entry : users) {
    ASSIGN_OR_RETURN(const json::Object properties, as_object(entry));
    User base;
    ASSIGN_OR_RETURN(base.object_id, json::required_string(properties, "object_id"));
    ASSIGN_OR_RETURN(const auto deleted, json::optional_string(properties, "deleted"));
    if (deleted) base.deleted = parse_rfc3339(*deleted);
    ASSIGN_OR_RETURN(User user, user_from_json(properties, std::move(base)));
    // A file of a simulator that did not know about mail nicknames yet.
    if (user.mail_nickname.empty())
      user.mail_nickname = user.user_principal_name.substr(0, user.user_principal_name.find('@'));
    tenant.users.push_back(std::move(user));
  }
  ASSIGN_OR_RETURN(const json::Array groups, array_member(object, "groups"));
  for (const json::Value& entry : groups) {
    ASSIGN_OR_RETURN(const json::Object properties, as_object(entry));
    Group group;
    ASSIGN_OR_RETURN(group.object_id, json::required_string(properties, "object_id"));
    ASSIGN_OR_RETURN(group.display_name, json::required_string(properties, "display_name"));
    std::vector<std::string> members;
    RETURN_IF_ERROR(take(properties, "members", members));
    group.members.insert(members.begin(), members.end());
    tenant.groups.push_back(std::move(group));
  }
  ASSIGN_OR_RETURN(const json::Array applications, array_member(object, "applications"));
  for (const json::Value& entry : applications) {
    ASSIGN_OR_RETURN(Application application, application_from_json(tenant, entry));
    tenant.applications.push_back(std::move(application));
  }
  std::vector<std::string> faults;
  RETURN_IF_ERROR(take(object, "faults", faults));
  for (const std::string& name : faults) {
    if (const auto fault = fault_by_name(name); fault) tenant.faults.insert(*fault);
  }
  ASSIGN_OR_RETURN(const auto offset, json::optional_integer(object, "clock_offset"));
  tenant.clock_offset = std::chrono::seconds(offset.value_or(0));
  return tenant;
}

/// What the API and the state file have in common; applications are left to the caller.
json::Object tenant_json(const Tenant& tenant) {
  json::Array users;
  for (const User& user : tenant.users)
    users.push_back(to_json(user));
  json::Array groups;
  for (const Group& group : tenant.groups)
    groups.push_back(to_json(group));
  json::Array faults;
  for (const FaultInfo& info : all_faults()) {
    if (tenant.faults.contains(info.fault)) faults.emplace_back(info.name);
  }
  return {{"tenant_id", tenant.tenant_id},
          {"name", tenant.name},
          {"primary_domain", tenant.primary_domain},
          {"users", std::move(users)},
          {"groups", std::move(groups)},
          {"faults", std::move(faults)},
          {"clock_offset", tenant.clock_offset.count()}};
}

}  // namespace

Result<json::Object> as_object(const json::Value& value) {
  if (!value.is_object())
    return fail(ErrorKind::InvalidInput, "simulator.json", "A JSON object is expected here.");
  return value.get_object();
}

Result<std::optional<std::vector<std::string>>> optional_strings(const json::Object& object,
                                                                 std::string_view name) {
  const json::Value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::optional<std::vector<std::string>>();
  if (value->is_string()) return std::optional(std::vector{std::string(value->get_string())});
  if (!value->is_array()) return wrong_type(name, "an array of strings");
  std::vector<std::string> texts;
  for (const json::Value& element : value->get_array()) {
    if (!element.is_string()) return wrong_type(name, "an array of strings");
    texts.emplace_back(element.get_string());
  }
  return std::optional(std::move(texts));
}

json::Object to_json(const User& user) {
  json::Object object{{"object_id", user.object_id}};
  for (const UserAttribute& attribute : kUserAttributes)
    object[attribute.name] = user.*attribute.member;
  object["manager"] = user.manager;
  object["account_enabled"] = user.account_enabled;
  object["passwordless"] = user.passwordless;
  object["deleted"] = user.deleted ? json::Value(format_rfc3339(*user.deleted)) : json::Value(nullptr);
  return object;
}

Result<User> user_from_json(const json::Object& object, User base) {
  for (const UserAttribute& attribute : kUserAttributes)
    RETURN_IF_ERROR(take(object, attribute.name, base.*attribute.member));
  RETURN_IF_ERROR(take(object, "manager", base.manager));
  RETURN_IF_ERROR(take(object, "account_enabled", base.account_enabled));
  RETURN_IF_ERROR(take(object, "passwordless", base.passwordless));
  return base;
}

json::Object to_json(const Group& group) {
  return {{"object_id", group.object_id},
          {"display_name", group.display_name},
          {"members", strings(group.members)}};
}

json::Object to_json(const Settings& settings, const Tenant& tenant, const Application& application,
                     Timestamp now) {
  json::Object object = configuration_json(application);
  json::Array certificates;
  for (const SigningCertificate& entry : application.certificates)
    certificates.push_back(certificate_json(entry));
  object["certificates"] = std::move(certificates);
  object["signing_thumbprint"] = signing_certificate(application, now).certificate.thumbprint();
  object["metadata_url"] = metadata_url(settings.public_url, tenant, application);
  object["login_url"] = fmt::format("{}/{}/saml2", settings.public_url, tenant.tenant_id);
  object["issuer"] = issuer_of(tenant);
  return object;
}

json::Object to_json(const Settings& settings, const Tenant& tenant, Timestamp now) {
  json::Object object = tenant_json(tenant);
  json::Array applications;
  for (const Application& application : tenant.applications) {
    applications.push_back(to_json(settings, tenant, application, now));
  }
  object["applications"] = std::move(applications);
  return object;
}

Result<void> configure(Tenant& tenant, Application& application, const json::Object& object) {
  Application wanted = application;
  RETURN_IF_ERROR(take(object, "name", wanted.name));
  RETURN_IF_ERROR(take(object, "identifiers", wanted.identifiers));
  RETURN_IF_ERROR(take(object, "reply_urls", wanted.reply_urls));
  RETURN_IF_ERROR(take(object, "sign_on_url", wanted.sign_on_url));
  RETURN_IF_ERROR(take(object, "relay_state", wanted.relay_state));
  RETURN_IF_ERROR(take(object, "logout_url", wanted.logout_url));
  RETURN_IF_ERROR(take(object, "emit_groups", wanted.emit_groups));
  RETURN_IF_ERROR(take_word(object, "name_id_format", wanted.name_id_format));
  RETURN_IF_ERROR(take_word(object, "name_id_source", wanted.name_id_source));
  RETURN_IF_ERROR(take_word(object, "signing_option", wanted.signing_option));
  RETURN_IF_ERROR(configure_encryption(wanted, object));
  RETURN_IF_ERROR(configure_platforms(wanted, object));
  // An application may stay without any SAML configuration, but not with half of one.
  if (!wanted.identifiers.empty() || !wanted.reply_urls.empty()) {
    RETURN_IF_ERROR(check_basic_configuration(tenant, wanted));
    wanted.saml_selected = true;
  }
  application = std::move(wanted);
  return {};
}

std::string save_state(const State& state) {
  json::Array tenants;
  for (const Tenant& tenant : state.tenants) {
    json::Object object = tenant_json(tenant);
    json::Array applications;
    for (const Application& application : tenant.applications) {
      json::Object configuration = configuration_json(application);
      json::Array certificates;
      for (const SigningCertificate& entry : application.certificates)
        certificates.push_back(with_key(entry));
      configuration["certificates"] = std::move(certificates);
      configuration["provisioning"] = provisioning_state(application.provisioning);
      applications.push_back(std::move(configuration));
    }
    object["applications"] = std::move(applications);
    tenants.push_back(std::move(object));
  }
  json::Object root{{"tenants", std::move(tenants)}};
  if (state.shared_certificate) root["shared_certificate"] = with_key(*state.shared_certificate);
  return json::serialize(root);
}

Result<State> load_state(std::string_view text) {
  constexpr json::Limits kLimits{.bytes = std::size_t{256} * 1024 * 1024, .depth = 16, .values = 20'000'000};
  ASSIGN_OR_RETURN(const json::Value value, json::parse(text, kLimits));
  ASSIGN_OR_RETURN(const json::Object root, as_object(value));
  State state;
  ASSIGN_OR_RETURN(const json::Array tenants, array_member(root, "tenants"));
  for (const json::Value& entry : tenants) {
    ASSIGN_OR_RETURN(Tenant tenant, tenant_from_json(entry));
    state.tenants.push_back(std::move(tenant));
  }
  if (state.tenants.empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.state", "The state file holds no tenant.");
  }
  if (const json::Value* shared = root.if_contains("shared_certificate"); shared != nullptr) {
    ASSIGN_OR_RETURN(state.shared_certificate, certificate_from_json(*shared));
  }
  return state;
}

}  // namespace doorward::simulator
