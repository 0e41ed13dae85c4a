#include "xml/canonical.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "xml/escape.h"
#include "xml/names.h"
#include "xml/tree.h"

namespace doorward::xml {

namespace {

/// A set of prefixes, by their place in byte order.
using PrefixSet = std::uint64_t;
static_assert(Limits::kMaxDistinctNamespaces <= 64);

/// How much larger than the document a canonical form may be. Escaping makes text at most six times as long
/// (`"` to `&quot;`), and signed messages that declare a namespace anew on every value stay below two.
constexpr std::size_t kMaxGrowth = 8;

/// Attributes of an element, elements inside one another, declarations in scope: real messages stay below it.
constexpr std::size_t kUsualCount = 16;

std::string_view text_reference(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\t':
      return "&#x9;";
    case '\n':
      return "&#xA;";
    default:
      return "&#xD;";
  }
}

template <int kEscaped>
void append_escaped(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    const char* const plain = at;
    at = find_class<kEscaped>(at, end);
    out.append(plain, at);
    if (at == end) return;
    out += text_reference(*at++);
  }
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
  append_escaped<kTextEscaped>(out, text);
}

void append_attribute_value(std::string& out, std::string_view value) {
  append_escaped<kAttributeEscaped>(out, value);
}

/// Walks the nodes of one element in document order. Nothing here is searched for: which namespace a name has
/// was decided by the reader, and what an output ancestor has declared is kept in an array by prefix.
class Canonicalizer {
 public:
  Canonicalizer(Element apex, const Canonicalization& method, std::optional<Element> omitted,
                std::string& out);
  Result<void> run();

 private:
  struct OpenElement {
    std::uint32_t index;
    std::size_t declared_before;
  };

  PrefixSet bit(PrefixId prefix) const { return PrefixSet{1} << rank_of_prefix_[prefix]; }
  void wants(PrefixId prefix, NamespaceId name) {
    wanted_ |= bit(prefix);
    wanted_name_[rank_of_prefix_[prefix]] = name;
  }
  void want_declarations_in_scope(PrefixSet among);
  void want_own_declarations(const Node& element, PrefixSet among);
  void want_used_prefixes(const Node& element);
  void collect_attributes(std::uint32_t index);
  void inherit_xml_attributes(std::uint32_t index);
  void start(std::uint32_t index);
  void write_declarations();
  void write_attributes();
  void end_last();

  const Tree& tree_;
  const std::uint32_t apex_;
  const std::uint32_t omitted_;
  const bool exclusive_;
  const bool with_comments_;
  std::string& out_;
  const std::size_t out_start_;
  PrefixSet inclusive_ = 0;  // Treated as the inclusive form does.

  std::array<std::uint8_t, Limits::kMaxDistinctNamespaces> rank_of_prefix_{};
  std::array<PrefixId, Limits::kMaxDistinctNamespaces> prefix_of_rank_{};
  std::array<std::uint8_t, Limits::kMaxDistinctNamespaces> rank_of_namespace_{};
  std::array<NamespaceId, Limits::kMaxDistinctNamespaces> declared_{};  // By rank of prefix.

  PrefixSet wanted_ = 0;
  std::array<NamespaceId, Limits::kMaxDistinctNamespaces> wanted_name_{};  // By rank of prefix.
  std::vector<const Attribute*> attributes_;
  std::vector<OpenElement> open_;
  std::vector<NamespaceDeclaration> replaced_;  // `prefix` is a rank here.
};

Canonicalizer::Canonicalizer(Element apex, const Canonicalization& method, std::optional<Element> omitted,
                             std::string& out)
    : tree_(*apex.tree_),
      apex_(apex.index_),
      omitted_(omitted ? omitted->index_ : kNoNode),
      exclusive_(method.form == CanonicalForm::Exclusive),
      with_comments_(method.comments == Comments::Kept),
      out_(out),
      out_start_(out.size()) {
  if (omitted) CHECK(omitted->tree_ == apex.tree_ && tree_.nodes[omitted_].parent == apex_);
  const auto rank = [](const std::vector<std::string_view>& texts, auto& rank_of, auto& of_rank) {
    const auto end = of_rank.begin() + static_cast<std::ptrdiff_t>(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i)
      of_rank[i] = static_cast<std::uint8_t>(i);
    std::sort(of_rank.begin(), end, [&](std::uint8_t a, std::uint8_t b) { return texts[a] < texts[b]; });
    for (std::size_t i = 0; i < texts.size(); ++i)
      rank_of[of_rank[i]] = static_cast<std::uint8_t>(i);
  };
  std::array<NamespaceId, Limits::kMaxDistinctNamespaces> namespace_of_rank{};
  rank(tree_.prefixes, rank_of_prefix_, prefix_of_rank_);
  rank(tree_.namespaces, rank_of_namespace_, namespace_of_rank);

  declared_.fill(kUnbound);
  declared_[rank_of_prefix_[kDefaultPrefix]] = kNoNamespace;
  for (const std::string& listed : method.inclusive_prefixes) {
    const std::string_view prefix = listed == "#default" ? std::string_view() : std::string_view(listed);
    const auto found = std::find(tree_.prefixes.begin(), tree_.prefixes.end(), prefix);
    if (found != tree_.prefixes.end())
      inclusive_ |= bit(static_cast<PrefixId>(found - tree_.prefixes.begin()));
  }
  if (!exclusive_) inclusive_ = ~PrefixSet{0};
  attributes_.reserve(kUsualCount);
  open_.reserve(kUsualCount);
  replaced_.reserve(kUsualCount);
}

Result<void> Canonicalizer::run() {
  const std::size_t limit = out_start_ + kMaxGrowth * tree_.source_size;
  const std::uint32_t end = tree_.nodes[apex_].end;
  // About as much as the element has itself, so that the text seldom moves.
  const std::size_t source_end = end < tree_.nodes.size() ? tree_.nodes[end].data.offset : tree_.bytes.size();
  out_.reserve(out_start_ + source_end - tree_.nodes[apex_].data.offset);
  for (std::uint32_t i = apex_; i < end;) {
    while (!open_.empty() && i >= tree_.nodes[open_.back().index].end)
      end_last();
    const Node& node = tree_.nodes[i];
    if (i == omitted_) {
      i = node.end;
      continue;
    }
    switch (node.kind) {
      case Node::Kind::Element:
        start(i);
        break;
      case Node::Kind::Text:
        append_text(out_, tree_.view(node.data));
        break;
      case Node::Kind::Comment:
        if (!with_comments_) break;
        out_.append("<!--").append(tree_.view(node.data)).append("-->");
        break;
    }
    if (out_.size() > limit) {
      return fail(ErrorKind::InvalidInput, kCanonicalLimit,
                  "The canonical form of the XML document is more than " + std::to_string(kMaxGrowth) +
                      " times as long as the document. No honest signer declares so many long namespaces.");
    }
    ++i;
  }
  while (!open_.empty())
    end_last();
  return {};
}

void Canonicalizer::want_own_declarations(const Node& element, PrefixSet among) {
  for (std::size_t i = 0; i < element.declaration_count; ++i) {
    const NamespaceDeclaration& declaration = tree_.declarations[element.first_declaration + i];
    // Canonical XML 1.0 section 2.3: the namespace node of xml is never written.
    if (declaration.prefix == kXmlPrefix || (bit(declaration.prefix) & among) == 0) continue;
    wants(declaration.prefix, declaration.name);
  }
}

// The namespaces in scope at the apex, its own and those of elements outside.
void Canonicalizer::want_declarations_in_scope(PrefixSet among) {
  PrefixSet unseen = among;
  for (std::uint32_t i = apex_; i != kNoNode && unseen != 0; i = tree_.nodes[i].parent) {
    want_own_declarations(tree_.nodes[i], unseen);
    unseen &= ~wanted_;
  }
}

// Exclusive XML Canonicalization 1.0 section 1.1, "visibly utilizes".
void Canonicalizer::want_used_prefixes(const Node& element) {
  if (element.prefix != kXmlPrefix) wants(element.prefix, element.namespace_id);
  for (std::size_t i = 0; i < element.attribute_count; ++i) {
    const Attribute& attribute = tree_.attributes[element.first_attribute + i];
    if (attribute.prefix != kDefaultPrefix && attribute.prefix != kXmlPrefix) {
      wants(attribute.prefix, attribute.namespace_id);
    }
  }
}

// Canonical XML 1.0 section 2.4: an element whose parent is left out takes over the xml: attributes of its
// ancestors, the nearest ones first. The exclusive form does not (its section 2).
void Canonicalizer::inherit_xml_attributes(std::uint32_t index) {
  for (std::uint32_t i = tree_.nodes[index].parent; i != kNoNode; i = tree_.nodes[i].parent) {
    const Node& ancestor = tree_.nodes[i];
    for (std::size_t j = 0; j < ancestor.attribute_count; ++j) {
      const Attribute& inherited = tree_.attributes[ancestor.first_attribute + j];
      if (inherited.namespace_id != kXmlNamespaceId) continue;
      const bool known = std::any_of(attributes_.begin(), attributes_.end(), [&](const Attribute* own) {
        return own->namespace_id == kXmlNamespaceId && tree_.local_name(*own) == tree_.local_name(inherited);
      });
      if (!known) attributes_.push_back(&inherited);
    }
  }
}

// Canonical XML 1.0 section 2.2: ordered by namespace name, then by local name.
void Canonicalizer::collect_attributes(std::uint32_t index) {
  const Node& element = tree_.nodes[index];
  attributes_.clear();
  for (std::size_t i = 0; i < element.attribute_count; ++i)
    attributes_.push_back(&tree_.attributes[element.first_attribute + i]);
  if (!exclusive_ && index == apex_) inherit_xml_attributes(index);
  if (attributes_.size() < 2) return;
  std::sort(attributes_.begin(), attributes_.end(), [this](const Attribute* a, const Attribute* b) {
    if (a->namespace_id == b->namespace_id) return tree_.local_name(*a) < tree_.local_name(*b);
    return rank_of_namespace_[a->namespace_id] < rank_of_namespace_[b->namespace_id];
  });
}

void Canonicalizer::start(std::uint32_t index) {
  const Node& element = tree_.nodes[index];
  open_.push_back({index, replaced_.size()});
  wanted_ = 0;
  if (index == apex_) {
    want_declarations_in_scope(inclusive_);
  } else {
    want_own_declarations(element, inclusive_);
  }
  if (exclusive_) want_used_prefixes(element);
  collect_attributes(index);

  out_ += '<';
  out_ += tree_.view(element.data);
  write_declarations();
  write_attributes();
  out_ += '>';
}

// Canonical XML 1.0 section 2.3, "Namespace Nodes"; Exclusive XML Canonicalization 1.0 section 3: in order of
// the prefixes, and only what the nearest output ancestor has not declared alike.
void Canonicalizer::write_declarations() {
  for (PrefixSet rest = wanted_; rest != 0; rest &= rest - 1) {
    const auto rank = static_cast<std::uint8_t>(std::countr_zero(rest));
    if (declared_[rank] == wanted_name_[rank]) continue;
    replaced_.push_back({rank, declared_[rank]});
    declared_[rank] = wanted_name_[rank];
    const std::string_view prefix = tree_.prefixes[prefix_of_rank_[rank]];
    out_ += prefix.empty() ? " xmlns" : " xmlns:";
    out_ += prefix;
    out_ += "=\"";
    append_attribute_value(out_, tree_.namespaces[wanted_name_[rank]]);
    out_ += '"';
  }
}

void Canonicalizer::write_attributes() {
  for (const Attribute* attribute : attributes_) {
    out_ += ' ';
    out_ += tree_.view(attribute->name);
    out_ += "=\"";
    append_attribute_value(out_, tree_.view(attribute->value));
    out_ += '"';
  }
}

void Canonicalizer::end_last() {
  const OpenElement last = open_.back();
  open_.pop_back();
  out_ += "</";
  out_ += tree_.view(tree_.nodes[last.index].data);
  out_ += '>';
  while (replaced_.size() > last.declared_before) {
    declared_[replaced_.back().prefix] = replaced_.back().name;
    replaced_.pop_back();
  }
}

std::optional<Canonicalization> canonicalization_from_uri(std::string_view uri) {
  if (uri == "http://www.w3.org/2001/10/xml-exc-c14n#") {
    return Canonicalization{CanonicalForm::Exclusive, Comments::Dropped};
  }
  if (uri == "http://www.w3.org/2001/10/xml-exc-c14n#WithComments") {
    return Canonicalization{CanonicalForm::Exclusive, Comments::Kept};
  }
  if (uri == "http://www.w3.org/TR/2001/REC-xml-c14n-20010315") {
    return Canonicalization{CanonicalForm::Inclusive, Comments::Dropped};
  }
  if (uri == "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments") {
    return Canonicalization{CanonicalForm::Inclusive, Comments::Kept};
  }
  return std::nullopt;
}

Result<void> canonicalize(Element apex, const Canonicalization& method, std::optional<Element> omitted,
                          std::string& out) {
  return Canonicalizer(apex, method, omitted, out).run();
}

}  // namespace doorward::xml
