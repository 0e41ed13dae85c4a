#include "base/csv.h"

#include <gmock/gmock.h>

namespace doorward {
namespace {

/// The fields with a bar between, one row a line.
std::string rows(std::string_view text, const CsvLimits& limits = {}) {
  const auto parsed = parse_csv(text, limits);
  if (!parsed) return std::string(parsed.error().code.name());
  std::string out;
  for (const CsvRow& row : *parsed) {
    out += std::to_string(row.line);
    for (const std::string& field : row.fields)
      out += "|" + field;
    out += "$";
  }
  return out;
}

TEST(CsvTest, ReadsWhatSpreadsheetsWrite) {
  EXPECT_EQ(rows("a,b\r\n1,2\r\n"), "1|a|b$2|1|2$");
  EXPECT_EQ(rows("a;b\n1,5;2\n"), "1|a|b$2|1,5|2$");
  EXPECT_EQ(rows("a\tb\r1\t2"), "1|a|b$2|1|2$");
  EXPECT_EQ(rows("\xef\xbb\xbf"
                 "a,b\n"),
            "1|a|b$");
  EXPECT_EQ(rows("a,b\n\n  \n1,2\n\n"), "1|a|b$4|1|2$");
  EXPECT_EQ(rows("a,b\n1,\n,2\n,\n"), "1|a|b$2|1|$3||2$4||$");
  EXPECT_EQ(rows("a"), "1|a$");
  EXPECT_EQ(rows(""), "");
  EXPECT_EQ(rows("\n\r\n"), "");
}

TEST(CsvTest, ReadsQuotedFields) {
  EXPECT_EQ(rows(R"("a","b ""c"", d")"), R"(1|a|b "c", d$)");
  EXPECT_EQ(rows("a,\"b\r\nc\"\n1,2\n"), "1|a|b\nc$3|1|2$");
  EXPECT_EQ(rows("\"a;b\",c\n1,2"), "1|a;b|c$2|1|2$");
  EXPECT_EQ(rows("\"\",\"\""), "1||$");
  // Within a field that does not begin with one, a quotation mark is like any other character.
  EXPECT_EQ(rows("O\"Neill,b"), "1|O\"Neill|b$");
}

TEST(CsvTest, RefusesWhatIsBroken) {
  for (const char* text : {"\"a", "a,\"b", "\"", "\"a\"b,c", "\"a\" ,c", "\"\"\""})
    EXPECT_EQ(rows(text), "csv.malformed") << text;
  EXPECT_EQ(rows("M\xfcller"), "csv.not_utf8");
  EXPECT_EQ(rows(std::string_view("a\0b", 3)), "csv.not_utf8");
  const auto late = parse_csv("a,b\n1,2\n3,\"4\n\n");
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, testing::StartsWith("Line 3:"));
}

TEST(CsvTest, HasLimits) {
  const CsvLimits small{.bytes = 20, .rows = 2, .columns = 3};
  EXPECT_EQ(rows("a\n1\n2\n", small), "1|a$2|1$3|2$");
  EXPECT_EQ(rows("a\n1\n2\n3\n", small), "csv.too_many_rows");
  EXPECT_EQ(rows("a,b,c", small), "1|a|b|c$");
  EXPECT_EQ(rows("a,b,c,d", small), "csv.malformed");
  EXPECT_EQ(rows(std::string(21, 'a'), small), "csv.too_large");
}

}  // namespace
}  // namespace doorward
