#include "json/json.h"

#include <gtest/gtest.h>

namespace doorward::json {
namespace {

std::string code_of(std::string_view text, Limits limits = {}) {
  const auto value = parse(text, limits);
  return value ? "" : std::string(value.error().code.name());
}

std::string message_of(std::string_view text, Limits limits = {}) {
  const auto value = parse(text, limits);
  return value ? "" : value.error().message;
}

TEST(Parse, ReadsEveryKindOfValue) {
  for (const std::string_view text :
       {"null", "true", "false", "0", "-1", "9223372036854775807", "18446744073709551615", "\"\"", "\"a\"",
        "[]", "{}", "[1,[2,[3]]]", R"({"a":{"b":[{},[],null]},"c":"d"})", R"(["ü€😀"])"}) {
    const auto value = parse(text);
    ASSERT_TRUE(value) << text << ' ' << value.error().message;
    EXPECT_EQ(serialize(*value), text);
  }
  EXPECT_EQ(parse(" \t\r\n[ 1 , 2 ] \n")->as_array().size(), 2U);
  EXPECT_DOUBLE_EQ(parse("1.5e3")->as_double(), 1500.0);
}

TEST(Parse, DecodesEscapes) {
  const auto value = parse(R"("\"\\\/\b\f\n\r\t\u00fc\u20AC\ud83d\ude00")");
  ASSERT_TRUE(value);
  EXPECT_EQ(std::string(value->as_string()), "\"\\/\b\f\n\r\tü€😀");
}

TEST(Parse, KeepsTheOrderOfMembers) {
  EXPECT_EQ(serialize(*parse(R"({"z":1,"a":2,"m":3})")), R"({"z":1,"a":2,"m":3})");
}

TEST(Parse, RefusesWhatRfc8259Refuses) {
  for (const std::string_view text : {"",
                                      " ",
                                      "nul",
                                      "NULL",
                                      "True",
                                      "01",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "1e",
                                      "0x10",
                                      "NaN",
                                      "Infinity",
                                      "-",
                                      "--1",
                                      "'a'",
                                      "\"",
                                      "\"a",
                                      "[",
                                      "]",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "{",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{1:2}",
                                      "[1 2]",
                                      "1 2",
                                      "{} {}",
                                      "[]]",
                                      "// c\n1",
                                      "/* c */1",
                                      "1 // c",
                                      "\"\\x41\"",
                                      "\"\\u12\"",
                                      "\"\\u12G4\"",
                                      "\"\t\"",
                                      "\"\n\"",
                                      "\xEF\xBB\xBF{}",
                                      "\x01",
                                      "[1}",
                                      "{\"a\":1]",
                                      "\"a\" x",
                                      "\f1"}) {
    EXPECT_EQ(code_of(text), "json.malformed") << text;
  }
  EXPECT_EQ(code_of(std::string_view("1\0", 2)), "json.malformed");
  EXPECT_EQ(code_of(std::string_view("\"a\0b\"", 5)), "json.malformed");
}

TEST(Parse, RefusesInvalidUtf8AndLoneSurrogates) {
  for (const std::string_view text :
       {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xc3\"", "{\"\xc3\":1}",
        R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud83dx")", R"({"\ud800":1})"}) {
    EXPECT_EQ(code_of(text), "json.malformed") << text;
  }
}

TEST(Parse, RefusesTheCharacterThatNoDatabaseHolds) {
  EXPECT_EQ(code_of(R"("a\u0000b")"), "json.malformed");
  EXPECT_EQ(code_of(R"({"a\u0000b":1})"), "json.malformed");
}

TEST(Parse, ReadsFractionsToTheLastBit) {
  for (const double number :
       {0.1, 1.0 / 3, 6.62607015e-34, 1.7976931348623157e308, 5e-324, 12345678901234567890.0}) {
    const auto again = parse(serialize(Value(number)));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->as_double(), number);
  }
  const std::string digits = std::string(70, '6') + "0000000000000137848185";
  EXPECT_EQ(parse(digits)->as_double(), std::stod(digits));
}

TEST(Parse, RefusesNumbersOutOfRange) {
  EXPECT_EQ(code_of("1e400"), "json.malformed");
  EXPECT_EQ(code_of("-1e400"), "json.malformed");
  EXPECT_EQ(code_of("1e99999999999999999999"), "json.malformed");
  EXPECT_EQ(code_of(std::string(400, '9')), "json.malformed");
  EXPECT_EQ(code_of("1e-400"), "");
}

TEST(Parse, RefusesDuplicateNamesWhereverTheyAre) {
  EXPECT_EQ(code_of(R"({"a":1,"a":2})"), "json.duplicate_name");
  EXPECT_EQ(code_of(R"({"a":1,"b":2,"a":1})"), "json.duplicate_name");
  EXPECT_EQ(code_of(R"([{"x":{"a":1,"a":2}}])"), "json.duplicate_name");
  EXPECT_EQ(code_of(R"({"a":1,"\u0061":2})"), "json.duplicate_name") << "the same name in another spelling";
  EXPECT_EQ(code_of(R"({"":1,"":2})"), "json.duplicate_name");
  EXPECT_EQ(code_of(R"({"a":{"a":{"a":1}},"A":2})"), "") << "not in one object, or not the same";
  std::string many = "{";
  for (int i = 0; i < 1000; ++i)
    many += "\"n" + std::to_string(i) + "\":0,";
  EXPECT_EQ(code_of(many + "\"x\":1}"), "");
  EXPECT_EQ(code_of(many + "\"n500\":1}"), "json.duplicate_name");
}

TEST(Parse, SaysWhatAndWhere) {
  EXPECT_EQ(message_of(R"({"name":1,"name":2})"),
            "The JSON text cannot be used: the name “name” appears twice in one object (byte 15).");
  EXPECT_NE(message_of("[1,2,x]").find("(byte 5)"), std::string::npos) << message_of("[1,2,x]");
  EXPECT_NE(message_of("[1] x").find("(byte 4)"), std::string::npos) << message_of("[1] x");
  EXPECT_NE(message_of("[1").find("(byte 2)"), std::string::npos) << message_of("[1");
  const std::string long_name(5000, 'n');
  EXPECT_LT(message_of("{\"" + long_name + "\":1,\"" + long_name + "\":2}").size(), 400U);
}

TEST(Parse, EnforcesItsLimits) {
  EXPECT_EQ(code_of("[1]", {.bytes = 3}), "");
  EXPECT_EQ(code_of("[1] ", {.bytes = 3}), "json.too_large");
  EXPECT_EQ(code_of("[[[]]]", {.depth = 3}), "");
  EXPECT_EQ(code_of("[[[[]]]]", {.depth = 3}), "json.too_large");
  EXPECT_EQ(code_of(R"({"a":{"a":{"a":{}}}})", {.depth = 3}), "json.too_large");
  EXPECT_EQ(code_of(std::string(500'000, '[')), "json.too_large");
  EXPECT_EQ(code_of("[1,2,3]", {.values = 4}), "");
  EXPECT_EQ(code_of("[1,2,3]", {.values = 3}), "json.too_large");
  EXPECT_EQ(code_of("[{},{},{}]", {.values = 3}), "json.too_large");
  std::string many = "[0";
  for (int i = 0; i < 200'000; ++i)
    many += ",0";
  EXPECT_EQ(code_of(many + "]"), "json.too_large");
}

TEST(Members, HaveTheirTypesOrSayWhy) {
  const Object object = parse(R"({"text":"t","empty":"","flag":false,"number":-5,"big":18446744073709551615,
                                  "fraction":1.0,"null":null,"list":[],"object":{}})")
                            ->as_object();
  EXPECT_EQ(*optional_string(object, "text"), "t");
  EXPECT_EQ(*optional_string(object, "empty"), "");
  EXPECT_EQ(*optional_string(object, "null"), std::nullopt);
  EXPECT_EQ(*optional_string(object, "absent"), std::nullopt);
  EXPECT_EQ(*optional_bool(object, "flag"), false);
  EXPECT_EQ(*optional_bool(object, "absent"), std::nullopt);
  EXPECT_EQ(*optional_integer(object, "number"), -5);
  EXPECT_EQ(*optional_integer(object, "null"), std::nullopt);
  EXPECT_EQ(*required_string(object, "text"), "t");

  for (const char* name : {"flag", "number", "list", "object", "fraction"}) {
    const auto text = optional_string(object, name);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, ErrorCode("json.wrong_type"));
    EXPECT_EQ(text.error().message, "“" + std::string(name) + "” must be a text.");
  }
  for (const char* name : {"text", "number", "list"})
    EXPECT_FALSE(optional_bool(object, name)) << name;
  for (const char* name : {"text", "flag", "big", "fraction", "list"})
    EXPECT_FALSE(optional_integer(object, name)) << name;
  for (const char* name : {"absent", "null"}) {
    const auto text = required_string(object, name);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, ErrorCode("json.missing"));
  }
  EXPECT_EQ(required_string(object, "list").error().code, ErrorCode("json.wrong_type"));
}

TEST(Append, WritesWhatSerializeWrites) {
  std::string every = "é日";
  for (int c = 0; c < 0x80; ++c)
    every += static_cast<char>(c);
  std::string text;
  append_string(text, every);
  EXPECT_EQ(text, serialize(Value(every)));
  for (const Value& value : {Value(), Value(true), Value(false), Value(-7), Value(1.5), Value(every),
                             Value(Array{1, "a"}), Value(Object{{"a", nullptr}})}) {
    text = "x";
    append(text, value);
    EXPECT_EQ(text, "x" + serialize(value));
  }
}

TEST(Serialize, EscapesWhatJsonMustEscape) {
  EXPECT_EQ(serialize(Value("a\"b\\c\n\x01")), R"("a\"b\\c\n\u0001")");
}

}  // namespace
}  // namespace doorward::json
