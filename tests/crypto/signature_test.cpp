#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ec.h>

#include "crypto/key.h"
#include "crypto/openssl_keys.h"

namespace doorward::crypto {
namespace {

using enum SignatureAlgorithm;

constexpr std::string_view kP256Prefix = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
constexpr std::string_view kP384Prefix = "3076301006072a8648ce3d020106052b8104002203620004";
constexpr std::string_view kP521Prefix = "30819b301006072a8648ce3d020106052b810400230381860004";

PublicKey ec_key(std::string_view prefix, const std::string& x, const std::string& y) {
  auto key = PublicKey::from_der(*from_hex(std::string(prefix) + x + y));
  EXPECT_TRUE(key);
  return *std::move(key);
}

// RFC 7515 appendix A.2.
TEST(RsaSignature, VerifiesTheExampleOfRfc7515) {
  BIGNUM* modulus = nullptr;
  BIGNUM* exponent = nullptr;
  BN_hex2bn(
      &modulus,
      to_hex(*from_base64url(
                 "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPM"
                 "EzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf6"
                 "3kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh"
                 "9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp"
                 "oQ"))
          .c_str());
  BN_hex2bn(&exponent, "010001");
  const test::BignumOwner n(modulus);
  const test::BignumOwner e(exponent);
  const auto key = PublicKey::from_der(test::rsa_public_der(n.get(), e.get()));
  ASSERT_TRUE(key);
  const std::string_view input =
      "eyJhbGciOiJSUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const Bytes signature = *from_base64url(
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
      "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcA"
      "cQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
      "xi12jzDwusC-eOkHW"
      "EsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
      "IoypGlUPQGe77Rw");
  EXPECT_TRUE(verify(RsaSha256, *key, input, signature));
  EXPECT_FALSE(verify(RsaSha384, *key, input, signature));
  EXPECT_FALSE(verify(RsaSha256, *key, input.substr(1), signature));
}

// RFC 7515 appendix A.3 and RFC 6979 appendices A.2.5 to A.2.7 ("sample").
TEST(EcdsaSignature, VerifiesPublishedExamples) {
  const auto jws = PublicKey::from_der(*from_hex(kP256Prefix) +
                                       *from_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU") +
                                       *from_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
  ASSERT_TRUE(jws);
  EXPECT_TRUE(
      verify(EcdsaSha256, *jws,
             "eyJhbGciOiJFUzI1NiJ9."
             "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
             *from_base64url(
                 "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")));

  const PublicKey p256 =
      ec_key(kP256Prefix, "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
             "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
  EXPECT_TRUE(verify(EcdsaSha256, p256, "sample",
                     *from_hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                               "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")));
  EXPECT_TRUE(verify(EcdsaSha512, p256, "sample",
                     *from_hex("8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00"
                               "2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe")));

  const PublicKey p384 = ec_key(
      kP384Prefix,
      "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13",
      "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720");
  EXPECT_TRUE(verify(
      EcdsaSha384, p384, "sample",
      *from_hex(
          "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46"
          "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC"
          "8")));

  const PublicKey p521 = ec_key(
      kP521Prefix,
      "01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD371123D46E45DB6B5D5370A7F20FB6331"
      "55D38FFA16D2BD761DCAC474B9A2F5023A4",
      "00493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A28A0DB25741B5B34A828008B22ACC23F9"
      "24FAAFBD4D33F81EA66956DFEAA2BFDFCF5");
  EXPECT_TRUE(verify(EcdsaSha256, p521, "sample",
                     *from_hex("01511BB4D675114FE266FC4372B87682BAECC01D3CC62CF2303C92B3526012659D16876E25C7C"
                               "1E57648F23B73564D67F61C6F14D527"
                               "D54972810421E7D87589E1A7"
                               "004A171143A83163D6DF460AAF61522695F207A58B95C0644D87E52AA1A347916E4F7A72930B1"
                               "BC06DBE22CE3F58264AFD23704CBB63"
                               "B29B931F7DE6C9D949A7ECFC")));
}

class SignatureTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    rsa_ = new PrivateKey(PrivateKey::generate_rsa());
    p256_ = new PrivateKey(PrivateKey::generate_ec(KeyType::EcP256));
    p384_ = new PrivateKey(PrivateKey::generate_ec(KeyType::EcP384));
    p521_ = new PrivateKey(PrivateKey::generate_ec(KeyType::EcP521));
  }
  static void TearDownTestSuite() {
    for (const PrivateKey* key : {rsa_, p256_, p384_, p521_})
      delete key;
  }
  static inline PrivateKey* rsa_ = nullptr;
  static inline PrivateKey* p256_ = nullptr;
  static inline PrivateKey* p384_ = nullptr;
  static inline PrivateKey* p521_ = nullptr;
};

TEST_F(SignatureTest, EveryAlgorithmVerifiesItsOwnSignatureAlone) {
  const std::vector<SignatureAlgorithm> rsa = {RsaSha1, RsaSha256, RsaSha384, RsaSha512};
  const std::vector<SignatureAlgorithm> ecdsa = {EcdsaSha256, EcdsaSha384, EcdsaSha512};
  for (const auto made : rsa) {
    const Bytes signature = sign(made, *rsa_, "data");
    for (const auto asked : rsa)
      EXPECT_EQ(verify(asked, rsa_->public_key(), "data", signature), asked == made);
    for (const auto asked : ecdsa)
      EXPECT_FALSE(verify(asked, rsa_->public_key(), "data", signature));
  }
  for (const PrivateKey* key : {p256_, p384_, p521_}) {
    for (const auto made : ecdsa) {
      const Bytes signature = sign(made, *key, "data");
      for (const auto asked : ecdsa)
        EXPECT_EQ(verify(asked, key->public_key(), "data", signature), asked == made);
      for (const auto asked : rsa)
        EXPECT_FALSE(verify(asked, key->public_key(), "data", signature));
    }
  }
}

TEST_F(SignatureTest, RefusesOtherDataOtherKeysAndChangedBits) {
  const PrivateKey other_rsa = PrivateKey::generate_rsa();
  const PrivateKey other_ec = PrivateKey::generate_ec(KeyType::EcP256);
  const std::vector<std::tuple<SignatureAlgorithm, const PrivateKey*, const PrivateKey*>> cases = {
      {RsaSha256, rsa_, &other_rsa}, {EcdsaSha256, p256_, &other_ec}};
  for (const auto& [algorithm, key, other] : cases) {
    const Bytes signature = sign(algorithm, *key, "data");
    EXPECT_FALSE(verify(algorithm, key->public_key(), "Data", signature));
    EXPECT_FALSE(verify(algorithm, key->public_key(), "", signature));
    EXPECT_FALSE(verify(algorithm, other->public_key(), "data", signature));
    for (std::size_t i = 0; i < signature.size(); ++i) {
      Bytes changed = signature;
      changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
      EXPECT_FALSE(verify(algorithm, key->public_key(), "data", changed)) << i;
    }
  }
}

TEST_F(SignatureTest, RsaSignaturesHaveTheLengthOfTheModulus) {
  const Bytes signature = sign(RsaSha256, *rsa_, "data");
  ASSERT_EQ(signature.size(), 256U);
  const PublicKey& key = rsa_->public_key();
  EXPECT_FALSE(verify(RsaSha256, key, "data", ""));
  EXPECT_FALSE(verify(RsaSha256, key, "data", '\0' + signature));
  EXPECT_FALSE(verify(RsaSha256, key, "data", signature + '\0'));
  EXPECT_FALSE(verify(RsaSha256, key, "data", signature.substr(1)));
  EXPECT_FALSE(verify(RsaSha256, key, "data", signature.substr(0, 255)));
  EXPECT_FALSE(verify(RsaSha256, key, "data", Bytes(256, '\0')));
  EXPECT_FALSE(verify(RsaSha256, key, "data", Bytes(256, '\xff'))) << "not below the modulus";
  EXPECT_FALSE(verify(RsaSha256, key, "data", Bytes(255, '\0') + '\x01')) << "the fixed point 1";
}

/// EM = 00 ‖ 01 ‖ PS ‖ 00 ‖ T (RFC 8017 section 9.2) with `padding` bytes of FF, filled up behind T.
Bytes encoded_message(std::size_t padding, const Bytes& digest_info, char fill) {
  Bytes block = *from_hex("0001") + Bytes(padding, '\xff') + '\0' + digest_info;
  block.resize(256, fill);
  return block;
}

TEST_F(SignatureTest, AcceptsExactlyOneEncoding) {
  const Bytes digest = sha256("data");
  const Bytes info = *from_hex("3031300d060960864801650304020105000420") + digest;
  const auto verifies = [&](const Bytes& block) {
    return verify(RsaSha256, rsa_->public_key(), "data", test::raw_rsa_sign(rsa_->handle(), block));
  };
  EXPECT_TRUE(verifies(encoded_message(253 - info.size(), info, '\0')));

  // Bleichenbacher's forgery of 2006: short padding, and the rest of the block behind the digest.
  for (const std::size_t padding : {0U, 1U, 8U, 100U}) {
    EXPECT_FALSE(verifies(encoded_message(padding, info, '\0'))) << padding;
    EXPECT_FALSE(verifies(encoded_message(padding, info, '\xff'))) << padding;
  }
  const auto full = [&](const Bytes& t) { return encoded_message(253 - t.size(), t, '\0'); };
  // The rest hidden in the parameters of the algorithm, and other spellings of the same DigestInfo.
  const std::vector<std::pair<const char*, Bytes>> spellings = {
      {"bytes in the NULL parameter", *from_hex("3035301106096086480165030402010504deadbeef0420") + digest},
      {"parameters left out", *from_hex("302f300b0609608648016503040201"
                                        "0420") +
                                  digest},
      {"a length in long form", *from_hex("308131300d060960864801650304020105000420") + digest},
      {"a digest in long form", *from_hex("3032300d06096086480165030402010500048120") + digest},
      {"an indefinite length",
       *from_hex("3080300d060960864801650304020105000420") + digest + *from_hex("0000")},
      {"an octet string with a tail", *from_hex("3033300d060960864801650304020105000422") + digest + "xx"},
      {"a tail inside the sequence",
       *from_hex("3033300d060960864801650304020105000420") + digest + *from_hex("0500")},
      {"SHA-384's name", *from_hex("3031300d060960864801650304020205000420") + digest},
      {"the digest alone", digest},
      {"a shorter digest", *from_hex("3030300d06096086480165030402010500041f") + digest.substr(0, 31)}};
  for (const auto& [name, spelling] : spellings)
    EXPECT_FALSE(verifies(full(spelling))) << name;

  Bytes block = full(info);
  block[1] = '\x02';
  EXPECT_FALSE(verifies(block)) << "the block type of encryption";
  block[1] = '\0';
  EXPECT_FALSE(verifies(block)) << "block type 0";
  block = full(info);
  block[100] = '\xfe';
  EXPECT_FALSE(verifies(block)) << "a foreign byte in the padding";
  block[100] = '\0';
  EXPECT_FALSE(verifies(block)) << "the padding ends early";
  block = full(info);
  block[0] = '\x01';
  EXPECT_FALSE(verifies(block)) << "a first byte other than 0";
}

TEST(RsaSignature, AForgeryNeedsAnExponentThatNoKeyHas) {
  // With e = 3, a cube root of 00 01 FF … 00 DigestInfo ‖ anything signs for a lax verifier.
  BIGNUM* three = nullptr;
  BN_hex2bn(&three, "3");
  const test::BignumOwner exponent(three);
  const PkeyContextOwner context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  ASSERT_EQ(EVP_PKEY_keygen_init(context.get()), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048), 1);
  ASSERT_EQ(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), exponent.get()), 1);
  EVP_PKEY* key = nullptr;
  ASSERT_EQ(EVP_PKEY_generate(context.get(), &key), 1);
  const auto read = PublicKey::from_der(test::public_der(PkeyOwner(key).get()));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode("crypto.key_exponent"));
}

TEST_F(SignatureTest, EcdsaSignaturesHaveFixedWidth) {
  for (const PrivateKey* key : {p256_, p384_, p521_}) {
    const std::size_t width = (static_cast<std::size_t>(key->public_key().bits()) + 7) / 8;
    const Bytes signature = sign(EcdsaSha256, *key, "data");
    ASSERT_EQ(signature.size(), 2 * width);
    const Bytes r = signature.substr(0, width);
    const Bytes s = signature.substr(width);
    const auto verifies = [&](const Bytes& text) {
      return verify(EcdsaSha256, key->public_key(), "data", text);
    };
    EXPECT_TRUE(verifies(r + s));
    EXPECT_FALSE(verifies(s + r));
    EXPECT_FALSE(verifies(""));
    EXPECT_FALSE(verifies(r));
    EXPECT_FALSE(verifies(r + s + '\0'));
    EXPECT_FALSE(verifies('\0' + r + s));
    EXPECT_FALSE(verifies('\0' + r + '\0' + s)) << "numbers padded by a byte each";
    EXPECT_FALSE(verifies((r + s).substr(0, 2 * width - 1)));
  }
}

TEST_F(SignatureTest, EcdsaNumbersLieBetweenZeroAndTheOrder) {
  const Bytes order = *from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const Bytes order_plus_one = order.substr(0, 31) + '\x52';
  const Bytes prime = *from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  const Bytes zero(32, '\0');
  const Bytes one = Bytes(31, '\0') + '\x01';
  const Bytes ones(32, '\xff');
  const Bytes signature = sign(EcdsaSha256, *p256_, "data");
  const Bytes r = signature.substr(0, 32);
  const Bytes s = signature.substr(32);
  for (const Bytes& number : {zero, one, order, order_plus_one, prime, ones}) {
    EXPECT_FALSE(verify(EcdsaSha256, p256_->public_key(), "data", number + s)) << to_hex(number);
    EXPECT_FALSE(verify(EcdsaSha256, p256_->public_key(), "data", r + number)) << to_hex(number);
    for (const Bytes& other : {zero, one, order, order_plus_one, prime, ones}) {
      EXPECT_FALSE(verify(EcdsaSha256, p256_->public_key(), "data", number + other));
    }
  }
}

TEST_F(SignatureTest, EcdsaRefusesNumbersThatAreOnlyCongruent) {
  // P-521 leaves room for r + n in its 66 bytes.
  BIGNUM* order = nullptr;
  BN_hex2bn(&order,
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709"
            "a5d03bb5c9b8899c"
            "47aebb6fb71e91386409");
  const test::BignumOwner n(order);
  const Bytes signature = sign(EcdsaSha512, *p521_, "data");
  for (const std::size_t at : {0U, 66U}) {
    const test::BignumOwner number(BN_bin2bn(octets(signature) + at, 66, nullptr));
    BN_add(number.get(), number.get(), n.get());
    Bytes shifted(66, '\0');
    ASSERT_EQ(BN_bn2binpad(number.get(), octets(shifted), 66), 66);
    Bytes congruent = signature;
    congruent.replace(at, 66, shifted);
    EXPECT_FALSE(verify(EcdsaSha512, p521_->public_key(), "data", congruent));
  }
}

TEST_F(SignatureTest, EcdsaRefusesDer) {
  const PkeyContextOwner context(EVP_PKEY_CTX_new(p256_->handle(), nullptr));
  ASSERT_EQ(EVP_PKEY_sign_init(context.get()), 1);
  const Bytes digest = sha256("data");
  Bytes der(80, '\0');
  std::size_t length = der.size();
  ASSERT_EQ(EVP_PKEY_sign(context.get(), octets(der), &length, octets(BytesView(digest)), digest.size()), 1);
  der.resize(length);
  EXPECT_FALSE(verify(EcdsaSha256, p256_->public_key(), "data", der));
}

TEST(Signature, ThreadsShareKeysAndOutliveThem) {
  // More keys than a thread keeps contexts for, each gone before the next ones come.
  constexpr int kThreads = 4;
  const PrivateKey shared = PrivateKey::generate_rsa();
  const Bytes shared_signature = sign(RsaSha256, shared, "data");
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const PrivateKey own = PrivateKey::generate_ec(KeyType::EcP256);
        const Bytes signature = sign(EcdsaSha256, own, "data");
        if (!verify(EcdsaSha256, own.public_key(), "data", signature)) ++wrong;
        if (verify(EcdsaSha256, own.public_key(), "other", signature)) ++wrong;
        if (!verify(RsaSha256, shared.public_key(), "data", shared_signature)) ++wrong;
        if (verify(RsaSha256, shared.public_key(), "other", shared_signature)) ++wrong;
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace doorward::crypto
