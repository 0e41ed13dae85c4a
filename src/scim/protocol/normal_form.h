#pragma once

#include "base/result.h"
#include "json/json.h"
#include "scim/protocol/schema.h"

/// What holds for a whole resource once its attributes are set.
namespace doorward::scim::protocol {

/// Removes empty extensions, rebuilds `schemas` as the first member, and refuses (`kInvalidValue`) a resource
/// without a required attribute.
Result<void> complete(const ResourceType& type, json::Object& resource);

}  // namespace doorward::scim::protocol
