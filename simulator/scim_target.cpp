#include "simulator/scim_target.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace doorward::simulator {

namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '$';
  });
}

const json::Value* member(const json::Object& object, std::string_view name) {
  for (const auto& entry : object) {
    if (equal_ignoring_ascii_case(entry.key(), name)) return &entry.value();
  }
  return nullptr;
}

bool has_text(const json::Object& object, std::string_view name, std::string_view text) {
  const json::Value* value = member(object, name);
  return value != nullptr && value->is_string() && equal_ignoring_ascii_case(value->get_string(), text);
}

json::Object& object_member(json::Object& object, std::string_view name) {
  json::Value& value = object[name];
  if (!value.is_object()) value = json::Object();
  return value.get_object();
}

/// The element that the filter chooses, made when it is not there.
json::Object& element(json::Object& object, const ScimTarget& target) {
  json::Value& value = object[target.attribute];
  if (!value.is_array()) value = json::Array();
  json::Array& elements = value.get_array();
  for (json::Value& candidate : elements) {
    if (candidate.is_object() &&
        has_text(candidate.get_object(), target.filter_attribute, target.filter_value))
      return candidate.get_object();
  }
  json::Object made;
  // As Entra's documentation shows it.
  if (target.attribute == "emails" && target.filter_value == "work") made["primary"] = true;
  made[target.filter_attribute] = target.filter_value;
  return elements.emplace_back(std::move(made)).get_object();
}

}  // namespace

Result<ScimTarget> ScimTarget::parse(std::string_view text) {
  const auto refuse = [&] {
    return fail(ErrorKind::InvalidInput, "simulator.target",
                fmt::format("{} is no target attribute. Write it like userName, name.givenName or "
                            "emails[type eq \"work\"].value.",
                            printable(text)));
  };
  if (text.size() > kMaxLength) return refuse();
  ScimTarget target;
  if (text.starts_with("urn:")) {
    const auto colon = text.rfind(':');
    target.schema = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (const auto bracket = text.find('['); bracket != std::string_view::npos) {
    constexpr std::string_view kEquals = " eq \"";
    const auto close = text.find("\"]", bracket);
    const auto equals = text.find(kEquals, bracket);
    if (close == std::string_view::npos || equals == std::string_view::npos || equals > close)
      return refuse();
    target.attribute = text.substr(0, bracket);
    target.filter_attribute = text.substr(bracket + 1, equals - bracket - 1);
    target.filter_value = text.substr(equals + kEquals.size(), close - equals - kEquals.size());
    text.remove_prefix(close + 2);
    if (!text.starts_with('.') || !is_name(target.filter_attribute)) return refuse();
    target.sub_attribute = text.substr(1);
  } else {
    const auto dot = text.find('.');
    target.attribute = text.substr(0, dot);
    if (dot != std::string_view::npos) target.sub_attribute = text.substr(dot + 1);
    if (dot != std::string_view::npos && target.sub_attribute.empty()) return refuse();
  }
  if (!is_name(target.attribute) || (!target.sub_attribute.empty() && !is_name(target.sub_attribute)))
    return refuse();
  if (!target.filter_attribute.empty() && target.sub_attribute.empty()) return refuse();
  return target;
}

void ScimTarget::write(json::Object& resource, json::Value value) const {
  json::Object& place = schema.empty() ? resource : object_member(resource, schema);
  if (!filter_attribute.empty()) {
    element(place, *this)[sub_attribute] = std::move(value);
  } else if (!sub_attribute.empty()) {
    object_member(place, attribute)[sub_attribute] = std::move(value);
  } else {
    place[attribute] = std::move(value);
  }
}

std::optional<json::Value> ScimTarget::read(const json::Object& resource) const {
  const json::Object* place = &resource;
  if (!schema.empty()) {
    const json::Value* extension = member(resource, schema);
    if (extension == nullptr || !extension->is_object()) return std::nullopt;
    place = &extension->get_object();
  }
  const json::Value* value = member(*place, attribute);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (sub_attribute.empty()) return *value;
  const auto sub_value = [&](const json::Value& owner) -> std::optional<json::Value> {
    const json::Value* sub = owner.is_object() ? member(owner.get_object(), sub_attribute) : nullptr;
    return sub == nullptr || sub->is_null() ? std::nullopt : std::optional(*sub);
  };
  if (filter_attribute.empty()) return sub_value(*value);
  if (!value->is_array()) return std::nullopt;
  for (const json::Value& candidate : value->get_array()) {
    if (candidate.is_object() && has_text(candidate.get_object(), filter_attribute, filter_value))
      return sub_value(candidate);
  }
  return std::nullopt;
}

}  // namespace doorward::simulator
