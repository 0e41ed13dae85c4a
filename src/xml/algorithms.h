#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "crypto/hash.h"
#include "xml/reader.h"

/// What signatures and encryption have in common. Internal to xml/.
namespace doorward::xml {

/// An algorithm identifier and what it stands for here.
template <class Value>
struct Named {
  std::string_view uri;
  Value value;
};

template <class Value, std::size_t N>
std::optional<Value> find_algorithm(const Named<Value> (&table)[N], std::string_view uri) {
  for (const Named<Value>& entry : table) {
    if (entry.uri == uri) return entry.value;
  }
  return std::nullopt;
}

/// The Algorithm attribute, empty when there is none.
std::string_view algorithm_of(Element method);

/// The digest that a DigestMethod names (XML Signature 1.1 section 6.2).
std::optional<crypto::Digest> digest_from_uri(std::string_view uri);

/// The bytes of an element that holds base64 (`kSplitValue` when it holds anything else).
Result<Bytes> read_base64(Element element);

/// Gives a failure of the reader (a missing, unexpected or split element) the `code` of a wrong structure;
/// other failures pass through.
Error as_shape_error(Error error, ErrorCode code, std::string_view sentence);

}  // namespace doorward::xml
