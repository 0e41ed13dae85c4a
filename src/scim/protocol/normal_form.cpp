#include "scim/protocol/normal_form.h"

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

bool is_assigned(const json::Value* value) {
  if (value == nullptr || value->is_null()) return false;
  // A user name of spaces is none.
  return !value->is_string() || !trim(view(*value)).empty();
}

Result<void> check_required(const Schema& schema, const json::Object& values) {
  for (const Attribute& attribute : schema.attributes) {
    if (!attribute.required || attribute.name == "schemas") continue;
    if (!is_assigned(values.if_contains(attribute.name))) {
      return refuse(kInvalidValue, fmt::format("“{}” is required.", attribute.name));
    }
  }
  return {};
}

}  // namespace

Result<void> complete(const ResourceType& type, json::Object& resource) {
  RETURN_IF_ERROR(check_required(type.core, resource));
  json::Array schemas;
  schemas.emplace_back(type.core.id);
  for (const Schema& extension : type.extensions) {
    const json::Value* values = resource.if_contains(extension.id);
    if (values == nullptr) continue;
    if (!values->is_object() || values->get_object().empty()) {
      resource.erase(extension.id);
      continue;
    }
    RETURN_IF_ERROR(check_required(extension, values->get_object()));
    schemas.emplace_back(extension.id);
  }
  resource.insert_or_assign("schemas", std::move(schemas));
  return {};
}

}  // namespace doorward::scim::protocol
