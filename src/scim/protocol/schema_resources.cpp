// What /Schemas, /ResourceTypes and /ServiceProviderConfig answer.

#include <algorithm>

#include <fmt/format.h>

#include "scim/protocol/definitions.h"
#include "scim/protocol/schema.h"

namespace doorward::scim::protocol {

namespace {

constexpr std::string_view kSchemaSchema = "urn:ietf:params:scim:schemas:core:2.0:Schema";
constexpr std::string_view kResourceTypeSchema = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
constexpr std::string_view kConfigSchema = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

std::string_view name_of(Type type) {
  switch (type) {
    case Type::String:
      return "string";
    case Type::Boolean:
      return "boolean";
    case Type::Decimal:
      return "decimal";
    case Type::Integer:
      return "integer";
    case Type::DateTime:
      return "dateTime";
    case Type::Binary:
      return "binary";
    case Type::Reference:
      return "reference";
    case Type::Complex:
      break;
  }
  return "complex";
}

std::string_view name_of(Mutability mutability) {
  switch (mutability) {
    case Mutability::ReadOnly:
      return "readOnly";
    case Mutability::Immutable:
      return "immutable";
    case Mutability::WriteOnly:
      return "writeOnly";
    case Mutability::ReadWrite:
      break;
  }
  return "readWrite";
}

std::string_view name_of(Returned returned) {
  switch (returned) {
    case Returned::Always:
      return "always";
    case Returned::Never:
      return "never";
    case Returned::Request:
      return "request";
    case Returned::Default:
      break;
  }
  return "default";
}

std::string_view name_of(Uniqueness uniqueness) {
  switch (uniqueness) {
    case Uniqueness::Server:
      return "server";
    case Uniqueness::Global:
      return "global";
    case Uniqueness::None:
      break;
  }
  return "none";
}

json::Array texts(const std::vector<std::string>& values) {
  json::Array array;
  for (const std::string& value : values)
    array.emplace_back(value);
  return array;
}

bool has_case(Type type) {
  return type == Type::String || type == Type::Reference || type == Type::Binary;
}

/// RFC 7643 section 7.
json::Object describe(const Attribute& attribute) {
  json::Object object;
  object["name"] = attribute.name;
  object["type"] = name_of(attribute.type);
  object["multiValued"] = attribute.multi_valued;
  object["description"] = attribute.description;
  object["required"] = attribute.required;
  if (!attribute.canonical_values.empty()) object["canonicalValues"] = texts(attribute.canonical_values);
  if (has_case(attribute.type)) object["caseExact"] = attribute.case_exact;
  object["mutability"] = name_of(attribute.mutability);
  object["returned"] = name_of(attribute.returned);
  object["uniqueness"] = name_of(attribute.uniqueness);
  if (!attribute.reference_types.empty()) object["referenceTypes"] = texts(attribute.reference_types);
  if (attribute.type == Type::Complex) {
    json::Array subs;
    for (const Attribute& sub : attribute.sub_attributes)
      subs.emplace_back(describe(sub));
    object["subAttributes"] = std::move(subs);
  }
  return object;
}

json::Object meta(std::string_view resource_type, std::string_view location) {
  json::Object object;
  object["resourceType"] = resource_type;
  object["location"] = location;
  return object;
}

/// Common attributes are not part of a schema's own list (RFC 7643 section 3.1), and neither is the
/// `objectId` that is known at the top level for the convenience of mapping editors.
bool is_listed(const Schema& schema, const Attribute& attribute, std::span<const Attribute> common) {
  if (std::ranges::find(common, attribute.name, &Attribute::name) != common.end()) return false;
  return schema.id != kUserSchema || attribute.name != "objectId";
}

json::Object describe(const Schema& schema, std::string_view base_url, std::span<const Attribute> common) {
  json::Array attributes;
  for (const Attribute& attribute : schema.attributes) {
    if (is_listed(schema, attribute, common)) attributes.emplace_back(describe(attribute));
  }
  json::Object object;
  object["schemas"] = json::Array{kSchemaSchema};
  object["id"] = schema.id;
  object["name"] = schema.name;
  object["description"] = schema.description;
  object["attributes"] = std::move(attributes);
  object["meta"] = meta("Schema", fmt::format("{}/Schemas/{}", base_url, schema.id));
  return object;
}

/// RFC 7643 section 6.
json::Object describe(const ResourceType& type, std::string_view base_url) {
  json::Array extensions;
  for (const Schema& extension : type.extensions)
    extensions.push_back({{"schema", extension.id}, {"required", false}});
  json::Object object;
  object["schemas"] = json::Array{kResourceTypeSchema};
  object["id"] = type.name;
  object["name"] = type.name;
  object["endpoint"] = type.endpoint;
  object["description"] = type.description;
  object["schema"] = type.core.id;
  object["schemaExtensions"] = std::move(extensions);
  object["meta"] = meta("ResourceType", fmt::format("{}/ResourceTypes/{}", base_url, type.name));
  return object;
}

json::Object supported(bool value) {
  json::Object object;
  object["supported"] = value;
  return object;
}

}  // namespace

json::Array Schemas::schema_resources(std::string_view base_url) const {
  const std::vector<Attribute> common = common_attributes();
  json::Array resources;
  for (const ResourceType* type : {&user_, &group_}) {
    resources.emplace_back(describe(type->core, base_url, common));
    for (const Schema& extension : type->extensions)
      resources.emplace_back(describe(extension, base_url, common));
  }
  return resources;
}

json::Array Schemas::resource_type_resources(std::string_view base_url) const {
  json::Array resources;
  resources.emplace_back(describe(user_, base_url));
  resources.emplace_back(describe(group_, base_url));
  return resources;
}

json::Object service_provider_config(std::string_view base_url, const ServiceLimits& limits) {
  json::Object bulk = supported(true);
  bulk["maxOperations"] = limits.max_operations;
  bulk["maxPayloadSize"] = limits.max_payload;
  json::Object filter = supported(true);
  filter["maxResults"] = limits.max_results;

  // RFC 9865 section 4.
  json::Object pagination;
  pagination["cursor"] = true;
  pagination["index"] = true;
  pagination["defaultPaginationMethod"] = "index";
  pagination["defaultPageSize"] = limits.default_count;
  pagination["maxPageSize"] = limits.max_results;
  pagination["cursorTimeout"] = limits.cursor_timeout_seconds;

  json::Object bearer;
  bearer["type"] = "oauthbearertoken";
  bearer["name"] = "OAuth Bearer Token";
  bearer["description"] = "The provisioning token of the account, in the Authorization header.";
  bearer["specUri"] = "https://www.rfc-editor.org/info/rfc6750";
  bearer["primary"] = true;

  json::Object config;
  config["schemas"] = json::Array{kConfigSchema};
  config["patch"] = supported(true);
  config["bulk"] = std::move(bulk);
  config["filter"] = std::move(filter);
  config["changePassword"] = supported(false);
  config["sort"] = supported(true);
  config["etag"] = supported(true);
  config["pagination"] = std::move(pagination);
  config["authenticationSchemes"] = json::Array{std::move(bearer)};
  config["meta"] = meta("ServiceProviderConfig", fmt::format("{}/ServiceProviderConfig", base_url));
  return config;
}

}  // namespace doorward::scim::protocol
