#include "scim/protocol/filter.h"

#include <algorithm>
#include <utility>

#include <string.h>

#include "base/text.h"
#include "scim/protocol/compare.h"
#include "scim/protocol/filter_node.h"
#include "scim/protocol/filter_parser.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

using Node = Filter::Node;

bool ordered(Operator op, int order) {
  switch (op) {
    case Operator::Eq:
      return order == 0;
    case Operator::Ne:
      return order != 0;
    case Operator::Gt:
      return order > 0;
    case Operator::Ge:
      return order >= 0;
    case Operator::Lt:
      return order < 0;
    case Operator::Le:
      return order <= 0;
    default:
      return false;
  }
}

/// In linear time, where std::string_view::find can take the product of both lengths.
bool contains(std::string_view text, std::string_view wanted) {
  return wanted.empty() || ::memmem(text.data(), text.size(), wanted.data(), wanted.size()) != nullptr;
}

bool compare_text(Operator op, const Attribute& attribute, std::string_view text, std::string_view wanted) {
  if (!attribute.case_exact) {
    switch (op) {
      case Operator::Eq:
        return matches_folded(text, wanted, Match::Whole);
      case Operator::Ne:
        return !matches_folded(text, wanted, Match::Whole);
      case Operator::Sw:
        return matches_folded(text, wanted, Match::Beginning);
      case Operator::Ew:
        return matches_folded(text, wanted, Match::End);
      default:
        break;
    }
  }
  std::string folded;
  if (!attribute.case_exact) {
    folded = comparison_text(attribute, text);
    text = folded;
  }
  switch (op) {
    case Operator::Co:
      return contains(text, wanted);
    case Operator::Sw:
      return text.starts_with(wanted);
    case Operator::Ew:
      return text.ends_with(wanted);
    default:
      return ordered(op, text.compare(wanted));
  }
}

/// RFC 7644 table 3: present is what has a value that is not empty.
bool is_present(const json::Value* value) {
  if (value == nullptr || value->is_null()) return false;
  if (const auto* text = value->if_string()) return !text->empty();
  if (const auto* object = value->if_object()) return !object->empty();
  if (const auto* array = value->if_array()) return !array->empty();
  return true;
}

/// One value that is there with the literal. Values of different types are not equal.
bool compare_value(const Node& node, const json::Value& value) {
  const Attribute& attribute = *node.location.last();
  const auto& literal = node.literal.value;
  if (const auto* text = std::get_if<Literal::Text>(&literal)) {
    if (value.is_string()) return compare_text(node.op, attribute, view(value), text->compared);
  } else if (const auto* time = std::get_if<Timestamp>(&literal)) {
    const auto held = value.is_string() ? parse_rfc3339(view(value)) : std::nullopt;
    if (held) return ordered(node.op, static_cast<int>(*held > *time) - static_cast<int>(*held < *time));
  } else if (const auto* number = std::get_if<Literal::Number>(&literal)) {
    if (value.is_number()) return ordered(node.op, compare_numbers(value, number->value));
  } else if (const auto* flag = std::get_if<bool>(&literal)) {
    if (value.is_bool()) return (value.get_bool() == *flag) == (node.op == Operator::Eq);
  }
  return node.op == Operator::Ne;
}

bool is_null(const Literal& literal) {
  return std::holds_alternative<Literal::Null>(literal.value);
}

/// Collects the verdict over the values of one attribute: one that matches is enough; `ne` is also true when
/// there is none.
class Verdict {
 public:
  explicit Verdict(const Node& node) : node_(node) {}

  void see(const json::Value* value) {
    if (matched_ || value == nullptr || value->is_null()) return;
    if (node_.op == Operator::Pr || is_null(node_.literal)) {
      there_ = there_ || is_present(value);
      return;
    }
    there_ = true;
    matched_ = compare_value(node_, *value);
  }

  bool result() const {
    if (node_.op == Operator::Pr) return there_;
    if (is_null(node_.literal)) return there_ == (node_.op == Operator::Ne);
    return matched_ || (!there_ && node_.op == Operator::Ne);
  }

 private:
  const Node& node_;
  bool there_ = false;
  bool matched_ = false;
};

const json::Value* member(const json::Value& value, const Attribute& attribute) {
  const json::Object* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(attribute.name);
}

/// Sees a value, or what its sub-attribute holds, in each element of a list.
void see_all(Verdict& verdict, const json::Value* value, const Attribute* sub) {
  if (value == nullptr) return;
  if (const json::Array* list = value->if_array()) {
    for (const json::Value& element : *list)
      verdict.see(sub == nullptr ? &element : member(element, *sub));
  } else {
    verdict.see(sub == nullptr ? value : member(*value, *sub));
  }
}

const json::Value* find_value(const Location& location, const json::Object& resource) {
  if (location.attribute == nullptr) return nullptr;
  if (location.extension == nullptr) return resource.if_contains(location.attribute->name);
  const json::Value* extension = resource.if_contains(location.extension->id);
  return extension == nullptr ? nullptr : member(*extension, *location.attribute);
}

/// `and`, `or` and `not` are the same for resources and elements; `leaf` decides the rest.
template <class Leaf>
bool evaluate(const Node& node, const Leaf& leaf) {
  const auto child = [&](const std::unique_ptr<Node>& inner) { return evaluate(*inner, leaf); };
  switch (node.kind) {
    case Node::Kind::And:
      return std::ranges::all_of(node.children, child);
    case Node::Kind::Or:
      return std::ranges::any_of(node.children, child);
    case Node::Kind::Not:
      return !child(node.children.front());
    default:
      return leaf(node);
  }
}

bool matches_values(const Node& node, const json::Object& resource) {
  const json::Value* value = find_value(node.location, resource);
  const Node& filter = *node.children.front();
  Verdict verdict(node);
  bool any = false;
  const auto look = [&](const json::Value& element) {
    if (!matches_element(filter, element)) return;
    any = true;
    if (node.has_comparison && node.location.sub_attribute != nullptr) {
      verdict.see(member(element, *node.location.sub_attribute));
    }
  };
  if (value != nullptr && value->is_array()) {
    std::ranges::for_each(value->get_array(), look);
  } else if (value != nullptr) {
    look(*value);
  }
  return node.has_comparison ? verdict.result() : any;
}

/// What must be equal for the filter to match; `list` is the value path that the node stands in.
void collect_equalities(const Node& node, const Location* list, std::vector<Filter::Equality>& found) {
  if (node.kind == Node::Kind::And) {
    for (const auto& child : node.children)
      collect_equalities(*child, list, found);
    return;
  }
  Location location = list != nullptr ? *list : node.location;
  if (node.kind == Node::Kind::Values) {
    const Location elements{location.extension, location.attribute, nullptr};
    if (elements.attribute == nullptr) return;
    // `ne` and `eq null` also hold where no element matches, so the filter on the elements need not.
    const bool needs_element = !node.has_comparison || (node.op == Operator::Eq && !is_null(node.literal));
    if (needs_element) collect_equalities(*node.children.front(), &elements, found);
    if (!node.has_comparison) return;
  } else if (node.kind != Node::Kind::Compare) {
    return;
  }
  const auto* text = std::get_if<Literal::Text>(&node.literal.value);
  if (node.op != Operator::Eq || text == nullptr || node.location.last() == nullptr) return;
  if (list != nullptr && !node.is_element) location.sub_attribute = node.location.sub_attribute;
  found.push_back({location.named().text(), text->sent});
}

}  // namespace

bool matches_element(const Filter::Node& filter, const json::Value& element) {
  return evaluate(filter, [&](const Node& node) {
    Verdict verdict(node);
    const Attribute* sub = node.location.sub_attribute;
    if (node.is_element) {
      verdict.see(&element);
    } else if (sub != nullptr) {
      verdict.see(member(element, *sub));
    }
    return verdict.result();
  });
}

std::size_t count_comparisons(const Filter::Node& filter) {
  std::size_t count = filter.kind == Node::Kind::Compare ? 1 : 0;
  for (const auto& child : filter.children)
    count += count_comparisons(*child);
  return count;
}

Filter::Filter(std::unique_ptr<Node> root) : root_(std::move(root)) {}
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;
Filter::~Filter() = default;

Result<Filter> Filter::parse(std::string_view text, const ResourceType& type) {
  ASSIGN_OR_RETURN(auto root, parse_filter(text, type));
  return Filter(std::move(root));
}

bool Filter::matches(const json::Object& resource) const {
  return evaluate(*root_, [&](const Node& node) {
    if (node.kind == Node::Kind::Values) return matches_values(node, resource);
    Verdict verdict(node);
    see_all(verdict, find_value(node.location, resource), node.location.sub_attribute);
    return verdict.result();
  });
}

std::vector<Filter::Equality> Filter::necessary_equalities() const {
  std::vector<Equality> found;
  collect_equalities(*root_, nullptr, found);
  return found;
}

}  // namespace doorward::scim::protocol
