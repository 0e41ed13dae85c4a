#include "base/text.h"

#include <gtest/gtest.h>

namespace doorward {
namespace {

using Pieces = std::vector<std::string_view>;

TEST(Utf8, AcceptsTheEdgesOfEveryLength) {
  for (const char* text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "aüb€c😀d"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
  EXPECT_TRUE(is_valid_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  for (const char* text : {"\x80",
                           "\xbf",
                           "\xc0\x80",
                           "\xc1\xbf",
                           "\xc2",
                           "\xc2\x41",
                           "\xc2\xc2",
                           "\xe0\x80\x80",
                           "\xe0\x9f\xbf",
                           "\xe1\x80",
                           "\xe1\x80\x41",
                           "\xed\xa0\x80",
                           "\xed\xbf\xbf",
                           "\xf0\x80\x80\x80",
                           "\xf0\x8f\xbf\xbf",
                           "\xf1\x80\x80",
                           "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80",
                           "\xf8\x88\x80\x80\x80",
                           "\xfe",
                           "\xff",
                           "abc\xe2\x82"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << text;
    EXPECT_FALSE(is_valid_utf8(std::string(text) + "tail"));
  }
}

TEST(FoldCase, MakesSpellingsOfOneNameEqual) {
  const std::pair<const char*, const char*> equal[] = {{"Anna@Example.COM", "anna@example.com"},
                                                       {"MÜLLER", "müller"},
                                                       {"Straße", "STRASSE"},
                                                       {"Straße", "straẞe"},
                                                       {"ΟΔΥΣΣΕΥΣ", "οδυσσευς"},
                                                       {"ИВАНОВ", "иванов"},
                                                       {"ﬃ", "FFI"},
                                                       {"Ångström", "A\u030angstro\u0308m"},
                                                       {"É", "e\u0301"},
                                                       {"\u212a", "k"},
                                                       {"\u212b", "å"},
                                                       {"ŉ", "ʼn"}};
  for (const auto& [a, b] : equal)
    EXPECT_EQ(fold_case(a), fold_case(b)) << a << ' ' << b;
}

TEST(FoldCase, KeepsDifferentNamesDifferent) {
  const std::pair<const char*, const char*> different[] = {
      {"muller", "müller"},      {"e", "é"},   {"i", "ı"},   {"i", "İ"}, {"ss", "s"},
      {"a", "а" /* Cyrillic */}, {"x²", "x2"}, {"a b", "ab"}};
  for (const auto& [a, b] : different)
    EXPECT_NE(fold_case(a), fold_case(b)) << a << ' ' << b;
}

TEST(FoldCase, TreatsTurkishLettersLikeEverybodyElse) {
  // Without the Turkish special case, so that one table serves all: I and i are one letter, ı and İ two
  // others.
  EXPECT_EQ(fold_case("I"), "i");
  EXPECT_EQ(fold_case("ı"), "ı");
  EXPECT_EQ(fold_case("İ"), "i\u0307");
}

TEST(FoldCase, TreatsAsciiTheSameAloneAndBesideOtherLetters) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text(1, static_cast<char>(c));
    EXPECT_EQ(fold_case(text) + "日", fold_case(text + "日")) << c;
  }
}

TEST(FoldCase, IsIdempotentAndKeepsTheRest) {
  for (const char* text : {"", "Straße", "İstanbul", "ΑΣ", "ǰ", "ẞ", "日本語", "a\u0345", "ᾳ", "Ὰ\u0345"}) {
    EXPECT_EQ(fold_case(fold_case(text)), fold_case(text)) << text;
  }
  EXPECT_EQ(fold_case("日本語 123 -_."), "日本語 123 -_.");
  EXPECT_EQ(fold_case("A\xff"), "A\xff") << "invalid UTF-8 comes back as it is";
  EXPECT_EQ(fold_case(std::string_view("A\0B", 3)), std::string("a\0b", 3));
}

TEST(Ascii, FoldsNothingBeyondAscii) {
  EXPECT_EQ(to_ascii_lower("AZ[az@Ü"), "az[az@Ü");
  EXPECT_TRUE(equal_ignoring_ascii_case("Content-Type", "content-tYPE"));
  EXPECT_FALSE(equal_ignoring_ascii_case("Ü", "ü"));
  EXPECT_FALSE(equal_ignoring_ascii_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_ascii_case("@", "`"));
  EXPECT_FALSE(equal_ignoring_ascii_case("k", "\u212a"));
}

TEST(Trim, TakesAwayOuterSpaceOnly) {
  EXPECT_EQ(trim(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim("\u00a0a"), "\u00a0a");
}

TEST(Split, KeepsEmptyPieces) {
  EXPECT_EQ(split("a,b,c", ','), (Pieces{"a", "b", "c"}));
  EXPECT_EQ(split("", ','), (Pieces{""}));
  EXPECT_EQ(split(",", ','), (Pieces{"", ""}));
  EXPECT_EQ(split("a,,b,", ','), (Pieces{"a", "", "b", ""}));
}

TEST(Printable, CutsBetweenCharacters) {
  EXPECT_EQ(printable("short"), "short");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("aü", 2), "a…");
  EXPECT_EQ(printable("😀😀", 5), "😀…");
  EXPECT_EQ(printable("", 0), "");
  EXPECT_EQ(printable("a", 0), "…");
}

TEST(Printable, ShowsNothingThatDisturbsTheDisplay) {
  EXPECT_EQ(printable("a\r\nb\x1b[31m\x7f\tc"), "a??b?[31m??c");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
  EXPECT_EQ(printable("a\u0085b\u009bc"), "a?b?c") << "C1 controls drive terminals too";
  EXPECT_EQ(printable("a\u202eb\u2066c\u2028d"), "a?b?c?d") << "writing direction and line separators";
  EXPECT_EQ(printable("\u00a0\u2027\u202f\u2065\u206a"), "\u00a0\u2027\u202f\u2065\u206a");
  EXPECT_EQ(printable("a\xff\xc3"), "a??");
}

}  // namespace
}  // namespace doorward
