#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "scim/masking.h"

/// What a change did, for the administrator.
namespace doorward::scim {

/// One attribute of a resource before and after; null where there was or is none.
struct Change {
  /// `title`, `name.givenName`, `urn:…:User:department`.
  std::string attribute;
  json::Value before;
  json::Value after;
};

/// Between two resources in normal form, down to the sub-attributes of single values; lists are compared as a
/// whole. `id`, `schemas` and `meta` do not count.
std::vector<Change> differences(const json::Object& before, const json::Object& after);

/// A JSON array for the log, masked.
std::string changes_text(const std::vector<Change>& changes, Personal personal);

/// "Entra changed Ben Baker's department from Sales to Support." Activation is told by itself: "Entra
/// deactivated Ben Baker."
std::string sentence(std::string_view who, std::string_view whom, const std::vector<Change>& changes,
                     Personal personal);

}  // namespace doorward::scim
