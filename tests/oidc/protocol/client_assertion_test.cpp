#include "oidc/protocol/client_assertion.h"

#include <gtest/gtest.h>

#include "oidc/protocol/tokens.h"

namespace doorward::oidc::protocol {
namespace {

constexpr Timestamp kNow = from_millis(1'700'000'000'000);
constexpr std::int64_t kSeconds = 1'700'000'000;
constexpr std::string_view kHeader = R"({"alg":"RS256","kid":"rsa"})";

const std::vector<std::string>& audiences() {
  static const std::vector<std::string> list = {"https://sso.example", "https://sso.example/oauth2/token"};
  return list;
}

json::Object good() {
  return {{"iss", "app"},
          {"sub", "app"},
          {"aud", "https://sso.example/oauth2/token"},
          {"jti", "once"},
          {"exp", kSeconds + 60}};
}

Result<ClientAssertion> verify(const json::Object& claims, std::string_view client_id = "app") {
  return verify_client_assertion(test::sign_rs256(kHeader, json::serialize(claims)), test::both_keys(),
                                 client_id, audiences(), kNow);
}

std::string check(std::string_view member, const json::Value& value) {
  json::Object claims = good();
  claims[member] = value;
  const auto verified = verify(claims);
  return verified ? "good" : std::string(verified.error().code.name());
}
std::string without(std::string_view member) {
  json::Object claims = good();
  claims.erase(member);
  const auto verified = verify(claims);
  return verified ? "good" : std::string(verified.error().code.name());
}

TEST(ClientAssertion, ProvesTheClient) {
  const auto verified = verify(good());
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->client_id, "app");
  EXPECT_EQ(verified->jti, "once");
  EXPECT_EQ(verified->expires_at, kNow + std::chrono::seconds(120)) << "as long as it would be accepted";
}

TEST(ClientAssertion, ClaimsAClientBeforeAnythingIsProven) {
  const std::string token = test::sign_rs256(kHeader, json::serialize(good()));
  const auto claimed = asserted_client(token);
  ASSERT_TRUE(claimed);
  EXPECT_EQ(*claimed, "app");
  EXPECT_TRUE(asserted_client(token.substr(0, token.rfind('.')) + ".AAAA")) << "nothing is verified";
  for (const std::string& text :
       {std::string(), std::string("a.b.c"), std::string("app"), test::sign_rs256(kHeader, "{}"),
        test::sign_rs256(kHeader, R"({"sub":5})"), test::sign_rs256(kHeader, R"({"sub":""})"),
        test::sign_rs256(kHeader, R"({"sub":")" + std::string(300, 'x') + "\"}"),
        test::sign_rs256(kHeader, R"({"sub":"a","sub":"b"})")}) {
    EXPECT_FALSE(asserted_client(text)) << text;
  }
}

TEST(ClientAssertion, IsOfTheClientAlone) {
  EXPECT_FALSE(verify(good(), "other"));
  EXPECT_EQ(check("iss", "other"), "oidc.claim_issuer");
  EXPECT_EQ(check("sub", "other"), "oidc.assertion_malformed");
  EXPECT_EQ(without("iss"), "oidc.claim_issuer");
  EXPECT_EQ(without("sub"), "oidc.assertion_malformed");
}

TEST(ClientAssertion, IsForUsAlone) {
  EXPECT_EQ(check("aud", "https://sso.example"), "good");
  EXPECT_EQ(check("aud", json::Array{"https://sso.example", "https://sso.example/oauth2/token"}), "good");
  EXPECT_EQ(check("aud", "https://sso.example/"), "oidc.claim_audience");
  EXPECT_EQ(check("aud", "https://other.example/token"), "oidc.claim_audience");
  EXPECT_EQ(check("aud", json::Array{"https://sso.example", "https://other.example"}), "oidc.claim_audience")
      << "the other server could come to us with it";
  EXPECT_EQ(without("aud"), "oidc.claim_audience");
}

TEST(ClientAssertion, IsShort) {
  EXPECT_EQ(check("exp", kSeconds + 660), "good") << "ten minutes and the clocks' difference";
  EXPECT_EQ(check("exp", kSeconds + 661), "oidc.assertion_malformed");
  EXPECT_EQ(check("exp", kSeconds - 60), "oidc.claim_expired");
  EXPECT_EQ(without("exp"), "oidc.claim_malformed");
  EXPECT_EQ(check("nbf", kSeconds + 61), "oidc.claim_not_yet");
  EXPECT_EQ(check("iat", kSeconds + 61), "oidc.claim_not_yet");
}

TEST(ClientAssertion, HasANameToTellRepetitionsBy) {
  EXPECT_EQ(without("jti"), "oidc.assertion_malformed");
  EXPECT_EQ(check("jti", ""), "oidc.assertion_malformed");
  EXPECT_EQ(check("jti", 5), "oidc.assertion_malformed");
  EXPECT_EQ(check("jti", json::Value(std::string(257, 'j'))), "oidc.assertion_malformed");
  EXPECT_EQ(check("jti", json::Value(std::string(256, 'j'))), "good");
}

TEST(ClientAssertion, IsSignedByTheClientsKey) {
  const auto strangers =
      test::key_set({to_jwk(crypto::PrivateKey::generate_rsa().public_key(), "rsa", "RS256")});
  const auto token = test::sign_rs256(kHeader, json::serialize(good()));
  EXPECT_FALSE(verify_client_assertion(token, strangers, "app", audiences(), kNow));
  EXPECT_FALSE(verify_client_assertion(token, JwkSet(), "app", audiences(), kNow));
  EXPECT_FALSE(
      verify_client_assertion(test::sign_rs256(R"({"alg":"none","kid":"rsa"})", json::serialize(good())),
                              test::both_keys(), "app", audiences(), kNow));
  EXPECT_TRUE(verify_client_assertion(
      test::sign_es256(R"({"alg":"ES256","kid":"ec","typ":"JWT"})", json::serialize(good())),
      test::both_keys(), "app", audiences(), kNow));
  // An ID token of ours is no client's assertion.
  EXPECT_FALSE(verify_client_assertion(
      test::sign_rs256(R"({"alg":"RS256","kid":"rsa","typ":"at+jwt"})", json::serialize(good())),
      test::both_keys(), "app", audiences(), kNow));
}

}  // namespace
}  // namespace doorward::oidc::protocol
