#include "simulator/scim_messages.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "simulator/model.h"
#include "simulator/user_attributes.h"

namespace doorward::simulator {

namespace {

constexpr const char* kPatch = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Entra has sent it with every group since before there was a standard.
constexpr const char* kMicrosoftGroup =
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

std::string joined(std::string_view first, std::string_view second) {
  return fmt::format("{}{}{}", first, first.empty() || second.empty() ? "" : " ", second);
}

/// The role as the string of JSON that Entra makes of `AppRoleAssignmentsComplex`.
std::string complex_role(std::string_view role) {
  return json::serialize(json::Object{{"id", role}, {"value", role}, {"displayName", role}});
}

/// Null: there is nothing to send.
json::Value user_value(std::string_view source, const User& user, std::string_view role, bool active) {
  if (source.find("[IsSoftDeleted]") != std::string_view::npos) return active;
  if (source == "accountEnabled") return user.account_enabled;
  std::string text;
  if (source == "objectId") text = user.object_id;
  if (source.starts_with("Join(")) text = joined(user.given_name, user.surname);
  if (source.starts_with("SingleAppRoleAssignment(")) text = role;
  if (source.starts_with("AppRoleAssignmentsComplex(") && !role.empty()) text = complex_role(role);
  if (source.size() > 1 && source.starts_with('"') && source.ends_with('"'))
    text = source.substr(1, source.size() - 2);
  for (const UserAttribute& attribute : kUserAttributes) {
    if (attribute.source == source) text = user.*attribute.member;
  }
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

ScimTarget target_of(std::string_view text) {
  // Mappings were checked when they were made.
  return ScimTarget::parse(text).value_or(ScimTarget{});
}

void write_values(json::Object& resource, const std::vector<TargetValue>& values) {
  for (const TargetValue& value : values) {
    const ScimTarget target = target_of(value.target);
    if (!target.schema.empty()) {
      json::Array& schemas = resource["schemas"].as_array();
      if (std::ranges::find(schemas, json::Value(target.schema)) == schemas.end())
        schemas.emplace_back(target.schema);
    }
    if (value.target == "roles") {
      resource["roles"] = json::Array{value.value};
    } else {
      target.write(resource, value.value);
    }
  }
}

json::Object patch(json::Array operations) {
  return {{"schemas", json::Array{kPatch}}, {"Operations", std::move(operations)}};
}

const char* word_of(const ScimEndpoint& endpoint, const char* capitalised, const char* lower) {
  return endpoint.optimised() ? lower : capitalised;
}

json::Value patch_value(const ScimEndpoint& endpoint, const TargetValue& value) {
  if (value.target == "roles") return json::Array{json::Object{{"value", value.value}}};
  if (!value.value.is_bool() || endpoint.optimised()) return value.value;
  return value.value.get_bool() ? "True" : "False";
}

json::Object operation(const ScimEndpoint& endpoint, const Change& change) {
  return {{"op", change.existed ? word_of(endpoint, "Replace", "replace") : word_of(endpoint, "Add", "add")},
          {"path", change.to.target},
          {"value", patch_value(endpoint, change.to)}};
}

json::Array member_list(const std::vector<std::string>& ids) {
  json::Array members;
  for (const std::string& id : ids)
    members.push_back(json::Object{{"value", id}});
  return members;
}

}  // namespace

std::vector<TargetValue> values_of(const std::vector<AttributeMapping>& mappings, const User& user,
                                   std::string_view role, bool active) {
  std::vector<TargetValue> values;
  for (const AttributeMapping& mapping : mappings) {
    json::Value value = user_value(mapping.source, user, role, active);
    if (!value.is_null()) values.push_back({mapping.target, std::move(value)});
  }
  return values;
}

std::vector<TargetValue> values_of(const std::vector<AttributeMapping>& mappings, const Group& group) {
  std::vector<TargetValue> values;
  for (const AttributeMapping& mapping : mappings) {
    if (mapping.source == "displayName") values.push_back({mapping.target, json::Value(group.display_name)});
    if (mapping.source == "objectId") values.push_back({mapping.target, json::Value(group.object_id)});
  }
  return values;
}

Result<ScimEndpoint> ScimEndpoint::parse(std::string_view tenant_url) {
  ASSIGN_OR_RETURN(const Url url, Url::parse(tenant_url));
  ScimEndpoint endpoint;
  endpoint.base_ = url.origin() + url.path();
  while (endpoint.base_.ends_with('/'))
    endpoint.base_.pop_back();
  endpoint.query_ = url.query();
  for (const std::string_view parameter : split(endpoint.query_, '&'))
    endpoint.optimised_ = endpoint.optimised_ || parameter.starts_with("aadOptscim062020");
  return endpoint;
}

std::string ScimEndpoint::text(std::string_view path, std::string_view query) const {
  const bool both = !query_.empty() && !query.empty();
  return fmt::format("{}{}{}{}{}{}", base_, path, query_.empty() && query.empty() ? "" : "?", query_,
                     both ? "&" : "", query);
}

Result<Url> ScimEndpoint::url(std::string_view path, std::string_view query) const {
  return Url::parse(text(path, query));
}

std::string filter_query(std::string_view attribute, const json::Value& value) {
  const std::string filter = fmt::format("{} eq {}", attribute, json::serialize(value));
  std::string encoded;
  for (const std::string_view word : split(filter, ' '))
    encoded += (encoded.empty() ? "" : "+") + percent_encode(word);
  return "filter=" + encoded;
}

json::Object create_user_body(const std::vector<TargetValue>& values, bool explicit_nulls) {
  json::Object resource{{"schemas", json::Array{kScimUser, kScimEnterprise}}};
  write_values(resource, values);
  resource["meta"] = json::Object{{"resourceType", "User"}};
  if (!resource.contains("roles")) resource["roles"] = json::Array();
  if (!explicit_nulls) return resource;
  for (const char* attribute : {"addresses", "displayName", "emails", "externalId", "nickName",
                                "phoneNumbers", "preferredLanguage", "timezone", "title", "userType"}) {
    if (!resource.contains(attribute)) resource[attribute] = nullptr;
  }
  return resource;
}

json::Object create_group_body(const std::vector<TargetValue>& values) {
  json::Object resource{{"schemas", json::Array{kScimGroup, kMicrosoftGroup}}};
  write_values(resource, values);
  resource["meta"] = json::Object{{"resourceType", "Group"}};
  return resource;
}

json::Object patch_body(const ScimEndpoint& endpoint, const std::vector<Change>& changes) {
  json::Array operations;
  json::Object together;
  const auto is_filtered = [](const Change& change) {
    return change.to.target.find('[') != std::string::npos;
  };
  const auto plain = static_cast<std::size_t>(
      std::ranges::count_if(changes, [&](const Change& change) { return !is_filtered(change); }));
  for (const Change& change : changes) {
    if (!endpoint.optimised() || is_filtered(change) || plain == 1) {
      operations.push_back(operation(endpoint, change));
    } else {
      together[change.to.target] = patch_value(endpoint, change.to);
    }
  }
  if (!together.empty())
    operations.push_back(json::Object{{"op", "replace"}, {"value", std::move(together)}});
  return patch(std::move(operations));
}

json::Object manager_body(const ScimEndpoint& endpoint, std::string_view target, std::string_view id,
                          ManagerForm form, bool existed) {
  json::Value value(id);
  if (form == ManagerForm::Object) value = json::Object{{"value", id}};
  if (form == ManagerForm::Reference) {
    value = json::Array{json::Object{{"$ref", endpoint.text("/Users/" + percent_encode(id))}, {"value", id}}};
  }
  const char* op = existed ? word_of(endpoint, "Replace", "replace") : word_of(endpoint, "Add", "add");
  return patch({json::Object{{"op", op}, {"path", target}, {"value", std::move(value)}}});
}

json::Object add_members_body(const ScimEndpoint& endpoint, const std::vector<std::string>& ids) {
  return patch({json::Object{
      {"op", word_of(endpoint, "Add", "add")}, {"path", "members"}, {"value", member_list(ids)}}});
}

json::Object remove_members_body(const ScimEndpoint& endpoint, const std::vector<std::string>& ids) {
  if (!endpoint.optimised()) {
    return patch({json::Object{{"op", "Remove"}, {"path", "members"}, {"value", member_list(ids)}}});
  }
  json::Array operations;
  for (const std::string& id : ids) {
    operations.push_back(json::Object{
        {"op", "remove"}, {"path", fmt::format("members[value eq {}]", json::serialize(json::Value(id)))}});
  }
  return patch(std::move(operations));
}

}  // namespace doorward::simulator
