#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "json/json.h"
#include "scim/protocol/schema.h"

/// Values in normal form: what resources and PATCH have in common.
namespace doorward::scim::protocol {

/// How many values a list of a resource may have. The members of a group may be more: they are set
/// operations, not a list that is searched.
inline constexpr std::size_t kMaxListValues = 1000;

/// A string of JSON without a copy.
inline std::string_view view(const json::Value& string) {
  const auto& text = string.get_string();
  return {text.data(), text.size()};
}

/// Whether a client may not set it (RFC 7643 section 2.2).
inline bool is_read_only(const Attribute& attribute) {
  return attribute.mutability == Mutability::ReadOnly;
}

/// The value of an attribute in normal form (`read_resource` says what is given way to); an array when it is
/// multi-valued. Nothing for what counts as unassigned (RFC 7643 section 2.5): null, an empty list, a complex
/// value without sub-attributes.
Result<std::optional<json::Value>> read_value(const Attribute& attribute, json::Value value);

/// The same for one element of a multi-valued attribute.
Result<std::optional<json::Value>> read_element(const Attribute& attribute, json::Value value);

/// A number, true or false as the text that a person would write.
std::string scalar_text(const json::Value& value);

/// Whether this means “no value”: null, an empty list or object, a list of such (RFC 7643 section 2.5).
bool is_unassigned(const json::Value& value);

/// Whether the list may be longer than `kMaxListValues`.
bool is_membership(const Attribute& attribute);

/// Whether the `value` of an element may be a whole element in JSON: Entra's roles.
bool holds_json(const Attribute& attribute);

/// Refuses more than one `primary` (RFC 7643 section 2.4).
Result<void> check_primary(const Attribute& attribute, const json::Array& values);

/// Sets a member of a complex value that was sent flat.
Result<void> read_sub_attribute(const Attribute& attribute, std::string_view name, json::Value value,
                                json::Object& into);

/// The same text for what is one value of a list, by the case rules of the attribute: the same `value` and
/// `type` (RFC 7643 section 2.4), or the same parts where there is no `value`, whether it is primary or not.
std::string value_key(const Attribute& attribute, const json::Value& value);

/// The values of one list, in which none is twice. Lives no longer than the list.
class DistinctValues {
 public:
  DistinctValues(const Attribute& attribute, json::Array& list);
  /// At the end, or into the value that it is, whose other parts it changes. Says where it is.
  std::size_t put(json::Value value);

 private:
  const Attribute& attribute_;
  json::Array& list_;
  std::unordered_map<std::string, std::size_t> positions_;
};

bool is_true(const json::Object& element, std::string_view name);

}  // namespace doorward::scim::protocol
