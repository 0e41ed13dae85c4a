#include "crypto/hash.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace doorward::crypto {
namespace {

// FIPS 180-4's examples, as published with NIST's "Cryptographic Standards and Guidelines".
TEST(Hash, MatchesTheExamplesOfFips180) {
  EXPECT_EQ(to_hex(hash(Digest::Sha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(hash(Digest::Sha256, "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      to_hex(hash(Digest::Sha384, "abc")),
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(to_hex(hash(Digest::Sha512, "abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, ContextsOfThreadsDoNotMix) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        if (to_hex(hash(Digest::Sha1, "abc")).substr(0, 8) != "a9993e36") ++wrong;
        if (to_hex(sha256("abc")).substr(0, 8) != "ba7816bf") ++wrong;
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

// RFC 4231 sections 4.2, 4.3, 4.7 and 4.8.
TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// RFC 5869 appendix A.3: no salt, no info; the first 32 of its 42 bytes.
TEST(DeriveKey, MatchesRfc5869) {
  const Secret key = derive_key(Secret(std::string(22, '\x0b')), "");
  EXPECT_EQ(to_hex(key.reveal()), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(DeriveKey, DiffersByPurposeAndKey) {
  const Secret master(std::string(32, 'm'));
  EXPECT_FALSE(equal(derive_key(master, "a").reveal(), derive_key(master, "b").reveal()));
  EXPECT_FALSE(equal(derive_key(master, "a").reveal(), derive_key(Secret("other"), "a").reveal()));
  EXPECT_TRUE(equal(derive_key(master, "a").reveal(), derive_key(master, "a").reveal()));
}

}  // namespace
}  // namespace doorward::crypto
