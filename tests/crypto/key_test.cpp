#include "crypto/key.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>

#include "crypto/openssl_keys.h"

namespace doorward::crypto {
namespace {

using test::public_der;
using test::rsa_public_der;

TEST(PublicKey, ReadsWhatItWrites) {
  for (const PrivateKey& key :
       {PrivateKey::generate_rsa(), PrivateKey::generate_ec(KeyType::EcP256),
        PrivateKey::generate_ec(KeyType::EcP384), PrivateKey::generate_ec(KeyType::EcP521)}) {
    const PublicKey& half = key.public_key();
    const auto read = PublicKey::from_der(half.to_der());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->type(), half.type());
    EXPECT_EQ(read->bits(), half.bits());
    EXPECT_EQ(read->id(), half.id());
    EXPECT_EQ(read->id(), sha256(half.to_der()));
  }
}

TEST(PublicKey, RefusesTrailingMissingAndForeignBytes) {
  const Bytes der = PrivateKey::generate_ec(KeyType::EcP256).public_key().to_der();
  EXPECT_FALSE(PublicKey::from_der(der + '\0'));
  for (std::size_t length = 0; length < der.size(); ++length) {
    EXPECT_FALSE(PublicKey::from_der(der.substr(0, length))) << length;
  }
  EXPECT_FALSE(PublicKey::from_der("not a key"));
  EXPECT_FALSE(PublicKey::from_pem(""));
  EXPECT_FALSE(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
}

TEST(PublicKey, BoundsTheRsaModulus) {
  for (const int bits : {512, 1024, 2047, 8193, 16384}) {
    const auto key = PublicKey::from_der(rsa_public_der(bits, "10001"));
    ASSERT_FALSE(key) << bits;
    EXPECT_EQ(key.error().code, ErrorCode("crypto.key_size"));
    EXPECT_NE(key.error().message.find(std::to_string(bits)), std::string::npos);
  }
  for (const int bits : {2048, 2049, 3072, 4096, 8192}) {
    EXPECT_TRUE(PublicKey::from_der(rsa_public_der(bits, "10001"))) << bits;
  }
  EXPECT_FALSE(PublicKey::from_der(rsa_public_der(2048, "10001", test::Parity::Even)));
}

TEST(PublicKey, BoundsTheRsaExponent) {
  for (const char* exponent : {"1", "2", "3", "11", "FFFF", "10000", "10002", "1000000000000000F"}) {
    const auto key = PublicKey::from_der(rsa_public_der(2048, exponent));
    ASSERT_FALSE(key) << exponent;
    EXPECT_EQ(key.error().code, ErrorCode("crypto.key_exponent"));
  }
  for (const char* exponent : {"10001", "10003", "FFFFFFFFFFFFFFFF"}) {
    EXPECT_TRUE(PublicKey::from_der(rsa_public_der(2048, exponent))) << exponent;
  }
}

TEST(PublicKey, RefusesOtherKinds) {
  for (const char* kind : {"ED25519", "ED448", "X25519"}) {
    const PkeyOwner key(EVP_PKEY_Q_keygen(nullptr, nullptr, kind));
    const auto read = PublicKey::from_der(public_der(key.get()));
    ASSERT_FALSE(read) << kind;
    EXPECT_EQ(read.error().code, ErrorCode("crypto.key_type"));
  }
  for (const char* curve : {"secp256k1", "secp224r1", "brainpoolP256r1"}) {
    const PkeyOwner key(EVP_EC_gen(curve));
    EXPECT_FALSE(PublicKey::from_der(public_der(key.get()))) << curve;
  }
  // A key that is bound to PSS must not verify PKCS #1 v1.5 signatures.
  Bytes pss = rsa_public_der(2048, "10001");
  const Bytes rsa_oid = *from_hex("2a864886f70d010101");
  pss.replace(pss.find(rsa_oid), rsa_oid.size(), *from_hex("2a864886f70d01010a"));
  EXPECT_FALSE(PublicKey::from_der(pss));
}

TEST(PublicKey, RefusesExplicitCurveParameters) {
  const PkeyOwner key(EVP_EC_gen("P-256"));
  EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT);
  const Bytes der = public_der(key.get());
  ASSERT_GT(der.size(), 200U) << "the encoding names the parameters one by one";
  EXPECT_FALSE(PublicKey::from_der(der));
}

TEST(PublicKey, RefusesPointsOffTheCurve) {
  const Bytes der = PrivateKey::generate_ec(KeyType::EcP256).public_key().to_der();
  Bytes moved = der;
  moved.back() = static_cast<char>(moved.back() ^ 1);
  EXPECT_FALSE(PublicKey::from_der(moved));
  // The point at infinity: a bit string of a single zero byte.
  const Bytes infinity = *from_hex("3019301306072a8648ce3d020106082a8648ce3d03010703020000");
  EXPECT_FALSE(PublicKey::from_der(infinity));
}

TEST(PublicKey, GivesACompressedPointTheSameId) {
  const auto key = PrivateKey::generate_ec(KeyType::EcP256);
  const Bytes der = key.public_key().to_der();
  const bool odd = (static_cast<unsigned char>(der.back()) & 1) != 0;
  const Bytes compressed = *from_hex("3039301306072a8648ce3d020106082a8648ce3d030107032200") +
                           (odd ? '\x03' : '\x02') + der.substr(der.size() - 64, 32);
  const auto read = PublicKey::from_der(compressed);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id(), key.public_key().id());
}

TEST(PrivateKey, ReadsWhatItWrites) {
  for (const PrivateKey& key : {PrivateKey::generate_rsa(), PrivateKey::generate_ec(KeyType::EcP384)}) {
    const auto pem = PrivateKey::from_pem(key.to_pem());
    ASSERT_TRUE(pem);
    EXPECT_EQ(pem->public_key().id(), key.public_key().id());
    const auto der = PrivateKey::from_der(key.to_der());
    ASSERT_TRUE(der);
    EXPECT_EQ(der->public_key().id(), key.public_key().id());
    EXPECT_TRUE(key.to_pem().reveal().starts_with("-----BEGIN PRIVATE KEY-----\n"));
  }
}

TEST(PrivateKey, ReadsTheTraditionalForm) {
  const auto key = PrivateKey::generate_rsa();
  const BioOwner bio(BIO_new(BIO_s_mem()));
  ASSERT_EQ(
      PEM_write_bio_PrivateKey_traditional(bio.get(), key.handle(), nullptr, nullptr, 0, nullptr, nullptr),
      1);
  const Secret pem{Bytes(written_to(bio.get()))};
  ASSERT_TRUE(pem.reveal().starts_with("-----BEGIN RSA PRIVATE KEY-----"));
  EXPECT_TRUE(PrivateKey::from_pem(pem));
}

TEST(PrivateKey, RefusesAPassphraseWithoutAskingForOne) {
  const auto key = PrivateKey::generate_ec(KeyType::EcP256);
  const BioOwner bio(BIO_new(BIO_s_mem()));
  unsigned char passphrase[] = "secret";
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.handle(), EVP_aes_256_cbc(), nullptr, 0, nullptr,
                                          passphrase),
            1);
  EXPECT_FALSE(PrivateKey::from_pem(Secret(Bytes(written_to(bio.get())))));
}

TEST(PrivateKey, RefusesPublicKeysWeakKeysAndRubbish) {
  const auto key = PrivateKey::generate_rsa();
  EXPECT_FALSE(PrivateKey::from_der(Secret(key.public_key().to_der())));
  EXPECT_FALSE(PrivateKey::from_der(Secret(Bytes(key.to_der().reveal()) + 'x')));
  EXPECT_FALSE(PrivateKey::from_der(Secret("")));
  EXPECT_FALSE(PrivateKey::from_pem(Secret("rubbish")));
  const PkeyOwner weak(EVP_RSA_gen(1024));
  const BioOwner bio(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), weak.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  EXPECT_FALSE(PrivateKey::from_pem(Secret(Bytes(written_to(bio.get())))));
}

TEST(PrivateKey, FailuresNeverQuoteTheInput) {
  const auto read =
      PrivateKey::from_pem(Secret("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"));
  ASSERT_FALSE(read);
  EXPECT_EQ((read.error().message + read.error().detail).find("c2Vj"), std::string::npos);
}

TEST(Crypto, LeavesTheErrorQueueEmpty) {
  EXPECT_FALSE(PublicKey::from_der("x"));
  EXPECT_FALSE(PrivateKey::from_pem(Secret("x")));
  EXPECT_FALSE(
      verify(SignatureAlgorithm::RsaSha256, PrivateKey::generate_rsa().public_key(), "data", "signature"));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace doorward::crypto
