#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "xml/reader.h"

/// Canonical XML 1.0 and Exclusive XML Canonicalization 1.0 of an element with all it contains.
namespace doorward::xml {

inline constexpr ErrorCode kCanonicalLimit = "xml.canonical_limit";

enum class CanonicalForm : std::uint8_t { Inclusive, Exclusive };
enum class Comments : std::uint8_t { Dropped, Kept };

struct Canonicalization {
  CanonicalForm form = CanonicalForm::Exclusive;
  Comments comments = Comments::Dropped;
  /// InclusiveNamespaces PrefixList of the exclusive form; `#default` stands for the default namespace.
  std::vector<std::string> inclusive_prefixes = {};
};

/// The method that an Algorithm attribute names, or nothing for one that we do not know (C14N 1.1 included).
std::optional<Canonicalization> canonicalization_from_uri(std::string_view uri);

/// Appends the canonical form of `apex` to `out`, leaving out `omitted` (the enveloped signature), which must
/// be a child of `apex`. Declarations of elements outside `apex` are honoured as the forms demand.
/// Fails with `kCanonicalLimit` when the result would be many times the document's size: a long namespace
/// name can be made to repeat on every element.
Result<void> canonicalize(Element apex, const Canonicalization& method, std::optional<Element> omitted,
                          std::string& out);

}  // namespace doorward::xml
