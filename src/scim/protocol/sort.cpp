// The order of answers. Source: RFC 7644 section 3.4.2.3.

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "scim/protocol/compare.h"
#include "scim/protocol/query.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

/// What a resource is sorted by; no value, or one of the attribute's type.
using SortKey = std::variant<std::monostate, bool, json::Value, std::string, Timestamp>;

const json::Value* member(const json::Value* value, std::string_view name) {
  const json::Object* object = value == nullptr ? nullptr : value->if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

/// "If the attribute is multi-valued, resources are sorted by the value of the primary attribute or else the
/// first value in the list, if any."
const json::Value* only_value(const json::Value* value) {
  const json::Array* list = value == nullptr ? nullptr : value->if_array();
  if (list == nullptr) return value;
  for (const json::Value& element : *list) {
    if (element.is_object() && is_true(element.get_object(), "primary")) return &element;
  }
  return list->empty() ? nullptr : &list->front();
}

SortKey sort_key(const json::Object& resource, const AttributePath& path) {
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
  if (value == nullptr || definition == nullptr) return std::monostate();
  if (value->is_bool()) return value->get_bool();
  if (value->is_number()) return *value;
  if (!value->is_string()) return std::monostate();
  if (definition->type != Type::DateTime) return comparison_text(*definition, view(*value));
  const auto time = parse_rfc3339(view(*value));
  return time ? SortKey(*time) : SortKey();
}

bool comes_before(const SortKey& a, const SortKey& b) {
  if (a.index() != b.index()) {
    // "… if there's no data …, resources are sorted last ascending, first descending".
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

}  // namespace

void sort_resources(std::vector<json::Object>& resources, const AttributePath& sort_by, SortOrder order) {
  std::vector<std::pair<SortKey, std::size_t>> keys;
  keys.reserve(resources.size());
  for (std::size_t i = 0; i < resources.size(); ++i)
    keys.emplace_back(sort_key(resources[i], sort_by), i);
  std::ranges::sort(keys, [&](const auto& a, const auto& b) {
    const auto& [first, second] = order == SortOrder::Ascending ? std::tie(a, b) : std::tie(b, a);
    if (comes_before(first.first, second.first)) return true;
    if (comes_before(second.first, first.first)) return false;
    // What is equal keeps its order, so that pages do not overlap.
    return a.second < b.second;
  });
  std::vector<json::Object> sorted;
  sorted.reserve(resources.size());
  for (const auto& [key, position] : keys)
    sorted.push_back(std::move(resources[position]));
  resources = std::move(sorted);
}

}  // namespace doorward::scim::protocol
