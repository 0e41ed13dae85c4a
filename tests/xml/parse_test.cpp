// How bytes become a document, or not: src/xml/parse.cpp.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "xml/reading.h"

namespace doorward::xml {
namespace {

using testing::HasSubstr;

TEST(Parse, ReplacesReferences) {
  EXPECT_EQ(text_of(parsed("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F600;&#xfffd;&#13;&#10;</a>")),
            "<>&\"'AB\xF0\x9F\x98\x80\xEF\xBF\xBD\r\n");
  EXPECT_EQ(text_of(parsed("<a>&amp;lt;&#38;#60;</a>")), "&lt;&#60;") << "once, not again";
  EXPECT_EQ(parsed("<a v='&lt;&#9;&quot;&apos;'/>").root().attribute("v"), "<\t\"'");
  EXPECT_EQ(text_of(parsed("<a>&#128;&#2048;&#65536;</a>")), "\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80");
}

TEST(Parse, NormalisesLineEndsAndAttributeWhiteSpace) {
  EXPECT_EQ(text_of(parsed("<a>1\r\n2\r3\n4\r\r5</a>")), "1\n2\n3\n4\n\n5");
  EXPECT_EQ(text_of(parsed("<a><![CDATA[1\r\n2\r3]]></a>")), "1\n2\n3");
  EXPECT_EQ(parsed("<a v=' 1\r\n2\r3\n4\t5  6 '/>").root().attribute("v"), " 1 2 3 4 5  6 ");
  EXPECT_EQ(parsed("<a v='&#13;&#10;'/>").root().attribute("v"), "\r\n");
  EXPECT_EQ(text_of(parsed("<a>1\xC2\x85\xE2\x80\xA8</a>")), "1\xC2\x85\xE2\x80\xA8")
      << "NEL and LS are no line ends";
  EXPECT_FALSE(is_white_space("\xC2\x85"));
  EXPECT_FALSE(is_white_space("\xC2\xA0"));
}

TEST(Parse, AcceptsWhatIsLegal) {
  for (const char* document : {
           "<?xml version='1.0'?><a/>",
           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>\n",
           "<?xml version = '1.0' encoding='utf-8' standalone='yes' ?><a/>",
           "<?xml version='1.0' standalone='no'?><a/>",
           "\xEF\xBB\xBF<?xml version='1.0'?><a/>",
           "\xEF\xBB\xBF<a/>",
           "<!-- before --> <a/> <!-- after -->",
           "<a b = 'c'\n\td=\"e\"\r\n/>",
           "<a ></a >",
           "<a>]]</a>",
           "<a>]></a>",
           "<a b='>'/>",
           "<a b='\"' c=\"'\"/>",
           "<\xC3\xA9l\xC3\xA9ment \xD0\xB8\xD0\xBC\xD1\x8F='1'/>",
           "<a-b.c_d1/>",
           "<_/>",
           "<a xml:lang='en' xml:space='preserve'/>",
           "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
           "<a xmlns='urn:x'><b xmlns=''/></a>",
           "<p:a xmlns:p='urn:x'><p:b xmlns:p='urn:y'/></p:a>",
           "<a xmlns:p='http://localhost:8080/a?b=c#d'/>",
           "<a ID='x' Id='x' id='x' AssertionID='x'/>",
           "<a>\xEF\xBB\xBF</a>",
           "<a>\x7F\xC2\x80</a>",
       }) {
    EXPECT_EQ(verdict_on(document), "accepted") << document;
  }
}

TEST(Parse, RefusesWhatIsNotWellFormed) {
  for (const char* document : {
           "",
           " ",
           "a",
           "<",
           "<a",
           "<a>",
           "<a></b>",
           "<a></a",
           "<a/",
           "<a/>x",
           "<a/><a/>",
           "x<a/>",
           "</a>",
           "< a/>",
           "<1/>",
           "<-a/>",
           "<a/ >",
           "<a><b></a></b>",
           "<a></ab>",
           "<ab></a>",
           "<a b/>",
           "<a b=/>",
           "<a b=c/>",
           "<a b='c/>",
           "<a b='c\"/>",
           "<a b='<'/>",
           "<a b='c'd='e'/>",
           "<a 'b'/>",
           "<a =''/>",
           "<a>&</a>",
           "<a>&;</a>",
           "<a>&amp</a>",
           "<a>&nbsp;</a>",
           "<a>&AMP;</a>",
           "<a>&#;</a>",
           "<a>&#x;</a>",
           "<a>&#X41;</a>",
           "<a>&#-1;</a>",
           "<a>&# 65;</a>",
           "<a>&#0;</a>",
           "<a>&#8;</a>",
           "<a>&#xD800;</a>",
           "<a>&#xFFFE;</a>",
           "<a>&#x110000;</a>",
           "<a>&#4294967361;</a>",
           "<a>&#99999999999999;</a>",
           "<a>&#x6g;</a>",
           "<a b='&'/>",
           "<a b='&x;'/>",
           "<a>]]></a>",
           "<a>x]]]></a>",
           "<a>]]>&amp;</a>",
           "<a><!-- -- --></a>",
           "<a><!-- ---></a>",
           "<a><!--></a>",
           "<a><!- x --></a>",
           "<a><!-- x</a>",
           "<a><![CDATA[x</a>",
           "<a><![cdata[x]]></a>",
           "<![CDATA[x]]><a/>",
           "<a/><![CDATA[]]>",
           "<a><!x></a>",
           "<a b='1' b='2'/>",
           "<a:b/>",
           "<:a/>",
           "<a:/>",
           "<a:b:c xmlns:a='urn:x'/>",
           "<a b:c=''/>",
           "<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='' q:b=''/>",
           "<a xmlns='urn:x' xmlns='urn:x'/>",
           "<a xmlns:p='urn:x' xmlns:p='urn:y'/>",
           "<a xmlns:p=''/>",
           "<a xmlns:xml='urn:x'/>",
           "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
           "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
           "<a xmlns:xmlns='urn:x'/>",
           "<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>",
           "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
           "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
           "<xmlns:a/>",
           "<a xmlns:='urn:x'/>",
           "<a><p:b xmlns:p='urn:x'/><p:c/></a>",
           "<a xmlns:1='urn:x'/>",
           "<?xml version='1.1'?><a/>",
           "<?xml version='1.0' encoding='UTF-16'?><a/>",
           "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
           "<?xml version='1.0' encoding='UTF-7'?><a/>",
           "<?xml encoding='UTF-8'?><a/>",
           "<?xml version='1.0' standalone='maybe'?><a/>",
           "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
           "<?xml version='1.0'encoding='UTF-8'?><a/>",
           "<?xml version='1.0' version='1.0'?><a/>",
           "<?xml version='1.0'><a/>",
           "\xEF\xBB\xBF\xEF\xBB\xBF<a/>",
           "<a/>\xEF\xBB\xBF",
           "\xFE\xFF\0<\0a\0/\0>",
           "\xFF\xFE<\0a\0/\0>\0",
           "<a\xC2\xA0"
           "b=''/>",
           "<a\xC2\x85"
           "b=''/>",
       }) {
    EXPECT_EQ(verdict_on(document), "xml.malformed") << document;
  }
}

TEST(Parse, RefusesRelativeNamespaceNames) {
  for (const char* name : {"x",
                           "../x",
                           "#x",
                           "/x",
                           "//host/x",
                           "?x",
                           "1urn:x",
                           ":x",
                           "urn:",
                           "urn:a b",
                           "urn:\xC3\xA9",
                           "urn:%",
                           "urn:%4",
                           "urn:%zz",
                           "urn:a#b#c",
                           "urn:a\\b",
                           "urn:a&amp;b",
                           "urn:{x}",
                           "http://",
                           "http://a:b@c/",
                           "http://[::1]/",
                           "http://a:x/",
                           " urn:x",
                           "urn:x "}) {
    EXPECT_EQ(verdict_on(std::string("<a xmlns='") + name + "'/>"), "xml.malformed") << name;
    EXPECT_EQ(verdict_on(std::string("<a xmlns:p='") + name + "'/>"), "xml.malformed") << name;
  }
}

TEST(Parse, RefusesDocumentTypesAndProcessingInstructions) {
  for (const char* document : {
           "<!DOCTYPE a><a/>",
           "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
           "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
           "<!-- c --><!DOCTYPE a [<!ATTLIST a ID ID #IMPLIED>]><a/>",
           "<a/><!DOCTYPE a>",
           "<?x?><a/>",
           "<a><?x y?></a>",
           "<a/><?x?>",
           " <?xml version='1.0'?><a/>",
           "<a><?xml version='1.0'?></a>",
           "<?xml-stylesheet href='x'?><a/>",
           "<?xmlx version='1.0'?><a/>",
           "<?xml?><a/>",
       }) {
    EXPECT_EQ(verdict_on(document), "xml.forbidden") << document;
  }
  EXPECT_EQ(verdict_on("<!doctype a><a/>"), "xml.malformed");
  EXPECT_EQ(verdict_on("<a><!DOCTYPE a></a>"), "xml.malformed");
}

TEST(Parse, RefusesWhatIsNotStrictUtf8) {
  for (const char* bytes : {"\x80",
                            "\xC0\x80",
                            "\xC1\xBF",
                            "\xC0\xBC",
                            "\xE0\x80\xBC",
                            "\xE0\x9F\xBF",
                            "\xED\xA0\x80",
                            "\xED\xBF\xBF",
                            "\xED\xA0\xBD\xED\xB8\x80",
                            "\xF0\x8F\xBF\xBF",
                            "\xF4\x90\x80\x80",
                            "\xF8\x88\x80\x80\x80",
                            "\xFF",
                            "\xFE",
                            "\xC3",
                            "\xE2\x82",
                            "\xF0\x9F\x98",
                            "\xEF\xBF\xBE",
                            "\xEF\xBF\xBF",
                            "\x01",
                            "\x08",
                            "\x0B",
                            "\x0C",
                            "\x1F"}) {
    const std::string text(bytes);
    EXPECT_EQ(verdict_on("<a>" + text + "</a>"), "xml.malformed");
    EXPECT_EQ(verdict_on("<a b='" + text + "'/>"), "xml.malformed");
    EXPECT_EQ(verdict_on("<a><!--" + text + "--></a>"), "xml.malformed");
    EXPECT_EQ(verdict_on("<a><![CDATA[" + text + "]]></a>"), "xml.malformed");
    EXPECT_EQ(verdict_on("<a>" + std::string(200, 'x') + text + std::string(200, 'x') + "</a>"),
              "xml.malformed");
  }
  for (const std::size_t at : {0u, 2u, 3u, 70u}) {
    std::string with_nul = "<a>" + std::string(100, 'x') + "</a>";
    with_nul[at] = '\0';
    EXPECT_EQ(verdict_on(with_nul), "xml.malformed") << at;
  }
  EXPECT_EQ(verdict_on(std::string("<a/>\0", 5)), "xml.malformed");
}

TEST(Parse, ChecksCharactersAcrossItsBlocks) {
  for (std::size_t padding = 0; padding < 140; ++padding) {
    const std::string text =
        std::string(padding, 'x') + "\xF0\x9F\x98\x80\xE2\x82\xAC\xC3\xA9" + std::string(70, 'y');
    EXPECT_EQ(text_of(parsed("<a>" + text + "</a>")), text);
    EXPECT_EQ(verdict_on("<a>" + text + "\xE2\x82</a>"), "xml.malformed");
  }
}

TEST(Parse, RefusesDuplicateIds) {
  EXPECT_EQ(verdict_on("<a ID='x'><b ID='x'/></a>"), "xml.duplicate_id");
  EXPECT_EQ(verdict_on("<a ID='x'><b/><c><d ID='&#120;'/></c></a>"), "xml.duplicate_id");
  EXPECT_EQ(verdict_on("<a ID=''><b ID=''/></a>"), "xml.duplicate_id");
  EXPECT_EQ(verdict_on("<a ID='x'><b ID='X'/><c ID='xx'/></a>"), "accepted");
  EXPECT_EQ(verdict_on("<a ID='x' xmlns:p='urn:p'><b p:ID='x'/></a>"), "accepted");
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

TEST(Parse, KeepsItsLimits) {
  const Limits limits{.bytes = 1000, .depth = 5, .nodes = 20, .attributes = 3, .namespaces = 2};
  const auto nested = [](std::size_t depth) { return repeat("<a>", depth) + repeat("</a>", depth); };
  EXPECT_EQ(verdict_on(nested(5), limits), "accepted");
  EXPECT_EQ(verdict_on(nested(6), limits), "xml.limit");
  EXPECT_EQ(verdict_on("<a>" + repeat("<b/>", 19) + "</a>", limits), "accepted");
  EXPECT_EQ(verdict_on("<a>" + repeat("<b/>", 20) + "</a>", limits), "xml.limit");
  EXPECT_EQ(verdict_on("<a>" + repeat("<!---->", 20) + "</a>", limits), "xml.limit");
  EXPECT_EQ(verdict_on("<a>" + repeat("<b/>x", 10) + "</a>", limits), "xml.limit");
  EXPECT_EQ(verdict_on("<a b='' c='' d='' xmlns:e='urn:e'/>", limits), "accepted");
  EXPECT_EQ(verdict_on("<a b='' c='' d='' e=''/>", limits), "xml.limit");
  EXPECT_EQ(verdict_on("<a xmlns='urn:a' xmlns:b='urn:b' xmlns:c='urn:c'/>", limits), "xml.limit");
  EXPECT_EQ(verdict_on("<a>" + std::string(993, 'x') + "</a>", limits), "accepted");
  EXPECT_EQ(verdict_on("<a>" + std::string(994, 'x') + "</a>", limits), "xml.limit");
  EXPECT_EQ(verdict_on(std::string(600 * 1024, ' ')), "xml.limit");
}

TEST(Parse, LimitsDistinctNamespaces) {
  const auto with_prefixes = [](int count) {
    std::string document = "<a>";
    for (int i = 0; i < count; ++i)
      document += "<b xmlns:p" + std::to_string(i) + "='urn:x'/>";
    return document + "</a>";
  };
  const auto with_names = [](int count) {
    std::string document = "<a>";
    for (int i = 0; i < count; ++i)
      document += "<b xmlns='urn:" + std::to_string(i) + "'/>";
    return document + "</a>";
  };
  EXPECT_EQ(verdict_on(with_prefixes(62)), "accepted");
  EXPECT_EQ(verdict_on(with_prefixes(63)), "xml.limit");
  EXPECT_EQ(verdict_on(with_names(62)), "accepted");
  EXPECT_EQ(verdict_on(with_names(63)), "xml.limit");
}

TEST(Parse, SaysWhere) {
  EXPECT_THAT(Document::parse("<a><b></a>").error().message, HasSubstr("byte 8"));
  EXPECT_THAT(Document::parse("<a>\xFF</a>").error().message, HasSubstr("byte 3"));
}

}  // namespace
}  // namespace doorward::xml
