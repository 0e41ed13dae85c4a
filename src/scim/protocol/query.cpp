#include "scim/protocol/query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/message.h"
#include "scim/protocol/path.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

constexpr std::string_view kSearchSchema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
constexpr std::string_view kListSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

enum Slot : std::size_t {
  kFilter,
  kSortBy,
  kSortOrder,
  kStartIndex,
  kCount,
  kCursor,
  kAttributes,
  kExcluded,
  kSlots
};
constexpr std::array<std::string_view, kSlots> kNames = {
    "filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"};

/// The parameters as texts, however they came.
using Texts = std::array<std::optional<std::string>, kSlots>;

/// A whole number; what is beyond 64 bits is as good as the nearest.
std::optional<std::int64_t> read_number(std::string_view text) {
  text = trim(text);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument)
    return std::nullopt;
  if (error != std::errc::result_out_of_range) return number;
  using Limits = std::numeric_limits<std::int64_t>;
  return text.front() == '-' ? Limits::min() : Limits::max();
}

tl::unexpected<Error> not_a_number(ErrorCode code, Slot slot) {
  return refuse(code, fmt::format("“{}” must be a whole number.", kNames[slot]));
}

/// Attributes without one value that can be compared cannot order anything.
Result<std::optional<AttributePath>> read_sort_by(const std::optional<std::string>& text,
                                                  const ResourceType& type) {
  if (!text || trim(*text).empty()) return std::nullopt;
  ASSIGN_OR_RETURN(auto path, resolve_path(*text, type));
  const bool has_value =
      path.definition->type != Type::Complex || path.definition->sub_attribute("value") != nullptr;
  // An order by what is never returned would tell it.
  if (!has_value || path.definition->returned == Returned::Never) {
    return refuse(kInvalidPath, fmt::format("Resources cannot be sorted by “{}”.", path.text()));
  }
  return path;
}

Result<SortOrder> read_sort_order(const std::optional<std::string>& text) {
  if (!text || trim(*text).empty()) return SortOrder::Ascending;
  if (equal_ignoring_ascii_case(trim(*text), "ascending")) return SortOrder::Ascending;
  if (equal_ignoring_ascii_case(trim(*text), "descending")) return SortOrder::Descending;
  return refuse(kInvalidValue, "“sortOrder” must be ascending or descending.");
}

/// RFC 7644 section 3.4.2.4 and RFC 9865 section 2.1.
Result<void> read_page(const Texts& texts, int max_results, SearchRequest& request) {
  if (texts[kStartIndex] && texts[kCursor]) {
    return refuse(kInvalidValue, "“startIndex” and “cursor” cannot be used together.");
  }
  if (texts[kStartIndex]) {
    const auto number = read_number(*texts[kStartIndex]);
    if (!number) return not_a_number(kInvalidValue, kStartIndex);
    request.start_index = std::max<std::int64_t>(*number, 1);
  }
  if (texts[kCount]) {
    const auto number = read_number(*texts[kCount]);
    if (!number) return not_a_number(texts[kCursor] ? kInvalidCount : kInvalidValue, kCount);
    // RFC 9865 section 2: with a cursor it is a positive number. A page of nothing would have no next cursor,
    // and so would say that there are no more.
    if (texts[kCursor] && *number < 1) {
      return refuse(kInvalidCount, "“count” must be above zero when the pages are read by “cursor”.");
    }
    request.count = static_cast<int>(std::clamp<std::int64_t>(*number, 0, max_results));
  }
  request.cursor = texts[kCursor];
  return {};
}

Result<SearchRequest> read_search(Texts texts, const ResourceType& type, int max_results) {
  ASSIGN_OR_RETURN(auto projection,
                   Projection::parse(texts[kAttributes].value_or(""), texts[kExcluded].value_or(""), type));
  SearchRequest request{.filter = std::nullopt,
                        .filter_text = std::move(texts[kFilter]).value_or(""),
                        .sort_by = std::nullopt,
                        .count = std::nullopt,
                        .cursor = std::nullopt,
                        .projection = std::move(projection)};
  if (!trim(request.filter_text).empty()) {
    ASSIGN_OR_RETURN(auto filter, Filter::parse(request.filter_text, type));
    request.filter = std::move(filter);
  }
  ASSIGN_OR_RETURN(request.sort_by, read_sort_by(texts[kSortBy], type));
  ASSIGN_OR_RETURN(request.sort_order, read_sort_order(texts[kSortOrder]));
  RETURN_IF_ERROR(read_page(texts, max_results, request));
  return request;
}

/// A text, a number, or a list of texts (`attributes` in the body of a search).
Result<std::string> member_text(Slot slot, const json::Value& value) {
  if (value.is_string()) return std::string(view(value));
  const bool is_number = slot == kStartIndex || slot == kCount;
  if (is_number && value.is_number()) return scalar_text(value);
  const json::Array* list = slot == kAttributes || slot == kExcluded ? value.if_array() : nullptr;
  if (list == nullptr) {
    return refuse(kInvalidValue,
                  fmt::format("“{}” must be a {}.", kNames[slot], is_number ? "number" : "text"));
  }
  std::string joined;
  for (const json::Value& name : *list) {
    if (!name.is_string()) return refuse(kInvalidValue, fmt::format("“{}” must list names.", kNames[slot]));
    joined.append(view(name)).append(",");
  }
  return joined;
}

}  // namespace

Result<SearchRequest> parse_search(const QueryParameters& parameters, const ResourceType& type,
                                   int max_results) {
  Texts texts;
  for (const auto& [name, value] : parameters) {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      if (!equal_ignoring_ascii_case(name, kNames[slot])) continue;
      if (texts[slot]) return refuse(kInvalidValue, fmt::format("“{}” is there twice.", kNames[slot]));
      texts[slot] = value;
    }
  }
  return read_search(std::move(texts), type, max_results);
}

Result<SearchRequest> parse_search(const json::Value& body, const ResourceType& type, int max_results) {
  json::Value copy = body;
  ASSIGN_OR_RETURN(json::Object * message, open_message(copy, kSearchSchema));
  Texts texts;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    ASSIGN_OR_RETURN(const json::Value* value, find_member(*message, kNames[slot]));
    if (value == nullptr) continue;
    ASSIGN_OR_RETURN(texts[slot], member_text(static_cast<Slot>(slot), *value));
  }
  return read_search(std::move(texts), type, max_results);
}

json::Object list_response(Page page) {
  json::Object response;
  response["schemas"] = json::Array{kListSchema};
  response["totalResults"] = page.total;
  response["itemsPerPage"] = page.resources.size();
  if (page.start_index) response["startIndex"] = *page.start_index;
  if (page.next_cursor) response["nextCursor"] = *page.next_cursor;
  response["Resources"] = std::move(page.resources);
  return response;
}

}  // namespace doorward::scim::protocol
