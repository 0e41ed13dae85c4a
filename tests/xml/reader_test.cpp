#include "xml/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "xml/reading.h"

namespace doorward::xml {
namespace {

using testing::ElementsAre;

std::vector<std::string_view> names(Element parent) {
  std::vector<std::string_view> found;
  for (const Element child : parent.children())
    found.push_back(child.local_name());
  return found;
}

TEST(Reader, FindsElementsAndAttributesByNamespace) {
  const Document document = parsed(
      R"(<p:r xmlns:p="urn:p" xmlns:q="urn:q" ID="1" p:ID="2" q:ID="3"><p:c/>text<c xmlns="urn:q"><d/></c></p:r>)");
  const Element root = document.root();
  EXPECT_TRUE(root.is("urn:p", "r"));
  EXPECT_FALSE(root.is("urn:q", "r"));
  EXPECT_FALSE(root.is("urn:p", "p:r"));
  EXPECT_EQ(root.prefix(), "p");
  EXPECT_EQ(root.attribute("ID"), "1");
  EXPECT_EQ(root.attribute("urn:p", "ID"), "2");
  EXPECT_EQ(root.attribute("urn:q", "ID"), "3");
  EXPECT_EQ(root.attribute("p:ID"), std::nullopt);
  EXPECT_EQ(root.attribute("p"), std::nullopt) << "declarations are not attributes";
  EXPECT_THAT(names(root), ElementsAre("c", "c"));
  const Element second = root.child("urn:q", "c").value();
  EXPECT_EQ(second.children().begin().operator*().namespace_uri(), "urn:q");
  EXPECT_EQ(second.parent(), root);
  EXPECT_EQ(root.parent(), std::nullopt);
  EXPECT_EQ(second.depth(), 2u);
}

TEST(Reader, TellsOneSeveralAndNoChildrenApart) {
  const Document document = parsed("<r><a/><b/><b/></r>");
  const Element root = document.root();
  EXPECT_TRUE(root.child("", "a"));
  EXPECT_EQ(root.child("", "b").error().code, kUnexpected);
  EXPECT_EQ(root.child("", "c").error().code, kMissing);
  EXPECT_EQ(root.optional_child("", "c").value(), std::nullopt);
  EXPECT_EQ(root.optional_child("", "b").error().code, kUnexpected);
}

TEST(Reader, SequenceFollowsTheSchema) {
  const Document document = parsed("<r> <a/> <b/><!-- harmless --><c/></r>");
  Sequence all(document.root());
  EXPECT_TRUE(all.require("", "a"));
  EXPECT_FALSE(all.take("", "c"));
  EXPECT_TRUE(all.take("", "b"));
  EXPECT_EQ(all.finish().error().code, kUnexpected);
  EXPECT_EQ(all.require("", "d").error().code, kMissing);
  EXPECT_EQ(all.peek()->local_name(), "c");
  EXPECT_TRUE(all.take_any());
  EXPECT_EQ(all.take_any(), std::nullopt);
  EXPECT_EQ(all.require("", "d").error().code, kMissing);
  EXPECT_TRUE(all.finish());

  const Document mixed = parsed("<r><a/>words</r>");
  Sequence with_text(mixed.root());
  EXPECT_TRUE(with_text.take("", "a"));
  EXPECT_EQ(with_text.finish().error().code, kUnexpected);
}

TEST(Reader, ReadsTextWholeOrNotAtAll) {
  EXPECT_EQ(text_of(parsed("<a/>")), "");
  EXPECT_EQ(text_of(parsed("<a></a>")), "");
  EXPECT_EQ(text_of(parsed("<a> x </a>")), " x ");
  EXPECT_EQ(parsed("<a>\n\t x y \n</a>").root().trimmed_text().value(), "x y");
  EXPECT_EQ(text_of(parsed("<a>x<![CDATA[<y>&amp;]]]]><![CDATA[>]]>z</a>")), "x<y>&amp;]]>z");
  EXPECT_EQ(text_of(parsed("<a><![CDATA[]]></a>")), "");
  for (const char* split :
       {"<a>admin@x.example<!---->.evil.example</a>", "<a><!-- c -->x</a>", "<a>x<!----></a>",
        "<a><!----></a>", "<a>x<b/></a>", "<a><b>x</b></a>", "<a>x<b/>y</a>"}) {
    const Document document = parsed(split);
    EXPECT_EQ(document.root().text().error().code, kSplitValue) << split;
    EXPECT_EQ(document.root().trimmed_text().error().code, kSplitValue) << split;
  }
}

TEST(Reader, KnowsWhatStandsInAnElement) {
  const auto content = [](const char* text) { return parsed(text).root().content(); };
  for (const char* text : {"<a/>", "<a></a>", "<a> </a>", "<a>x&amp;<![CDATA[y]]></a>"})
    EXPECT_EQ(content(text), Content::Text) << text;
  for (const char* elements :
       {"<a><b/></a>", "<a> <b/> <c/></a>", "<a><!----><b/></a>", "<a>x<!---->y<b/></a>"})
    EXPECT_EQ(content(elements), Content::Elements) << elements;
  for (const char* split : {"<a><!----></a>", "<a>x<!----></a>", "<a><!---->x</a>", "<a>x<!---->y</a>"})
    EXPECT_EQ(content(split), Content::Split) << split;
}

TEST(Reader, ResolvesPrefixesInValues) {
  const Document document = parsed("<a xmlns='urn:d' xmlns:p='urn:p'><b xmlns='' xmlns:q='urn:q'/></a>");
  const Element inner = *document.root().children().begin();
  EXPECT_EQ(inner.resolve_prefix(""), "");
  EXPECT_EQ(inner.resolve_prefix("p"), "urn:p");
  EXPECT_EQ(inner.resolve_prefix("q"), "urn:q");
  EXPECT_EQ(inner.resolve_prefix("xml"), "http://www.w3.org/XML/1998/namespace");
  EXPECT_EQ(document.root().resolve_prefix(""), "urn:d");
  EXPECT_EQ(document.root().resolve_prefix("q"), std::nullopt);
}

TEST(Reader, ElementsOutliveTheMoveOfTheirDocument) {
  auto first = Document::parse("<a>x</a>").value();  // Short enough for a string's inner buffer.
  const Element root = first.root();
  const std::string_view text = root.text().value();
  const Document second = std::move(first);
  EXPECT_EQ(text, "x");
  EXPECT_EQ(second.root(), root);
}

}  // namespace
}  // namespace doorward::xml
