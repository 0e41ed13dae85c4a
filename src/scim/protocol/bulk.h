#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "json/json.h"

/// Bulk. Source: RFC 7644 section 3.7.
namespace doorward::scim::protocol {

struct BulkOperation {
  enum class Method : std::uint8_t { Post, Put, Patch, Delete } method = Method::Post;
  std::string bulk_id;
  std::string version;
  /// `/Users`, `/Users/{id}` …; `/Users/bulkId:{bulkId}` is replaced by `resolve_references`.
  std::string path;
  json::Value data;
};
struct BulkRequest {
  /// Nothing: go on whatever fails.
  std::optional<int> fail_on_errors;
  std::vector<BulkOperation> operations;
};
/// Refuses a broken envelope (`kInvalidSyntax`, `kInvalidValue`: unknown method, POST without bulkId, a
/// bulkId twice) and more than `max_operations` (`kPayloadTooLarge`, status 413).
Result<BulkRequest> parse_bulk(const json::Value& body, int max_operations);

/// The order in which operations can run: as they came, but an operation that refers to a bulkId comes behind
/// the POST that makes it. A circle is not an order: those of it come last, as they came.
std::vector<std::size_t> execution_order(const BulkRequest& request);

/// Replaces `bulkId:x` in path and data by what `id_of` knows. A reference that it does not know is
/// `kInvalidValue`.
Result<void> resolve_references(BulkOperation& operation,
                                const std::function<std::optional<std::string>(std::string_view)>& id_of);

}  // namespace doorward::scim::protocol
