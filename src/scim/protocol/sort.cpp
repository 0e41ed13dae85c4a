// The order of answers. Source: RFC 7644 section 3.4.2.3.

#include <algorithm>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "scim/protocol/compare.h"
#include "scim/protocol/query.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

const json::Value* member(const json::Value* value, std::string_view name) {
  const json::Object* object = value == nullptr ? nullptr : value->if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

const json::Value* only_value(const json::Value* value) {
  const json::Array* list = value == nullptr ? nullptr : value->if_array();
  if (list == nullptr) return value;
  for (const json::Value& element : *list) {
    if (element.is_object() && is_true(element.get_object(), "primary")) return &element;
  }
  return list->empty() ? nullptr : &list->front();
}

/// The value, and what defines it; nothing where there is none.
std::pair<const json::Value*, const Attribute*> value_of(const json::Object& resource,
                                                         const AttributePath& path) {
  const json::Value* value = nullptr;
  if (path.schema.empty()) {
    value = resource.if_contains(path.attribute);
  } else {
    value = member(resource.if_contains(path.schema), path.attribute);
  }
  value = only_value(value);
  const Attribute* definition = path.definition;
  if (!path.sub_attribute.empty()) {
    value = member(value, path.sub_attribute);
  } else if (definition->type == Type::Complex) {
    value = member(value, "value");
    definition = definition->sub_attribute("value");
  }
  return {value, definition};
}

}  // namespace

SortKey SortKey::of(const json::Object& resource, const AttributePath& sort_by) {
  const auto [value, definition] = value_of(resource, sort_by);
  if (value == nullptr || definition == nullptr) return {};
  if (value->is_bool()) return SortKey(Value(value->get_bool()));
  if (value->is_number()) return SortKey(Value(std::in_place_type<json::Value>, *value));
  if (!value->is_string()) return {};
  if (definition->type != Type::DateTime) {
    return SortKey(Value(comparison_text(*definition, view(*value)).substr(0, kMaxText)));
  }
  const auto time = parse_rfc3339(view(*value));
  return time ? SortKey(Value(*time)) : SortKey();
}

std::string SortKey::text() const {
  if (const auto* flag = std::get_if<bool>(&value_)) return *flag ? "b1" : "b0";
  if (const auto* number = std::get_if<json::Value>(&value_)) return "n" + json::serialize(*number);
  if (const auto* text = std::get_if<std::string>(&value_)) return "s" + *text;
  if (const auto* time = std::get_if<Timestamp>(&value_)) return "t" + std::to_string(to_millis(*time));
  return {};
}

std::optional<SortKey> SortKey::parse(std::string_view text) {
  if (text.empty()) return SortKey();
  const std::string_view rest = text.substr(1);
  switch (text.front()) {
    case 'b':
      return SortKey(Value(rest == "1"));
    case 's':
      return SortKey(Value(std::string(rest)));
    case 'n':
    case 't': {
      auto number = json::parse(rest);
      if (!number || !number->is_number()) return std::nullopt;
      if (text.front() == 'n') return SortKey(Value(std::in_place_type<json::Value>, *std::move(number)));
      if (!number->is_int64()) return std::nullopt;
      return SortKey(Value(from_millis(number->get_int64())));
    }
    default:
      return std::nullopt;
  }
}

bool SortKey::is_less(const Value& a, const Value& b) {
  if (a.index() != b.index()) {
    if (std::holds_alternative<std::monostate>(a)) return false;
    if (std::holds_alternative<std::monostate>(b)) return true;
    return a.index() < b.index();
  }
  if (const auto* text = std::get_if<std::string>(&a)) return *text < std::get<std::string>(b);
  if (const auto* time = std::get_if<Timestamp>(&a)) return *time < std::get<Timestamp>(b);
  if (const auto* number = std::get_if<json::Value>(&a))
    return compare_numbers(*number, std::get<json::Value>(b)) < 0;
  if (const auto* flag = std::get_if<bool>(&a)) return !*flag && std::get<bool>(b);
  return false;
}

bool SortKey::comes_before(const SortKey& other, SortOrder order) const {
  return order == SortOrder::Ascending ? is_less(value_, other.value_) : is_less(other.value_, value_);
}

void sort_resources(std::vector<json::Object>& resources, const AttributePath& sort_by, SortOrder order) {
  std::vector<std::pair<SortKey, std::size_t>> keys;
  keys.reserve(resources.size());
  for (std::size_t i = 0; i < resources.size(); ++i)
    keys.emplace_back(SortKey::of(resources[i], sort_by), i);
  // What is equal keeps its order, so that pages do not overlap.
  std::ranges::stable_sort(
      keys, [&](const auto& a, const auto& b) { return a.first.comes_before(b.first, order); });
  std::vector<json::Object> sorted;
  sorted.reserve(resources.size());
  for (const auto& [key, position] : keys)
    sorted.push_back(std::move(resources[position]));
  resources = std::move(sorted);
}

}  // namespace doorward::scim::protocol
