#pragma once

#include <span>
#include <string_view>

#include "directory/groups.h"
#include "json/json.h"

namespace doorward::scim {

/// A group as a SCIM Group in normal form, without `members`.
json::Object group_resource(const directory::Group& group, std::string_view base_url);

void set_members(json::Object& group, std::span<const directory::Member> members, std::string_view base_url);

}  // namespace doorward::scim
