#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/key.h"
#include "crypto/openssl_keys.h"
#include "crypto/random.h"

namespace doorward::crypto {
namespace {

using enum BlockCipher;

void expect_same_failure(const Error& error) {
  EXPECT_EQ(error.kind, ErrorKind::InvalidInput);
  EXPECT_EQ(error.code, ErrorCode("crypto.decryption_failed"));
  EXPECT_EQ(error.message, "The data cannot be decrypted: it was damaged, or encrypted for another key.");
  EXPECT_EQ(error.detail, "");
}

// "The Galois/Counter Mode of Operation (GCM)", McGrew and Viega, appendix B, test cases 1, 3, 9 and 15.
TEST(Gcm, DecryptsThePublishedExamples) {
  const auto empty = decrypt(Aes128Gcm, Secret(Bytes(16, '\0')),
                             Bytes(12, '\0') + *from_hex("58e2fccefa7e3061367f1d57a4e7455a"));
  ASSERT_TRUE(empty);
  EXPECT_EQ(*empty, "");

  const Bytes nonce = *from_hex("cafebabefacedbaddecaf888");
  const std::string plain =
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aed"
      "f5aa0de657ba637b39"
      "1aafd255";
  struct Example {
    BlockCipher cipher;
    const char* key;
    const char* sealed;
  };
  for (const Example& example :
       {Example{Aes128Gcm, "feffe9928665731c6d6a8f9467308308",
                "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac"
                "84aa051ba30b396a0aac973d58e091473f59854d5c2af327cd64a62cf35abd2ba6fab4"},
        Example{Aes192Gcm, "feffe9928665731c6d6a8f9467308308feffe9928665731c",
                "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c8"
                "4a3f4718e2448b2fe324d9ccda2710acade2569924a7c8587336bfb118024db8674a14"},
        Example{Aes256Gcm, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
                "828838c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c"}}) {
    const auto opened =
        decrypt(example.cipher, Secret(*from_hex(example.key)), nonce + *from_hex(example.sealed));
    ASSERT_TRUE(opened) << example.key;
    EXPECT_EQ(to_hex(*opened), plain);
  }
}

TEST(Gcm, RefusesEveryChangedBitAndEveryCut) {
  const Secret key(Bytes(16, '\0'));
  // Test case 2: one block of zeros.
  const Bytes data =
      Bytes(12, '\0') + *from_hex("0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf");
  ASSERT_TRUE(decrypt(Aes128Gcm, key, data));
  for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
    Bytes changed = data;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const auto opened = decrypt(Aes128Gcm, key, changed);
    ASSERT_FALSE(opened) << bit;
    expect_same_failure(opened.error());
  }
  for (std::size_t length = 0; length < data.size(); ++length) {
    EXPECT_FALSE(decrypt(Aes128Gcm, key, data.substr(0, length))) << length;
  }
  EXPECT_FALSE(decrypt(Aes128Gcm, key, data + '\0'));
}

// NIST SP 800-38A, F.2.1, F.2.3 and F.2.5. The last byte of the plain text is 10: by XML Encryption's rule,
// it and the fifteen before it are padding.
TEST(Cbc, DecryptsThePublishedExamples) {
  const Bytes iv = *from_hex("000102030405060708090a0b0c0d0e0f");
  const std::string plain =
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52ef";
  struct Example {
    BlockCipher cipher;
    const char* key;
    const char* sealed;
  };
  for (const Example& example :
       {Example{Aes128Cbc, "2b7e151628aed2a6abf7158809cf4f3c",
                "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e2222"
                "95163ff1caa1681fac09120eca307586e1a7"},
        Example{Aes192Cbc, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
                "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae07fa9baac3df1"
                "02e008b0e27988598881d920a9e64f5615cd"},
        Example{Aes256Cbc, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e2630423"
                "1461b2eb05e2c39be9fcda6c19078c6a9d1b"}}) {
    const auto opened =
        decrypt(example.cipher, Secret(*from_hex(example.key)), iv + *from_hex(example.sealed));
    ASSERT_TRUE(opened) << example.key;
    EXPECT_EQ(to_hex(*opened), plain);
  }
}

Bytes encrypt_cbc(const Secret& key, const Bytes& blocks) {
  const Bytes iv = random_bytes(16);
  const CipherContextOwner context(EVP_CIPHER_CTX_new());
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, octets(key.reveal()), octets(BytesView(iv)));
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  Bytes out(blocks.size(), '\0');
  int length = 0;
  EVP_EncryptUpdate(context.get(), octets(out), &length, octets(BytesView(blocks)),
                    static_cast<int>(blocks.size()));
  return iv + out;
}

TEST(Cbc, TakesThePaddingLengthFromTheLastByteAlone) {
  const Secret key(random_bytes(16));
  for (int padding = 0; padding < 256; ++padding) {
    Bytes plain = random_bytes(32);
    plain.back() = static_cast<char>(padding);
    const auto opened = decrypt(Aes128Cbc, key, encrypt_cbc(key, plain));
    if (padding >= 1 && padding <= 16) {
      ASSERT_TRUE(opened) << padding;
      EXPECT_EQ(*opened, plain.substr(0, 32 - static_cast<std::size_t>(padding)));
    } else {
      ASSERT_FALSE(opened) << padding;
      expect_same_failure(opened.error());
    }
  }
  const auto nothing = decrypt(Aes128Cbc, key, encrypt_cbc(key, Bytes(16, '\x10')));
  ASSERT_TRUE(nothing);
  EXPECT_EQ(*nothing, "");
}

TEST(Cbc, RefusesWhatIsNotWholeBlocks) {
  const Secret key(Bytes(16, 'k'));
  for (const std::size_t length : {0U, 1U, 15U, 16U, 17U, 31U, 33U, 47U}) {
    const auto opened = decrypt(Aes128Cbc, key, Bytes(length, 'x'));
    ASSERT_FALSE(opened) << length;
    expect_same_failure(opened.error());
  }
}

TEST(BlockCipher, NeedsAKeyOfItsLength) {
  const std::vector<std::pair<BlockCipher, std::size_t>> lengths = {
      {Aes128Gcm, 16}, {Aes192Gcm, 24}, {Aes256Gcm, 32}, {Aes128Cbc, 16}, {Aes192Cbc, 24}, {Aes256Cbc, 32}};
  for (const auto& [cipher, expected] : lengths) {
    EXPECT_EQ(key_length(cipher), expected);
    for (const std::size_t length : {0U, 8U, 15U, 16U, 17U, 24U, 32U, 33U}) {
      if (length == expected) continue;
      const auto opened = decrypt(cipher, Secret(Bytes(length, 'k')), Bytes(64, 'x'));
      ASSERT_FALSE(opened);
      expect_same_failure(opened.error());
    }
  }
}

class OaepTest : public testing::Test {
 protected:
  using Configure = std::function<void(EVP_PKEY_CTX*)>;

  static void SetUpTestSuite() { key_ = new PrivateKey(PrivateKey::generate_rsa()); }
  static void TearDownTestSuite() { delete key_; }

  static Bytes encrypt(BytesView plain, int padding, const Configure& configure) {
    const PkeyContextOwner context(EVP_PKEY_CTX_new(key_->handle(), nullptr));
    EXPECT_EQ(EVP_PKEY_encrypt_init(context.get()), 1);
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(context.get(), padding), 1);
    configure(context.get());
    Bytes out(256, '\0');
    std::size_t length = out.size();
    EXPECT_EQ(EVP_PKEY_encrypt(context.get(), octets(out), &length, octets(plain), plain.size()), 1);
    return out;
  }

  static Bytes encrypt_oaep(BytesView plain, Digest digest, Digest mask) {
    static constexpr const char* kNames[] = {"SHA1", "SHA256", "SHA384", "SHA512"};
    return encrypt(plain, RSA_PKCS1_OAEP_PADDING, [&](EVP_PKEY_CTX* context) {
      EVP_PKEY_CTX_set_rsa_oaep_md_name(context, kNames[static_cast<int>(digest)], nullptr);
      EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, kNames[static_cast<int>(mask)], nullptr);
    });
  }

  static inline PrivateKey* key_ = nullptr;
};

constexpr Digest kDigests[] = {Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512};

TEST_F(OaepTest, EveryPairOfDigestsIsItsOwn) {
  for (const Digest digest : kDigests) {
    for (const Digest mask : kDigests) {
      const Bytes ciphertext = encrypt_oaep("a content key..", digest, mask);
      const auto opened = decrypt_oaep(*key_, {digest, mask}, ciphertext);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->reveal(), "a content key..");
      const Digest other = digest == Digest::Sha1 ? Digest::Sha256 : Digest::Sha1;
      const Digest other_mask = mask == Digest::Sha1 ? Digest::Sha256 : Digest::Sha1;
      EXPECT_FALSE(decrypt_oaep(*key_, {other, mask}, ciphertext));
      EXPECT_FALSE(decrypt_oaep(*key_, {digest, other_mask}, ciphertext));
    }
  }
}

TEST_F(OaepTest, TheDefaultIsSha1ForBoth) {
  EXPECT_TRUE(decrypt_oaep(*key_, {}, encrypt_oaep("x", Digest::Sha1, Digest::Sha1)));
  const auto empty = decrypt_oaep(*key_, {}, encrypt_oaep("", Digest::Sha1, Digest::Sha1));
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->empty());
}

TEST_F(OaepTest, EveryFailureLooksTheSame) {
  const Bytes good = encrypt_oaep("key", Digest::Sha1, Digest::Sha1);
  std::vector<Bytes> bad = {
      "", "x", good + 'x', '\0' + good, good.substr(0, 255), Bytes(256, '\0'), Bytes(256, '\xff')};
  for (std::size_t i = 0; i < good.size(); i += 15) {
    bad.push_back(good);
    bad.back()[i] = static_cast<char>(bad.back()[i] ^ 1);
  }
  bad.push_back(encrypt("key", RSA_PKCS1_PADDING, [](EVP_PKEY_CTX*) {}));
  bad.push_back(encrypt("key", RSA_PKCS1_OAEP_PADDING, [](EVP_PKEY_CTX* context) {
    EVP_PKEY_CTX_set0_rsa_oaep_label(context, OPENSSL_strdup("label"), 5);
  }));
  for (const Bytes& ciphertext : bad) {
    const auto opened = decrypt_oaep(*key_, {}, ciphertext);
    ASSERT_FALSE(opened);
    expect_same_failure(opened.error());
  }
  const auto other_key = decrypt_oaep(PrivateKey::generate_rsa(), {}, good);
  ASSERT_FALSE(other_key);
  expect_same_failure(other_key.error());
  const auto other_type = decrypt_oaep(PrivateKey::generate_ec(KeyType::EcP256), {}, good);
  ASSERT_FALSE(other_type);
  expect_same_failure(other_type.error());
}

}  // namespace
}  // namespace doorward::crypto
