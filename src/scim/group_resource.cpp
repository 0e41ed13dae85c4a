#include "scim/group_resource.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "scim/protocol/schema.h"
#include "scim/user_resource.h"

namespace doorward::scim {

json::Object group_resource(const directory::Group& group, std::string_view base_url) {
  json::Object resource{{"schemas", json::Array{protocol::kGroupSchema}}, {"id", group.public_id}};
  if (!group.external_id.empty()) resource["externalId"] = group.external_id;
  resource["displayName"] = group.display_name;
  resource["meta"] = json::Object{{"resourceType", "Group"},
                                  {"created", format_rfc3339(group.created_at)},
                                  {"lastModified", format_rfc3339(group.updated_at)},
                                  {"location", fmt::format("{}/Groups/{}", base_url, group.public_id)},
                                  {"version", entity_tag(group.version)}};
  return resource;
}

void set_members(json::Object& group, std::span<const directory::Member> members, std::string_view base_url) {
  if (members.empty()) return;
  json::Array list;
  list.reserve(members.size());
  for (const directory::Member& member : members) {
    list.push_back(json::Object{{"value", member.public_id},
                                {"$ref", fmt::format("{}/Users/{}", base_url, member.public_id)},
                                {"type", "User"},
                                {"display", member.shown_name}});
  }
  group["members"] = std::move(list);
}

}  // namespace doorward::scim
