#include "server/config_file.h"

#include <gtest/gtest.h>

namespace doorward::server {
namespace {

using Shape = FileValue::Shape;

TEST(ConfigFile, FlattensTablesAndKeepsLines) {
  const auto values = parse_config_file("a = 'x'\n[t]\nb = 7\nc = [true, 'y']\n[t.u]\n");
  ASSERT_TRUE(values);
  ASSERT_EQ(values->size(), 4U);
  const auto find = [&](std::string_view key) {
    for (const FileValue& value : *values) {
      if (value.key == key) return value;
    }
    return FileValue{};
  };
  EXPECT_EQ(find("a").texts, std::vector<std::string>{"x"});
  EXPECT_EQ(find("t.b").texts, std::vector<std::string>{"7"});
  EXPECT_EQ(find("t.b").line, 3);
  EXPECT_EQ(find("t.c").shape, Shape::List);
  EXPECT_EQ(find("t.c").texts, (std::vector<std::string>{"true", "y"}));
  EXPECT_EQ(find("t.u").shape, Shape::EmptyTable);
}

TEST(ConfigFile, HasNoTextForWhatNoSettingHolds) {
  for (const char* text : {"a = 1.5", "a = 2026-01-01", "a = [[1]]", "a = [{b = 1}]", "a = [1.5]"}) {
    const auto values = parse_config_file(text);
    ASSERT_TRUE(values) << text;
    EXPECT_EQ(values->front().shape, Shape::Other) << text;
  }
}

TEST(ConfigFile, RefusesBrokenDocumentsWithTheLine) {
  for (const char* text : {"\na", "\na = ", "\na = 'x", "\n[a", "x = 1\nx = 2"}) {
    const auto values = parse_config_file(text);
    ASSERT_FALSE(values) << text;
    EXPECT_NE(values.error().message.find("line 2"), std::string::npos) << values.error().message;
  }
}

TEST(ConfigFile, SurvivesDeepNesting) {
  const std::string deep(100'000, '[');
  EXPECT_FALSE(parse_config_file("a = " + deep));
}

}  // namespace
}  // namespace doorward::server
