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
  std::optional<Place> place;

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
    window.place = Place();
    return window;
  }
  ASSIGN_OR_RETURN(window.place, cursors.place_of(*request.cursor));
  return window;
}

/// Something that matches, with what it is sorted by.
struct Match {
  protocol::SortKey key;
  std::int64_t id = 0;
  json::Object resource;
};

Match match_of(Found found, const SearchRequest& request) {
  protocol::SortKey key;
  if (request.sort_by) key = protocol::SortKey::of(found.resource, *request.sort_by);
  return {std::move(key), found.place.id, std::move(found.resource)};
}

/// What is equal is ordered by id, so that pages neither overlap nor leave a gap.
bool comes_before(const Match& a, const Match& b, protocol::SortOrder order) {
  if (a.key.comes_before(b.key, order)) return true;
  if (b.key.comes_before(a.key, order)) return false;
  return a.id < b.id;
}

/// How many of the sorted matches come up to and with the place, which itself may be gone.
Result<std::int64_t> count_up_to(const std::vector<Match>& matches, const Place& place,
                                 protocol::SortOrder order) {
  if (place.is_first()) return 0;
  auto key = protocol::SortKey::parse(place.key);
  if (!key) return fail(ErrorKind::Internal, "scim.bad_place", "A cursor holds no place.");
  const Match last{*std::move(key), place.id, {}};
  const auto behind = std::ranges::partition_point(
      matches, [&](const Match& match) { return !comes_before(last, match, order); });
  return behind - matches.begin();
}

/// A page out of all the matches, sorted.
Result<Page> cut(std::vector<Match> matches, const SearchRequest& request, const Window& window,
                 const Cursors& cursors) {
  std::ranges::sort(matches,
                    [&](const Match& a, const Match& b) { return comes_before(a, b, request.sort_order); });
  Page page;
  page.total = static_cast<std::int64_t>(matches.size());
  std::int64_t begin = std::min(window.skip, page.total);
  if (window.by_cursor()) {
    ASSIGN_OR_RETURN(begin, count_up_to(matches, *window.place, request.sort_order));
  }
  const std::int64_t end = std::min(begin + window.count, page.total);
  for (std::int64_t i = begin; i < end; ++i) {
    json::Object& resource = matches[static_cast<std::size_t>(i)].resource;
    page.resources.push_back(request.projection.apply(std::move(resource)));
  }
  if (!window.by_cursor()) {
    page.start_index = request.start_index;
  } else if (begin < end && end < page.total) {
    const Match& last = matches[static_cast<std::size_t>(end - 1)];
    page.next_cursor = cursors.at({.id = last.id, .key = last.key.text()});
  }
  return page;
}

/// Everything that matches.
Result<std::vector<Match>> all_matches(const Collection& collection, const SearchRequest& request) {
  std::vector<Match> matches;
  bool too_many = false;
  RETURN_IF_ERROR(collection.scan(request, {}, 0, [&](Found found) {
    if (request.filter && !request.filter->matches(found.resource)) return true;
    too_many = matches.size() == kMaxSorted;
    if (!too_many) matches.push_back(match_of(std::move(found), request));
    return !too_many;
  }));
  if (too_many) {
    return fail(
        ErrorKind::InvalidInput, protocol::kTooMany,
        fmt::format(
            "More than {} resources would have to be sorted. Narrow the filter, or sort by userName or "
            "meta.created.",
            kMaxSorted));
  }
  return matches;
}

/// Reads on from a cursor's place and stops behind the page; the total is counted apart.
Result<void> read_behind(const Collection& collection, const SearchRequest& request, const Window& window,
                         const Cursors& cursors, Page& page) {
  Place last;
  return collection.scan(request, *window.place, 0, [&](Found found) {
    if (request.filter && !request.filter->matches(found.resource)) return true;
    if (static_cast<std::int64_t>(page.resources.size()) == window.count) {
      page.next_cursor = cursors.at(last);
      return false;
    }
    last = std::move(found.place);
    page.resources.push_back(request.projection.apply(std::move(found.resource)));
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
      std::vector<Match> matches;
      for (Found& found : *candidates) {
        if (request.filter->matches(found.resource)) matches.push_back(match_of(std::move(found), request));
      }
      return cut(std::move(matches), request, window, cursors);
    }
  }
  if (request.sort_by && !collection.is_ordered(request)) {
    ASSIGN_OR_RETURN(auto matches, all_matches(collection, request));
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
    RETURN_IF_ERROR(collection.scan(request, {}, window.skip, [&](Found found) {
      page.resources.push_back(request.projection.apply(std::move(found.resource)));
      return static_cast<std::int64_t>(page.resources.size()) < window.count;
    }));
    return page;
  }
  // Without an index the total is known only when every resource was looked at.
  RETURN_IF_ERROR(collection.scan(request, {}, 0, [&](Found found) {
    if (!request.filter->matches(found.resource)) return true;
    const std::int64_t place = page.total++;
    const bool on_page = !window.by_cursor() && place >= window.skip && place < window.skip + window.count;
    if (on_page) page.resources.push_back(request.projection.apply(std::move(found.resource)));
    return true;
  }));
  if (!window.by_cursor()) page.start_index = request.start_index;
  return page;
}

}  // namespace doorward::scim
