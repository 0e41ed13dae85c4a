#include "oidc/protocol/jwt.h"

#include <array>

#include <gtest/gtest.h>

#include "oidc/protocol/tokens.h"

namespace doorward::oidc::protocol {
namespace {

using crypto::KeyType;
using crypto::PrivateKey;
using crypto::SignatureAlgorithm;
using test::both_keys;
using test::ec_key;
using test::key_set;
using test::rsa_key;
using test::sign_es256;
using test::sign_raw;
using test::sign_rs256;

constexpr std::array kBoth = {JwsAlgorithm::Rs256, JwsAlgorithm::Es256};
constexpr std::string_view kPayload = R"({"sub":"1"})";

std::string code_of(std::string_view token, const JwkSet& keys = both_keys(),
                    std::span<const JwsAlgorithm> allowed = kBoth, std::string_view type = {}) {
  const auto verified = verify_jwt(token, keys, allowed, type);
  return verified ? "verified" : std::string(verified.error().code.name());
}

constexpr std::string_view kSpecificationPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

TEST(Jwt, VerifiesTheRsaExampleOfTheSpecification) {
  // RFC 7515 appendix A.2.
  const auto keys = key_set({{{"kty", "RSA"},
                              {"n",
                               "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
                               "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF"
                               "d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
                               "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo"
                               "7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
                               "DWNmoudF8NAco9_h9iaGNj8q2ethFkM"
                               "Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
                              {"e", "AQAB"}}});
  const std::string token =
      "eyJhbGciOiJSUzI1NiJ9." + std::string(kSpecificationPayload) +
      ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
      "O8W2Fp5jujGbds9uJdbF"
      "9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_"
      "eSN9383LcOL"
      "n6_dO--xi12jzDwusC-"
      "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVr"
      "Bp0igcN_IoypGlUPQGe77Rw";
  const auto verified = verify_jwt(token, keys, kBoth);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->claims().at("iss").as_string(), "joe");
  EXPECT_EQ(verified->claims().at("exp").as_int64(), 1'300'819'380);
}

const json::Object kSpecificationEcKey = {{"kty", "EC"},
                                          {"crv", "P-256"},
                                          {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                                          {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};

TEST(Jwt, VerifiesTheEcExampleOfTheSpecification) {
  // RFC 7515 appendix A.3.
  const std::string token =
      "eyJhbGciOiJFUzI1NiJ9." + std::string(kSpecificationPayload) +
      ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  EXPECT_EQ(code_of(token, key_set({kSpecificationEcKey})), "verified");
  EXPECT_EQ(code_of(token), "oidc.jwt_signature") << "another key";
}

TEST(Jwt, RefusesTheOtherExamplesOfTheSpecification) {
  const auto keys = key_set({kSpecificationEcKey});
  // RFC 7515 appendix A.1: HMAC.
  EXPECT_EQ(code_of("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + std::string(kSpecificationPayload) +
                        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                    keys),
            "oidc.jwt_algorithm");
  // Appendix A.5: without a signature.
  EXPECT_EQ(code_of("eyJhbGciOiJub25lIn0." + std::string(kSpecificationPayload) + ".", keys),
            "oidc.jwt_malformed");
  // Appendix A.7: the flattened JSON serialization.
  EXPECT_EQ(code_of(R"({"payload":")" + std::string(kSpecificationPayload) +
                        R"(","protected":"eyJhbGciOiJFUzI1NiJ9","signature":"DtEhU3"})",
                    keys),
            "oidc.jwt_malformed");
}

TEST(Jwt, VerifiesWhatItSigns) {
  const json::Object claims = {{"iss", "https://sso.example"}, {"n", 5}};
  const std::string rsa =
      sign_jwt({.key_id = "rsa", .algorithm = JwsAlgorithm::Rs256, .key = rsa_key()}, "JWT", claims);
  const std::string ec =
      sign_jwt({.key_id = "ec", .algorithm = JwsAlgorithm::Es256, .key = ec_key()}, "logout+jwt", claims);
  const auto verified = verify_jwt(rsa, both_keys(), kBoth);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->claims(), claims);
  EXPECT_EQ(verified->header().at("kid").as_string(), "rsa");
  EXPECT_EQ(code_of(ec, both_keys(), kBoth, "logout+jwt"), "verified");
}

TEST(Jwt, RefusesEveryChangedCharacter) {
  for (const std::string& token : {sign_rs256(R"({"alg":"RS256","kid":"rsa"})", kPayload),
                                   sign_es256(R"({"alg":"ES256","kid":"ec"})", kPayload)}) {
    ASSERT_EQ(code_of(token), "verified");
    for (std::size_t i = 0; i < token.size(); ++i) {
      for (const char c : {'A', '_', '.', '=', '\0'}) {
        if (token[i] == c) continue;
        std::string changed = token;
        changed[i] = c;
        EXPECT_NE(code_of(changed), "verified") << i << c;
      }
      EXPECT_NE(code_of(token.substr(0, i)), "verified") << i;
    }
  }
}

TEST(Jwt, TakesNoTextThatMeansTheSameBytes) {
  const std::string token = sign_rs256(R"({"alg":"RS256","kid":"rsa"})", kPayload);
  EXPECT_EQ(code_of(token + "="), "oidc.jwt_malformed");
  EXPECT_EQ(code_of(token + "=="), "oidc.jwt_malformed");
  EXPECT_EQ(code_of(token + "\n"), "oidc.jwt_malformed");
  EXPECT_EQ(code_of(" " + token), "oidc.jwt_malformed");
  EXPECT_EQ(code_of("Bearer " + token), "oidc.jwt_malformed");
  // 256 bytes leave four unused bits in the last character.
  std::string spare = token;
  spare.back() = static_cast<char>(spare.back() + 1);
  EXPECT_NE(code_of(spare), "verified");
}

TEST(Jwt, TakesThreePartsAndNoMore) {
  const std::string token = sign_rs256(R"({"alg":"RS256","kid":"rsa"})", kPayload);
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), token + ".", token + ".AAAA",
        "." + token, token.substr(token.find('.')), "e30.." + token}) {
    EXPECT_EQ(code_of(text), "oidc.jwt_malformed") << text;
  }
  EXPECT_EQ(code_of(std::string(kMaxJwtBytes + 1, 'a')), "oidc.jwt_malformed");
  EXPECT_EQ(code_of(std::string(kMaxJwtBytes, '.')), "oidc.jwt_malformed");
}

TEST(Jwt, NeverTakesTheTokensWordForTheAlgorithm) {
  const auto claims_rs256 = sign_rs256(R"({"alg":"RS256","kid":"rsa"})", kPayload);
  EXPECT_EQ(code_of(claims_rs256, both_keys(), std::array{JwsAlgorithm::Es256}), "oidc.jwt_algorithm");
  EXPECT_EQ(code_of(claims_rs256, both_keys(), {}), "oidc.jwt_algorithm");
  for (const char* name : {"none", "None", "NONE", "nOnE", "HS256", "PS256", "RS512", "RS1", "rs256", "ES384",
                           "EdDSA", "RS256 ", ""}) {
    const std::string header = R"({"kid":"rsa","alg":")" + std::string(name) + "\"}";
    EXPECT_NE(code_of(sign_rs256(header, kPayload)), "verified") << name;
  }
  for (const char* header :
       {R"({"kid":"rsa"})", R"({"kid":"rsa","alg":null})", R"({"kid":"rsa","alg":["RS256"]})",
        R"({"kid":"rsa","alg":{"RS256":1}})", R"({"kid":"rsa","Alg":"RS256"})"}) {
    EXPECT_EQ(code_of(sign_rs256(header, kPayload)), "oidc.jwt_malformed") << header;
  }
}

TEST(Jwt, TakesNoPublicKeyForASecret) {
  // The classic confusion: HMAC keyed with the public key in any of its forms.
  const std::string signed_part =
      to_base64url(R"({"alg":"HS256","kid":"rsa"})") + '.' + to_base64url(kPayload);
  for (const Bytes& secret :
       {rsa_key().public_key().to_der(), rsa_key().public_key().rsa_numbers().modulus}) {
    EXPECT_EQ(code_of(signed_part + '.' + to_base64url(crypto::hmac_sha256(secret, signed_part))),
              "oidc.jwt_algorithm");
  }
}

TEST(Jwt, BindsTheKeyToItsTypeCurveAndAlgorithm) {
  // The RSA key by ES256's name, and the other way round.
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"ES256","kid":"rsa"})", kPayload)), "oidc.jwt_algorithm");
  EXPECT_EQ(code_of(sign_es256(R"({"alg":"RS256","kid":"ec"})", kPayload)), "oidc.jwt_algorithm");
  // A key that names another algorithm of its own type.
  const auto pss_only = key_set({to_jwk(rsa_key().public_key(), "rsa", "PS256")});
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"rsa"})", kPayload), pss_only), "oidc.jwt_algorithm");
  // ES256 is P-256 (RFC 7518 section 3.4), however well the signature verifies.
  const auto p384 = PrivateKey::generate_ec(KeyType::EcP384);
  json::Object jwk = to_jwk(p384.public_key(), "p384", "ES256");
  const auto token =
      sign_raw(R"({"alg":"ES256","kid":"p384"})", kPayload, p384, SignatureAlgorithm::EcdsaSha256);
  EXPECT_EQ(code_of(token, key_set({jwk})), "oidc.jwt_algorithm");
  jwk.erase("alg");
  EXPECT_EQ(code_of(token, key_set({jwk})), "oidc.jwt_algorithm");
}

TEST(Jwt, TakesEcdsaSignaturesOfOneWidth) {
  const std::string token = sign_es256(R"({"alg":"ES256","kid":"ec"})", kPayload);
  const std::string signed_part = token.substr(0, token.rfind('.'));
  const Bytes signature = *from_base64url(token.substr(token.rfind('.') + 1));
  ASSERT_EQ(signature.size(), 64U);
  for (const Bytes& other :
       {signature.substr(0, 63), signature + '\0', '\0' + signature, Bytes(64, '\0'),
        signature.substr(0, 32) + Bytes(32, '\0'), Bytes(64, '\xff'),
        // DER, as OpenSSL and Java write it.
        "\x30\x44\x02\x20" + signature.substr(0, 32) + "\x02\x20" + signature.substr(32)}) {
    EXPECT_EQ(code_of(signed_part + '.' + to_base64url(other)), "oidc.jwt_signature");
  }
}

TEST(Jwt, FindsTheKeyByItsNameAlone) {
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"other"})", kPayload)), "oidc.jwt_key_unknown");
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"RSA"})", kPayload)), "oidc.jwt_key_unknown");
  for (const char* kid : {"1", "null", "[\"rsa\"]", "\"\"", "{}"}) {
    EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":)" + std::string(kid) + "}", kPayload)),
              "oidc.jwt_malformed")
        << kid;
  }
  for (const char* kid : {"../../dev/null", "rsa\\u0000", "' OR 1=1 --", "https://evil.example/jwks"}) {
    EXPECT_NE(code_of(sign_rs256(R"({"alg":"RS256","kid":")" + std::string(kid) + "\"}", kPayload)),
              "verified");
  }
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"rsa"})", kPayload), JwkSet()),
            "oidc.jwt_key_unknown");
}

TEST(Jwt, WithoutANameIsVerifiedByTheOnlyKeyThatFits) {
  const std::string token = sign_rs256(R"({"alg":"RS256"})", kPayload);
  EXPECT_EQ(code_of(token), "verified");
  const auto two = key_set({to_jwk(rsa_key().public_key(), "1", "RS256"),
                            to_jwk(PrivateKey::generate_rsa().public_key(), "2", "RS256")});
  EXPECT_EQ(code_of(token, two), "oidc.jwt_key_unknown");
  EXPECT_EQ(code_of(token, key_set({to_jwk(ec_key().public_key(), "ec", "ES256")})), "oidc.jwt_key_unknown");
}

TEST(Jwt, MayBeVerifiedByAnyKeyOfTheName) {
  const auto twins = key_set({to_jwk(PrivateKey::generate_rsa().public_key(), "rsa", "RS256"),
                              to_jwk(ec_key().public_key(), "rsa", "ES256"),
                              to_jwk(rsa_key().public_key(), "rsa", "RS256")});
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"rsa"})", kPayload), twins), "verified");
}

TEST(Jwt, RefusesKeysAndInstructionsInItsHeader) {
  const std::string own = json::serialize(to_jwk(rsa_key().public_key(), "rsa", "RS256"));
  for (const std::string& member :
       {"\"jwk\":" + own, std::string(R"("jku":"https://evil.example/keys")"),
        std::string(R"("x5u":"https://x.example")"), std::string(R"("x5c":["MIIC"])"),
        std::string(R"("crit":["exp"],"exp":1)"), std::string(R"("crit":[])"),
        std::string(R"("crit":["b64"],"b64":false)"), std::string(R"("b64":true)"),
        std::string(R"("jwk":null)")}) {
    EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"rsa",)" + member + "}", kPayload)),
              "oidc.jwt_malformed")
        << member;
  }
  // What Entra writes besides, and what nobody knows.
  EXPECT_EQ(code_of(sign_rs256(R"({"typ":"JWT","alg":"RS256","x5t":"abc","kid":"rsa","new":1})", kPayload)),
            "verified");
}

TEST(Jwt, RefusesDoubledNames) {
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"none","alg":"RS256","kid":"rsa"})", kPayload)),
            "oidc.jwt_malformed");
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"rsa"})", R"({"sub":"1","sub":"2"})")),
            "oidc.jwt_malformed");
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"rsa"})", R"({"a":{"b":1,"b":2}})")),
            "oidc.jwt_malformed");
}

TEST(Jwt, RefusesPayloadsThatAreNoObject) {
  for (const char* payload :
       {"[]", "\"x\"", "1", "null", "{", "{} ", "\xEF\xBB\xBF{}", "{\"a\":\"\xff\"}", "text"}) {
    const bool is_object = std::string_view(payload) == "{} ";
    EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"rsa"})", payload)),
              is_object ? "verified" : "oidc.jwt_malformed")
        << payload;
  }
  const std::string deep = R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"rsa"})", deep)), "oidc.jwt_malformed");
}

TEST(Jwt, OfOneKindIsNoneOfAnother) {
  const auto with_type = [](std::string_view type) {
    return sign_rs256(R"({"alg":"RS256","kid":"rsa","typ":)" + std::string(type) + "}", kPayload);
  };
  EXPECT_EQ(code_of(with_type("\"JWT\"")), "verified");
  EXPECT_EQ(code_of(with_type("\"jwt\"")), "verified");
  EXPECT_EQ(code_of(with_type("\"application/jwt\"")), "verified");
  for (const char* other : {"\"at+jwt\"", "\"logout+jwt\"", "\"\"", "1", "null", "\"application/\""}) {
    EXPECT_EQ(code_of(with_type(other)), "oidc.jwt_type") << other;
  }
  EXPECT_EQ(code_of(with_type("\"AT+JWT\""), both_keys(), kBoth, "at+jwt"), "verified");
  EXPECT_EQ(code_of(with_type("\"application/at+jwt\""), both_keys(), kBoth, "at+jwt"), "verified");
  EXPECT_EQ(code_of(with_type("\"JWT\""), both_keys(), kBoth, "at+jwt"), "oidc.jwt_type");
  EXPECT_EQ(code_of(sign_rs256(R"({"alg":"RS256","kid":"rsa"})", kPayload), both_keys(), kBoth, "at+jwt"),
            "oidc.jwt_type");
}

TEST(Jwt, FailuresNeverQuoteTheSignature) {
  const std::string token = sign_es256(R"({"alg":"ES256","kid":"ec"})", R"({"secret":"s3cret"})");
  const auto refused = verify_jwt(token.substr(0, token.size() - 2) + "AA", both_keys(), kBoth);
  ASSERT_FALSE(refused);
  const std::string words = refused.error().message + refused.error().detail;
  EXPECT_EQ(words.find("s3cret"), std::string::npos);
  EXPECT_EQ(words.find(token.substr(token.rfind('.') + 1, 20)), std::string::npos);
}

}  // namespace
}  // namespace doorward::oidc::protocol
