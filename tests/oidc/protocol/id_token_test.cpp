#include "oidc/protocol/id_token.h"

#include <gtest/gtest.h>

#include "oidc/protocol/jwt.h"
#include "oidc/protocol/tokens.h"

namespace doorward::oidc::protocol {
namespace {

using std::chrono::seconds;

constexpr Timestamp kNow = from_millis(1'700'000'000'000);
constexpr std::int64_t kSeconds = 1'700'000'000;
constexpr std::string_view kHeader = R"({"typ":"JWT","alg":"RS256","kid":"rsa"})";
constexpr std::string_view kTenant = "aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb";
constexpr std::string_view kIssuer =
    "https://login.microsoftonline.com/aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb/v2.0";
constexpr std::string_view kClient = "00001111-aaaa-2222-bbbb-3333cccc4444";
constexpr std::string_view kPerson = "12345678-90ab-cdef-1234-567890abcdef";

IdTokenExpectations expectations() {
  return {.issuer = std::string(kIssuer),
          .tenant_id = std::string(kTenant),
          .client_id = std::string(kClient),
          .now = kNow};
}

/// As Entra writes it a second after the sign-in: times five minutes back, an hour and five minutes of life.
json::Object good() {
  return {{"ver", "2.0"},
          {"iss", kIssuer},
          {"sub", "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"},
          {"aud", kClient},
          {"exp", kSeconds - 301 + 3900},
          {"iat", kSeconds - 301},
          {"nbf", kSeconds - 301},
          {"name", "Anna Weber"},
          {"preferred_username", "anna@contoso.example"},
          {"email", "anna.weber@contoso.example"},
          {"oid", kPerson},
          {"tid", kTenant},
          {"nonce", "of MSAL's own choice"}};
}

Result<IdTokenClaims> verify(const json::Object& claims) {
  return verify_id_token(test::sign_rs256(kHeader, json::serialize(claims)), test::both_keys(),
                         expectations());
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

TEST(IdToken, SaysWhoItIsAbout) {
  const auto person = verify(good());
  ASSERT_TRUE(person) << person.error().message;
  EXPECT_EQ(person->object_id, kPerson);
  EXPECT_EQ(person->tenant_id, kTenant);
  EXPECT_EQ(person->email, "anna.weber@contoso.example");
  EXPECT_EQ(person->preferred_username, "anna@contoso.example");
  EXPECT_EQ(person->name, "Anna Weber");
  EXPECT_EQ(person->given_name, "");
  EXPECT_EQ(person->issued_at, kNow - seconds(301));
}

TEST(IdToken, IsRememberedAsLongAsItWouldBeAccepted) {
  const json::Object claims = good();
  const auto person = verify(claims);
  ASSERT_TRUE(person);
  auto then = expectations();
  then.now = person->accepted_until;
  const std::string token = test::sign_rs256(kHeader, json::serialize(claims));
  EXPECT_FALSE(verify_id_token(token, test::both_keys(), then));
  then.now = kNow + seconds(350);
  EXPECT_TRUE(verify_id_token(token, test::both_keys(), then));
  EXPECT_LT(then.now, person->accepted_until);
}

TEST(IdToken, IsOfTheTenant) {
  EXPECT_EQ(check("tid", "cccccccc-1111-2222-3333-bbbbbbbbbbbb"), "oidc.id_token_tenant");
  EXPECT_EQ(without("tid"), "oidc.id_token_tenant");
  EXPECT_EQ(check("tid", "AAAAAAAA-1111-2222-3333-BBBBBBBBBBBB"), "good");
  EXPECT_EQ(check("iss", "https://login.microsoftonline.com/cccccccc-1111-2222-3333-bbbbbbbbbbbb/v2.0"),
            "oidc.claim_issuer");
  EXPECT_EQ(check("iss", "https://sts.windows.net/aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb/"),
            "oidc.claim_issuer")
      << "a token of version 1";
  EXPECT_EQ(check("iss", "https://login.microsoftonline.com/{tenantid}/v2.0"), "oidc.claim_issuer");
}

TEST(IdToken, IsForTheAppAlone) {
  EXPECT_EQ(check("aud", "99991111-aaaa-2222-bbbb-3333cccc4444"), "oidc.claim_audience");
  EXPECT_EQ(check("aud", json::Array{json::Value(kClient), "99991111-aaaa-2222-bbbb-3333cccc4444"}),
            "oidc.claim_audience");
  EXPECT_EQ(without("aud"), "oidc.claim_audience");
}

TEST(IdToken, IsFresh) {
  EXPECT_EQ(check("iat", kSeconds - 660), "good") << "five minutes, Entra's five, and the clocks' difference";
  EXPECT_EQ(check("iat", kSeconds - 661), "oidc.claim_too_old");
  EXPECT_EQ(check("iat", kSeconds + 61), "oidc.claim_not_yet");
  EXPECT_EQ(without("iat"), "oidc.claim_malformed");
  EXPECT_EQ(check("nbf", kSeconds + 61), "oidc.claim_not_yet");
  EXPECT_EQ(check("exp", kSeconds - 60), "oidc.claim_expired");
  EXPECT_EQ(without("exp"), "oidc.claim_malformed");
}

TEST(IdToken, NamesAPerson) {
  EXPECT_EQ(without("oid"), "oidc.id_token_person");
  for (const char* oid : {"", "anna", "12345678-90ab-cdef-1234-567890abcde",
                          "12345678-90ab-cdef-1234-567890abcdeg", "12345678x90ab-cdef-1234-567890abcdef"}) {
    EXPECT_EQ(check("oid", oid), "oidc.id_token_person") << oid;
  }
  EXPECT_EQ(check("oid", 5), "oidc.id_token_person");
  const auto nameless = verify({{"iss", kIssuer},
                                {"aud", kClient},
                                {"exp", kSeconds + 100},
                                {"iat", kSeconds},
                                {"oid", kPerson},
                                {"tid", kTenant},
                                {"email", 5},
                                {"name", std::string(2000, 'x').c_str()}});
  ASSERT_TRUE(nameless);
  EXPECT_EQ(nameless->email, "");
  EXPECT_EQ(nameless->name, "");
}

TEST(IdToken, IsSignedByTheTenant) {
  const std::string claims = json::serialize(good());
  const auto code_of = [&](const std::string& token) {
    const auto verified = verify_id_token(token, test::both_keys(), expectations());
    return verified ? "good" : std::string(verified.error().code.name());
  };
  EXPECT_EQ(code_of(test::sign_rs256(kHeader, claims)), "good");
  EXPECT_EQ(code_of(test::sign_rs256(R"({"alg":"RS256","kid":"next"})", claims)), "oidc.jwt_key_unknown");
  EXPECT_EQ(code_of(test::sign_es256(R"({"alg":"ES256","kid":"ec"})", claims)), "oidc.jwt_algorithm");
  EXPECT_EQ(code_of(test::sign_rs256(R"({"alg":"none","kid":"rsa"})", claims)), "oidc.jwt_algorithm");
  EXPECT_EQ(code_of(test::sign_rs256(R"({"alg":"RS256","kid":"rsa","typ":"at+jwt"})", claims)),
            "oidc.jwt_type");
}

}  // namespace
}  // namespace doorward::oidc::protocol
