#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "json/json.h"
#include "scim/protocol/filter.h"
#include "scim/protocol/path.h"

namespace doorward::scim::protocol {

enum class Operator : std::uint8_t { Eq, Ne, Co, Sw, Ew, Gt, Ge, Lt, Le, Pr };

/// The value to compare with, prepared for the attribute.
struct Literal {
  struct Null {};
  struct Text {
    std::string sent;
    std::string compared;
  };
  struct Number {
    json::Value value;
  };
  std::variant<Null, bool, Number, Text, Timestamp> value;
};

/// A filter as a tree. Its depth is bounded by `Filter::kMaxDepth`.
struct Filter::Node {
  enum class Kind : std::uint8_t {
    And,
    Or,
    Not,
    Compare,
    /// `attribute[…]`: the filter on the elements is the only child. With `.sub op value` behind it (Entra's
    /// `emails[type eq "work"].value eq "x"`) it is compared what the elements that match hold.
    Values,
  } kind = Kind::Compare;
  std::vector<std::unique_ptr<Node>> children;

  /// What is compared. In a filter on elements `sub_attribute` alone is set. Without `last()` the attribute
  /// is unknown, and so absent.
  Location location;
  /// In a filter on the elements of a list of simple values: the element itself.
  bool is_element = false;
  bool has_comparison = false;
  Operator op = Operator::Pr;
  Literal literal;
};

/// Whether an element of a multi-valued attribute matches the filter of a value path.
bool matches_element(const Filter::Node& filter, const json::Value& element);

/// How many comparisons it takes at most.
std::size_t count_comparisons(const Filter::Node& filter);

}  // namespace doorward::scim::protocol
