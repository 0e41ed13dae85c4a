#include "scim/protocol/values.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/text.h"
#include "scim/protocol/compare.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/refusal.h"

namespace doorward::scim::protocol {

namespace {

using Read = Result<std::optional<json::Value>>;

/// A text that holds JSON comes from one mapping function, and holds one small value.
constexpr json::Limits kEmbeddedLimits = {.bytes = 16 * 1024, .depth = 4, .values = 1000};

tl::unexpected<Error> wrong_type(const Attribute& attribute, std::string_view expected) {
  return refuse(kInvalidValue, fmt::format("“{}” must be {}.", attribute.name, expected));
}

/// The object or list that a text holds; nothing for any other text.
std::optional<json::Value> embedded_json(std::string_view text) {
  text = trim(text);
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return std::nullopt;
  auto parsed = json::parse(text, kEmbeddedLimits);
  if (!parsed || !parsed->is_structured()) return std::nullopt;
  return *std::move(parsed);
}

Read read_string(const Attribute& attribute, json::Value value) {
  if (value.is_string()) return value;
  if (value.is_bool() || value.is_number()) return json::Value(scalar_text(value));
  return wrong_type(attribute, "a text");
}

/// Entra's default dialect sends `"True"` and `"False"`.
Read read_boolean(const Attribute& attribute, const json::Value& value) {
  if (value.is_bool()) return value;
  if (value.is_string()) {
    const std::string_view text = trim(view(value));
    if (equal_ignoring_ascii_case(text, "true")) return json::Value(true);
    if (equal_ignoring_ascii_case(text, "false")) return json::Value(false);
  }
  return wrong_type(attribute, "true or false");
}

std::optional<json::Value> number_in(const json::Value& value) {
  if (value.is_number()) return value;
  if (!value.is_string()) return std::nullopt;
  const auto parsed = json::parse(trim(view(value)), kEmbeddedLimits);
  if (!parsed || !parsed->is_number()) return std::nullopt;
  return *parsed;
}

Read read_integer(const Attribute& attribute, const json::Value& value) {
  const auto number = number_in(value);
  if (number && number->is_int64()) return number;
  if (number && number->is_double()) {
    // 1.0 is a whole number that a client's language wrote as it does.
    const double real = number->get_double();
    if (std::trunc(real) == real && std::abs(real) < 9007199254740992.0) {
      return json::Value(static_cast<std::int64_t>(real));
    }
  }
  return wrong_type(attribute, "a whole number");
}

Read read_decimal(const Attribute& attribute, const json::Value& value) {
  if (auto number = number_in(value)) return number;
  return wrong_type(attribute, "a number");
}

Read read_date_time(const Attribute& attribute, json::Value value) {
  if (value.is_string() && parse_rfc3339(view(value))) return value;
  return wrong_type(attribute, "a date and time with a time zone, like 2030-01-31T09:30:00Z");
}

/// RFC 7643 section 2.3.6: base64 by section 4 or 5 of RFC 4648.
Read read_binary(const Attribute& attribute, json::Value value) {
  if (value.is_string() && (from_base64(view(value), Base64Space::Allowed) || from_base64url(view(value)))) {
    return value;
  }
  return wrong_type(attribute, "base64");
}

/// What `roles` of Entra's app role mappings look like inside: the schema's `display` is called displayName.
void rename_display_name(const Attribute& attribute, json::Object& object) {
  if (attribute.sub_attribute("displayName") != nullptr || object.contains("display")) return;
  if (json::Value* name = object.if_contains("displayName")) {
    json::Value display = std::move(*name);
    object.erase("displayName");
    object.emplace("display", std::move(display));
  }
}

/// Entra's AppRoleAssignmentsComplex puts a role into the text of its own `value`. Says whether it did: the
/// members are to be read then. A member that both have is the outer one's.
bool unwrap_role(const Attribute& attribute, json::Object& object) {
  if (!holds_json(attribute)) return false;
  const json::Value* value = object.if_contains("value");
  if (value == nullptr || !value->is_string()) return false;
  auto inner = embedded_json(view(*value));
  if (!inner || !inner->is_object()) return false;
  json::Object role = std::move(inner->get_object());
  const auto is_value = [](const auto& member) {
    return equal_ignoring_ascii_case(std::string_view(member.key()), "value");
  };
  if (std::ranges::none_of(role, is_value)) return false;
  object.erase("value");
  rename_display_name(attribute, role);
  for (auto& member : role) {
    const Attribute* sub = attribute.sub_attribute(std::string_view(member.key()));
    if (sub != nullptr && !object.contains(sub->name))
      object.emplace(member.key(), std::move(member.value()));
  }
  return true;
}

Read read_object(const Attribute& attribute, json::Object object) {
  json::Object result;
  // Names that were there, with null or a read-only value too.
  std::vector<const Attribute*> seen;
  for (auto& member : object) {
    const Attribute* sub = attribute.sub_attribute(std::string_view(member.key()));
    if (sub == nullptr) continue;
    if (std::ranges::find(seen, sub) != seen.end()) {
      return refuse(kInvalidSyntax, fmt::format("“{}.{}” appears twice.", attribute.name, sub->name));
    }
    seen.push_back(sub);
    RETURN_IF_ERROR(read_sub_attribute(attribute, sub->name, std::move(member.value()), result));
  }
  // What was inside may be such a text again; each is shorter than the one around it.
  if (unwrap_role(attribute, result)) return read_object(attribute, std::move(result));
  if (result.empty()) return std::nullopt;
  return json::Value(std::move(result));
}

Read read_complex(const Attribute& attribute, json::Value value) {
  if (value.is_object()) return read_object(attribute, std::move(value.get_object()));
  if (value.is_array()) return wrong_type(attribute, "an object");
  if (value.is_string()) {
    auto inner = embedded_json(view(value));
    if (inner && inner->is_object()) {
      rename_display_name(attribute, inner->get_object());
      return read_object(attribute, std::move(inner->get_object()));
    }
  }
  // A bare value is the complex value's `value`.
  if (attribute.sub_attribute("value") == nullptr) return wrong_type(attribute, "an object");
  json::Object result;
  RETURN_IF_ERROR(read_sub_attribute(attribute, "value", std::move(value), result));
  if (result.empty()) return std::nullopt;
  return json::Value(std::move(result));
}

/// Entra's oldest dialect sends `[{"$ref":null,"value":"x"}]` for a simple value too.
bool is_wrapped(const json::Value& value) {
  const json::Object* object = value.if_object();
  if (object == nullptr || !object->contains("value")) return false;
  return object->size() == 1 || (object->size() == 2 && object->contains("$ref"));
}

Read read_list(const Attribute& attribute, json::Value value) {
  if (value.is_string() && attribute.type == Type::Complex) {
    if (auto inner = embedded_json(view(value))) {
      value = *std::move(inner);
      if (value.is_object()) value = json::Array{std::move(value)};
      for (json::Value& element : value.get_array()) {
        if (element.is_object()) rename_display_name(attribute, element.get_object());
      }
    }
  }
  json::Array result;
  if (json::Array* elements = value.if_array()) {
    if (elements->size() > kMaxListValues && !is_membership(attribute)) {
      return refuse(kInvalidValue,
                    fmt::format("“{}” may have at most {} values.", attribute.name, kMaxListValues));
    }
    result.reserve(elements->size());
    // Members are a set of their own further on.
    const bool may_repeat =
        elements->size() < 2 || attribute.type != Type::Complex || is_membership(attribute);
    DistinctValues distinct(attribute, result);
    for (json::Value& element : *elements) {
      ASSIGN_OR_RETURN(auto read, read_element(attribute, std::move(element)));
      if (!read) continue;
      if (may_repeat)
        result.push_back(*std::move(read));
      else
        distinct.put(*std::move(read));
    }
  } else {
    ASSIGN_OR_RETURN(auto read, read_element(attribute, std::move(value)));
    if (read) result.push_back(*std::move(read));
  }
  if (result.empty()) return std::nullopt;
  RETURN_IF_ERROR(check_primary(attribute, result));
  return json::Value(std::move(result));
}

}  // namespace

Read read_element(const Attribute& attribute, json::Value value) {
  if (value.is_null()) return std::nullopt;
  if (attribute.type != Type::Complex && is_wrapped(value)) {
    json::Value inner = std::move(value.get_object().at("value"));
    return read_element(attribute, std::move(inner));
  }
  switch (attribute.type) {
    case Type::String:
      return read_string(attribute, std::move(value));
    case Type::Reference:
      if (value.is_string()) return value;
      return wrong_type(attribute, "a URI");
    case Type::Boolean:
      return read_boolean(attribute, value);
    case Type::Decimal:
      return read_decimal(attribute, value);
    case Type::Integer:
      return read_integer(attribute, value);
    case Type::DateTime:
      return read_date_time(attribute, std::move(value));
    case Type::Binary:
      return read_binary(attribute, std::move(value));
    case Type::Complex:
      break;
  }
  return read_complex(attribute, std::move(value));
}

Read read_value(const Attribute& attribute, json::Value value) {
  if (attribute.multi_valued) {
    if (value.is_null()) return std::nullopt;
    return read_list(attribute, std::move(value));
  }
  // Entra sends the manager as a list of one.
  if (json::Array* list = value.if_array()) {
    if (list->empty()) return std::nullopt;
    if (list->size() > 1) return wrong_type(attribute, "one value");
    json::Value only = std::move(list->front());
    return read_element(attribute, std::move(only));
  }
  return read_element(attribute, std::move(value));
}

std::string scalar_text(const json::Value& value) {
  return value.is_double() ? fmt::format("{}", value.get_double()) : json::serialize(value);
}

bool is_unassigned(const json::Value& value) {
  if (value.is_null()) return true;
  if (const json::Object* object = value.if_object()) return object->empty();
  const json::Array* list = value.if_array();
  return list != nullptr && std::ranges::all_of(*list, is_unassigned);
}

bool is_membership(const Attribute& attribute) {
  // No other list has elements that cannot change.
  const Attribute* value = attribute.sub_attribute("value");
  return value != nullptr && value->mutability == Mutability::Immutable;
}

bool holds_json(const Attribute& attribute) {
  return attribute.name == "roles";
}

Result<void> check_primary(const Attribute& attribute, const json::Array& values) {
  bool found = false;
  for (const json::Value& element : values) {
    const json::Object* object = element.if_object();
    if (object == nullptr || !is_true(*object, "primary")) continue;
    if (found) {
      return refuse(kInvalidValue, fmt::format("Only one value of “{}” can be primary.", attribute.name));
    }
    found = true;
  }
  return {};
}

Result<void> read_sub_attribute(const Attribute& attribute, std::string_view name, json::Value value,
                                json::Object& into) {
  const Attribute* sub = attribute.sub_attribute(name);
  // RFC 7643 section 2.2: what is read-only is passed over in POST and PUT.
  if (sub == nullptr || is_read_only(*sub)) return {};
  ASSIGN_OR_RETURN(auto read, read_value(*sub, std::move(value)));
  if (read) into.insert_or_assign(sub->name, *std::move(read));
  return {};
}

std::string value_key(const Attribute& attribute, const json::Value& value) {
  const auto text_of = [](const Attribute& definition, const json::Value& part) {
    return json::serialize(part.is_string() ? json::Value(comparison_text(definition, view(part))) : part);
  };
  const json::Object* object = value.if_object();
  if (object == nullptr) return text_of(attribute, value);
  const bool has_value = object->contains("value");
  std::string key;
  for (const Attribute& sub : attribute.sub_attributes) {
    const json::Value* member = object->if_contains(sub.name);
    const bool counts = has_value ? sub.name == "value" || sub.name == "type" : sub.name != "primary";
    if (member != nullptr && counts)
      key.append(sub.name).append(":").append(text_of(sub, *member)).append(",");
  }
  return key;
}

DistinctValues::DistinctValues(const Attribute& attribute, json::Array& list)
    : attribute_(attribute), list_(list) {
  for (std::size_t i = 0; i < list_.size(); ++i)
    positions_.emplace(value_key(attribute_, list_[i]), i);
}

std::size_t DistinctValues::put(json::Value value) {
  const auto [place, is_new] = positions_.emplace(value_key(attribute_, value), list_.size());
  if (is_new) {
    list_.push_back(std::move(value));
    return place->second;
  }
  json::Object* held = list_[place->second].if_object();
  if (held == nullptr || !value.is_object()) return place->second;
  // RFC 7644 section 3.5.2.1: what is there already does not change, so it keeps its spelling too.
  for (auto& part : value.get_object()) {
    if (part.key() != "value" && part.key() != "type")
      held->insert_or_assign(part.key(), std::move(part.value()));
  }
  return place->second;
}

bool is_true(const json::Object& element, std::string_view name) {
  const json::Value* value = element.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

}  // namespace doorward::scim::protocol
