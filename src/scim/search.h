#pragma once

#include <functional>
#include <optional>
#include <string>

#include "json/json.h"
#include "scim/cursor.h"
#include "scim/operation.h"
#include "scim/protocol/query.h"
#include "storage/database.h"

namespace doorward::scim {

/// A resource in normal form, and where it stands in the order that it was read in.
struct Found {
  json::Object resource;
  Place place;
};

/// How one kind of resource is looked through. Each `visit` says whether to go on.
struct Collection {
  using Visit = std::function<bool(Found)>;

  /// A few candidates by an index that the filter allows to use; nothing when it allows none.
  std::function<Result<std::optional<std::vector<Found>>>(const protocol::Filter&)> candidates;
  /// In the order that `sort_by` names when the index has it (`is_ordered`), else in the order of creation;
  /// behind `after`, or after `skip` resources.
  std::function<Result<void>(const protocol::SearchRequest&, const Place& after, std::int64_t skip,
                             const Visit&)>
      scan;
  std::function<Result<std::int64_t>()> count;
  /// Whether `scan` comes in the order that is asked for.
  std::function<bool(const protocol::SearchRequest&)> is_ordered;
};

/// A sort that no index knows holds all matches in memory: no more than these (`kTooMany`).
inline constexpr std::size_t kMaxSorted = 20'000;

/// One page of the collection, projected. Run it within one read transaction.
Result<protocol::Page> search(const Collection& collection, const protocol::SearchRequest& request,
                              const Cursors& cursors, const protocol::ServiceLimits& limits);

}  // namespace doorward::scim
