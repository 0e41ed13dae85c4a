#include <gtest/gtest.h>
#include <openssl/ec.h>

#include "crypto/key.h"
#include "crypto/openssl_keys.h"

namespace doorward::crypto {
namespace {

using test::BignumOwner;

/// The number as OpenSSL's own tool would print it.
Bytes openssl_number(const PublicKey& key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key.handle(), name, &number);
  const BignumOwner owner(number);
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, octets(bytes));
  return bytes;
}

TEST(KeyNumbers, OfAnRsaKeyAreOpenSslsOwn) {
  const PublicKey key = PrivateKey::generate_rsa().public_key();
  const RsaNumbers numbers = key.rsa_numbers();
  EXPECT_EQ(numbers.modulus, openssl_number(key, OSSL_PKEY_PARAM_RSA_N));
  EXPECT_EQ(to_hex(numbers.exponent), "010001");
  const auto read = PublicKey::from_rsa_numbers(numbers);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id(), key.id());
  EXPECT_EQ(read->to_der(), key.to_der());
}

TEST(KeyNumbers, OfAPointAreAsWideAsTheField) {
  struct Row {
    KeyType curve;
    std::size_t width;
  };
  for (const Row& row : {Row{KeyType::EcP256, 32}, Row{KeyType::EcP384, 48}, Row{KeyType::EcP521, 66}}) {
    const PublicKey key = PrivateKey::generate_ec(row.curve).public_key();
    const CurvePoint point = key.curve_point();
    EXPECT_EQ(point.x.size(), row.width);
    EXPECT_EQ(point.y.size(), row.width);
    // The uncompressed point ends every SubjectPublicKeyInfo.
    EXPECT_TRUE(key.to_der().ends_with('\x04' + point.x + point.y));
    const auto read = PublicKey::from_curve_point(row.curve, point);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id(), key.id());
    EXPECT_EQ(read->type(), row.curve);
  }
}

TEST(KeyNumbers, KeepLeadingZerosOfACoordinate) {
  // One key in 128 has one; a hundred keys more than that are enough for a doubt of one in 10^5.
  for (int i = 0; i < 3000; ++i) {
    const PublicKey key = PrivateKey::generate_ec(KeyType::EcP256).public_key();
    const CurvePoint point = key.curve_point();
    if (point.x.front() != '\0' && point.y.front() != '\0') continue;
    EXPECT_EQ(point.x.size() + point.y.size(), 64U);
    const auto read = PublicKey::from_curve_point(KeyType::EcP256, point);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id(), key.id());
    return;
  }
  FAIL() << "no coordinate began with a zero byte";
}

TEST(KeyNumbers, RefuseOtherWidthsAndPointsOffTheCurve) {
  const CurvePoint point = PrivateKey::generate_ec(KeyType::EcP256).public_key().curve_point();
  EXPECT_FALSE(PublicKey::from_curve_point(KeyType::EcP256, {'\0' + point.x, point.y}));
  EXPECT_FALSE(PublicKey::from_curve_point(KeyType::EcP256, {point.x, point.y.substr(1)}));
  EXPECT_FALSE(PublicKey::from_curve_point(KeyType::EcP256, {point.x + point.y, {}}));
  EXPECT_FALSE(PublicKey::from_curve_point(KeyType::EcP256, {point.y, point.x}));
  EXPECT_FALSE(PublicKey::from_curve_point(KeyType::EcP256, {}));
  EXPECT_FALSE(PublicKey::from_curve_point(KeyType::EcP256, {Bytes(32, '\0'), Bytes(32, '\0')}));
  EXPECT_FALSE(PublicKey::from_curve_point(KeyType::EcP384, point));
  EXPECT_FALSE(PublicKey::from_curve_point(KeyType::EcP521, point));
}

TEST(KeyNumbers, HoldToTheRulesOfRsaKeys) {
  const RsaNumbers good = PrivateKey::generate_rsa().public_key().rsa_numbers();
  const auto code_of = [](const RsaNumbers& numbers) {
    const auto key = PublicKey::from_rsa_numbers(numbers);
    return key ? "accepted" : std::string(key.error().code.name());
  };
  EXPECT_EQ(code_of(good), "accepted");
  EXPECT_EQ(code_of({.modulus = '\0' + good.modulus, .exponent = good.exponent}), "accepted");
  EXPECT_EQ(code_of({.modulus = good.modulus, .exponent = "\x03"}), "crypto.key_exponent");
  EXPECT_EQ(code_of({.modulus = good.modulus, .exponent = Bytes(1, '\0')}), "crypto.key_exponent");
  EXPECT_EQ(code_of({.modulus = good.modulus, .exponent = {}}), "crypto.key_numbers");
  EXPECT_EQ(code_of({.modulus = good.modulus, .exponent = Bytes(17, '\x01')}), "crypto.key_numbers");
  EXPECT_EQ(code_of({.modulus = {}, .exponent = good.exponent}), "crypto.key_numbers");
  EXPECT_EQ(code_of({.modulus = good.modulus.substr(0, 128), .exponent = good.exponent}), "crypto.key_size");
  EXPECT_EQ(code_of({.modulus = Bytes(1026, '\x01'), .exponent = good.exponent}), "crypto.key_numbers");
  Bytes even = good.modulus;
  even.back() = static_cast<char>(even.back() & '\xfe');
  EXPECT_NE(code_of({.modulus = even, .exponent = good.exponent}), "accepted");
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace doorward::crypto
