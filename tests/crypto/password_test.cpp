#include "crypto/password.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace doorward::crypto {
namespace {

constexpr PasswordCost kCheap = {.memory_kib = 64, .passes = 1};

TEST(Password, VerifiesWhatItHashed) {
  const Secret password("correct horse battery staple");
  const std::string encoded = hash_password(password, kCheap);
  EXPECT_TRUE(encoded.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << encoded;
  EXPECT_EQ(encoded.find('\0'), std::string::npos);
  EXPECT_TRUE(verify_password(encoded, password));
  EXPECT_FALSE(verify_password(encoded, Secret("correct horse battery stapl")));
  EXPECT_FALSE(verify_password(encoded, Secret("")));
  EXPECT_NE(hash_password(password, kCheap), encoded) << "each hash has its own salt";
}

TEST(Password, UsesTheRecommendedCostByDefault) {
  EXPECT_TRUE(hash_password(Secret("x")).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST(Password, ANewOneHasItsBounds) {
  EXPECT_TRUE(check_new_password(Secret("12345678")));
  EXPECT_TRUE(check_new_password(Secret("pässwörd")));
  EXPECT_TRUE(check_new_password(Secret(std::string(kMaxPasswordBytes, 'x'))));
  EXPECT_FALSE(check_new_password(Secret("")));
  EXPECT_FALSE(check_new_password(Secret("1234567")));
  EXPECT_FALSE(check_new_password(Secret("ääää"))) << "four characters in eight bytes";
  EXPECT_FALSE(check_new_password(Secret(std::string(kMaxPasswordBytes + 1, 'x'))));
  EXPECT_FALSE(check_new_password(Secret("12345678\xFF")));
}

TEST(Password, TakesEveryByteIntoAccount) {
  const std::string encoded = hash_password(Secret(std::string("a\0b", 3)), kCheap);
  EXPECT_TRUE(verify_password(encoded, Secret(std::string("a\0b", 3))));
  EXPECT_FALSE(verify_password(encoded, Secret(std::string("a\0c", 3))));
  EXPECT_FALSE(verify_password(encoded, Secret("a")));
  const std::string long_password(4096, 'p');
  EXPECT_FALSE(verify_password(hash_password(Secret(long_password), kCheap), Secret(long_password + 'p')));
}

// The example of the reference implementation's test.c, version 0x13: an independent hash verifies.
TEST(Password, VerifiesAHashMadeElsewhere) {
  EXPECT_TRUE(verify_password(
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
      Secret("password")));
}

TEST(Password, RefusesMalformedHashes) {
  const Secret password("p");
  const std::string good = hash_password(password, kCheap);
  for (const std::string& bad :
       {std::string(), std::string("p"), good.substr(0, good.size() - 1), good + "A", good.substr(1),
        std::string("$argon2i$") + good.substr(10), std::string("$argon2id$v=19$m=64,t=1,p=1$$"),
        std::string("$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$AAAA"), good + '\0'}) {
    EXPECT_FALSE(verify_password(bad, password)) << bad;
  }
}

TEST(Password, ManyThreadsTakeTurns) {
  const Secret password("p");
  const std::string encoded = hash_password(password, kCheap);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        if (verify_password(encoded, password)) ++right;
        waste_password_time(password, kCheap);
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(right, 80);
}

TEST(Password, UnknownNamesCostAsMuchAsWrongPasswords) {
  const PasswordCost cost = {.memory_kib = 4096, .passes = 3};
  const std::string encoded = hash_password(Secret("right"), cost);
  const auto fastest = [](auto&& work) {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 7; ++i) {
      const auto start = std::chrono::steady_clock::now();
      work();
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - start);
    }
    return static_cast<double>(best.count());
  };
  const double wrong = fastest([&] { EXPECT_FALSE(verify_password(encoded, Secret("wrong"))); });
  const double unknown = fastest([&] { waste_password_time(Secret("wrong"), cost); });
  // Only a missing computation would put a factor between them; other load on the machine does not.
  EXPECT_GT(unknown, wrong / 4);
  EXPECT_LT(unknown, wrong * 4);
}

}  // namespace
}  // namespace doorward::crypto
