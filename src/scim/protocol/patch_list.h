#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "json/json.h"
#include "scim/protocol/filter_node.h"
#include "scim/protocol/schema.h"

/// What PATCH does to the values of one multi-valued attribute.
namespace doorward::scim::protocol {

/// Which elements an operation gave a value to, by position.
using Touched = std::vector<std::size_t>;

/// Appends what is not there yet (RFC 7644 section 3.5.2.1).
Result<void> add_elements(const Attribute& attribute, json::Array& list, json::Array added);

/// Takes the elements out that were listed: Entra's remove with a value. They are told by `value`, and `type`
/// where it was given; values without `value` by all that they have.
void remove_elements(const Attribute& attribute, json::Array& list, const json::Array& listed);

/// Takes out the elements for which `is_gone` holds; keeps the order of the others.
void remove_elements_if(json::Array& list, const std::function<bool(json::Value&)>& is_gone);

/// A new primary takes the mark from the old one. Two new ones are `kInvalidValue`.
Result<void> settle_primary(const Attribute& attribute, json::Array& list, const Touched& touched);

/// Whether what is left of an element says nothing any more: a type or a mark without a value.
bool is_hollow(const json::Value& element);

/// The element that a filter of nothing but `eq` conditions joined by `and` describes; nothing for any other
/// filter and for a contradiction.
std::optional<json::Object> described_element(const Filter::Node& filter);

}  // namespace doorward::scim::protocol
