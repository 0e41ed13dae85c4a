#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/json.h"

namespace doorward::simulator {

inline constexpr const char* kScimUser = "urn:ietf:params:scim:schemas:core:2.0:User";
inline constexpr const char* kScimEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
inline constexpr const char* kScimGroup = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A target attribute of a mapping, taken apart:
/// `urn:…:User:manager`, `name.givenName`, `emails[type eq "work"].value`.
struct ScimTarget {
  static constexpr std::size_t kMaxLength = 256;

  std::string schema;            ///< The extension's URN; empty for the core schema.
  std::string attribute;         ///< `emails`
  std::string filter_attribute;  ///< `type`; empty without a filter.
  std::string filter_value;      ///< `work`
  std::string sub_attribute;     ///< `value`; empty when the attribute itself is meant.

  static Result<ScimTarget> parse(std::string_view text);

  /// Puts `value` into a resource that is to be created.
  void write(json::Object& resource, json::Value value) const;
  /// The value in a resource that the application sent; names compare without case.
  std::optional<json::Value> read(const json::Object& resource) const;
};

}  // namespace doorward::simulator
