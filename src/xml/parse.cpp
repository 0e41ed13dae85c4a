#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/text.h"
#include "xml/names.h"
#include "xml/tree.h"

namespace doorward::xml {

namespace {

constexpr std::string_view kXmlnsNamespace = "http://www.w3.org/2000/xmlns/";

/// A name as written: `prefix` is empty without a colon.
struct QualifiedName {
  std::string_view whole;
  std::string_view prefix;
  std::string_view local;

  std::uint32_t local_at() const {
    return prefix.empty() ? 0 : static_cast<std::uint32_t>(prefix.size() + 1);
  }
};

class Parser {
 public:
  Parser(Tree& tree, const Limits& limits)
      : tree_(tree),
        limits_(limits),
        begin_(tree.bytes.data()),
        at_(begin_),
        end_(begin_ + tree.bytes.size()) {
    bindings_.fill(kUnbound);
    bindings_[kDefaultPrefix] = kNoNamespace;
    bindings_[kXmlPrefix] = kXmlNamespaceId;
    // As many as real messages need at a time.
    shadowed_.reserve(16);
    attribute_prefixes_.reserve(16);
    ids_.reserve(8);
  }

  /// XML 1.0 section 2.1, production 1: document ::= prolog element Misc*
  Result<void> run() {
    if (read_document()) return {};
    return fail(ErrorKind::InvalidInput, code_, message_);
  }

 private:
  bool read_document();
  bool read_declaration();
  bool read_pseudo_attribute(std::string_view name, std::string_view& value);
  bool read_misc();
  bool read_content();
  bool read_markup();
  bool read_start_tag();
  bool read_attributes();
  bool read_attribute();
  bool read_end_tag();
  bool read_text();
  bool read_text_with_references();
  bool read_cdata(char*& to);
  bool read_comment();
  bool read_reference(char*& to);
  bool read_qualified_name(QualifiedName& name);
  bool read_attribute_value(Span& value);
  bool read_normalized_value(char quote, const char* start, Span& value);
  bool declare(std::string_view prefix, Span value);
  bool bind_names(std::string_view element_prefix);
  bool check_duplicate_attributes(const Node& element);
  bool check_ids();
  bool add_node(Node::Kind kind, Span data);
  void close_element();

  bool stop(ErrorCode code, const char* reason) {
    code_ = code;
    message_ = describe(reason);
    return false;
  }
  bool malformed(const char* reason) { return stop(kMalformed, reason); }
  bool over_limit(const char* reason) { return stop(kLimitExceeded, reason); }
  std::string describe(const char* reason) const {
    return "The XML document cannot be read at byte " + std::to_string(at_ - begin_) + ": " + reason;
  }

  bool looking_at(std::string_view text) const {
    return static_cast<std::size_t>(end_ - at_) >= text.size() &&
           std::memcmp(at_, text.data(), text.size()) == 0;
  }
  /// Past white space; whether there was any.
  bool skip_space() {
    const char* const start = at_;
    while (has_class(*at_, kSpace))
      ++at_;
    return at_ != start;
  }
  char* find(char c) const {
    return static_cast<char*>(std::memchr(at_, c, static_cast<std::size_t>(end_ - at_)));
  }
  Span span(const char* from, const char* to) const {
    return {static_cast<std::uint32_t>(from - begin_), static_cast<std::uint32_t>(to - from)};
  }
  Span span(std::string_view text) const { return span(text.data(), text.data() + text.size()); }

  Tree& tree_;
  const Limits& limits_;
  char* const begin_;
  char* at_;  // Behind the last character lies the NUL of std::string, which no scan passes.
  char* const end_;
  CharacterSurvey survey_;
  std::uint32_t open_ = kNoNode;
  std::array<NamespaceId, Limits::kMaxDistinctNamespaces> bindings_;
  std::vector<NamespaceDeclaration> shadowed_;  // What each declaration in scope replaced.
  std::vector<std::string_view> attribute_prefixes_;
  std::vector<std::string_view> ids_;
  ErrorCode code_ = kMalformed;
  std::string message_;
};

bool Parser::read_document() {
  if (looking_at("\xEF\xBB\xBF")) at_ += 3;
  survey_ = scan_characters({at_, static_cast<std::size_t>(end_ - at_)});
  if (!survey_.valid) {
    at_ += survey_.position;
    return malformed("it is not UTF-8, or holds a character that XML does not allow.");
  }
  if (looking_at("<?xml") && has_class(at_[5], kSpace) && !read_declaration()) return false;
  if (!read_misc()) return false;
  if (*at_ != '<') return malformed("an element should start here.");
  if (!read_start_tag() || !read_content() || !read_misc()) return false;
  if (at_ != end_) return malformed("the document should end after its root element.");
  return check_ids();
}

// XML 1.0 section 2.8, production 23.
bool Parser::read_declaration() {
  at_ += 5;
  std::string_view value;
  if (!skip_space() || !read_pseudo_attribute("version", value) || value != "1.0") {
    return malformed("the XML declaration should say version=\"1.0\".");
  }
  bool space = skip_space();
  if (space && read_pseudo_attribute("encoding", value)) {
    if (!equal_ignoring_ascii_case(value, "UTF-8")) return malformed("its encoding is not UTF-8.");
    space = skip_space();
  }
  if (space && read_pseudo_attribute("standalone", value)) {
    if (value != "yes" && value != "no") return malformed("standalone is \"yes\" or \"no\".");
    skip_space();
  }
  if (!looking_at("?>")) return malformed("the XML declaration should end here.");
  at_ += 2;
  return true;
}

// Moves only when the name fits.
bool Parser::read_pseudo_attribute(std::string_view name, std::string_view& value) {
  if (!looking_at(name)) return false;
  char* const start = at_;
  at_ += name.size();
  skip_space();
  if (*at_ == '=') {
    ++at_;
    skip_space();
    const char quote = *at_;
    if (quote == '"' || quote == '\'') {
      ++at_;
      if (char* const close = find(quote); close != nullptr) {
        value = {at_, static_cast<std::size_t>(close - at_)};
        at_ = close + 1;
        return true;
      }
    }
  }
  at_ = start;
  return false;
}

// Comments outside the root element are read and forgotten: no canonical form of an element holds them.
bool Parser::read_misc() {
  for (;;) {
    skip_space();
    if (looking_at("<!--")) {
      if (!read_comment()) return false;
    } else if (looking_at("<?")) {
      return stop(kForbidden, "processing instructions are not accepted.");
    } else if (looking_at("<!DOCTYPE")) {
      return stop(kForbidden, "document type definitions are not accepted.");
    } else {
      return true;
    }
  }
}

// XML 1.0 section 3.1, production 43, up to the end tag of the root element.
bool Parser::read_content() {
  while (open_ != kNoNode) {
    if (*at_ == '<' ? !read_markup() : !read_text()) return false;
  }
  return true;
}

bool Parser::read_markup() {
  switch (at_[1]) {
    case '/':
      return read_end_tag();
    case '?':
      return stop(kForbidden, "processing instructions are not accepted.");
    case '!':
      if (looking_at("<!--")) return read_comment();
      if (looking_at("<![CDATA[")) return read_text_with_references();
      return malformed("only a comment or a CDATA section may start with <! here.");
    default:
      return read_start_tag();
  }
}

// Filled in its place: the processor stalls where what was just written in pieces is copied whole.
bool Parser::add_node(Node::Kind kind, Span data) {
  if (tree_.nodes.size() >= limits_.nodes) return over_limit("it has too many elements, texts and comments.");
  Node& node = tree_.nodes.emplace_back();
  node.kind = kind;
  node.parent = open_;
  node.end = static_cast<std::uint32_t>(tree_.nodes.size());
  node.data = data;
  return true;
}

// Production 40 or 44.
bool Parser::read_start_tag() {
  ++at_;
  QualifiedName name;
  if (!read_qualified_name(name)) return malformed("an element name is expected here.");
  const std::uint32_t depth = open_ == kNoNode ? 1 : tree_.nodes[open_].depth + 1U;
  if (depth > limits_.depth) return over_limit("its elements are nested too deeply.");
  if (!add_node(Node::Kind::Element, span(name.whole))) return false;
  open_ = static_cast<std::uint32_t>(tree_.nodes.size() - 1);
  Node& node = tree_.nodes.back();
  node.depth = static_cast<std::uint16_t>(depth);
  node.local_at = name.local_at();
  node.first_attribute = static_cast<std::uint32_t>(tree_.attributes.size());
  node.first_declaration = static_cast<std::uint32_t>(tree_.declarations.size());
  if (!read_attributes() || !bind_names(name.prefix)) return false;
  const bool empty = *at_ == '/';
  at_ += empty ? 2 : 1;
  if (empty) close_element();
  return true;
}

// Up to the `>` or `/>` of the tag.
bool Parser::read_attributes() {
  attribute_prefixes_.clear();
  for (;;) {
    const bool space = skip_space();
    if (*at_ == '>' || (*at_ == '/' && at_[1] == '>')) return true;
    if (!space) return malformed("white space, > or /> is expected here.");
    if (!read_attribute()) return false;
  }
}

// Production 41.
bool Parser::read_attribute() {
  QualifiedName name;
  if (!read_qualified_name(name)) return malformed("an attribute name is expected here.");
  skip_space();
  if (*at_ != '=') return malformed("an attribute name must be followed by =.");
  ++at_;
  skip_space();
  Span value;
  if (!read_attribute_value(value)) return false;
  if (name.prefix == "xmlns") return declare(name.local, value);
  if (name.whole == "xmlns") return declare("", value);

  Node& element = tree_.nodes[open_];
  if (element.attribute_count >= limits_.attributes) return over_limit("an element has too many attributes.");
  ++element.attribute_count;
  Attribute& attribute = tree_.attributes.emplace_back();
  attribute.name = span(name.whole);
  attribute.local_at = name.local_at();
  attribute.value = value;
  attribute_prefixes_.push_back(name.prefix);
  if (name.whole == "ID") ids_.push_back(tree_.view(value));
  return true;
}

// Namespaces in XML 1.0, production 7.
bool Parser::read_qualified_name(QualifiedName& name) {
  const char* const first = scan_ncname(at_, end_);
  if (first == nullptr) return false;
  const char* last = first;
  name.prefix = {};
  name.local = {at_, static_cast<std::size_t>(first - at_)};
  if (*first == ':') {
    last = scan_ncname(first + 1, end_);
    if (last == nullptr) return false;
    name.prefix = name.local;
    name.local = {first + 1, static_cast<std::size_t>(last - first - 1)};
  }
  name.whole = {at_, static_cast<std::size_t>(last - at_)};
  at_ += last - at_;
  return true;
}

bool Parser::read_attribute_value(Span& value) {
  const char quote = *at_;
  if (quote != '"' && quote != '\'') return malformed("an attribute value must stand in quotes.");
  const char* const start = ++at_;
  for (;;) {
    at_ += find_class<kValueSpecial>(at_, end_) - at_;
    if (*at_ == quote) break;
    if (*at_ != '"' && *at_ != '\'') return read_normalized_value(quote, start, value);
    ++at_;
  }
  value = span(start, at_);
  ++at_;
  return true;
}

// XML 1.0 section 3.3.3, for attributes of type CDATA: there is no DTD that could say otherwise.
bool Parser::read_normalized_value(char quote, const char* start, Span& value) {
  char* to = at_;
  while (*at_ != quote) {
    switch (*at_) {
      case '\0':
        return malformed("the document ends inside an attribute value.");
      case '<':
        return malformed("an attribute value must not hold <.");
      case '&':
        if (!read_reference(to)) return false;
        break;
      case '\r':
        if (at_[1] == '\n') ++at_;
        [[fallthrough]];
      case '\t':
      case '\n':
        *to++ = ' ';
        ++at_;
        break;
      default:
        *to++ = *at_++;
    }
  }
  value = span(start, to);
  ++at_;
  return true;
}

// Sections 4.1 and 4.6. What a reference stands for is never longer than the reference.
bool Parser::read_reference(char*& to) {
  char* const semicolon = find(';');
  // The longest that makes sense is far shorter than this; leading zeros have no end.
  constexpr std::ptrdiff_t kMaxReference = 16;
  if (semicolon == nullptr || semicolon - at_ > kMaxReference) return malformed("a reference has no end.");
  const std::string_view name(at_ + 1, static_cast<std::size_t>(semicolon - at_ - 1));
  char32_t character = 0;
  if (name == "amp") {
    character = '&';
  } else if (name == "lt") {
    character = '<';
  } else if (name == "gt") {
    character = '>';
  } else if (name == "quot") {
    character = '"';
  } else if (name == "apos") {
    character = '\'';
  } else if (name.starts_with('#')) {
    const bool hexadecimal = name.starts_with("#x");
    const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
    if (digits.empty()) return malformed("a character reference has no number.");
    for (const char c : digits) {
      char32_t digit = 0;
      if (c >= '0' && c <= '9') {
        digit = static_cast<char32_t>(c - '0');
      } else if (hexadecimal && c >= 'a' && c <= 'f') {
        digit = static_cast<char32_t>(c - 'a' + 10);
      } else if (hexadecimal && c >= 'A' && c <= 'F') {
        digit = static_cast<char32_t>(c - 'A' + 10);
      } else {
        return malformed("a character reference is not a number.");
      }
      character = character * (hexadecimal ? 16 : 10) + digit;
      if (character > 0x10FFFF) return malformed("a character reference names no XML character.");
    }
    if (!is_xml_character(character)) return malformed("a character reference names no XML character.");
  } else {
    return malformed("only the five predefined entities are accepted.");
  }
  to = encode_utf8(character, to);
  at_ = semicolon + 1;
  return true;
}

// Namespaces in XML 1.0 sections 2.2, 3 and 6.2.
bool Parser::declare(std::string_view prefix, Span value) {
  Node& element = tree_.nodes[open_];
  if (element.declaration_count >= limits_.namespaces) {
    return over_limit("an element has too many namespace declarations.");
  }
  const std::string_view name = tree_.view(value);
  if (prefix == "xmlns" || name == kXmlnsNamespace) return malformed("the prefix xmlns cannot be declared.");
  if ((prefix == "xml") != (name == kXmlNamespace)) return malformed("the prefix xml cannot be changed.");
  if (name.empty() && !prefix.empty()) return malformed("a namespace prefix cannot be undeclared.");
  if (!name.empty() && !is_absolute_uri(name)) return malformed("a namespace name must be an absolute URI.");

  const auto number = [](std::vector<std::string_view>& known, std::string_view text) {
    const auto found = std::find(known.begin(), known.end(), text);
    const auto id = static_cast<std::uint8_t>(found - known.begin());
    if (found == known.end()) known.push_back(text);
    return id;
  };
  const PrefixId prefix_id = number(tree_.prefixes, prefix);
  const NamespaceId name_id = number(tree_.namespaces, name);
  if (prefix_id >= Limits::kMaxDistinctNamespaces || name_id >= Limits::kMaxDistinctNamespaces) {
    return over_limit("it declares too many different namespaces.");
  }
  for (std::size_t i = element.first_declaration; i < tree_.declarations.size(); ++i) {
    if (tree_.declarations[i].prefix == prefix_id) return malformed("a namespace prefix is declared twice.");
  }
  ++element.declaration_count;
  tree_.declarations.push_back({prefix_id, name_id});
  shadowed_.push_back({prefix_id, bindings_[prefix_id]});
  bindings_[prefix_id] = name_id;
  return true;
}

// Gives the element and its attributes their namespaces, once all its declarations are known.
bool Parser::bind_names(std::string_view element_prefix) {
  const auto bind = [this](std::string_view prefix, PrefixId& prefix_id, NamespaceId& namespace_id) {
    const auto found = std::find(tree_.prefixes.begin(), tree_.prefixes.end(), prefix);
    if (found == tree_.prefixes.end()) return false;
    prefix_id = static_cast<PrefixId>(found - tree_.prefixes.begin());
    namespace_id = bindings_[prefix_id];
    return namespace_id != kUnbound;
  };
  Node& element = tree_.nodes[open_];
  if (!bind(element_prefix, element.prefix, element.namespace_id)) {
    return malformed("the prefix of the element is not declared.");
  }
  for (std::size_t i = 0; i < attribute_prefixes_.size(); ++i) {
    // Namespaces in XML 1.0 section 6.2: the default namespace does not apply to attributes.
    if (attribute_prefixes_[i].empty()) continue;
    Attribute& attribute = tree_.attributes[element.first_attribute + i];
    if (!bind(attribute_prefixes_[i], attribute.prefix, attribute.namespace_id)) {
      return malformed("the prefix of an attribute is not declared.");
    }
  }
  return check_duplicate_attributes(element);
}

bool Parser::check_duplicate_attributes(const Node& element) {
  const Attribute* const attributes = tree_.attributes.data() + element.first_attribute;
  for (std::size_t i = 1; i < element.attribute_count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (attributes[i].namespace_id == attributes[j].namespace_id &&
          tree_.local_name(attributes[i]) == tree_.local_name(attributes[j])) {
        return malformed("an attribute is given twice.");
      }
    }
  }
  return true;
}

void Parser::close_element() {
  Node& element = tree_.nodes[open_];
  element.end = static_cast<std::uint32_t>(tree_.nodes.size());
  for (std::uint16_t i = 0; i < element.declaration_count; ++i) {
    bindings_[shadowed_.back().prefix] = shadowed_.back().name;
    shadowed_.pop_back();
  }
  open_ = element.parent;
}

// Production 42.
bool Parser::read_end_tag() {
  at_ += 2;
  const std::string_view name = tree_.view(tree_.nodes[open_].data);
  if (!looking_at(name)) return malformed("the end tag does not match the start tag.");
  at_ += name.size();
  skip_space();
  if (*at_ != '>') return malformed("the end tag does not match the start tag.");
  ++at_;
  close_element();
  return true;
}

bool Parser::read_text() {
  char* const end = find('<');
  if (end == nullptr) {
    at_ = end_;
    return malformed("the document ends inside an element.");
  }
  const auto length = static_cast<std::size_t>(end - at_);
  const bool plain = !(survey_.has_ampersand && std::memchr(at_, '&', length) != nullptr) &&
                     !(survey_.has_carriage_return && std::memchr(at_, '\r', length) != nullptr) &&
                     !(survey_.has_bracket && std::memchr(at_, ']', length) != nullptr) && end[1] != '!';
  if (!plain) return read_text_with_references();
  if (!add_node(Node::Kind::Text, span(at_, end))) return false;
  at_ = end;
  return true;
}

// Characters, references and CDATA sections that follow one another are one text.
bool Parser::read_text_with_references() {
  const char* const start = at_;
  char* to = at_;
  for (;;) {
    if (*at_ == '<') {
      if (!looking_at("<![CDATA[")) break;
      if (!read_cdata(to)) return false;
    } else if (*at_ == '&') {
      if (!read_reference(to)) return false;
    } else if (*at_ == '\r') {
      // XML 1.0 section 2.11.
      at_ += at_[1] == '\n' ? 2 : 1;
      *to++ = '\n';
    } else if (at_ == end_) {
      return malformed("the document ends inside an element.");
    } else if (looking_at("]]>")) {
      return malformed("]]> must not stand in text.");
    } else {
      *to++ = *at_++;
    }
  }
  if (to == start) return true;
  return add_node(Node::Kind::Text, span(start, to));
}

// XML 1.0 section 2.7.
bool Parser::read_cdata(char*& to) {
  at_ += std::string_view("<![CDATA[").size();
  while (!looking_at("]]>")) {
    if (at_ == end_) return malformed("the document ends inside a CDATA section.");
    if (*at_ == '\r') {
      at_ += at_[1] == '\n' ? 2 : 1;
      *to++ = '\n';
    } else {
      *to++ = *at_++;
    }
  }
  at_ += 3;
  return true;
}

// XML 1.0 section 2.5.
bool Parser::read_comment() {
  at_ += 4;
  const char* const start = at_;
  char* to = at_;
  while (!looking_at("--")) {
    if (at_ == end_) return malformed("the document ends inside a comment.");
    if (*at_ == '\r') {
      at_ += at_[1] == '\n' ? 2 : 1;
      *to++ = '\n';
    } else {
      *to++ = *at_++;
    }
  }
  if (at_[2] != '>') return malformed("-- must not stand in a comment.");
  at_ += 3;
  return open_ == kNoNode || add_node(Node::Kind::Comment, span(start, to));
}

// SAML 2.0 Core section 1.3.4 and XML Schema's xs:ID: a signature names what it covers by this value.
bool Parser::check_ids() {
  std::sort(ids_.begin(), ids_.end());
  if (std::adjacent_find(ids_.begin(), ids_.end()) == ids_.end()) return true;
  return stop(kDuplicateId, "two elements have the same ID.");
}

}  // namespace

Result<Document> Document::parse(std::string bytes, const Limits& limits) {
  CHECK(limits.depth <= Limits::kMaxDepth && limits.attributes <= 256 && limits.namespaces <= 256);
  CHECK(limits.bytes < 0x7FFFFFFF && limits.nodes < 0x7FFFFFFF);
  if (bytes.size() > limits.bytes) {
    return fail(ErrorKind::InvalidInput, kLimitExceeded,
                "The XML document has " + std::to_string(bytes.size()) + " bytes; at most " +
                    std::to_string(limits.bytes) + " are read.");
  }
  auto tree = std::make_unique<Tree>();
  tree->bytes = std::move(bytes);
  tree->source_size = tree->bytes.size();
  // A guess at what messages hold, so that the vectors seldom grow.
  tree->prefixes.reserve(8);
  tree->namespaces.reserve(8);
  tree->declarations.reserve(16);
  tree->nodes.reserve(std::min<std::size_t>(limits.nodes, tree->source_size / 32 + 16));
  tree->attributes.reserve(tree->source_size / 64 + 8);
  RETURN_IF_ERROR(Parser(*tree, limits).run());
  return Document(std::move(tree));
}

}  // namespace doorward::xml
