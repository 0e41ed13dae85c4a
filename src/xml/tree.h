#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xml/reader.h"

/// What a parsed document looks like inside. Internal to xml/.
namespace doorward::xml {

inline constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";

/// A stretch of `Tree::bytes`.
struct Span {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

/// Prefixes and namespace names are numbered in the order in which a document declares them.
using PrefixId = std::uint8_t;
using NamespaceId = std::uint8_t;
inline constexpr PrefixId kDefaultPrefix = 0;
inline constexpr PrefixId kXmlPrefix = 1;
inline constexpr NamespaceId kNoNamespace = 0;
inline constexpr NamespaceId kXmlNamespaceId = 1;
inline constexpr NamespaceId kUnbound = 0xFF;

struct NamespaceDeclaration {
  PrefixId prefix;
  NamespaceId name;
};

struct Attribute {
  Span name = {};              ///< As written, with its prefix.
  std::uint32_t local_at = 0;  ///< Where in `name` the local part starts.
  Span value = {};
  PrefixId prefix = kDefaultPrefix;
  NamespaceId namespace_id = kNoNamespace;
};

/// Nodes stand in document order: the children of node i are i + 1, then the `end` of that one, and so on up
/// to the `end` of i.
struct Node {
  enum class Kind : std::uint8_t { Element, Text, Comment };

  Kind kind = Kind::Element;
  PrefixId prefix = kDefaultPrefix;
  NamespaceId namespace_id = kNoNamespace;
  std::uint16_t depth = 0;
  std::uint16_t attribute_count = 0;
  std::uint16_t declaration_count = 0;
  std::uint32_t parent = 0;
  std::uint32_t end = 0;
  Span data = {};  ///< An element's name as written; the characters of a text or a comment.
  std::uint32_t local_at = 0;
  std::uint32_t first_attribute = 0;
  std::uint32_t first_declaration = 0;
};

inline constexpr std::uint32_t kNoNode = 0xFFFFFFFF;

struct Tree {
  std::string bytes;  ///< The document with references replaced in place.
  std::size_t source_size = 0;
  std::vector<Node> nodes;
  std::vector<Attribute> attributes;
  std::vector<NamespaceDeclaration> declarations;
  std::vector<std::string_view> prefixes{"", "xml"};
  std::vector<std::string_view> namespaces{"", kXmlNamespace};

  std::string_view view(Span span) const { return {bytes.data() + span.offset, span.length}; }
  std::string_view local_name(const Node& node) const { return view(node.data).substr(node.local_at); }
  std::string_view local_name(const Attribute& attribute) const {
    return view(attribute.name).substr(attribute.local_at);
  }
};

}  // namespace doorward::xml
