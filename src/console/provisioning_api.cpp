#include "console/provisioning_api.h"

#include <array>
#include <climits>

#include "directory/accounts.h"
#include "directory/provisioning_settings.h"
#include "directory/provisioning_tokens.h"

namespace doorward::console {

namespace {

constexpr int kMaxTokenDays = 3650;
constexpr std::array<std::string_view, 3> kTokenMembers = {"name", "scope", "expiresInDays"};
constexpr std::array<std::string_view, 6> kProvisioningMembers = {
    "departments", "brakeCount", "brakePercent", "logDays", "logPersonalData", "version"};
constexpr std::array<std::string_view, 4> kAttributeMembers = {"name", "type", "multiValued", "description"};

json::Object token_view(const directory::ProvisioningToken& token, Timestamp now) {
  return {{"id", token.public_id},
          {"name", token.name},
          {"scope", directory::to_text(token.scope)},
          {"createdAt", format_rfc3339(token.created_at)},
          {"expiresAt", time_or_null(token.expires_at)},
          {"lastUsedAt", time_or_null(token.last_used_at)},
          {"lastUsedAddress", token.last_used_address},
          {"revokedAt", time_or_null(token.revoked_at)},
          {"proposedBy", token.proposed_by},
          {"lives", token.lives(now)}};
}

/// What an administrator may write, as it is.
json::Object editable(const directory::ProvisioningSettings& settings) {
  return {{"departments", directory::to_text(settings.departments)},
          {"brakeCount", settings.brake_count},
          {"brakePercent", settings.brake_percent},
          {"logDays", settings.log_days},
          {"logPersonalData", settings.log_personal_data}};
}

json::Object settings_view(const directory::ProvisioningSettings& settings) {
  json::Object shown = editable(settings);
  shown["version"] = version_of(shown);
  return shown;
}

json::Object attribute_view(const directory::CustomAttribute& attribute) {
  return {{"name", attribute.name},
          {"type", attribute.type},
          {"multiValued", attribute.multi_valued},
          {"description", attribute.description}};
}

Result<directory::NewProvisioningToken> token_from(const json::Object& body, Timestamp now) {
  RETURN_IF_ERROR(only_members(body, kTokenMembers));
  directory::NewProvisioningToken token;
  ASSIGN_OR_RETURN(const auto name, json::optional_string(body, "name"));
  token.name = name.value_or("");
  ASSIGN_OR_RETURN(const auto scope_name, json::optional_string(body, "scope"));
  const auto scope = directory::parse_token_scope(scope_name.value_or("full"));
  if (!scope) {
    return fail(ErrorKind::InvalidInput, "api.bad_body", "`scope` must be full, users, groups or read.");
  }
  token.scope = *scope;
  if (const auto* days = body.if_contains("expiresInDays"); days != nullptr && !days->is_null()) {
    ASSIGN_OR_RETURN(const int number, required_integer(body, "expiresInDays", 1, kMaxTokenDays));
    token.expires_at = now + std::chrono::days(number);
  }
  return token;
}

/// The directory refuses what is out of range, and says the limits.
Result<directory::ProvisioningSettings> settings_from(const json::Object& body) {
  RETURN_IF_ERROR(only_members(body, kProvisioningMembers));
  directory::ProvisioningSettings settings;
  ASSIGN_OR_RETURN(const std::string source_name, json::required_string(body, "departments"));
  const auto source = directory::parse_department_source(source_name);
  if (!source) {
    return fail(ErrorKind::InvalidInput, "api.bad_body", "`departments` must be default, match or create.");
  }
  settings.departments = *source;
  ASSIGN_OR_RETURN(settings.brake_count, required_integer(body, "brakeCount", INT_MIN, INT_MAX));
  ASSIGN_OR_RETURN(settings.brake_percent, required_integer(body, "brakePercent", INT_MIN, INT_MAX));
  ASSIGN_OR_RETURN(settings.log_days, required_integer(body, "logDays", INT_MIN, INT_MAX));
  ASSIGN_OR_RETURN(settings.log_personal_data, required_bool(body, "logPersonalData"));
  return settings;
}

}  // namespace

Result<http::Response> ProvisioningApi::tokens(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
    ASSIGN_OR_RETURN(const auto tokens, directory::list_provisioning_tokens(transaction, account.id));
    json::Array items;
    for (const directory::ProvisioningToken& token : tokens)
      items.push_back(token_view(token, deps_.clock.now()));
    return answer({{"tokens", std::move(items)},
                   {"tenantUrl", tenant_url_},
                   {"most", directory::kMaxLivingTokens},
                   {"planAllows", account.plan == directory::Plan::Enterprise}});
  });
}

Result<http::Response> ProvisioningApi::create_token(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  const Timestamp now = deps_.clock.now();
  ASSIGN_OR_RETURN(const auto wanted, token_from(body, now));
  const auto secret = directory::ProvisioningSecret::issue(admission.company());
  ASSIGN_OR_RETURN(
      const auto token,
      deps_.database.write([&](storage::Transaction& transaction) -> Result<directory::ProvisioningToken> {
        // The session's copy of the account may be older than its plan.
        ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
        RETURN_IF_ERROR(still_admitted(transaction, admission, now));
        return directory::create_provisioning_token(transaction, account, secret, wanted, admission.actor(),
                                                    now);
      }));
  return answer(
      {{"token", token_view(token, now)}, {"secret", secret.value().reveal()}, {"tenantUrl", tenant_url_}},
      http::Status::Created);
}

Result<http::Response> ProvisioningApi::revoke_token(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  const Timestamp now = deps_.clock.now();
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    RETURN_IF_ERROR(still_admitted(transaction, admission, now));
    ASSIGN_OR_RETURN(const auto tokens,
                     directory::list_provisioning_tokens(transaction, admission.account()));
    for (const directory::ProvisioningToken& token : tokens) {
      if (token.public_id != request.parameter("id")) continue;
      if (!token.revoked_at) {
        RETURN_IF_ERROR(directory::revoke_provisioning_token(transaction, admission.account(), token.id,
                                                             admission.actor(), now));
      }
      return answer({{"revoked", token.public_id}});
    }
    return fail(ErrorKind::NotFound, directory::kNoToken, "There is no such token.");
  });
}

Result<http::Response> ProvisioningApi::settings(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto settings, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::load_provisioning_settings(transaction, admission.account());
  }));
  return answer(settings_view(settings));
}

Result<http::Response> ProvisioningApi::save_settings(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  ASSIGN_OR_RETURN(const auto settings, settings_from(body));
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto before,
                     directory::load_provisioning_settings(transaction, admission.account()));
    RETURN_IF_ERROR(check_version(body, editable(before)));
    return directory::update_provisioning_settings(transaction, admission.account(), settings,
                                                   admission.actor(), deps_.clock.now());
  }));
  return answer(settings_view(settings));
}

Result<http::Response> ProvisioningApi::attributes(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto attributes, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::list_custom_attributes(transaction, admission.account());
  }));
  json::Array items;
  for (const directory::CustomAttribute& attribute : attributes)
    items.push_back(attribute_view(attribute));
  return answer({{"attributes", std::move(items)}, {"most", directory::kMaxCustomAttributes}});
}

Result<http::Response> ProvisioningApi::declare_attribute(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kAttributeMembers));
  directory::CustomAttribute attribute;
  ASSIGN_OR_RETURN(attribute.name, json::required_string(body, "name"));
  ASSIGN_OR_RETURN(attribute.type, json::required_string(body, "type"));
  ASSIGN_OR_RETURN(const auto multi_valued, json::optional_bool(body, "multiValued"));
  attribute.multi_valued = multi_valued.value_or(false);
  ASSIGN_OR_RETURN(const auto description, json::optional_string(body, "description"));
  attribute.description = description.value_or("");
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
    return directory::declare_custom_attribute(transaction, admission.account(), attribute, admission.actor(),
                                               deps_.clock.now());
  }));
  return answer(attribute_view(attribute), http::Status::Created);
}

Result<http::Response> ProvisioningApi::remove_attribute(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  const std::string& name = request.parameter("name");
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
    return directory::remove_custom_attribute(transaction, admission.account(), name, admission.actor(),
                                              deps_.clock.now());
  }));
  return answer({{"removed", name}});
}

}  // namespace doorward::console
