#include "base/encoding.h"

#include <gtest/gtest.h>

namespace doorward {
namespace {

std::string all_bytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  return bytes;
}

TEST(Hex, EncodesAndDecodes) {
  EXPECT_EQ(to_hex(""), "");
  EXPECT_EQ(to_hex(std::string("\0\x7f\xff", 3)), "007fff");
  EXPECT_EQ(from_hex("007fFf"), std::string("\0\x7f\xff", 3));
  EXPECT_EQ(from_hex(""), "");
  EXPECT_EQ(from_hex(to_hex(all_bytes())), all_bytes());
}

TEST(Hex, RefusesOtherCharacters) {
  for (const char* text : {"0", "0g", "g0", "00 ", " 00", "0x00", "0:", "@0", "`0", "/0"})
    EXPECT_FALSE(from_hex(text)) << text;
}

// RFC 4648 section 10.
TEST(Base64, MatchesTheExamplesOfRfc4648) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : examples) {
    EXPECT_EQ(to_base64(plain), text);
    EXPECT_EQ(from_base64(text), plain);
    std::string unpadded(text);
    while (!unpadded.empty() && unpadded.back() == '=')
      unpadded.pop_back();
    EXPECT_EQ(to_base64url(plain), unpadded);
    EXPECT_EQ(from_base64url(unpadded), plain);
  }
}

TEST(Base64, DecodesEveryLengthAndByte) {
  const std::string bytes = all_bytes() + all_bytes();
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const std::string part = bytes.substr(bytes.size() - length);
    EXPECT_EQ(from_base64(to_base64(part)), part);
    EXPECT_EQ(from_base64url(to_base64url(part)), part);
  }
  EXPECT_EQ(to_base64("\xfb\xff\xfe"), "+//+");
  EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
}

/// A character at a time, for texts of whole groups without padding.
std::optional<std::string> decode_slowly(std::string_view text, std::string_view alphabet) {
  std::string bytes;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t value = alphabet.find(text[i]);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (i % 4 != 3) continue;
    for (const int shift : {16, 8, 0})
      bytes += static_cast<char>(bits >> shift);
  }
  return bytes;
}

// Eight characters are decoded at once, then four, then one by one: every byte at every place of all.
TEST(Base64, DecodesAsASlowDecoderDoes) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  for (const std::size_t length : {4U, 8U, 12U, 16U, 20U, 28U}) {
    for (std::size_t place = 0; place < length; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text;
        for (std::size_t i = 0; i < length; ++i)
          text += letters[(i * 7 + place) % letters.size()];
        text[place] = static_cast<char>(byte);
        if (byte != '=') {
          EXPECT_EQ(from_base64(text), decode_slowly(text, letters + "+/")) << text;
        }
        EXPECT_EQ(from_base64url(text), decode_slowly(text, letters + "-_")) << text;
      }
    }
  }
}

TEST(Base64, IsStrict) {
  for (const char* text :
       {"Z",        "Zg",       "Zg=",      "Zg===",    "Zm8",         "Zm8==",      "Zm9v=",
        "Zm9v====", "=",        "==",       "====",     "Z===",        "=Zg=",       "Zg==Zg==",
        "Zg=a",     "Zm8=Zm9v", " Zg==",    "Zg== ",    "Zg\n==",      "Z-==",       "Z_==",
        "Zh==",     "Zm9=",     "Zm9vZh==", "Zm9v*mFy", "Zm9vYmF\x80", "Zm9vYmF\xff"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(from_base64(std::string_view("Zm9v\0", 5)), std::nullopt);
  EXPECT_EQ(from_base64(std::string_view("Zm\0v", 4)), std::nullopt);
}

TEST(Base64, RefusesEveryForeignByteAtEveryPlace) {
  const std::string good = to_base64("0123456789ab");
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      const char c = static_cast<char>(value);
      if (std::isalnum(value) != 0 || c == '+' || c == '/') continue;
      std::string bad = good;
      bad[at] = c;
      EXPECT_FALSE(from_base64(bad)) << at << ' ' << value;
    }
  }
}

TEST(Base64, AllowsWhiteSpaceOnlyWhenAsked) {
  const std::string plain(200, 'p');
  const std::string text = to_base64(plain);
  for (const std::size_t width : {1U, 3U, 4U, 64U, 75U, 76U}) {
    for (const char* separator : {"\n", "\r\n", " \t "}) {
      std::string wrapped = separator;
      for (std::size_t at = 0; at < text.size(); at += width)
        wrapped += text.substr(at, width) + separator;
      EXPECT_EQ(from_base64(wrapped, Base64Space::Allowed), plain);
      EXPECT_EQ(from_base64(wrapped), std::nullopt);
    }
  }
  EXPECT_EQ(from_base64("Zg = =\n", Base64Space::Allowed), "f");
  EXPECT_EQ(from_base64(" \n", Base64Space::Allowed), "");
  EXPECT_FALSE(from_base64("Zm9v\fZm9v", Base64Space::Allowed)) << "not XML's white space";
  EXPECT_FALSE(from_base64("Zm9v\vZm9v", Base64Space::Allowed));
  EXPECT_FALSE(from_base64("Zg== Zg==", Base64Space::Allowed));
  EXPECT_FALSE(from_base64("Zg\n", Base64Space::Allowed));
}

TEST(Base64Url, IsStrict) {
  for (const char* text : {"Zg==", "Zm8=", "Z", "Zm9vZ", "Zh", "Zm9", "+//+", " Zg", "Zg ", "Zg\n"}) {
    EXPECT_EQ(from_base64url(text), std::nullopt) << text;
  }
}

TEST(PercentEncode, KeepsUnreservedCharactersOnly) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode(" +&=%/?#"), "%20%2B%26%3D%25%2F%3F%23");
  EXPECT_EQ(percent_encode("ü"), "%C3%BC");
  EXPECT_EQ(percent_encode(std::string_view("\0\n", 2)), "%00%0A");
  EXPECT_EQ(percent_decode(percent_encode(all_bytes())), all_bytes());
}

TEST(PercentDecode, RefusesBrokenEscapes) {
  EXPECT_EQ(percent_decode("a%20b%2Bc"), "a b+c");
  EXPECT_EQ(percent_decode("%c3%BC"), "ü");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b", PlusSign::Space), "a b");
  EXPECT_EQ(percent_decode("%2B", PlusSign::Space), "+");
  EXPECT_EQ(percent_decode("%2541"), "%41") << "decoded once";
  for (const char* text : {"%", "%2", "a%", "a%2", "%zz", "%2g", "% 20", "%%20", "%-1", "%u0041"}) {
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace doorward
