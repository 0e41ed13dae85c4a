#include "oidc/protocol/pkce.h"

#include <string>

#include <gtest/gtest.h>

namespace doorward::oidc::protocol {
namespace {

// RFC 7636 appendix B.
constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

TEST(Pkce, AgreesWithTheSpecificationsExample) {
  EXPECT_TRUE(is_code_verifier(kVerifier));
  EXPECT_TRUE(is_code_challenge(kChallenge));
  EXPECT_TRUE(proves(kVerifier, kChallenge));
}

TEST(Pkce, AcceptsNoOtherVerifier) {
  for (std::size_t i = 0; i < kVerifier.size(); ++i) {
    std::string other(kVerifier);
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(proves(other, kChallenge)) << i;
  }
  EXPECT_FALSE(proves("", kChallenge));
  EXPECT_FALSE(proves(kVerifier, ""));
  EXPECT_FALSE(proves("", ""));
  // `plain`: a challenge that is its own verifier.
  EXPECT_FALSE(proves(kChallenge, kChallenge));
}

TEST(Pkce, BoundsTheVerifier) {
  EXPECT_FALSE(is_code_verifier(std::string(42, 'a')));
  EXPECT_TRUE(is_code_verifier(std::string(43, 'a')));
  EXPECT_TRUE(is_code_verifier(std::string(128, '~')));
  EXPECT_FALSE(is_code_verifier(std::string(129, 'a')));
  for (const char c : {' ', '+', '/', '=', '%', '\n', '\0', '\x80'}) {
    EXPECT_FALSE(is_code_verifier(std::string(43, 'a') + c)) << static_cast<int>(c);
  }
}

TEST(Pkce, TakesAChallengeForNothingButASha256) {
  EXPECT_FALSE(is_code_challenge(std::string(kChallenge) + '='));
  EXPECT_FALSE(is_code_challenge(kChallenge.substr(1)));
  EXPECT_FALSE(is_code_challenge(std::string(kChallenge) + "AA"));
  EXPECT_FALSE(is_code_challenge(std::string(42, 'A') + '+'));
  // The last character has two bits that no byte uses.
  EXPECT_TRUE(is_code_challenge(std::string(42, 'A') + 'A'));
  EXPECT_FALSE(is_code_challenge(std::string(42, 'A') + 'B'));
}

}  // namespace
}  // namespace doorward::oidc::protocol
