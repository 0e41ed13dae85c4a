#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scim/protocol/filter.h"
#include "scim/protocol/schema.h"

/// Attribute paths inside the room: pointers into the schema instead of copies of its names. Source: RFC 7644
/// section 3.10 and figure 1.
namespace doorward::scim::protocol {

/// What a path names. All pointers live as long as the resource type.
struct Location {
  /// Null for the core schema.
  const Schema* extension = nullptr;
  /// Null when the path is the URN of a whole extension.
  const Attribute* attribute = nullptr;
  const Attribute* sub_attribute = nullptr;

  /// The attribute or sub-attribute that the path ends in.
  const Attribute* last() const { return sub_attribute != nullptr ? sub_attribute : attribute; }
  AttributePath named() const;
};

/// A URN and the attribute path behind it.
struct QualifiedName {
  /// Null when the URN is none of the type's.
  const Schema* schema = nullptr;
  /// Empty when the text is the URN alone.
  std::string_view rest;
};
/// Nothing when the text does not begin with a URN.
std::optional<QualifiedName> split_urn(std::string_view text, const ResourceType& type);

/// Whether this can be a name: RFC 7643 section 2.1, with `$ref`.
bool is_attribute_name(std::string_view text);

/// Whether the text has the shape of an attribute path, known or not.
bool is_path_syntax(std::string_view text);

/// Nothing when the attribute, the sub-attribute or the URN is unknown. Without regard to case.
std::optional<Location> locate(std::string_view text, const ResourceType& type);

/// `name` or `name.sub` in one schema; `extension` stays null.
std::optional<Location> locate_in(std::string_view text, const Schema& schema);

/// The attributes that were read already: two names that differ in case only are one.
class SeenAttributes {
 public:
  /// False when it was noted before.
  bool note(const Attribute* attribute);

 private:
  /// Sorted; at most as many as the schemas have attributes.
  std::vector<const Attribute*> seen_;
};

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

}  // namespace doorward::scim::protocol
