#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

/// The one XML reader: whatever Doorward believes about an XML document, it believes because of this code.
/// It reads XML 1.0 with Namespaces 1.0 in UTF-8 and refuses, rather than skips, everything that gives a
/// document a second reading: DTDs, processing instructions, entities beyond the five, other encodings,
/// duplicate attributes, duplicate IDs.
namespace doorward::xml {

inline constexpr ErrorCode kMalformed = "xml.malformed";       ///< Not well-formed, or not UTF-8.
inline constexpr ErrorCode kForbidden = "xml.forbidden";       ///< A DTD or a processing instruction.
inline constexpr ErrorCode kLimitExceeded = "xml.limit";       ///< One of `Limits`.
inline constexpr ErrorCode kDuplicateId = "xml.duplicate_id";  ///< Two `ID` attributes with one value.
inline constexpr ErrorCode kUnexpected = "xml.unexpected";     ///< A child, or text, where none may be.
inline constexpr ErrorCode kMissing = "xml.missing";           ///< A child that must be there is not.
inline constexpr ErrorCode kSplitValue = "xml.split_value";    ///< A value with comments or elements in it.

/// What a document may cost before anybody has verified anything about it.
struct Limits {
  std::size_t bytes = 512 * 1024;
  std::uint32_t depth = 32;       ///< Elements inside one another. At most `kMaxDepth`.
  std::uint32_t nodes = 5'000;    ///< Elements, texts and comments. 500 groups in a response need 20,000.
  std::uint32_t attributes = 32;  ///< On one element, namespace declarations not counted.
  std::uint32_t namespaces = 16;  ///< Declarations on one element.

  static constexpr std::uint32_t kMaxDepth = 256;
  /// Distinct prefixes, and distinct namespace names, in one document: sets of them fit a machine word.
  static constexpr std::uint32_t kMaxDistinctNamespaces = 64;
};

/// What stands between the tags of an element.
enum class Content : std::uint8_t {
  Text,      ///< Nothing or one text: `Element::text` has it.
  Elements,  ///< Elements, whatever stands between them.
  Split,     ///< Comments, with text or without: no value and no structure.
};

struct Tree;
class ChildRange;

/// An element of a `Document`: a light handle that must not outlive it. Strings are views into the document,
/// with references replaced and line ends and attribute white space normalised as XML 1.0 sections 2.11 and
/// 3.3.3 say.
class Element {
 public:
  std::string_view prefix() const;
  std::string_view local_name() const;
  /// Empty for an element in no namespace.
  std::string_view namespace_uri() const;
  bool is(std::string_view namespace_uri, std::string_view local_name) const;

  /// The value of an attribute without a prefix; `a:ID` and `ID` are different attributes.
  std::optional<std::string_view> attribute(std::string_view local_name) const;
  /// The value of an attribute in a namespace.
  std::optional<std::string_view> attribute(std::string_view namespace_uri,
                                            std::string_view local_name) const;

  /// What a prefix means here ("" asks for the default namespace), for values that are QNames.
  std::optional<std::string_view> resolve_prefix(std::string_view prefix) const;

  std::optional<Element> parent() const;
  /// 1 for the root element.
  std::uint32_t depth() const;

  /// The child elements in order. Texts and comments between them are passed over: see `Sequence`.
  ChildRange children() const;
  /// The only child of this name. Fails with `kMissing`, or with `kUnexpected` when there are several.
  Result<Element> child(std::string_view namespace_uri, std::string_view local_name) const;
  /// The same where the child may be absent.
  Result<std::optional<Element>> optional_child(std::string_view namespace_uri,
                                                std::string_view local_name) const;

  /// Everything between the tags, CDATA sections included, white space kept. Fails with `kSplitValue` when a
  /// comment or an element stands in it: "admin@a.example<!---->.b.example" has no agreed reading.
  Result<std::string_view> text() const;
  /// `text()` without the white space around it.
  Result<std::string_view> trimmed_text() const;

  Content content() const;
  /// Whether only white space and comments stand between the child elements.
  bool has_element_content() const;

  friend bool operator==(const Element&, const Element&) = default;

 private:
  friend class Document;
  friend class ChildIterator;
  friend class ChildRange;
  friend class Canonicalizer;
  Element(const Tree* tree, std::uint32_t index) : tree_(tree), index_(index) {}
  const Tree* tree_;
  std::uint32_t index_;
};

class ChildIterator {
 public:
  using value_type = Element;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::forward_iterator_tag;
  using pointer = const Element*;
  using reference = Element;

  ChildIterator() : at_(nullptr, 0) {}
  Element operator*() const { return at_; }
  ChildIterator& operator++();
  ChildIterator operator++(int);
  friend bool operator==(const ChildIterator&, const ChildIterator&) = default;

 private:
  friend class ChildRange;
  ChildIterator(Element at, std::uint32_t end);
  void skip_other_nodes();
  Element at_;
  std::uint32_t end_ = 0;
};

class ChildRange {
 public:
  ChildIterator begin() const;
  ChildIterator end() const;

 private:
  friend class Element;
  explicit ChildRange(Element parent) : parent_(parent) {}
  Element parent_;
};

/// Reads the children of an element in the order that its schema gives them: each `take` moves past one. What
/// nobody took is found by `finish`, so that nothing can hide where the schema has no place for it.
class Sequence {
 public:
  explicit Sequence(Element parent);

  /// The next child, or nothing at the end.
  std::optional<Element> peek() const;
  /// The next child if it has this name.
  std::optional<Element> take(std::string_view namespace_uri, std::string_view local_name);
  /// The next child, which must have this name (`kMissing`).
  Result<Element> require(std::string_view namespace_uri, std::string_view local_name);
  /// The next child, whatever it is.
  std::optional<Element> take_any();
  /// Fails with `kUnexpected` when a child is left, or when text stands between the children.
  Result<void> finish() const;

 private:
  Element parent_;
  ChildIterator at_, end_;
};

/// A parsed document. It owns the bytes; moving it keeps its elements valid.
class Document {
 public:
  /// Reads a whole document, or says where and why not. References are replaced in place, since a replacement
  /// is never longer than what it replaces: no string is copied.
  static Result<Document> parse(std::string bytes, const Limits& limits = {});

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Element root() const;

 private:
  explicit Document(std::unique_ptr<Tree> tree);
  std::unique_ptr<Tree> tree_;
};

/// XML white space: space, tab, line feed, carriage return; nothing that Unicode adds.
bool is_white_space(std::string_view text);
std::string_view trim_white_space(std::string_view text);
/// NCName of Namespaces in XML 1.0: a name without a colon. `name` must be valid UTF-8.
bool is_ncname(std::string_view name);

}  // namespace doorward::xml
