#include "scim/protocol/patch_list.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "scim/protocol/compare.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

/// The names under which an element can be listed for removal.
struct Keys {
  std::string by_value;
  std::string by_value_and_type;
  std::string whole;
};

std::string text_of(const Attribute& attribute, const json::Value& value) {
  return value.is_string() ? comparison_text(attribute, view(value)) : json::serialize(value);
}

Keys keys_of(const Attribute& attribute, const json::Value& element) {
  const json::Object* object = element.if_object();
  if (object == nullptr)
    return {.by_value = "v" + text_of(attribute, element), .by_value_and_type = {}, .whole = {}};
  Keys keys{.by_value = {}, .by_value_and_type = {}, .whole = "k" + value_key(attribute, element)};
  const Attribute* value_definition = attribute.sub_attribute("value");
  const json::Value* value = object->if_contains("value");
  if (value_definition == nullptr || value == nullptr) return keys;
  keys.by_value = "v" + text_of(*value_definition, *value);
  const Attribute* type_definition = attribute.sub_attribute("type");
  const json::Value* type = object->if_contains("type");
  if (type_definition != nullptr && type != nullptr) {
    keys.by_value_and_type = "t" + text_of(*type_definition, *type) + "\n" + keys.by_value;
  }
  return keys;
}

bool describe(const Filter::Node& node, json::Object& element) {
  using Kind = Filter::Node::Kind;
  if (node.kind == Kind::And) {
    return std::ranges::all_of(node.children, [&](const auto& child) { return describe(*child, element); });
  }
  const Attribute* sub = node.location.sub_attribute;
  if (node.kind != Kind::Compare || node.op != Operator::Eq || sub == nullptr || node.is_element)
    return false;
  json::Value value;
  if (const auto* text = std::get_if<Literal::Text>(&node.literal.value)) {
    value = text->sent;
  } else if (const auto* flag = std::get_if<bool>(&node.literal.value)) {
    value = *flag;
  } else if (const auto* number = std::get_if<Literal::Number>(&node.literal.value)) {
    value = number->value;
  } else {
    return false;
  }
  const auto read = read_value(*sub, std::move(value));
  if (!read || !*read) return false;
  const auto [place, is_new] = element.emplace(sub->name, **read);
  return is_new || place->value() == **read;
}

}  // namespace

Result<void> add_elements(const Attribute& attribute, json::Array& list, json::Array added) {
  DistinctValues distinct(attribute, list);
  Touched touched;
  for (json::Value& element : added) {
    const bool claims_primary = element.is_object() && is_true(element.get_object(), "primary");
    const std::size_t at = distinct.put(std::move(element));
    if (claims_primary) touched.push_back(at);
  }
  if (list.size() > kMaxListValues && !is_membership(attribute)) {
    return refuse(kInvalidValue,
                  fmt::format("“{}” may have at most {} values.", attribute.name, kMaxListValues));
  }
  return settle_primary(attribute, list, touched);
}

void remove_elements(const Attribute& attribute, json::Array& list, const json::Array& listed) {
  std::unordered_set<std::string> wanted;
  for (const json::Value& element : listed) {
    Keys keys = keys_of(attribute, element);
    for (std::string* key : {&keys.by_value_and_type, &keys.by_value, &keys.whole}) {
      if (key->empty()) continue;
      wanted.insert(std::move(*key));
      break;
    }
  }
  remove_elements_if(list, [&](const json::Value& element) {
    const Keys keys = keys_of(attribute, element);
    return wanted.contains(keys.by_value_and_type) || wanted.contains(keys.by_value) ||
           wanted.contains(keys.whole);
  });
}

void remove_elements_if(json::Array& list, const std::function<bool(json::Value&)>& is_gone) {
  json::Array kept;
  for (json::Value& element : list) {
    if (!is_gone(element)) kept.push_back(std::move(element));
  }
  list = std::move(kept);
}

Result<void> settle_primary(const Attribute& attribute, json::Array& list, const Touched& touched) {
  const bool is_claimed = std::ranges::any_of(touched, [&](std::size_t i) {
    return list[i].is_object() && is_true(list[i].get_object(), "primary");
  });
  if (is_claimed) {
    const std::unordered_set<std::size_t> winners(touched.begin(), touched.end());
    for (std::size_t i = 0; i < list.size(); ++i) {
      json::Object* element = list[i].if_object();
      if (element == nullptr || winners.contains(i) || !is_true(*element, "primary")) continue;
      element->insert_or_assign("primary", false);
    }
  }
  return check_primary(attribute, list);
}

bool is_hollow(const json::Value& element) {
  const json::Object* object = element.if_object();
  return object != nullptr && std::ranges::all_of(*object, [](const auto& member) {
           const std::string_view name = member.key();
           return name == "type" || name == "primary" || name == "display";
         });
}

std::optional<json::Object> described_element(const Filter::Node& filter) {
  json::Object element;
  if (!describe(filter, element)) return std::nullopt;
  return element;
}

}  // namespace doorward::scim::protocol
