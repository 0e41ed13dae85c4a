#include "scim/search.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "scim/protocol/errors.h"

namespace doorward::scim {

namespace {

using protocol::Page;
using protocol::SearchRequest;

/// Where a page begins and how long it is.
struct Window {
  /// How many matches come before it; unused when a cursor says where to go on.
  std::int64_t skip = 0;
  std::int64_t count = 0;
  std::optional<std::int64_t> place;

  bool by_cursor() const { return place.has_value(); }
};

Result<Window> window_of(const SearchRequest& request, const Cursors& cursors,
                         const protocol::ServiceLimits& limits) {
  Window window;
  window.count = request.count.value_or(limits.default_count);
  if (!request.cursor) {
    window.skip = request.start_index - 1;
    return window;
  }
  if (request.cursor->empty()) {
    window.place = 0;
    return window;
  }
  ASSIGN_OR_RETURN(window.place, cursors.place_of(*request.cursor));
  return window;
}

/// A page out of all the matches.
Page cut(std::vector<json::Object> matches, const SearchRequest& request, const Window& window,
         const Cursors& cursors) {
  Page page;
  page.total = static_cast<std::int64_t>(matches.size());
  const std::int64_t begin = std::min(window.by_cursor() ? *window.place : window.skip, page.total);
  const std::int64_t end = std::min(begin + window.count, page.total);
  for (std::int64_t i = begin; i < end; ++i)
    page.resources.push_back(request.projection.apply(std::move(matches[static_cast<std::size_t>(i)])));
  if (!window.by_cursor()) {
    page.start_index = request.start_index;
  } else if (end < page.total && window.count > 0) {
    page.next_cursor = cursors.at(end);
  }
  return page;
}

/// Everything that matches, in the order that is asked for.
Result<std::vector<json::Object>> sorted_matches(const Collection& collection, const SearchRequest& request) {
  std::vector<json::Object> matches;
  bool too_many = false;
  RETURN_IF_ERROR(collection.scan(request, std::nullopt, 0, [&](json::Object resource, std::int64_t) {
    if (request.filter && !request.filter->matches(resource)) return true;
    too_many = matches.size() == kMaxSorted;
    if (!too_many) matches.push_back(std::move(resource));
    return !too_many;
  }));
  if (too_many) {
    return fail(
        ErrorKind::InvalidInput, protocol::kTooMany,
        fmt::format(
            "More than {} resources would have to be sorted. Narrow the filter, or sort by userName, id "
            "or meta.created.",
            kMaxSorted));
  }
  protocol::sort_resources(matches, *request.sort_by, request.sort_order);
  return matches;
}

/// Reads on from a cursor's place and stops behind the page; the total is counted apart.
Result<void> read_behind(const Collection& collection, const SearchRequest& request, const Window& window,
                         const Cursors& cursors, Page& page) {
  const std::int64_t place = *window.place;
  std::int64_t last = place;
  return collection.scan(request, place == 0 ? std::nullopt : std::optional(place), 0,
                         [&](json::Object resource, std::int64_t id) {
                           if (request.filter && !request.filter->matches(resource)) return true;
                           if (static_cast<std::int64_t>(page.resources.size()) == window.count) {
                             page.next_cursor = cursors.at(last);
                             return false;
                           }
                           last = id;
                           page.resources.push_back(request.projection.apply(std::move(resource)));
                           return true;
                         });
}

}  // namespace

Result<Page> search(const Collection& collection, const SearchRequest& request, const Cursors& cursors,
                    const protocol::ServiceLimits& limits) {
  ASSIGN_OR_RETURN(const Window window, window_of(request, cursors, limits));
  if (request.filter) {
    ASSIGN_OR_RETURN(auto candidates, collection.candidates(*request.filter));
    if (candidates) {
      std::erase_if(*candidates,
                    [&](const json::Object& resource) { return !request.filter->matches(resource); });
      if (request.sort_by) protocol::sort_resources(*candidates, *request.sort_by, request.sort_order);
      return cut(*std::move(candidates), request, window, cursors);
    }
  }
  if (request.sort_by && !collection.is_ordered(request)) {
    ASSIGN_OR_RETURN(auto matches, sorted_matches(collection, request));
    return cut(std::move(matches), request, window, cursors);
  }
  Page page;
  if (window.by_cursor() && window.count > 0) {
    RETURN_IF_ERROR(read_behind(collection, request, window, cursors, page));
  }
  if (!request.filter) {
    ASSIGN_OR_RETURN(page.total, collection.count());
    if (window.by_cursor() || window.count == 0) {
      if (!window.by_cursor()) page.start_index = request.start_index;
      return page;
    }
    page.start_index = request.start_index;
    RETURN_IF_ERROR(
        collection.scan(request, std::nullopt, window.skip, [&](json::Object resource, std::int64_t) {
          page.resources.push_back(request.projection.apply(std::move(resource)));
          return static_cast<std::int64_t>(page.resources.size()) < window.count;
        }));
    return page;
  }
  // Without an index the total is known only when every resource was looked at.
  RETURN_IF_ERROR(collection.scan(request, std::nullopt, 0, [&](json::Object resource, std::int64_t) {
    if (!request.filter->matches(resource)) return true;
    const std::int64_t place = page.total++;
    const bool on_page = !window.by_cursor() && place >= window.skip && place < window.skip + window.count;
    if (on_page) page.resources.push_back(request.projection.apply(std::move(resource)));
    return true;
  }));
  if (!window.by_cursor()) page.start_index = request.start_index;
  return page;
}

}  // namespace doorward::scim
