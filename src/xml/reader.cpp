#include "xml/reader.h"

#include "xml/names.h"
#include "xml/tree.h"

namespace doorward::xml {

namespace {

const Node& node_of(const Tree* tree, std::uint32_t index) {
  return tree->nodes[index];
}

std::string quoted(std::string_view namespace_uri, std::string_view local_name) {
  std::string text = "\"";
  text += local_name;
  text += "\" of the namespace ";
  text += namespace_uri;
  return text;
}

}  // namespace

std::string_view Element::prefix() const {
  return tree_->prefixes[node_of(tree_, index_).prefix];
}

std::string_view Element::local_name() const {
  return tree_->local_name(node_of(tree_, index_));
}

std::string_view Element::namespace_uri() const {
  return tree_->namespaces[node_of(tree_, index_).namespace_id];
}

bool Element::is(std::string_view namespace_uri, std::string_view local_name) const {
  return this->local_name() == local_name && this->namespace_uri() == namespace_uri;
}

std::optional<std::string_view> Element::attribute(std::string_view local_name) const {
  return attribute("", local_name);
}

std::optional<std::string_view> Element::attribute(std::string_view namespace_uri,
                                                   std::string_view local_name) const {
  const Node& node = node_of(tree_, index_);
  for (std::size_t i = 0; i < node.attribute_count; ++i) {
    const Attribute& attribute = tree_->attributes[node.first_attribute + i];
    if (tree_->local_name(attribute) == local_name &&
        tree_->namespaces[attribute.namespace_id] == namespace_uri) {
      return tree_->view(attribute.value);
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> Element::resolve_prefix(std::string_view prefix) const {
  for (std::uint32_t i = index_; i != kNoNode; i = tree_->nodes[i].parent) {
    const Node& node = tree_->nodes[i];
    for (std::size_t j = 0; j < node.declaration_count; ++j) {
      const NamespaceDeclaration& declaration = tree_->declarations[node.first_declaration + j];
      if (tree_->prefixes[declaration.prefix] == prefix) return tree_->namespaces[declaration.name];
    }
  }
  if (prefix.empty()) return "";
  if (prefix == "xml") return kXmlNamespace;
  return std::nullopt;
}

std::optional<Element> Element::parent() const {
  const std::uint32_t parent = node_of(tree_, index_).parent;
  if (parent == kNoNode) return std::nullopt;
  return Element(tree_, parent);
}

std::uint32_t Element::depth() const {
  return node_of(tree_, index_).depth;
}

ChildRange Element::children() const {
  return ChildRange(*this);
}

Result<Element> Element::child(std::string_view namespace_uri, std::string_view local_name) const {
  ASSIGN_OR_RETURN(const std::optional<Element> found, optional_child(namespace_uri, local_name));
  if (found) return *found;
  return fail(ErrorKind::InvalidInput, kMissing,
              "The element " + quoted(this->namespace_uri(), this->local_name()) + " lacks its child " +
                  quoted(namespace_uri, local_name) + ".");
}

Result<std::optional<Element>> Element::optional_child(std::string_view namespace_uri,
                                                       std::string_view local_name) const {
  std::optional<Element> found;
  for (const Element child : children()) {
    if (!child.is(namespace_uri, local_name)) continue;
    if (found) {
      return fail(ErrorKind::InvalidInput, kUnexpected,
                  "The element " + quoted(this->namespace_uri(), this->local_name()) +
                      " has several children " + quoted(namespace_uri, local_name) +
                      "; at most one is allowed.");
    }
    found = child;
  }
  return found;
}

Result<std::string_view> Element::text() const {
  const Node& node = node_of(tree_, index_);
  if (node.end == index_ + 1) return std::string_view();
  const Node& only = tree_->nodes[index_ + 1];
  if (only.kind == Node::Kind::Text && node.end == index_ + 2) return tree_->view(only.data);
  return fail(ErrorKind::InvalidInput, kSplitValue,
              "The value of the element " + quoted(namespace_uri(), local_name()) +
                  " holds comments or elements. Such a value has no single reading and is not accepted.");
}

Result<std::string_view> Element::trimmed_text() const {
  ASSIGN_OR_RETURN(const std::string_view whole, text());
  return trim_white_space(whole);
}

Content Element::content() const {
  const std::uint32_t end = node_of(tree_, index_).end;
  const std::uint32_t first = index_ + 1;
  for (std::uint32_t i = first; i < end; i = tree_->nodes[i].end) {
    if (tree_->nodes[i].kind == Node::Kind::Element) return Content::Elements;
  }
  const bool is_text = first == end || (first + 1 == end && tree_->nodes[first].kind == Node::Kind::Text);
  return is_text ? Content::Text : Content::Split;
}

bool Element::has_element_content() const {
  const std::uint32_t end = node_of(tree_, index_).end;
  for (std::uint32_t i = index_ + 1; i < end; i = tree_->nodes[i].end) {
    const Node& node = tree_->nodes[i];
    if (node.kind == Node::Kind::Text && !is_white_space(tree_->view(node.data))) return false;
  }
  return true;
}

ChildIterator::ChildIterator(Element at, std::uint32_t end) : at_(at), end_(end) {
  skip_other_nodes();
}

void ChildIterator::skip_other_nodes() {
  while (at_.index_ < end_ && node_of(at_.tree_, at_.index_).kind != Node::Kind::Element)
    ++at_.index_;
}

ChildIterator& ChildIterator::operator++() {
  at_.index_ = node_of(at_.tree_, at_.index_).end;
  skip_other_nodes();
  return *this;
}

ChildIterator ChildIterator::operator++(int) {
  ChildIterator before = *this;
  ++*this;
  return before;
}

ChildIterator ChildRange::begin() const {
  return {Element(parent_.tree_, parent_.index_ + 1), node_of(parent_.tree_, parent_.index_).end};
}

ChildIterator ChildRange::end() const {
  const std::uint32_t end = node_of(parent_.tree_, parent_.index_).end;
  return {Element(parent_.tree_, end), end};
}

Sequence::Sequence(Element parent)
    : parent_(parent), at_(parent.children().begin()), end_(parent.children().end()) {}

std::optional<Element> Sequence::peek() const {
  if (at_ == end_) return std::nullopt;
  return *at_;
}

std::optional<Element> Sequence::take(std::string_view namespace_uri, std::string_view local_name) {
  if (at_ == end_ || !(*at_).is(namespace_uri, local_name)) return std::nullopt;
  return *at_++;
}

Result<Element> Sequence::require(std::string_view namespace_uri, std::string_view local_name) {
  if (const std::optional<Element> next = take(namespace_uri, local_name)) return *next;
  return fail(ErrorKind::InvalidInput, kMissing,
              "The element " + quoted(parent_.namespace_uri(), parent_.local_name()) +
                  " should have a child " + quoted(namespace_uri, local_name) + " where it has " +
                  (at_ == end_ ? "none" : quoted((*at_).namespace_uri(), (*at_).local_name())) + ".");
}

std::optional<Element> Sequence::take_any() {
  if (at_ == end_) return std::nullopt;
  return *at_++;
}

Result<void> Sequence::finish() const {
  if (at_ != end_) {
    return fail(ErrorKind::InvalidInput, kUnexpected,
                "The element " + quoted(parent_.namespace_uri(), parent_.local_name()) +
                    " must not have a child " + quoted((*at_).namespace_uri(), (*at_).local_name()) +
                    " at this place.");
  }
  if (!parent_.has_element_content()) {
    return fail(ErrorKind::InvalidInput, kUnexpected,
                "The element " + quoted(parent_.namespace_uri(), parent_.local_name()) +
                    " must not have text between its children.");
  }
  return {};
}

Document::Document(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Element Document::root() const {
  return {tree_.get(), 0};
}

bool is_white_space(std::string_view text) {
  for (const char c : text) {
    if (!has_class(c, kSpace)) return false;
  }
  return true;
}

std::string_view trim_white_space(std::string_view text) {
  while (!text.empty() && has_class(text.front(), kSpace))
    text.remove_prefix(1);
  while (!text.empty() && has_class(text.back(), kSpace))
    text.remove_suffix(1);
  return text;
}

}  // namespace doorward::xml
