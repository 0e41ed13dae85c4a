#include "scim/protocol/path.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/refusal.h"

namespace doorward::scim::protocol {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name_character(char c) {
  // RFC 7643 section 2.1; the grammar of filters (RFC 7644 figure 1) forgets the dollar.
  return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '$';
}

/// The type's schema whose URN, with a colon behind it or nothing, begins the text.
std::optional<QualifiedName> match_schema(std::string_view text, const Schema& schema) {
  if (!starts_with_ignoring_case(text, schema.id)) return std::nullopt;
  if (text.size() == schema.id.size()) return QualifiedName{&schema, {}};
  if (text[schema.id.size()] != ':') return std::nullopt;
  return QualifiedName{&schema, text.substr(schema.id.size() + 1)};
}

}  // namespace

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_ascii_case(text.substr(0, prefix.size()), prefix);
}

bool SeenAttributes::note(const Attribute* attribute) {
  const auto place = std::ranges::lower_bound(seen_, attribute, std::less<>());
  if (place != seen_.end() && *place == attribute) return false;
  seen_.insert(place, attribute);
  return true;
}

AttributePath Location::named() const {
  return {.schema = extension != nullptr ? extension->id : std::string(),
          .attribute = attribute != nullptr ? attribute->name : std::string(),
          .sub_attribute = sub_attribute != nullptr ? sub_attribute->name : std::string(),
          .definition = last()};
}

std::optional<QualifiedName> split_urn(std::string_view text, const ResourceType& type) {
  if (!starts_with_ignoring_case(text, "urn:")) return std::nullopt;
  if (const auto core = match_schema(text, type.core)) return core;
  for (const Schema& extension : type.extensions) {
    if (const auto match = match_schema(text, extension)) return match;
  }
  return QualifiedName{};
}

bool is_attribute_name(std::string_view text) {
  if (text == "$ref") return true;
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_name_character);
}

bool is_path_syntax(std::string_view text) {
  if (starts_with_ignoring_case(text, "urn:"))
    return text.size() > 4 && text.find_first_of("()[]\"\\") == std::string_view::npos;
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return is_attribute_name(text);
  return is_attribute_name(text.substr(0, dot)) && is_attribute_name(text.substr(dot + 1));
}

std::optional<Location> locate_in(std::string_view text, const Schema& schema) {
  // An attribute that an administrator declared may have a dot in its name.
  if (const Attribute* attribute = schema.attribute(text)) return Location{nullptr, attribute, nullptr};
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const Attribute* attribute = schema.attribute(text.substr(0, dot));
  if (attribute == nullptr) return std::nullopt;
  const Attribute* sub = attribute->sub_attribute(text.substr(dot + 1));
  if (sub == nullptr) return std::nullopt;
  return Location{nullptr, attribute, sub};
}

std::optional<Location> locate(std::string_view text, const ResourceType& type) {
  const auto qualified = split_urn(text, type);
  if (!qualified) return locate_in(text, type.core);
  if (qualified->schema == nullptr) return std::nullopt;
  const Schema* extension = qualified->schema == &type.core ? nullptr : qualified->schema;
  if (qualified->rest.empty()) {
    // The core schema as a whole is not an attribute; an extension is one (RFC 7643 section 3.3).
    if (extension == nullptr) return std::nullopt;
    return Location{extension, nullptr, nullptr};
  }
  auto location = locate_in(qualified->rest, *qualified->schema);
  if (location) location->extension = extension;
  return location;
}

std::string AttributePath::text() const {
  std::string text = schema.empty() ? attribute : fmt::format("{}:{}", schema, attribute);
  if (!sub_attribute.empty()) text.append(".").append(sub_attribute);
  return text;
}

Result<AttributePath> resolve_path(std::string_view text, const ResourceType& type) {
  const auto location = locate(trim(text), type);
  if (!location || location->attribute == nullptr) {
    return refuse(kInvalidPath, fmt::format("A {} has no attribute “{}”.", type.name, printable(text)));
  }
  return location->named();
}

}  // namespace doorward::scim::protocol
