#include <array>

#include <gtest/gtest.h>

#include "oidc/protocol/jwt.h"
#include "oidc/protocol/tokens.h"

namespace doorward::oidc::protocol {
namespace {

using std::chrono::seconds;

constexpr Timestamp kNow = from_millis(1'700'000'000'000);
constexpr std::int64_t kSeconds = 1'700'000'000;

json::Object good() {
  return {{"iss", "https://idp.example"}, {"aud", "client"}, {"exp", kSeconds + 300}, {"iat", kSeconds - 10}};
}

ClaimExpectations expectations() {
  return {.issuer = "https://idp.example", .audiences = {"client", "other"}, .now = kNow};
}

std::string check(const json::Object& claims, const ClaimExpectations& expected = expectations()) {
  const auto token = verify_jwt(test::sign_rs256(R"({"alg":"RS256","kid":"rsa"})", json::serialize(claims)),
                                test::both_keys(), std::array{JwsAlgorithm::Rs256});
  if (!token) return "no token";
  const auto checked = check_claims(*token, expected);
  return checked ? "good" : std::string(checked.error().code.name());
}

/// `good()` with one member changed, or without it.
std::string check(std::string_view member, const json::Value& value,
                  const ClaimExpectations& expected = expectations()) {
  json::Object claims = good();
  claims[member] = value;
  return check(claims, expected);
}
std::string without(std::string_view member, const ClaimExpectations& expected = expectations()) {
  json::Object claims = good();
  claims.erase(member);
  return check(claims, expected);
}

TEST(JwtClaims, AreGood) {
  EXPECT_EQ(check(good()), "good");
}

TEST(JwtClaims, ComeFromTheIssuer) {
  EXPECT_EQ(without("iss"), "oidc.claim_issuer");
  for (const json::Value& issuer :
       {json::Value("https://idp.example/"), json::Value("https://IDP.example"), json::Value(""),
        json::Value(1), json::Value(json::Array{"https://idp.example"}),
        json::Value("https://idp.example.evil.example")}) {
    EXPECT_EQ(check("iss", issuer), "oidc.claim_issuer") << issuer;
  }
}

TEST(JwtClaims, AreForTheAudience) {
  EXPECT_EQ(without("aud"), "oidc.claim_audience");
  for (const json::Value& audience : {json::Value("Client"), json::Value(""), json::Value(nullptr),
                                      json::Value(json::Array{}), json::Value(json::Array{"third"}),
                                      json::Value(json::Array{"client", 1}), json::Value(json::Object{})}) {
    EXPECT_EQ(check("aud", audience), "oidc.claim_audience") << audience;
  }
  EXPECT_EQ(check("aud", json::Array(51, "client")), "oidc.claim_audience");
  EXPECT_EQ(check("aud", json::Array{"third", "other"}), "good");
  auto only = expectations();
  only.only_audience = true;
  EXPECT_EQ(check("aud", json::Array{"third", "other"}, only), "oidc.claim_audience");
  EXPECT_EQ(check("aud", json::Array{"client", "other"}, only), "good");
  EXPECT_EQ(check("aud", json::Array{}, only), "oidc.claim_audience");
  only.audiences = {};
  EXPECT_EQ(check(good(), only), "oidc.claim_audience");
}

TEST(JwtClaims, Expire) {
  EXPECT_EQ(without("exp"), "oidc.claim_malformed");
  EXPECT_EQ(check("exp", kSeconds), "good") << "within the clocks' difference";
  EXPECT_EQ(check("exp", kSeconds - 59), "good");
  EXPECT_EQ(check("exp", kSeconds - 60), "oidc.claim_expired");
  EXPECT_EQ(check("exp", 0), "oidc.claim_expired");
  auto late = expectations();
  late.may_be_expired = true;
  EXPECT_EQ(check("exp", kSeconds - 86400, late), "good");
  EXPECT_EQ(without("exp", late), "oidc.claim_malformed");
}

TEST(JwtClaims, BeginToHold) {
  EXPECT_EQ(check("nbf", kSeconds + 60), "good");
  EXPECT_EQ(check("nbf", kSeconds + 61), "oidc.claim_not_yet");
  EXPECT_EQ(check("iat", kSeconds + 60), "good");
  EXPECT_EQ(check("iat", kSeconds + 61), "oidc.claim_not_yet");
  EXPECT_EQ(without("iat"), "good");
}

TEST(JwtClaims, AgeWhereThatMatters) {
  auto fresh = expectations();
  fresh.max_age = seconds(300);
  EXPECT_EQ(check("iat", kSeconds - 360, fresh), "good");
  EXPECT_EQ(check("iat", kSeconds - 361, fresh), "oidc.claim_too_old");
  EXPECT_EQ(without("iat", fresh), "oidc.claim_malformed");
}

TEST(JwtClaims, TellTimesAsNumbers) {
  for (const json::Value& time :
       {json::Value("1700000300"), json::Value(nullptr), json::Value(true),
        json::Value(json::Array{kSeconds}), json::Value(-1), json::Value(1e300), json::Value(-0.5),
        json::Value(253'402'300'800), json::Value(std::uint64_t{18'446'744'073'709'551'615U})}) {
    EXPECT_EQ(check("exp", time), "oidc.claim_malformed") << time;
    EXPECT_EQ(check("nbf", time), "oidc.claim_malformed") << time;
    EXPECT_EQ(check("iat", time), "oidc.claim_malformed") << time;
  }
  EXPECT_EQ(check("exp", 1'700'000'300.75), "good");
  EXPECT_EQ(check("exp", 253'402'300'799), "good");
}

}  // namespace
}  // namespace doorward::oidc::protocol
