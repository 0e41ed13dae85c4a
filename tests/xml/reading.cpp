#include "xml/reading.h"

#include <gtest/gtest.h>

namespace doorward::xml {

Document parsed(std::string bytes, const Limits& limits) {
  auto document = Document::parse(bytes, limits);
  EXPECT_TRUE(document) << bytes << "\n" << document.error().message;
  return document ? *std::move(document) : *Document::parse("<failed/>");
}

std::string_view verdict_on(std::string bytes, const Limits& limits) {
  const auto document = Document::parse(std::move(bytes), limits);
  return document ? "accepted" : document.error().code.name();
}

std::string_view text_of(const Document& document) {
  return document.root().text().value();
}

}  // namespace doorward::xml
