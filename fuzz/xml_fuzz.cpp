// The reader and the canonical forms against libxml2: what we read, libxml2 reads, and both write it alike.
// Once with the bytes themselves, once with the document that a generator makes of them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/check.h"
#include "xml/canonical.h"
#include "xml/generator.h"
#include "xml/oracle.h"

namespace {

using namespace doorward;

std::vector<xml::Element> elements_of(const xml::Document& document) {
  std::vector<xml::Element> elements;
  const std::function<void(xml::Element)> collect = [&](xml::Element element) {
    elements.push_back(element);
    for (const xml::Element child : element.children())
      collect(child);
  };
  collect(document.root());
  return elements;
}

void compare_forms(const std::string& bytes, const xml::Document& document, std::size_t apex,
                   const std::vector<std::string>& prefixes) {
  const std::vector<xml::Element> elements = elements_of(document);
  apex = std::min(apex, elements.size() - 1);
  const bool omit = apex + 1 < elements.size() && elements[apex + 1].parent() == elements[apex];
  const auto omitted = omit ? std::optional(apex + 1) : std::nullopt;
  for (const auto form : {xml::CanonicalForm::Inclusive, xml::CanonicalForm::Exclusive}) {
    for (const auto comments : {xml::Comments::Dropped, xml::Comments::Kept}) {
      const bool exclusive = form == xml::CanonicalForm::Exclusive;
      const xml::Canonicalization method{form, comments, exclusive ? prefixes : std::vector<std::string>()};
      std::string ours;
      if (!xml::canonicalize(elements[apex], method, omit ? std::optional(elements[apex + 1]) : std::nullopt,
                             ours)) {
        continue;
      }
      CHECK(!ours.empty());
      CHECK(ours == xml::oracle::canonicalize(bytes, method, apex, omitted));
      // The signed bytes are read again: our own output must always be readable, and canonical.
      if (comments == xml::Comments::Dropped) continue;
      const auto again = xml::Document::parse(ours, {.bytes = 1 << 24});
      CHECK(again.has_value());
      std::string twice;
      CHECK(xml::canonicalize(again->root(), method, std::nullopt, twice).has_value());
      CHECK(exclusive && !prefixes.empty() ? true : twice == ours);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (const auto document = xml::Document::parse(bytes)) {
    CHECK(xml::oracle::accepts(bytes));
    compare_forms(bytes, *document, size % 5, {});
  }
  xml::Generator generator(std::span(data, std::min<std::size_t>(size, 512)));
  const std::string generated = generator.document();
  const auto document = xml::Document::parse(generated);
  CHECK(document.has_value());
  compare_forms(generated, *document, generator.choose(16), generator.prefix_list());
  return 0;
}
