#include "xml/canonical.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "xml/generator.h"
#include "xml/oracle.h"

namespace doorward::xml {
namespace {

constexpr CanonicalForm kForms[] = {CanonicalForm::Inclusive, CanonicalForm::Exclusive};
constexpr Comments kComments[] = {Comments::Dropped, Comments::Kept};

std::vector<Element> elements_of(const Document& document) {
  std::vector<Element> elements;
  const std::function<void(Element)> collect = [&](Element element) {
    elements.push_back(element);
    for (const Element child : element.children())
      collect(child);
  };
  collect(document.root());
  return elements;
}

Result<std::string> canonical(const Document& document, const Canonicalization& method, std::size_t apex = 0,
                              std::optional<std::size_t> omitted = std::nullopt) {
  const std::vector<Element> elements = elements_of(document);
  std::string out;
  RETURN_IF_ERROR(canonicalize(elements.at(apex), method,
                               omitted ? std::optional(elements.at(*omitted)) : std::nullopt, out));
  return out;
}

std::string canonical(std::string_view bytes, const Canonicalization& method, std::size_t apex = 0,
                      std::optional<std::size_t> omitted = std::nullopt) {
  const auto document = Document::parse(std::string(bytes));
  if (!document) return document.error().message;
  return canonical(*document, method, apex, omitted).value();
}

// The examples of Canonical XML 1.0 section 3 (W3C document licence). Left out: 3.1 (processing
// instructions), 3.5 (entity declarations) and 3.7 (XPath node sets), which need what our reader
// refuses. 3.3, 3.4 and 3.6 are given without their DTD and in UTF-8.
TEST(CanonicalXml, Section3_2_WhiteSpaceInContent) {
  constexpr std::string_view kDocument =
      "<doc>\n   <clean>   </clean>\n   <dirty>   A   B   </dirty>\n   <mixed>\n      A\n      <clean>   "
      "</clean>\n"
      "      B\n      <dirty>   A   B   </dirty>\n      C\n   </mixed>\n</doc>";
  for (const CanonicalForm form : kForms)
    EXPECT_EQ(canonical(kDocument, {form}), kDocument);
}

TEST(CanonicalXml, Section3_3_StartAndEndTags) {
  constexpr std::string_view kDocument = R"(<doc>
   <e1   />
   <e2   ></e2>
   <e3   name = "elem3"   id="elem3"   />
   <e4   name="elem4"   id="elem4"   ></e4>
   <e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org"
      xmlns:a="http://www.w3.org"
      xmlns="http://example.org"/>
   <e6 xmlns="" xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="" xmlns:a="http://www.w3.org">
            <e9 xmlns="" xmlns:a="http://www.ietf.org"/>
         </e8>
      </e7>
   </e6>
</doc>)";
  EXPECT_EQ(canonical(kDocument, {CanonicalForm::Inclusive}), R"(<doc>
   <e1></e1>
   <e2></e2>
   <e3 id="elem3" name="elem3"></e3>
   <e4 id="elem4" name="elem4"></e4>
   <e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5>
   <e6 xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="">
            <e9 xmlns:a="http://www.ietf.org"></e9>
         </e8>
      </e7>
   </e6>
</doc>)");
}

TEST(CanonicalXml, Section3_4_CharacterModifications) {
  constexpr std::string_view kDocument =
      "<doc>\r\n   <text>First line&#x0d;&#10;Second line</text>\r\n   <value>&#x32;</value>\r\n"
      "   <compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute>\r\n"
      "   <compute expr='value>\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"'>valid</compute>\r\n"
      "   <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>\r\n</doc>";
  EXPECT_EQ(canonical(kDocument, {CanonicalForm::Inclusive}),
            "<doc>\n   <text>First line&#xD;\nSecond line</text>\n   <value>2</value>\n"
            "   <compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute>\n"
            "   <compute expr=\"value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; "
            "?&quot;valid&quot;:&quot;error&quot;\">valid</compute>\n"
            "   <norm attr=\" '    &#xD;&#xA;&#x9;   ' \"></norm>\n</doc>");
}

TEST(CanonicalXml, Section3_6_Utf8) {
  EXPECT_EQ(
      canonical("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doc>&#169;</doc>", {CanonicalForm::Inclusive}),
      "<doc>\xC2\xA9</doc>");
}

// Exclusive XML Canonicalization 1.0 section 2.1.
TEST(ExclusiveCanonicalXml, Section2_1_SimpleEnveloping) {
  constexpr std::string_view kDocument =
      "<n0:pdu xmlns:n0=\"http://a.example\">\n<n1:elem1 xmlns:n1=\"http://b.example\">\n    "
      "content\n</n1:elem1>\n"
      "</n0:pdu>";
  EXPECT_EQ(
      canonical(kDocument, {CanonicalForm::Inclusive}, 1),
      "<n1:elem1 xmlns:n0=\"http://a.example\" xmlns:n1=\"http://b.example\">\n    content\n</n1:elem1>");
  EXPECT_EQ(canonical(kDocument, {CanonicalForm::Exclusive}, 1),
            "<n1:elem1 xmlns:n1=\"http://b.example\">\n    content\n</n1:elem1>");
}

// Section 2.2.
TEST(ExclusiveCanonicalXml, Section2_2_ReEnveloping) {
  constexpr std::string_view kFirst = R"(<n0:local xmlns:n0="foo:bar"
          xmlns:n3="ftp://example.org">
   <n1:elem2 xmlns:n1="http://example.net"
             xml:lang="en">
       <n3:stuff xmlns:n3="ftp://example.org"/>
   </n1:elem2>
</n0:local>)";
  constexpr std::string_view kSecond = R"(<n2:pdu xmlns:n1="http://example.com"
        xmlns:n2="http://foo.example"
        xml:lang="fr"
        xml:space="retain">
   <n1:elem2 xmlns:n1="http://example.net"
             xml:lang="en">
       <n3:stuff xmlns:n3="ftp://example.org"/>
   </n1:elem2>
</n2:pdu>)";
  EXPECT_EQ(
      canonical(kFirst, {CanonicalForm::Inclusive}, 1),
      R"(<n1:elem2 xmlns:n0="foo:bar" xmlns:n1="http://example.net" xmlns:n3="ftp://example.org" xml:lang="en">
       <n3:stuff></n3:stuff>
   </n1:elem2>)");
  EXPECT_EQ(
      canonical(kSecond, {CanonicalForm::Inclusive}, 1),
      R"(<n1:elem2 xmlns:n1="http://example.net" xmlns:n2="http://foo.example" xml:lang="en" xml:space="retain">
       <n3:stuff xmlns:n3="ftp://example.org"></n3:stuff>
   </n1:elem2>)");
  for (const std::string_view document : {kFirst, kSecond}) {
    EXPECT_EQ(canonical(document, {CanonicalForm::Exclusive}, 1),
              R"(<n1:elem2 xmlns:n1="http://example.net" xml:lang="en">
       <n3:stuff xmlns:n3="ftp://example.org"></n3:stuff>
   </n1:elem2>)");
  }
}

TEST(ExclusiveCanonicalXml, TreatsListedPrefixesInclusively) {
  constexpr std::string_view kDocument =
      "<r xmlns='urn:d' xmlns:a='urn:a' xmlns:b='urn:b'><b:x><y xmlns:a='urn:a2'/></b:x></r>";
  const auto with = [&](std::vector<std::string> list) {
    return canonical(kDocument, {CanonicalForm::Exclusive, Comments::Dropped, std::move(list)}, 1);
  };
  EXPECT_EQ(with({}), "<b:x xmlns:b=\"urn:b\"><y xmlns=\"urn:d\"></y></b:x>");
  EXPECT_EQ(with({"a"}),
            "<b:x xmlns:a=\"urn:a\" xmlns:b=\"urn:b\"><y xmlns=\"urn:d\" xmlns:a=\"urn:a2\"></y></b:x>");
  EXPECT_EQ(with({"#default"}), "<b:x xmlns=\"urn:d\" xmlns:b=\"urn:b\"><y></y></b:x>");
  EXPECT_EQ(with({"nowhere", "xml"}), with({}));
}

TEST(CanonicalXml, KeepsCommentsOnlyWhenAsked) {
  constexpr std::string_view kDocument = "<a>x<!-- & \r\n -->y</a>";
  for (const CanonicalForm form : kForms) {
    EXPECT_EQ(canonical(kDocument, {form, Comments::Dropped}), "<a>xy</a>");
    EXPECT_EQ(canonical(kDocument, {form, Comments::Kept}), "<a>x<!-- & \n -->y</a>");
  }
}

TEST(CanonicalXml, LeavesOutTheOmittedChild) {
  for (const CanonicalForm form : kForms) {
    EXPECT_EQ(canonical("<a> <b><c/></b>\n<d/></a>", {form}, 0, 1), "<a> \n<d></d></a>");
    EXPECT_EQ(canonical("<a><b/></a>", {form}, 0, 1), "<a></a>");
  }
}

TEST(CanonicalXml, KnowsItsMethods) {
  EXPECT_EQ(canonicalization_from_uri("http://www.w3.org/2001/10/xml-exc-c14n#")->form,
            CanonicalForm::Exclusive);
  EXPECT_EQ(
      canonicalization_from_uri("http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments")->comments,
      Comments::Kept);
  EXPECT_FALSE(canonicalization_from_uri("http://www.w3.org/2006/12/xml-c14n11"));
  EXPECT_FALSE(canonicalization_from_uri("http://www.w3.org/2001/10/xml-exc-c14n"));
  EXPECT_FALSE(canonicalization_from_uri(""));
}

// Cost is work, not time: the length of what is written.
TEST(CanonicalXml, RefusesToGrowWithoutBounds) {
  std::string document = "<r xmlns:a='urn:" + std::string(100'000, 'x') + "'>";
  for (int i = 0; i < 4'000; ++i)
    document += "<a:b/>";
  const auto parsed = Document::parse(document + "</r>").value();
  const auto exclusive = canonical(parsed, {CanonicalForm::Exclusive});
  ASSERT_FALSE(exclusive);
  EXPECT_EQ(exclusive.error().code, kCanonicalLimit);
  EXPECT_LT(canonical(parsed, {CanonicalForm::Inclusive}).value().size(), 2 * document.size());
}

TEST(CanonicalXml, WorstHonestGrowthPasses) {
  const auto quotes = Document::parse("<a b='" + std::string(10'000, '"') + "'/>").value();
  EXPECT_EQ(canonical(quotes, {CanonicalForm::Exclusive}).value().size(),
            60'000 + std::string("<a b=\"\"></a>").size());
  std::string values = "<r xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>";
  for (int i = 0; i < 1'000; ++i)
    values += "<v xsi:type='x'>v</v>";
  EXPECT_TRUE(canonical(Document::parse(values + "</r>").value(), {CanonicalForm::Exclusive}));
}

RC_GTEST_PROP(CanonicalXml, EqualsLibxml2, ()) {
  const auto choices = *rc::gen::resize(400, rc::gen::arbitrary<std::vector<std::uint8_t>>());
  Generator generator(choices);
  const std::string bytes = generator.document();
  const std::vector<std::string> list = generator.prefix_list();
  const auto document = Document::parse(bytes);
  RC_ASSERT(document.has_value());
  const std::vector<Element> elements = elements_of(*document);
  const std::size_t apex = generator.choose(elements.size());
  // Every child of the apex is left out once, and then none.
  std::vector<std::optional<std::size_t>> omissions{std::nullopt};
  for (std::size_t i = apex + 1; i < elements.size(); ++i) {
    if (elements[i].parent() == elements[apex]) omissions.emplace_back(i);
  }
  for (const CanonicalForm form : kForms) {
    for (const Comments comments : kComments) {
      for (const auto omitted : omissions) {
        const Canonicalization method{form, comments,
                                      form == CanonicalForm::Exclusive ? list : std::vector<std::string>()};
        RC_ASSERT(canonical(*document, method, apex, omitted).value() ==
                  oracle::canonicalize(bytes, method, apex, omitted).value());
      }
    }
  }
}

RC_GTEST_PROP(CanonicalXml, IsIdempotent, ()) {
  const auto choices = *rc::gen::resize(400, rc::gen::arbitrary<std::vector<std::uint8_t>>());
  Generator generator(choices);
  const auto document = Document::parse(generator.document()).value();
  const std::size_t apex = generator.choose(elements_of(document).size());
  for (const CanonicalForm form : kForms) {
    const Canonicalization method{form, Comments::Kept};
    const std::string once = canonical(document, method, apex).value();
    RC_ASSERT(canonical(once, method) == once);
  }
}

}  // namespace
}  // namespace doorward::xml
