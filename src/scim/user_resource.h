#pragma once

#include <span>
#include <string>
#include <string_view>

#include "directory/groups.h"
#include "directory/provisioning.h"
#include "json/json.h"

/// An employee as a SCIM User, and back. Columns of the directory are the truth for what they hold;
/// everything else that the directory service sent is kept as it came in `ProvisionedEmployee::attributes`.
namespace doorward::scim {

/// In normal form, with the common attributes. `base_url` is `https://…/scim/v2`.
json::Object user_resource(const directory::ProvisionedEmployee& employee, std::string_view base_url);

/// Sets the read-only `groups`.
void set_groups(json::Object& user, std::span<const directory::Group> groups, std::string_view base_url);

/// A client that sends a whole resource may name the object id at the top or in the extension alone: the
/// other place follows, so that what is missing there is not taken for a removal.
void complete_object_id(json::Object& user);

/// What a resource in normal form says of an employee. `current` is null for a new one. An absent `active`
/// leaves access as it is: it must neither give nor take it.
directory::EmployeeRecord employee_record(json::Object resource,
                                          const directory::ProvisionedEmployee* current);

/// `W/"7"`: entity tags are weak, since an answer's bytes also depend on the projection.
std::string entity_tag(std::int64_t version);

}  // namespace doorward::scim
