#include "xml/names.h"

#include <algorithm>

#include "base/encoding.h"
#include "xml/reader.h"

namespace doorward::xml {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// XML 1.0 (fifth edition) section 2.3, productions 4 and 4a, above ASCII.
constexpr Range kNameStartRanges[] = {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},
                                      {0x370, 0x37D},   {0x37F, 0x1FFF},  {0x200C, 0x200D},
                                      {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
                                      {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
constexpr Range kFurtherNameRanges[] = {{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

template <std::size_t N>
bool is_in(const Range (&ranges)[N], char32_t c) {
  for (const Range& range : ranges) {
    if (c >= range.first && c <= range.last) return true;
  }
  return false;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

char32_t decode_utf8(const char*& at, const char* end) {
  const auto byte = [&](int i) { return static_cast<char32_t>(static_cast<unsigned char>(at[i])); };
  const auto available = end - at;
  if (available < 1) return kInvalidCharacter;
  const char32_t first = byte(0);
  if (first < 0x80) {
    ++at;
    return first;
  }
  // RFC 3629 section 4: no overlong forms, no surrogates, nothing above U+10FFFF.
  if (first >= 0xC2 && first <= 0xDF && available >= 2 && is_continuation(at[1])) {
    const char32_t c = (first & 0x1F) << 6 | (byte(1) & 0x3F);
    at += 2;
    return c;
  }
  if (first >= 0xE0 && first <= 0xEF && available >= 3 && is_continuation(at[1]) && is_continuation(at[2])) {
    const char32_t c = (first & 0xF) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    if (c < 0x800 || (c >= 0xD800 && c <= 0xDFFF)) return kInvalidCharacter;
    at += 3;
    return c;
  }
  if (first >= 0xF0 && first <= 0xF4 && available >= 4 && is_continuation(at[1]) && is_continuation(at[2]) &&
      is_continuation(at[3])) {
    const char32_t c = (first & 7) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    if (c < 0x10000 || c > 0x10FFFF) return kInvalidCharacter;
    at += 4;
    return c;
  }
  return kInvalidCharacter;
}

char* encode_utf8(char32_t c, char* to) {
  const auto put = [&](char32_t byte) { *to++ = static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return to;
}

const char* scan_ncname(const char* at, const char* end) {
  // Nearly every name is ASCII and ends before the loop.
  bool first = at == end || !has_class(*at, kNameStart);
  if (!first) {
    do
      ++at;
    while (at != end && has_class(*at, kNameChar));
  }
  while (at != end) {
    if (static_cast<unsigned char>(*at) < 0x80) {
      if (!has_class(*at, first ? kNameStart : kNameChar)) break;
      ++at;
    } else {
      const char* next = at;
      const char32_t c = decode_utf8(next, end);
      if (!is_in(kNameStartRanges, c) && (first || !is_in(kFurtherNameRanges, c))) break;
      at = next;
    }
    first = false;
  }
  return first ? nullptr : at;
}

CharacterSurvey scan_characters(std::string_view text) {
  CharacterSurvey survey;
  const char* at = text.data();
  const char* const end = at + text.size();
  BlockMask carriage_return{};
  BlockMask ampersand{};
  BlockMask bracket{};
  while (at != end) {
    const char* stop = at + 1;
    if (static_cast<std::size_t>(end - at) >= sizeof(Block)) {
      const Block block = load_block(at);
      carriage_return |= block == '\r';
      ampersand |= block == '&';
      bracket |= block == ']';
      // As signed numbers, bytes above ASCII are below the space as well.
      if (!is_any_set(reinterpret_cast<BlockMask>(block) < ' ')) {
        at += sizeof block;
        continue;
      }
      const BlockMask control = (block < 0x20) & (block != '\t') & (block != '\n') & (block != '\r');
      stop = at + sizeof block;
      if (!is_any_set(control | (block >= 0x80))) {
        at = stop;
        continue;
      }
    } else {
      survey.has_carriage_return |= *at == '\r';
      survey.has_ampersand |= *at == '&';
      survey.has_bracket |= *at == ']';
    }
    // A character may reach over the end of the block; the next block then starts behind it, past bytes that
    // are none of those looked for.
    while (at < stop) {
      const char* const character = at;
      if (!is_xml_character(decode_utf8(at, end))) {
        survey.position = static_cast<std::size_t>(character - text.data());
        return survey;
      }
    }
  }
  survey.has_carriage_return |= is_any_set(carriage_return);
  survey.has_ampersand |= is_any_set(ampersand);
  survey.has_bracket |= is_any_set(bracket);
  survey.valid = true;
  return survey;
}

// RFC 3986 section 4.3 without user information and IP literals. Canonical XML (section 1.3) fails for
// relative namespace names, and what one implementation calls a URI another one does not; names in use are
// far from that.
bool is_absolute_uri(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == uri.size()) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!is_letter(uri[0])) return false;
  for (const char c : uri.substr(0, colon)) {
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  std::string_view rest = uri.substr(colon + 1);
  if (rest.starts_with("//")) {
    const std::size_t path = std::min(rest.find_first_of("/?#", 2), rest.size());
    std::string_view host = rest.substr(2, path - 2);
    if (const std::size_t port = host.find(':'); port != std::string_view::npos) {
      const std::string_view digits = host.substr(port + 1);
      if (digits.empty() || digits.size() > 5 || !std::all_of(digits.begin(), digits.end(), is_digit))
        return false;
      host = host.substr(0, port);
    }
    if (host.empty()) return false;
    for (const char c : host) {
      if (!is_letter(c) && !is_digit(c) && c != '-' && c != '.' && c != '_') return false;
    }
    rest = rest.substr(path);
  }
  bool in_fragment = false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '%') {
      if (!from_hex(rest.substr(i + 1, 2)) || rest.size() < i + 3) return false;
    } else if (c == '#') {
      if (in_fragment) return false;
      in_fragment = true;
    } else if (!is_letter(c) && !is_digit(c) &&
               std::string_view("-._~:/?@!$'()*+,;=").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_ncname(std::string_view name) {
  return scan_ncname(name.data(), name.data() + name.size()) == name.data() + name.size() && !name.empty();
}

}  // namespace doorward::xml
