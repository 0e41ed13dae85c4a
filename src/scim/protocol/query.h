#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "json/json.h"
#include "scim/protocol/filter.h"
#include "scim/protocol/schema.h"

/// Queries and what is answered of a resource. Source: RFC 7644 sections 3.4.2, 3.4.3 and 3.9, RFC 9865.
namespace doorward::scim::protocol {

/// `attributes` and `excludedAttributes`.
class Projection {
 public:
  /// Comma-separated names; both together are `kInvalidValue`. Unknown names are passed over.
  static Result<Projection> parse(std::string_view attributes, std::string_view excluded_attributes,
                                  const ResourceType& type);
  /// What is answered by default.
  explicit Projection(const ResourceType& type);

  /// By each attribute's `returned`: always, never, default, request. `schemas` keeps only URNs whose
  /// extension stays.
  json::Object apply(json::Object resource) const;
  /// Whether anything of a top-level core attribute would be answered: `members` need not be read when not.
  bool wants(std::string_view attribute) const;

 private:
  /// Attributes, sub-attributes and whole extensions by their definitions.
  class Names {
   public:
    void add(std::string_view list, const ResourceType& type);
    bool empty() const { return definitions_.empty(); }
    bool has(const void* definition) const;

   private:
    std::vector<const void*> definitions_;  ///< Sorted, each once.
  };
  enum class Extent : std::uint8_t { Nothing, Parts, Whole };

  Extent extent(const Schema& schema, const Attribute& attribute) const;
  bool keeps_part(const Attribute& sub, bool whole) const;
  void apply_to(const Schema& schema, json::Object& values) const;
  void apply_to_parts(json::Value& value, const Attribute& attribute, bool whole) const;

  const ResourceType* type_;
  bool includes_ = false;  ///< `attributes` was given.
  Names wanted_;
  Names excluded_;
};

enum class SortOrder : std::uint8_t { Ascending, Descending };

struct SearchRequest {
  std::optional<Filter> filter;
  /// As it was sent, for the log.
  std::string filter_text;
  std::optional<AttributePath> sort_by;
  SortOrder sort_order = SortOrder::Ascending;
  /// 1-based; values below 1 are 1 (RFC 7644 section 3.4.2.4).
  std::int64_t start_index = 1;
  /// Nothing when absent; negative is 0, and neither goes with a cursor. Never above `max_results`.
  std::optional<int> count;
  /// Nothing when the request does not page by cursor; empty for the first page (RFC 9865 section 2.1).
  std::optional<std::string> cursor;
  Projection projection;
};
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
/// Parameter names are taken without regard to case; unknown ones are ignored; one that is there twice is
/// `kInvalidValue`, as is a number that is none. `startIndex` and `cursor` together are `kInvalidValue`.
Result<SearchRequest> parse_search(const QueryParameters& parameters, const ResourceType& type,
                                   int max_results);
/// The body of POST …/.search.
Result<SearchRequest> parse_search(const json::Value& body, const ResourceType& type, int max_results);

/// What a resource is sorted by: no value, or one of the attribute's type. As text it outlasts the request,
/// so that a page can go on behind a resource that is gone by then.
class SortKey {
 public:
  /// Of a long text, as much as the order is made by.
  static constexpr std::size_t kMaxText = 512;

  SortKey() = default;
  /// "If the attribute is multi-valued, resources are sorted by the value of the primary attribute or else
  /// the first value in the list, if any."
  static SortKey of(const json::Object& resource, const AttributePath& sort_by);
  static std::optional<SortKey> parse(std::string_view text);

  std::string text() const;
  /// "… if there's no data …, resources are sorted last ascending, first descending".
  bool comes_before(const SortKey& other, SortOrder order) const;

 private:
  using Value = std::variant<std::monostate, bool, json::Value, std::string, Timestamp>;
  explicit SortKey(Value value) : value_(std::move(value)) {}
  static bool is_less(const Value& a, const Value& b);

  Value value_;
};

/// Orders resources by `sort_by`: by case rules, times as times, the primary or first of several values; what
/// has no value comes last ascending and first descending (RFC 7644 section 3.4.2.3).
void sort_resources(std::vector<json::Object>& resources, const AttributePath& sort_by, SortOrder order);

struct Page {
  json::Array resources;
  std::int64_t total = 0;
  /// Nothing when paging by cursor.
  std::optional<std::int64_t> start_index;
  std::optional<std::string> next_cursor;
};
json::Object list_response(Page page);

}  // namespace doorward::scim::protocol
