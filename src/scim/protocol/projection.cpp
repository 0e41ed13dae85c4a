// What is answered of a resource. Source: RFC 7644 section 3.9, RFC 7643 section 7 (`returned`).

#include <algorithm>
#include <functional>
#include <utility>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/path.h"
#include "scim/protocol/query.h"
#include "scim/protocol/refusal.h"

namespace doorward::scim::protocol {

namespace {

/// Takes out the members for which `is_gone` holds; the order of the others stays.
template <class IsGone>
void erase_members(json::Object& object, IsGone is_gone) {
  json::Object kept;
  kept.reserve(object.size());
  for (auto& member : object) {
    if (!is_gone(std::string_view(member.key()), member.value()))
      kept.emplace(member.key(), std::move(member.value()));
  }
  object = std::move(kept);
}

template <class IsGone>
void erase_elements(json::Array& array, IsGone is_gone) {
  auto* const end = std::remove_if(array.begin(), array.end(), is_gone);
  array.erase(end, array.end());
}

bool is_empty(const json::Value& value) {
  if (const json::Object* object = value.if_object()) return object->empty();
  if (const json::Array* array = value.if_array()) return array->empty();
  return false;
}

}  // namespace

void Projection::Names::add(std::string_view list, const ResourceType& type) {
  for (const std::string_view name : split(list, ',')) {
    const auto location = locate(trim(name), type);
    if (!location) continue;
    const void* definition = location->last();
    if (definition == nullptr) definition = location->extension;
    const auto place = std::ranges::lower_bound(definitions_, definition, std::less<>());
    if (place == definitions_.end() || *place != definition) definitions_.insert(place, definition);
  }
}

bool Projection::Names::has(const void* definition) const {
  return std::ranges::binary_search(definitions_, definition, std::less<>());
}

Projection::Projection(const ResourceType& type) : type_(&type) {}

Result<Projection> Projection::parse(std::string_view attributes, std::string_view excluded_attributes,
                                     const ResourceType& type) {
  Projection projection(type);
  projection.includes_ = !trim(attributes).empty();
  if (projection.includes_ && !trim(excluded_attributes).empty()) {
    return refuse(kInvalidValue, "“attributes” and “excludedAttributes” cannot be used together.");
  }
  projection.wanted_.add(attributes, type);
  projection.excluded_.add(excluded_attributes, type);
  return projection;
}

/// The table of `returned` against what the request names.
Projection::Extent Projection::extent(const Schema& schema, const Attribute& attribute) const {
  if (attribute.returned == Returned::Never) return Extent::Nothing;
  if (attribute.returned == Returned::Always) return Extent::Whole;
  if (!includes_) {
    const bool is_default = attribute.returned == Returned::Default;
    return is_default && !excluded_.has(&attribute) && !excluded_.has(&schema) ? Extent::Whole
                                                                               : Extent::Nothing;
  }
  if (wanted_.has(&attribute) || wanted_.has(&schema)) return Extent::Whole;
  const bool has_parts =
      std::ranges::any_of(attribute.sub_attributes, [&](const Attribute& sub) { return wanted_.has(&sub); });
  return has_parts ? Extent::Parts : Extent::Nothing;
}

bool Projection::keeps_part(const Attribute& sub, bool whole) const {
  if (sub.returned == Returned::Never) return false;
  if (sub.returned == Returned::Always || wanted_.has(&sub)) return true;
  return whole && sub.returned == Returned::Default && !excluded_.has(&sub);
}

void Projection::apply_to_parts(json::Value& value, const Attribute& attribute, bool whole) const {
  if (json::Array* list = value.if_array()) {
    for (json::Value& element : *list)
      apply_to_parts(element, attribute, whole);
    erase_elements(*list, is_empty);
    return;
  }
  json::Object* object = value.if_object();
  if (object == nullptr) return;
  const auto is_gone = [&](std::string_view name, const json::Value&) {
    const Attribute* sub = attribute.sub_attribute(name);
    return sub == nullptr || !keeps_part(*sub, whole);
  };
  const bool changes = std::ranges::any_of(
      *object, [&](const auto& member) { return is_gone(std::string_view(member.key()), member.value()); });
  if (changes) erase_members(*object, is_gone);
}

void Projection::apply_to(const Schema& schema, json::Object& values) const {
  erase_members(values, [&](std::string_view name, json::Value& value) {
    const Attribute* attribute = schema.attribute(name);
    if (attribute == nullptr) {
      const Schema* extension = &schema == &type_->core ? type_->schema(name) : nullptr;
      if (extension == nullptr || extension == &schema || !value.is_object()) return true;
      apply_to(*extension, value.get_object());
      return value.get_object().empty();
    }
    const Extent kept = extent(schema, *attribute);
    if (kept == Extent::Nothing) return true;
    if (attribute->type != Type::Complex) return false;
    apply_to_parts(value, *attribute, kept == Extent::Whole);
    return is_empty(value);
  });
}

json::Object Projection::apply(json::Object resource) const {
  apply_to(type_->core, resource);
  if (json::Value* schemas = resource.if_contains("schemas"); schemas != nullptr && schemas->is_array()) {
    erase_elements(schemas->get_array(), [&](const json::Value& urn) {
      if (!urn.is_string()) return true;
      const std::string_view text = urn.get_string();
      return text != type_->core.id && !resource.contains(text);
    });
  }
  return resource;
}

bool Projection::wants(std::string_view attribute) const {
  const Attribute* definition = type_->core.attribute(attribute);
  return definition != nullptr && extent(type_->core, *definition) != Extent::Nothing;
}

}  // namespace doorward::scim::protocol
