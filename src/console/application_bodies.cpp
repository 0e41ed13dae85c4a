#include "console/application_bodies.h"

#include <array>

#include <fmt/format.h>

#include "console/requests.h"
#include "oidc/protocol/jwk.h"

namespace doorward::console {

namespace {

using directory::ApplicationSettings;

constexpr std::array<std::string_view, 14> kSettings = {"name",
                                                        "active",
                                                        "access",
                                                        "departments",
                                                        "groups",
                                                        "scope",
                                                        "asks_consent",
                                                        "access_token_format",
                                                        "id_token_algorithm",
                                                        "redirect_uris",
                                                        "post_logout_redirect_uris",
                                                        "origins",
                                                        "backchannel_logout_uri",
                                                        "jwks"};

Result<void> take_text(const json::Object& body, std::string_view name, std::string& value) {
  ASSIGN_OR_RETURN(auto given, json::optional_string(body, name));
  if (given) value = *std::move(given);
  return {};
}

Result<void> take_flag(const json::Object& body, std::string_view name, bool& value) {
  ASSIGN_OR_RETURN(const auto given, json::optional_bool(body, name));
  if (given) value = *given;
  return {};
}

Result<void> take_list(const json::Object& body, std::string_view name, std::vector<std::string>& value) {
  const auto* given = body.if_contains(name);
  if (given == nullptr || given->is_null()) return {};
  const auto refused = [&] {
    return fail(ErrorKind::InvalidInput, "api.bad_body", fmt::format("`{}` must be a list of texts.", name));
  };
  if (!given->is_array()) return refused();
  value.clear();
  for (const json::Value& item : given->get_array()) {
    if (!item.is_string()) return refused();
    value.emplace_back(item.get_string());
  }
  return {};
}

/// One of some words, which `parse` knows.
template <class Value, class Parse>
Result<void> take_word(const json::Object& body, std::string_view name, std::string_view choice, Parse parse,
                       Value& value) {
  ASSIGN_OR_RETURN(const auto given, json::optional_string(body, name));
  if (!given) return {};
  const auto parsed = parse(*given);
  if (!parsed) {
    return fail(ErrorKind::InvalidInput, "api.bad_body", fmt::format("`{}` must be {}.", name, choice));
  }
  value = *parsed;
  return {};
}

json::Array list_of(const std::vector<std::string>& texts) {
  return json::Array(texts.begin(), texts.end());
}

}  // namespace

json::Object editable(const ApplicationSettings& settings) {
  return {{"name", settings.name},
          {"active", settings.active},
          {"access", to_text(settings.access)},
          {"departments", list_of(settings.departments)},
          {"groups", list_of(settings.groups)},
          {"scope", settings.scope},
          {"asks_consent", settings.asks_consent},
          {"access_token_format", to_text(settings.access_token_format)},
          {"id_token_algorithm", settings.id_token_algorithm},
          {"redirect_uris", list_of(settings.redirect_uris)},
          {"post_logout_redirect_uris", list_of(settings.post_logout_redirect_uris)},
          {"origins", list_of(settings.origins)},
          {"backchannel_logout_uri", settings.backchannel_logout_uri},
          {"jwks", settings.jwks}};
}

Result<ApplicationSettings> settings_from(const json::Object& body, ApplicationSettings before) {
  RETURN_IF_ERROR(only_members(body, kSettings));
  ApplicationSettings settings = std::move(before);
  RETURN_IF_ERROR(take_text(body, "name", settings.name));
  RETURN_IF_ERROR(take_flag(body, "active", settings.active));
  RETURN_IF_ERROR(take_word(body, "access", "everyone, administrators or chosen",
                            directory::parse_application_access, settings.access));
  RETURN_IF_ERROR(take_list(body, "departments", settings.departments));
  RETURN_IF_ERROR(take_list(body, "groups", settings.groups));
  RETURN_IF_ERROR(take_text(body, "scope", settings.scope));
  RETURN_IF_ERROR(take_flag(body, "asks_consent", settings.asks_consent));
  RETURN_IF_ERROR(take_word(body, "access_token_format", "opaque or jwt",
                            directory::parse_access_token_format, settings.access_token_format));
  RETURN_IF_ERROR(take_text(body, "id_token_algorithm", settings.id_token_algorithm));
  RETURN_IF_ERROR(take_list(body, "redirect_uris", settings.redirect_uris));
  RETURN_IF_ERROR(take_list(body, "post_logout_redirect_uris", settings.post_logout_redirect_uris));
  RETURN_IF_ERROR(take_list(body, "origins", settings.origins));
  RETURN_IF_ERROR(take_text(body, "backchannel_logout_uri", settings.backchannel_logout_uri));
  RETURN_IF_ERROR(take_text(body, "jwks", settings.jwks));
  if (settings.jwks.empty()) return settings;
  ASSIGN_OR_RETURN(const auto keys, oidc::protocol::JwkSet::parse(settings.jwks));
  if (keys.keys().empty()) {
    return fail(ErrorKind::InvalidInput, "api.no_usable_key",
                "The key set has no key that can be used here: RSA of at least 2048 bits, or EC P-256, to "
                "sign with.");
  }
  return settings;
}

}  // namespace doorward::console
