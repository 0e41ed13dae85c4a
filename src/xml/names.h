#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// The characters of XML 1.0 (fifth edition). Internal to xml/.
namespace doorward::xml {

enum CharacterClass : std::uint8_t {
  kNameStart = 1,     ///< ASCII part of NameStartChar without the colon.
  kNameChar = 2,      ///< ASCII part of NameChar without the colon.
  kSpace = 4,         ///< The S production.
  kValueSpecial = 8,  ///< Ends a plain stretch of an attribute value: quotes, `<`, `&`, white space but ' '.
  kTextEscaped = 16,  ///< Written as a reference in canonical text.
  kAttributeEscaped = 32  ///< Written as a reference in a canonical attribute value.
};

constexpr std::array<std::uint8_t, 256> make_character_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&](std::string_view characters, int flags) {
    for (const char c : characters) {
      auto& entry = classes[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint8_t>(entry | flags);
    }
  };
  add("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_", kNameStart | kNameChar);
  add("0123456789-.", kNameChar);
  add(" \t\n\r", kSpace);
  add(std::string_view("\0\t\n\r<&\"'", 8), kValueSpecial);
  add("&<>\r", kTextEscaped);
  add("&<\"\t\n\r", kAttributeEscaped);
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> kCharacterClasses = make_character_classes();

constexpr bool has_class(char c, int flags) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & flags) != 0;
}

/// Sixteen bytes at once: the vector extension of GCC and Clang, on every processor.
using Block = unsigned char __attribute__((vector_size(16)));
using BlockMask = signed char __attribute__((vector_size(16)));

inline Block load_block(const char* at) {
  Block block;
  std::memcpy(&block, at, sizeof block);
  return block;
}

inline bool is_any_set(BlockMask mask) {
  std::uint64_t halves[2];
  std::memcpy(halves, &mask, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

/// The place of the first byte that is set; 16 when none is.
inline std::size_t first_set(BlockMask mask) {
  std::uint64_t halves[2];
  std::memcpy(halves, &mask, sizeof halves);
  const auto place = [](std::uint64_t half) {
    constexpr bool kLowFirst = std::endian::native == std::endian::little;
    return static_cast<std::size_t>(kLowFirst ? std::countr_zero(half) : std::countl_zero(half)) / 8;
  };
  return halves[0] != 0 ? place(halves[0]) : 8 + place(halves[1]);
}

/// The first character of a class at or behind `at`, or `end`. The text holds only XML characters, of which
/// the ones below space are the tab and the line ends.
template <int kClass>
const char* find_class(const char* at, const char* end) {
  static_assert(kClass == kValueSpecial || kClass == kTextEscaped || kClass == kAttributeEscaped);
  for (; static_cast<std::size_t>(end - at) >= sizeof(Block); at += sizeof(Block)) {
    const Block block = load_block(at);
    BlockMask found = (block == '&') | (block == '<');
    if constexpr (kClass == kTextEscaped) {
      found |= (block == '>') | (block == '\r');
    } else {
      found |= (block == '"') | (block < 0x20);
    }
    if constexpr (kClass == kValueSpecial) found |= block == '\'';
    if (const std::size_t place = first_set(found); place < sizeof(Block)) return at + place;
  }
  while (at != end && !has_class(*at, kClass))
    ++at;
  return at;
}

inline constexpr char32_t kInvalidCharacter = 0xFFFFFFFF;

/// Reads one character of strict UTF-8 at `at` and moves past it; `kInvalidCharacter` when there is none.
char32_t decode_utf8(const char*& at, const char* end);

/// Appends a character as UTF-8 at `to` and returns the position after it.
char* encode_utf8(char32_t character, char* to);

/// The Char production of XML 1.0 section 2.2.
constexpr bool is_xml_character(char32_t c) {
  return (c >= 0x20 && c <= 0xD7FF) || c == 0x9 || c == 0xA || c == 0xD || (c >= 0xE000 && c <= 0xFFFD) ||
         (c >= 0x10000 && c <= 0x10FFFF);
}

/// The end of the NCName at `at` (a position before a NUL or `end`), or null when there is none.
const char* scan_ncname(const char* at, const char* end);

/// Whether a namespace name is an absolute URI that every implementation reads alike.
bool is_absolute_uri(std::string_view uri);

/// What `scan_characters` met, so that later scans can leave out what cannot be there.
struct CharacterSurvey {
  bool valid = false;
  std::size_t position = 0;  ///< Of the first bad byte, when not valid.
  bool has_carriage_return = false;
  bool has_ampersand = false;
  bool has_bracket = false;  ///< A closing one.
};

/// Checks that all of `text` is strict UTF-8 and made of XML characters.
CharacterSurvey scan_characters(std::string_view text);

}  // namespace doorward::xml
