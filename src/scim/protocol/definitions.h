#pragma once

#include <span>

#include "scim/protocol/schema.h"

/// The schemas as the RFCs and Doorward define them. Inside the room; others see them through `Schemas`.
namespace doorward::scim::protocol {

/// RFC 7643 section 3.1. Every resource has these, and no schema lists them.
std::vector<Attribute> common_attributes();

/// RFC 7643 section 4.1.
Schema user_schema();
/// RFC 7643 section 4.2.
Schema group_schema();
/// RFC 7643 section 4.3.
Schema enterprise_schema();
Schema doorward_schema();
Schema custom_schema(std::span<const CustomAttributeSpec> custom);

/// `objectId`, in Doorward's extension and at the top level of a user.
Attribute object_id_attribute();

}  // namespace doorward::scim::protocol
