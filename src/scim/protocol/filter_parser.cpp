#include "scim/protocol/filter_parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/compare.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

using Node = Filter::Node;
using NodeResult = Result<std::unique_ptr<Node>>;

constexpr auto kOperators =
    std::to_array<std::string_view>({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"});

std::optional<Operator> operator_named(std::string_view word) {
  for (std::size_t i = 0; i < kOperators.size(); ++i) {
    if (equal_ignoring_ascii_case(word, kOperators[i])) return static_cast<Operator>(i);
  }
  return std::nullopt;
}

bool is_ordering(Operator op) {
  return op == Operator::Gt || op == Operator::Ge || op == Operator::Lt || op == Operator::Le;
}
bool is_substring(Operator op) {
  return op == Operator::Co || op == Operator::Sw || op == Operator::Ew;
}

enum class Unknown : std::uint8_t { Absent, Refused };

/// Recursive descent. `depth` counts what is open, so neither parsing nor freeing the tree can exhaust the
/// stack.
class Parser {
 public:
  Parser(std::string_view text, const ResourceType& type, Unknown unknown)
      : text_(text), type_(type), unknown_(unknown) {}

  NodeResult parse_whole() {
    RETURN_IF_ERROR(check_text());
    ASSIGN_OR_RETURN(auto node, parse_or(0));
    skip_space();
    if (at_ < text_.size()) return unexpected("there is something behind the end");
    return node;
  }

  Result<PatchPath> parse_path() {
    RETURN_IF_ERROR(check_text());
    const std::string_view name = read_word();
    ASSIGN_OR_RETURN(Location location, find(name));
    PatchPath path{location, nullptr};
    if (location.attribute != nullptr && at_ < text_.size() && text_[at_] == '[') {
      ASSIGN_OR_RETURN(path.filter, parse_elements(location, 0));
      if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        path.location.sub_attribute = location.attribute->sub_attribute(read_word());
        if (path.location.sub_attribute == nullptr) return unknown_path();
      }
    }
    if (at_ < text_.size()) return unknown_path();
    return path;
  }

 private:
  /// FILTER = term *("or" term): `and` binds closer than `or`.
  NodeResult parse_or(int depth) {
    return parse_sequence(Node::Kind::Or, "or", [&] { return parse_and(depth); });
  }
  NodeResult parse_and(int depth) {
    return parse_sequence(Node::Kind::And, "and", [&] { return parse_term(depth); });
  }

  template <class Next>
  NodeResult parse_sequence(Node::Kind kind, std::string_view keyword, Next next) {
    ASSIGN_OR_RETURN(auto first, next());
    if (!take_keyword(keyword)) return first;
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->children.push_back(std::move(first));
    do {
      ASSIGN_OR_RETURN(auto following, next());
      node->children.push_back(std::move(following));
    } while (take_keyword(keyword));
    return node;
  }

  NodeResult parse_term(int depth) {
    skip_space();
    if (peek() == '(') return parse_group(depth);
    const std::size_t start = at_;
    const std::string_view word = read_word();
    if (word.empty()) return unexpected("an attribute is missing");
    if (peek() == '[') return parse_value_path(word, start, depth);
    if (equal_ignoring_ascii_case(word, "not")) {
      const std::size_t behind = at_;
      skip_space();
      if (peek() == '(') {
        ASSIGN_OR_RETURN(auto inner, parse_group(depth));
        auto node = std::make_unique<Node>();
        node->kind = Node::Kind::Not;
        node->children.push_back(std::move(inner));
        return node;
      }
      at_ = behind;
    }
    auto node = std::make_unique<Node>();
    RETURN_IF_ERROR(resolve(word, start, *node));
    RETURN_IF_ERROR(parse_comparison(*node));
    return node;
  }

  NodeResult parse_group(int depth) {
    if (depth >= Filter::kMaxDepth)
      return unexpected(fmt::format("it is nested deeper than {} levels", Filter::kMaxDepth));
    ++at_;
    ASSIGN_OR_RETURN(auto node, parse_or(depth + 1));
    skip_space();
    if (peek() != ')') return unexpected("a closing parenthesis is missing");
    ++at_;
    return node;
  }

  /// valuePath = attrPath "[" valFilter "]", and what Entra puts behind it.
  NodeResult parse_value_path(std::string_view name, std::size_t start, int depth) {
    if (element_of_) return unexpected("a value path stands in another one");
    auto node = std::make_unique<Node>();
    RETURN_IF_ERROR(resolve(name, start, *node));
    node->kind = Node::Kind::Values;
    ASSIGN_OR_RETURN(auto inner, parse_elements(node->location, depth));
    node->children.push_back(std::move(inner));
    if (peek() != '.') return node;
    ++at_;
    const std::string_view sub = read_word();
    if (!is_attribute_name(sub)) return unexpected("a sub-attribute is missing");
    node->has_comparison = true;
    if (node->location.attribute != nullptr) {
      node->location.sub_attribute = node->location.attribute->sub_attribute(sub);
      if (node->location.sub_attribute == nullptr) node->location = {};
    }
    RETURN_IF_ERROR(parse_comparison(*node));
    return node;
  }

  /// `[` valFilter `]`
  NodeResult parse_elements(const Location& location, int depth) {
    const Attribute* attribute = location.last();
    const bool known = attribute != nullptr;
    if (known && (location.sub_attribute != nullptr ||
                  (attribute->type != Type::Complex && !attribute->multi_valued))) {
      return unexpected(fmt::format("“{}” has no values to choose from", attribute->name));
    }
    ++at_;
    element_of_ = Elements{attribute};
    ASSIGN_OR_RETURN(auto node, parse_or(depth + 1));
    element_of_.reset();
    skip_space();
    if (peek() != ']') return unexpected("a closing bracket is missing");
    ++at_;
    return node;
  }

  Result<void> parse_comparison(Node& node) {
    if (++comparisons_ > Filter::kMaxComparisons) {
      return unexpected(fmt::format("it has more than {} comparisons", Filter::kMaxComparisons));
    }
    skip_space();
    const std::size_t start = at_;
    const auto op = operator_named(read_word());
    if (!op) return unexpected("an operator is missing (eq, ne, co, sw, ew, gt, ge, lt, le or pr)", start);
    node.op = *op;
    if (*op == Operator::Pr) return {};
    skip_space();
    const std::size_t value_start = at_;
    ASSIGN_OR_RETURN(json::Value value, read_literal());
    return prepare(node, std::move(value), value_start);
  }

  /// A complex attribute compares by its `value`; the literal takes the attribute's type.
  Result<void> prepare(Node& node, json::Value value, std::size_t start) {
    const Attribute* attribute = node.location.last();
    if (attribute != nullptr && attribute->type == Type::Complex) {
      if (!value.is_null()) {
        node.location.sub_attribute = attribute->sub_attribute("value");
        attribute = node.location.sub_attribute;
        if (attribute == nullptr) return unexpected("a sub-attribute must be named", start);
      }
    }
    if (value.is_null()) {
      if (node.op != Operator::Eq && node.op != Operator::Ne)
        return unexpected("null can only be equal or not", start);
      node.literal.value = Literal::Null{};
      return {};
    }
    // RFC 7644 table 3: Boolean and Binary attributes have no order.
    const Type type = attribute != nullptr ? attribute->type : Type::String;
    if (is_ordering(node.op) && (type == Type::Boolean || type == Type::Binary || value.is_bool())) {
      return unexpected("these values have no order", start);
    }
    const bool is_number = type == Type::Decimal || type == Type::Integer;
    if (is_substring(node.op) && (type == Type::Boolean || is_number)) {
      return unexpected("these values are no texts", start);
    }
    if (attribute == nullptr) {
      node.literal.value = Literal::Text{};
      return {};
    }
    return convert(*attribute, std::move(value), node, start);
  }

  Result<void> convert(const Attribute& attribute, json::Value value, Node& node, std::size_t start) {
    if (attribute.type == Type::DateTime && !is_substring(node.op)) {
      const auto time = value.is_string() ? parse_rfc3339(view(value)) : std::nullopt;
      if (!time) return unexpected("a date and time with a time zone is needed", start);
      node.literal.value = *time;
      return {};
    }
    if (attribute.type == Type::Boolean) {
      // The default dialect of Entra writes booleans as texts; here too.
      const auto read = read_element(attribute, std::move(value));
      if (!read || !*read) return unexpected("true or false is needed", start);
      node.literal.value = (*read)->get_bool();
      return {};
    }
    if (attribute.type == Type::Integer || attribute.type == Type::Decimal) {
      if (!value.is_number()) return unexpected("a number is needed", start);
      node.literal.value = Literal::Number{std::move(value)};
      return {};
    }
    std::string sent = value.is_string() ? std::string(view(value)) : scalar_text(value);
    std::string compared = comparison_text(attribute, sent);
    node.literal.value = Literal::Text{std::move(sent), std::move(compared)};
    return {};
  }

  /// compValue: a string, a number, true, false or null of JSON.
  Result<json::Value> read_literal() {
    if (peek() == '"') return read_string();
    const std::size_t start = at_;
    const std::string_view word = read_word();
    if (equal_ignoring_ascii_case(word, "true")) return json::Value(true);
    if (equal_ignoring_ascii_case(word, "false")) return json::Value(false);
    if (equal_ignoring_ascii_case(word, "null")) return json::Value();
    auto number = json::parse(word);
    if (!number || !number->is_number()) {
      return unexpected("a value is missing: a text in double quotes, a number, true, false or null", start);
    }
    return *std::move(number);
  }

  Result<json::Value> read_string() {
    const std::size_t start = at_;
    bool is_plain = true;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\')
        ++at_;
      else if (static_cast<unsigned char>(text_[at_]) >= 0x20)
        continue;
      is_plain = false;
    }
    if (at_ >= text_.size()) return unexpected("a closing quotation mark is missing", start);
    ++at_;
    const std::string_view token = text_.substr(start, at_ - start);
    if (is_plain) return json::Value(token.substr(1, token.size() - 2));
    auto parsed = json::parse(token);
    if (!parsed) return unexpected("a text is not written as JSON wants it", start);
    return *std::move(parsed);
  }

  /// What a path names, in the resource or in an element of the list whose value path is open.
  Result<void> resolve(std::string_view name, std::size_t start, Node& node) const {
    if (!is_path_syntax(name)) return unexpected(fmt::format("“{}” is no attribute", printable(name)), start);
    if (!element_of_) {
      const auto location = locate(name, type_);
      // A whole extension has no value, and what is never returned must not be found out by comparing.
      if (location && location->attribute != nullptr && location->last()->returned != Returned::Never) {
        node.location = *location;
      }
      return {};
    }
    const Attribute* list = element_of_->attribute;
    if (list == nullptr) return {};
    if (list->type == Type::Complex) {
      node.location.sub_attribute = list->sub_attribute(name);
    } else if (equal_ignoring_ascii_case(name, "value")) {
      node.location.sub_attribute = list;
      node.is_element = true;
    }
    if (node.location.sub_attribute == nullptr && unknown_ == Unknown::Refused) {
      return refuse(kInvalidPath,
                    fmt::format("The values of “{}” have no “{}”.", list->name, printable(name)));
    }
    return {};
  }

  Result<Location> find(std::string_view name) const {
    const auto location = locate(name, type_);
    if (!location) return unknown_path();
    return *location;
  }

  tl::unexpected<Error> unknown_path() const {
    return refuse(kInvalidPath,
                  fmt::format("A {} has nothing at the path “{}”.", type_.name, printable(text_)));
  }

  Result<void> check_text() const {
    if (text_.size() > Filter::kMaxBytes) {
      return refuse(kInvalidFilter, fmt::format("A filter has at most {} bytes.", Filter::kMaxBytes));
    }
    if (!is_valid_utf8(text_)) return unexpected("it is not UTF-8", 0);
    return {};
  }

  bool take_keyword(std::string_view keyword) {
    const std::size_t before = at_;
    skip_space();
    if (equal_ignoring_ascii_case(read_word(), keyword)) return true;
    at_ = before;
    return false;
  }

  std::string_view read_word() {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(" \t\r\n()[]\"", at_), text_.size());
    return text_.substr(start, at_ - start);
  }
  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  tl::unexpected<Error> unexpected(std::string_view what) const { return unexpected(what, at_); }
  static tl::unexpected<Error> unexpected(std::string_view what, std::size_t at) {
    return refuse(kInvalidFilter, fmt::format("The filter cannot be used: {} (byte {}).", what, at));
  }

  struct Elements {
    /// Null when it is unknown.
    const Attribute* attribute;
  };

  std::string_view text_;
  const ResourceType& type_;
  Unknown unknown_;
  std::size_t at_ = 0;
  int comparisons_ = 0;
  std::optional<Elements> element_of_;
};

}  // namespace

NodeResult parse_filter(std::string_view text, const ResourceType& type) {
  return Parser(text, type, Unknown::Absent).parse_whole();
}

Result<PatchPath> parse_patch_path(std::string_view text, const ResourceType& type) {
  return Parser(trim(text), type, Unknown::Refused).parse_path();
}

}  // namespace doorward::scim::protocol
