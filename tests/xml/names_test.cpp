#include "xml/names.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "xml/reader.h"

namespace doorward::xml {
namespace {

TEST(Names, FollowTheFifthEdition) {
  for (const char* name :
       {"a", "_", "A1", "\xC3\x80", "\xE0\xA4\x95", "a\xC2\xB7", "a\xCC\x80", "\xF0\x90\x80\x80"})
    EXPECT_TRUE(is_ncname(name)) << name;
  for (const char* name : {"", "1", "-", ".", "a:b", ":", "a b", "\xC2\xB7", "\xCC\x80", "\xC3\x97",
                           "a\xC3\xB7", "\xE2\x80\xBF", "a\xE3\x80\x80", "\xF3\xB0\x80\x80"})
    EXPECT_FALSE(is_ncname(name)) << name;
}

TEST(Names, EncodesWhatItDecodes) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    char bytes[4];
    const char* const end = encode_utf8(c, bytes);
    ASSERT_TRUE(is_valid_utf8({bytes, static_cast<std::size_t>(end - bytes)}));
    const char* at = bytes;
    ASSERT_EQ(decode_utf8(at, end), c);
    ASSERT_EQ(at, end);
    const char* cut = bytes;
    ASSERT_EQ(decode_utf8(cut, end - 1), kInvalidCharacter) << "one byte is missing";
  }
}

TEST(Names, SurveysAnyPosition) {
  for (std::size_t length = 1; length < 70; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      EXPECT_FALSE(scan_characters(text).has_ampersand || scan_characters(text).has_carriage_return ||
                   scan_characters(text).has_bracket);
      text[at] = '&';
      EXPECT_TRUE(scan_characters(text).has_ampersand);
      text[at] = '\r';
      EXPECT_TRUE(scan_characters(text).has_carriage_return);
      EXPECT_TRUE(scan_characters(text).valid);
      text[at] = '\x1F';
      EXPECT_FALSE(scan_characters(text).valid);
      EXPECT_EQ(scan_characters(text).position, at);
      text[at] = '<';
      EXPECT_EQ(find_class<kTextEscaped>(text.data(), text.data() + length), text.data() + at);
      EXPECT_EQ(find_class<kValueSpecial>(text.data(), text.data() + length), text.data() + at);
      text[at] = '\t';
      EXPECT_EQ(find_class<kAttributeEscaped>(text.data(), text.data() + length), text.data() + at);
      EXPECT_EQ(find_class<kTextEscaped>(text.data(), text.data() + length), text.data() + length);
    }
  }
}

// Every character that ends a scan by table ends it by blocks too.
TEST(Names, BlocksAgreeWithTheTable) {
  for (int c = 1; c < 256; ++c) {
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') continue;
    const std::string text(32, static_cast<char>(c));
    const char* const end = text.data() + text.size();
    EXPECT_EQ(find_class<kTextEscaped>(text.data(), end) == end, !has_class(text[0], kTextEscaped)) << c;
    EXPECT_EQ(find_class<kAttributeEscaped>(text.data(), end) == end, !has_class(text[0], kAttributeEscaped))
        << c;
    EXPECT_EQ(find_class<kValueSpecial>(text.data(), end) == end, !has_class(text[0], kValueSpecial)) << c;
  }
}

}  // namespace
}  // namespace doorward::xml
