#include "directory/key_ring.h"

#include <latch>
#include <thread>

#include "directory_test.h"
#include "support/fake_clock.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;

class KeyRingTest : public DirectoryTest {
 protected:
  std::string signer(KeyRing& ring, TokenAlgorithm algorithm = TokenAlgorithm::Rs256) {
    return must(ring.view())->signer(algorithm).key_id;
  }
  void replace() {
    const FreshKeys fresh{.rs256 = crypto::PrivateKey::generate_rsa(),
                          .es256 = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256)};
    write([&](storage::Transaction& transaction) {
      return replace_signing_keys(transaction, sealer_, fresh, clock_.now());
    });
  }

  test::FakeClock clock_{kNow};
  crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
};

TEST_F(KeyRingTest, MakesTheFirstKeysAndFindsThemAgain) {
  KeyRing ring(*database_, sealer_, clock_);
  const auto view = must(ring.view());
  EXPECT_EQ(view->signing.size(), 2u);
  EXPECT_EQ(view->published.size(), 2u);
  EXPECT_EQ(view->signer(TokenAlgorithm::Es256).key.public_key().type(), crypto::KeyType::EcP256);
  EXPECT_EQ(view->signer(TokenAlgorithm::Rs256).key.public_key().type(), crypto::KeyType::Rsa);
  EXPECT_EQ(must(ring.view()), view) << "no reading for each signature";
  KeyRing other(*database_, sealer_, clock_);
  EXPECT_EQ(signer(other), signer(ring));
  EXPECT_EQ(count("SELECT count(*) FROM signing_keys"), 2);
}

TEST_F(KeyRingTest, SeesWhatAnotherNodeDidWithinAMinute) {
  KeyRing ring(*database_, sealer_, clock_);
  const std::string before = signer(ring);
  replace();
  EXPECT_EQ(signer(ring), before);
  clock_.advance(KeyRing::kFresh);
  EXPECT_NE(signer(ring), before);
}

TEST_F(KeyRingTest, TakesTheStepThatIsDue) {
  KeyRing ring(*database_, sealer_, clock_);
  const std::string first = signer(ring);
  clock_.advance(hours(24 * 83));
  EXPECT_TRUE(ring.rotate());
  EXPECT_EQ(must(ring.view())->published.size(), 4u);
  EXPECT_EQ(signer(ring), first);
  clock_.advance(hours(24 * 7));
  EXPECT_TRUE(ring.rotate());
  EXPECT_NE(signer(ring), first);
  EXPECT_EQ(must(ring.view())->published.size(), 4u) << "the old one is still believed";
  clock_.advance(hours(24 * 7));
  EXPECT_TRUE(ring.rotate());
  EXPECT_EQ(must(ring.view())->published.size(), 2u);
}

TEST_F(KeyRingTest, ManyAtOnceEndUpWithOneSet) {
  KeyRing one(*database_, sealer_, clock_);
  KeyRing two(*database_, sealer_, clock_);
  std::latch start(4);
  std::string seen[4];
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        seen[i] = signer(i % 2 == 0 ? one : two);
      });
    }
  }
  for (const std::string& key_id : seen)
    EXPECT_EQ(key_id, seen[0]);
  EXPECT_EQ(count("SELECT count(*) FROM signing_keys"), 2);
}

TEST_F(KeyRingTest, AnotherKeyFileOpensNothing) {
  KeyRing ring(*database_, sealer_, clock_);
  EXPECT_TRUE(ring.view());
  const crypto::Sealer other{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'x'))};
  KeyRing wrong(*database_, other, clock_);
  EXPECT_FALSE(wrong.view());
}

}  // namespace
}  // namespace doorward::directory
