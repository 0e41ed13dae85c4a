#include "xml/writer.h"

#include <gtest/gtest.h>

#include "xml/reading.h"

namespace doorward::xml {
namespace {

TEST(Writer, EscapesByConstruction) {
  Writer writer;
  writer.open("a")
      .attribute("b", "<&\"'\t\n\r>")
      .text("<&>\"\r\n")
      .open("c")
      .close()
      .element("d", "e")
      .close();
  const std::string out = std::move(writer).take();
  EXPECT_EQ(out, "<a b=\"&lt;&amp;&quot;'&#x9;&#xA;&#xD;>\">&lt;&amp;&gt;\"&#xD;\n<c/><d>e</d></a>");
  const Document document = parsed(out);
  EXPECT_EQ(document.root().attribute("b"), "<&\"'\t\n\r>");
}

}  // namespace
}  // namespace doorward::xml
