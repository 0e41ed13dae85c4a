#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"
#include "scim/protocol/schema.h"

/// Filters. Source: RFC 7644 section 3.4.2.2.
namespace doorward::scim::protocol {

/// An attribute path (RFC 7644 figure 1) resolved against the schema.
struct AttributePath {
  /// The extension's URN; empty for the core schema.
  std::string schema;
  /// As the schema spells it.
  std::string attribute;
  /// Empty for none.
  std::string sub_attribute;
  /// Of the last part; lives as long as the `ResourceType` it was resolved with.
  const Attribute* definition = nullptr;

  /// `name.givenName`, `urn:…:User:department`.
  std::string text() const;
};
/// Without regard to case. An unknown attribute is `kInvalidPath`.
Result<AttributePath> resolve_path(std::string_view text, const ResourceType& type);

class Filter {
 public:
  static constexpr std::size_t kMaxBytes = 16 * 1024;
  static constexpr int kMaxDepth = 32;
  static constexpr int kMaxComparisons = 500;

  /// The whole grammar: `and`, `or`, `not`, grouping, `[…]`, eq ne co sw ew gt ge lt le pr, URN-qualified
  /// names, operators in any case. An unknown attribute compares as absent. `kInvalidFilter` says what and at
  /// which byte.
  static Result<Filter> parse(std::string_view text, const ResourceType& type);

  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;
  ~Filter();

  /// Whether a resource in normal form (with the common attributes) matches. Strings compare by the
  /// attribute's `case_exact` (`fold_case` when it is false), dateTimes as times, numbers as numbers; a
  /// complex multi-valued attribute compares by its `value`; `ne` is true for what is absent.
  bool matches(const json::Object& resource) const;

  /// A comparison by `eq` with a string that holds for whatever matches: the ones on the spine of `and`s,
  /// value paths included (`emails[type eq "work" and value eq "x"]` gives `emails.value`). So that a few
  /// candidates can be found by an index before `matches` decides.
  struct Equality {
    /// `userName`, `externalId`, `emails.value`, `urn:…:User:objectId`.
    std::string path;
    std::string value;
  };
  std::vector<Equality> necessary_equalities() const;

  struct Node;

 private:
  explicit Filter(std::unique_ptr<Node> root);
  std::unique_ptr<Node> root_;
};

}  // namespace doorward::scim::protocol
