#include "oidc/protocol/jwk.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "oidc/protocol/tokens.h"

namespace doorward::oidc::protocol {
namespace {

using crypto::KeyType;

// RFC 7517 appendix A.1, and the same RSA key in RFC 7638 section 3.1.
constexpr std::string_view kModulus =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
    "BJECPebWKRXjBZCiFV4n3"
    "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
    "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
    "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-"
    "csFCur-"
    "kEgU8awapJzKnqDKgw";
const json::Object kEcExample = {{"kty", "EC"},
                                 {"crv", "P-256"},
                                 {"x", "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"},
                                 {"y", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},
                                 {"kid", "1"}};
const json::Object kRsaExample = {
    {"kty", "RSA"}, {"n", kModulus}, {"e", "AQAB"}, {"alg", "RS256"}, {"kid", "2011-04-29"}};

std::string set_of(const std::vector<json::Object>& keys) {
  return json::serialize(json::Object{{"keys", json::Array(keys.begin(), keys.end())}});
}

/// How many keys are left of a set of this one.
template <class T>
std::size_t usable(json::Object key, std::string_view member, const T& value) {
  key[member] = json::Value(value);
  const auto set = JwkSet::parse(set_of({key}));
  return set ? set->keys().size() : 99;
}

std::string code_of_keys(std::string_view document) {
  const auto set = JwkSet::parse(document);
  return set ? "accepted" : std::string(set.error().code.name());
}

TEST(Jwk, ReadsTheExamplesOfTheSpecification) {
  json::Object for_encryption = kEcExample;
  for_encryption["use"] = "enc";
  const auto set = JwkSet::parse(set_of({for_encryption, kEcExample, kRsaExample}));
  ASSERT_TRUE(set);
  ASSERT_EQ(set->keys().size(), 2U) << "a key for encryption verifies nothing";
  EXPECT_EQ(set->keys()[0].key_id, "1");
  EXPECT_EQ(set->keys()[0].algorithm, "");
  EXPECT_EQ(set->keys()[0].key.type(), KeyType::EcP256);
  EXPECT_EQ(set->keys()[1].key_id, "2011-04-29");
  EXPECT_EQ(set->keys()[1].algorithm, "RS256");
  EXPECT_EQ(set->keys()[1].key.type(), KeyType::Rsa);
}

TEST(Jwk, WritesWhatItReads) {
  const auto set = JwkSet::parse(set_of({kEcExample, kRsaExample}));
  ASSERT_TRUE(set);
  json::Object ec = kEcExample;
  ec["use"] = "sig";
  ec["alg"] = "ES256";
  EXPECT_EQ(to_jwk(set->keys()[0].key, "1", "ES256"), ec);
  json::Object rsa = kRsaExample;
  rsa["use"] = "sig";
  EXPECT_EQ(to_jwk(set->keys()[1].key, "2011-04-29", "RS256"), rsa);
}

TEST(Jwk, HasTheThumbprintOfTheSpecification) {
  // RFC 7638 section 3: the required members in the order of their names. It fits only if the numbers are
  // written as the specification wants them.
  const auto set = JwkSet::parse(set_of({kRsaExample}));
  ASSERT_TRUE(set);
  const json::Object jwk = to_jwk(set->keys()[0].key, "any", "RS256");
  const json::Object required = {{"e", jwk.at("e")}, {"kty", jwk.at("kty")}, {"n", jwk.at("n")}};
  EXPECT_EQ(to_base64url(crypto::sha256(json::serialize(required))),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Jwk, RoundTripsEveryKeyType) {
  for (const auto& key :
       {crypto::PrivateKey::generate_rsa(3072), crypto::PrivateKey::generate_ec(KeyType::EcP256),
        crypto::PrivateKey::generate_ec(KeyType::EcP384), crypto::PrivateKey::generate_ec(KeyType::EcP521)}) {
    const auto set = JwkSet::parse(set_of({to_jwk(key.public_key(), "k", "any")}));
    ASSERT_TRUE(set);
    ASSERT_EQ(set->keys().size(), 1U);
    EXPECT_EQ(set->keys()[0].key.id(), key.public_key().id());
  }
}

TEST(Jwk, PassesOverKeysWithoutUse) {
  EXPECT_EQ(usable(kRsaExample, "kty", "OKP"), 0U);
  EXPECT_EQ(usable(kRsaExample, "kty", "rsa"), 0U) << "names are compared with case";
  EXPECT_EQ(usable(kRsaExample, "kty", nullptr), 0U);
  EXPECT_EQ(usable(kRsaExample, "kty", "EC"), 0U);
  EXPECT_EQ(usable(kEcExample, "kty", "RSA"), 0U);
  EXPECT_EQ(usable(kEcExample, "crv", "secp256k1"), 0U);
  EXPECT_EQ(usable(kEcExample, "crv", "P-384"), 0U);
  EXPECT_EQ(usable(kEcExample, "crv", 256), 0U);
  EXPECT_EQ(usable(kRsaExample, "use", "sig"), 1U);
  EXPECT_EQ(usable(kRsaExample, "use", "enc"), 0U);
  EXPECT_EQ(usable(kRsaExample, "use", 1), 0U);
  EXPECT_EQ(usable(kRsaExample, "key_ops", json::Array{"verify"}), 1U);
  EXPECT_EQ(usable(kRsaExample, "key_ops", json::Array{"encrypt", "wrapKey"}), 0U);
  EXPECT_EQ(usable(kRsaExample, "key_ops", json::Array{}), 0U);
  EXPECT_EQ(usable(kRsaExample, "key_ops", "verify"), 0U);
  EXPECT_EQ(usable(kRsaExample, "kid", 7), 0U);
  EXPECT_EQ(usable(kRsaExample, "kid", ""), 0U);
  EXPECT_EQ(usable(kRsaExample, "kid", std::string(257, 'k')), 0U);
  EXPECT_EQ(usable(kRsaExample, "alg", json::Array{"RS256"}), 0U);
  // Entra's keys carry these.
  EXPECT_EQ(usable(kRsaExample, "x5c", json::Array{"MIIC"}), 1U);
  EXPECT_EQ(usable(kRsaExample, "issuer", "https://login.microsoftonline.com/{tenantid}/v2.0"), 1U);
}

TEST(Jwk, PassesOverWeakAndBrokenNumbers) {
  const auto weak = to_base64url(from_base64url(kModulus)->substr(0, 128));
  EXPECT_EQ(usable(kRsaExample, "n", weak), 0U) << "1024 bits";
  EXPECT_EQ(usable(kRsaExample, "n", std::string(kModulus) + "="), 0U);
  EXPECT_EQ(usable(kRsaExample, "n", to_base64(*from_base64url(kModulus))), 0U);
  EXPECT_EQ(usable(kRsaExample, "n", ""), 0U);
  EXPECT_EQ(usable(kRsaExample, "n", 5), 0U);
  EXPECT_EQ(usable(kRsaExample, "e", "Aw"), 0U) << "exponent 3";
  EXPECT_EQ(usable(kRsaExample, "e", "AQAC"), 0U) << "an even exponent";
  const Bytes x = *from_base64url("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4");
  EXPECT_EQ(usable(kEcExample, "x", to_base64url('\0' + x)), 0U) << "too wide";
  EXPECT_EQ(usable(kEcExample, "x", to_base64url(x.substr(1))), 0U) << "too narrow";
  EXPECT_EQ(usable(kEcExample, "y", to_base64url(x)), 0U) << "off the curve";
}

TEST(Jwk, RefusesPrivateAndSecretKeys) {
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    json::Object key = kRsaExample;
    key[member] = "AQAB";
    const auto set = JwkSet::parse(set_of({kEcExample, key}));
    ASSERT_FALSE(set) << member;
    EXPECT_EQ(set.error().code, ErrorCode("oidc.jwks_private"));
    EXPECT_EQ((set.error().message + set.error().detail).find("AQAB"), std::string::npos);
  }
  EXPECT_EQ(code_of_keys(set_of({{{"kty", "oct"}, {"k", "c2VjcmV0"}}})), "oidc.jwks_private");
}

TEST(Jwk, RefusesWhatIsNoSet) {
  EXPECT_EQ(code_of_keys(R"({"keys":[]})"), "accepted");
  for (const char* text : {"{}", "[]", "null", "\"keys\"", R"({"keys":{}})", R"({"keys":"x"})",
                           R"({"keys":[1]})", R"({"keys":[null]})", R"({"Keys":[]})"}) {
    EXPECT_EQ(code_of_keys(text), "oidc.jwks_malformed") << text;
  }
  EXPECT_NE(code_of_keys(""), "accepted");
  EXPECT_NE(code_of_keys(json::serialize(kRsaExample)), "accepted") << "a single key";
  EXPECT_EQ(code_of_keys(R"({"keys":[],"keys":[]})"), "json.duplicate_name");
  EXPECT_EQ(code_of_keys(R"({"keys":[{"kty":"RSA","kty":"EC"}]})"), "json.duplicate_name");
}

TEST(Jwk, BoundsTheSet) {
  const std::vector<json::Object> many(JwkSet::kMaxKeys, json::Object{{"kty", "OKP"}});
  EXPECT_EQ(code_of_keys(set_of(many)), "accepted");
  std::vector<json::Object> more = many;
  more.push_back({{"kty", "OKP"}});
  EXPECT_EQ(code_of_keys(set_of(more)), "oidc.jwks_malformed");
  EXPECT_NE(code_of_keys(R"({"keys":[],"x":")" + std::string(JwkSet::kMaxBytes, 'x') + "\"}"), "accepted");
}

}  // namespace
}  // namespace doorward::oidc::protocol
