#include "pages/html.h"

#include <gtest/gtest.h>

namespace doorward::pages {
namespace {

TEST(Html, EscapesTextInEveryPlace) {
  const std::string hostile = R"(<script>"&'</script>)";
  EXPECT_EQ(html(R"(<p title="{}">{}</p>)", hostile, hostile).markup(),
            "<p title=\"&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;\">"
            "&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;</p>");
}

TEST(Html, TakesMarkupAsItIs) {
  const Html inner = html("<b>{}</b>", "a & b");
  EXPECT_EQ(html("<p>{}</p>", inner).markup(), "<p><b>a &amp; b</b></p>");
}

TEST(Html, ValuesAreNotTemplates) {
  EXPECT_EQ(html("<p>{} {}</p>", "{}", 7).markup(), "<p>{} 7</p>");
}

TEST(Html, Appends) {
  Html list;
  for (const char* item : {"a", "<b>"})
    list += html("<li>{}</li>", item);
  EXPECT_EQ(list.markup(), "<li>a</li><li>&lt;b&gt;</li>");
}

}  // namespace
}  // namespace doorward::pages
