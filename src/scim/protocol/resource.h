#pragma once

#include <string_view>

#include "base/result.h"
#include "json/json.h"
#include "scim/protocol/schema.h"

namespace doorward::scim::protocol {

/// The normal form of a resource that a client sent in POST or PUT: attribute names and URNs as the schema
/// spells them, extensions as objects under their URN (dotted and URN-qualified flat keys such as
/// `urn:…:User:department` or `name.givenName` are put where they belong), values of the schema's type. Gives
/// way to what clients really send:
/// - `"True"` and `"False"` for booleans, a number or a boolean for a string, one value for a list and a list
///   of one for a single value, a bare string for a complex value (it is its `value`) and `{"value": …}` for
///   a simple one, a JSON string holding an object (Entra's roles);
/// - unknown attributes are left out, as are read-only ones (RFC 7644 section 3.5.1), nulls and empty lists
///   (RFC 7643 section 2.5); `schemas` is rebuilt from what is there.
/// Refuses (`kInvalidSyntax`, `kInvalidValue`) a body that is no object, a missing required attribute, a
/// value that cannot be of the type, several `primary` values, `schemas` that does not name the core schema,
/// names that differ in case only. Canonical values are suggestions (RFC 7643 section 2.3.1): any other value
/// is kept.
Result<json::Object> read_resource(const ResourceType& type, const json::Value& body);
/// Moves what it keeps.
Result<json::Object> read_resource(const ResourceType& type, json::Value&& body);

}  // namespace doorward::scim::protocol
