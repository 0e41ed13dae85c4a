#include "crypto/random.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>

namespace doorward::crypto {
namespace {

TEST(Random, BytesHaveTheLengthAndDiffer) {
  EXPECT_EQ(random_bytes(0), "");
  EXPECT_EQ(random_bytes(1).size(), 1U);
  EXPECT_EQ(random_bytes(100'000).size(), 100'000U);
  EXPECT_NE(random_bytes(16), random_bytes(16));
}

TEST(Random, TokensAreBase64UrlOf256Bits) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Secret token = random_token();
    EXPECT_EQ(token.reveal().size(), 43U);
    const auto bytes = from_base64url(token.reveal());
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->size(), 32U);
    EXPECT_TRUE(seen.emplace(token.reveal()).second);
  }
}

TEST(Random, XmlIdsAreNamesAndNeverStartWithADigit) {
  const std::regex shape("_[0-9a-f]{32}");
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(std::regex_match(random_xml_id(), shape));
}

TEST(Random, ReferencesAvoidLookAlikes) {
  const std::regex shape("[34679CDFGHJKMNPQRTVWXY]{4}-[34679CDFGHJKMNPQRTVWXY]{4}");
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(std::regex_match(random_reference(), shape));
  EXPECT_EQ(random_reference(1).size(), 4U);
  EXPECT_EQ(random_reference(4).size(), 19U);
}

TEST(Random, ReferenceLettersAreEquallyFrequent) {
  std::map<char, int> counts;
  for (const char c : random_reference(11'000))
    ++counts[c];
  counts.erase('-');
  EXPECT_EQ(counts.size(), 22U);
  // 44,000 letters: 2,000 each, with a standard deviation of 44. Bias by modulo would put 12 % between them.
  for (const auto& [letter, count] : counts)
    EXPECT_NEAR(count, 2000, 300) << letter;
}

}  // namespace
}  // namespace doorward::crypto
