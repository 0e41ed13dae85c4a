#include "base/encoding.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace doorward {

namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Marks what is no character of the alphabet; above all values, even when shifted.
constexpr std::uint32_t kNoValue = 0x8000'0000;

/// For each of the four places in a group, what a character contributes to the three bytes of the group, the
/// first byte lowest:
///
///     place     0        1        2        3
///     byte 0  aaaaaa.. ......bb
///     byte 1           bbbb.... ....cccc
///     byte 2                    cc...... ..dddddd
using DecodeTable = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr DecodeTable decode_table(std::string_view alphabet) {
  DecodeTable table{};
  for (auto& place : table)
    place.fill(kNoValue);
  for (std::uint32_t value = 0; value < alphabet.size(); ++value) {
    const auto character = static_cast<unsigned char>(alphabet[value]);
    table[0][character] = value << 2;
    table[1][character] = value >> 4 | (value & 0xF) << 12;
    table[2][character] = (value >> 2) << 8 | (value & 0x3) << 22;
    table[3][character] = value << 16;
  }
  return table;
}

constexpr auto kStandardTable = decode_table(kStandard);
constexpr auto kUrlSafeTable = decode_table(kUrlSafe);

enum class Padding { Required, Absent };

std::string encode(BytesView bytes, std::string_view alphabet, Padding padding) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::size_t i = 0;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at]));
  };
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    out += alphabet[group >> 6 & 63];
    out += alphabet[group & 63];
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return out;
  const std::uint32_t group = byte(i) << 16 | (rest == 2 ? byte(i + 1) << 8 : 0);
  out += alphabet[group >> 18];
  out += alphabet[group >> 12 & 63];
  if (rest == 2) out += alphabet[group >> 6 & 63];
  if (padding == Padding::Required) out.append(rest == 2 ? 1 : 2, '=');
  return out;
}

bool is_xml_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Writes three bytes, and a fourth that the next group overwrites: one store is cheaper than three.
void put_group(char*& out, std::uint32_t group) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out, &group, sizeof group);
  } else {
    for (int i = 0; i < 3; ++i)
      out[i] = static_cast<char>(group >> 8 * i);
  }
  out += 3;
}

/// Decodes the whole groups of four characters at the front of `text`, as many as hold nothing but the
/// alphabet, three bytes each to `out`. Returns how many characters that were.
std::size_t decode_groups(std::string_view text, char* out, const DecodeTable& table) {
  std::size_t at = 0;
  const auto bits = [&](std::size_t place) {
    return table[place % 4][static_cast<unsigned char>(text[at + place])];
  };
  // Two groups at a time, for they do not wait for each other.
  for (; text.size() - at >= 8; at += 8) {
    const std::uint32_t first = bits(0) | bits(1) | bits(2) | bits(3);
    const std::uint32_t second = bits(4) | bits(5) | bits(6) | bits(7);
    if (((first | second) & kNoValue) != 0) break;
    put_group(out, first);
    put_group(out, second);
  }
  for (; text.size() - at >= 4; at += 4) {
    const std::uint32_t group = bits(0) | bits(1) | bits(2) | bits(3);
    if ((group & kNoValue) != 0) break;
    put_group(out, group);
  }
  return at;
}

std::optional<Bytes> decode(std::string_view text, const DecodeTable& table, Padding padding,
                            Base64Space space) {
  Bytes bytes(text.size() / 4 * 3 + 3, '\0');
  char* out = bytes.data();
  std::size_t at = 0;
  std::uint32_t group = 0;
  std::size_t in_group = 0;
  std::size_t pads = 0;
  while (at < text.size()) {
    if (in_group == 0 && pads == 0) {
      const std::size_t decoded = decode_groups(text.substr(at), out, table);
      at += decoded;
      out += decoded / 4 * 3;
      if (at == text.size()) break;
    }
    // What the fast way left: white space, the last group, or what does not belong here.
    const char c = text[at++];
    if (space == Base64Space::Allowed && is_xml_space(c)) continue;
    if (c == '=' && padding == Padding::Required) {
      ++pads;
      continue;
    }
    const std::uint32_t bits = table[in_group][static_cast<unsigned char>(c)];
    if (bits == kNoValue || pads > 0) return std::nullopt;
    group |= bits;
    if (++in_group == 4) {
      put_group(out, group);
      group = 0;
      in_group = 0;
    }
  }
  if (in_group == 1) return std::nullopt;
  if (padding == Padding::Required && pads != (4 - in_group) % 4) return std::nullopt;
  // The bits that no byte uses must be zero, or two texts would mean the same bytes.
  const std::size_t rest = in_group == 0 ? 0 : in_group - 1;
  if (group >> 8 * rest != 0) return std::nullopt;
  for (std::size_t i = 0; i < rest; ++i)
    *out++ = static_cast<char>(group >> 8 * i);
  bytes.resize(static_cast<std::size_t>(out - bytes.data()));
  return bytes;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string to_hex(BytesView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string to_base64(BytesView bytes) {
  return encode(bytes, kStandard, Padding::Required);
}

std::optional<Bytes> from_base64(std::string_view text, Base64Space space) {
  return decode(text, kStandardTable, Padding::Required, space);
}

std::string to_base64url(BytesView bytes) {
  return encode(bytes, kUrlSafe, Padding::Absent);
}

std::optional<Bytes> from_base64url(std::string_view text) {
  return decode(text, kUrlSafeTable, Padding::Absent, Base64Space::Refused);
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text, PlusSign plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == PlusSign::Space) {
      out += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace doorward
