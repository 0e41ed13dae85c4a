#include "scim/protocol/resource.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/normal_form.h"
#include "scim/protocol/path.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

class ResourceReader {
 public:
  explicit ResourceReader(const ResourceType& type) : type_(type) {}

  Result<json::Object> read(json::Object body) {
    for (auto& member : body)
      RETURN_IF_ERROR(read_member(std::string_view(member.key()), std::move(member.value())));
    RETURN_IF_ERROR(complete(type_, result_));
    return std::move(result_);
  }

 private:
  Result<void> read_member(std::string_view key, json::Value value) {
    if (const auto qualified = split_urn(key, type_)) {
      if (qualified->schema == nullptr) return {};
      if (qualified->rest.empty()) return read_schema(*qualified->schema, std::move(value));
      return read_attribute(*qualified->schema, qualified->rest, std::move(value));
    }
    return read_attribute(type_.core, key, std::move(value));
  }

  /// A whole extension (RFC 7643 section 3.3). Some clients send the core attributes in the same way.
  Result<void> read_schema(const Schema& schema, json::Value value) {
    if (value.is_null()) return {};
    json::Object* object = value.if_object();
    if (object == nullptr) {
      return refuse(kInvalidValue, fmt::format("“{}” must be an object.", schema.id));
    }
    for (auto& member : *object)
      RETURN_IF_ERROR(read_attribute(schema, std::string_view(member.key()), std::move(member.value())));
    return {};
  }

  Result<void> read_attribute(const Schema& schema, std::string_view name, json::Value value) {
    const auto location = locate_in(name, schema);
    if (!location) return {};
    // Two names that are one: whoever reads the other one than we do sees another resource.
    if (!seen_.note(location->last())) {
      return refuse(kInvalidSyntax, fmt::format("“{}” appears twice.", printable(name)));
    }
    const Attribute& attribute = *location->attribute;
    if (is_read_only(attribute) || &attribute == schemas_) {
      if (&attribute == schemas_) return check_schemas(value);
      return {};
    }
    if (location->sub_attribute != nullptr) {
      return read_flat(schema, attribute, *location->sub_attribute, std::move(value));
    }
    ASSIGN_OR_RETURN(auto read, read_value(attribute, std::move(value)));
    if (!read) return {};
    json::Object& into = container(schema);
    json::Value* before = into.if_contains(attribute.name);
    if (before == nullptr) {
      into.emplace(attribute.name, *std::move(read));
      return {};
    }
    return merge(attribute, *before, *std::move(read));
  }

  /// `name.givenName` as a name.
  Result<void> read_flat(const Schema& schema, const Attribute& attribute, const Attribute& sub,
                         json::Value value) {
    json::Object element;
    RETURN_IF_ERROR(read_sub_attribute(attribute, sub.name, std::move(value), element));
    if (element.empty()) return {};
    json::Object& into = container(schema);
    json::Value* before = into.if_contains(attribute.name);
    if (before != nullptr) {
      json::Object* target =
          attribute.multi_valued ? before->get_array().front().if_object() : before->if_object();
      return merge(attribute, *target, std::move(element));
    }
    json::Value made(std::move(element));
    if (attribute.multi_valued) made = json::Array{std::move(made)};
    into.emplace(attribute.name, std::move(made));
    return {};
  }

  static Result<void> merge(const Attribute& attribute, json::Value& before, json::Value value) {
    json::Object* target = before.if_object();
    json::Object* source = value.if_object();
    if (target == nullptr || source == nullptr) {
      return refuse(kInvalidSyntax, fmt::format("“{}” appears twice.", attribute.name));
    }
    return merge(attribute, *target, std::move(*source));
  }

  static Result<void> merge(const Attribute& attribute, json::Object& target, json::Object source) {
    for (auto& member : source) {
      if (!target.emplace(member.key(), std::move(member.value())).second) {
        return refuse(kInvalidSyntax,
                      fmt::format("“{}.{}” appears twice.", attribute.name, std::string_view(member.key())));
      }
    }
    return {};
  }

  Result<void> check_schemas(const json::Value& value) const {
    const auto names_core = [&](const json::Value& urn) {
      return urn.is_string() && equal_ignoring_ascii_case(view(urn), type_.core.id);
    };
    if (value.is_null()) return {};
    const json::Array* list = value.if_array();
    if (list == nullptr ? names_core(value) : list->empty() || std::ranges::any_of(*list, names_core)) {
      return {};
    }
    return refuse(kInvalidSyntax, fmt::format("“schemas” must name {}.", type_.core.id));
  }

  json::Object& container(const Schema& schema) {
    if (&schema == &type_.core) return result_;
    json::Value& extension = result_[schema.id];
    if (!extension.is_object()) extension.emplace_object();
    return extension.get_object();
  }

  const ResourceType& type_;
  const Attribute* schemas_ = type_.core.attribute("schemas");
  json::Object result_;
  SeenAttributes seen_;
};

}  // namespace

Result<json::Object> read_resource(const ResourceType& type, json::Value&& body) {
  json::Object* object = body.if_object();
  if (object == nullptr) return refuse(kInvalidSyntax, fmt::format("A {} must be a JSON object.", type.name));
  return ResourceReader(type).read(std::move(*object));
}

Result<json::Object> read_resource(const ResourceType& type, const json::Value& body) {
  return read_resource(type, json::Value(body));
}

}  // namespace doorward::scim::protocol
