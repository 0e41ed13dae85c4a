#pragma once

#include <string_view>

#include "base/result.h"
#include "json/json.h"

/// SCIM messages that are no resources: PATCH, search and bulk requests.
namespace doorward::scim::protocol {

/// A member by its name in any case; null when it is absent or null. Two that differ in case only are
/// `kInvalidSyntax`.
Result<json::Value*> find_member(json::Object& object, std::string_view name);

/// The body's object when its `schemas` are absent or name the message; else `kInvalidSyntax`.
Result<json::Object*> open_message(json::Value& body, std::string_view schema);

}  // namespace doorward::scim::protocol
