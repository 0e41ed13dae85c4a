#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "scim/protocol/filter_node.h"
#include "scim/protocol/path.h"
#include "scim/protocol/schema.h"

/// Source: RFC 7644 figure 1, and section 3.4.2.2 for the order of the operators.
namespace doorward::scim::protocol {

Result<std::unique_ptr<Filter::Node>> parse_filter(std::string_view text, const ResourceType& type);

/// The path of a PATCH operation (RFC 7644 figure 7).
struct PatchPath {
  Location location;
  /// Null without a value selection filter.
  std::unique_ptr<Filter::Node> filter;
};
/// Unknown attributes, in the filter too, are `kInvalidPath`; a filter that cannot be read is
/// `kInvalidFilter`.
Result<PatchPath> parse_patch_path(std::string_view text, const ResourceType& type);

}  // namespace doorward::scim::protocol
