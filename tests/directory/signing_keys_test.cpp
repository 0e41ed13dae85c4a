#include "directory/signing_keys.h"

#include <algorithm>

#include "directory_test.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;

class SigningKeysTest : public DirectoryTest {
 protected:
  static constexpr Duration kActive = hours(24 * 90);
  static constexpr Duration kOverlap = hours(24 * 7);

  /// An RSA key takes long to make: all tests share a few.
  static FreshKeys fresh(std::size_t which) {
    static const std::vector<crypto::PrivateKey> kRsa = [] {
      std::vector<crypto::PrivateKey> keys;
      for (int i = 0; i < 3; ++i)
        keys.push_back(crypto::PrivateKey::generate_rsa());
      return keys;
    }();
    return {.rs256 = kRsa.at(which), .es256 = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256)};
  }
  void rotate(Timestamp now, std::size_t which = 0) {
    const FreshKeys keys = fresh(which);
    write([&](storage::Transaction& transaction) {
      return rotate_signing_keys(transaction, sealer_, keys, {}, now);
    });
  }
  bool is_due(Timestamp now) {
    return read([&](storage::Transaction& transaction) { return is_rotation_due(transaction, {}, now); });
  }
  std::vector<SigningKey> keys() {
    return read([](storage::Transaction& transaction) { return list_signing_keys(transaction); });
  }
  /// Of one algorithm, as `current next`.
  std::string states(TokenAlgorithm algorithm) {
    std::string text;
    for (const SigningKey& key : keys()) {
      if (key.algorithm == algorithm) text += (text.empty() ? "" : " ") + std::string(to_text(key.state));
    }
    return text;
  }
  std::string current() {
    for (const SigningKey& key : keys()) {
      if (key.algorithm == TokenAlgorithm::Rs256 && key.state == KeyState::Current) return key.key_id;
    }
    return {};
  }

  crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
};

TEST_F(SigningKeysTest, TheFirstOfEachAlgorithmSignAtOnce) {
  EXPECT_TRUE(is_due(kNow));
  rotate(kNow);
  EXPECT_EQ(states(TokenAlgorithm::Rs256), "current");
  EXPECT_EQ(states(TokenAlgorithm::Es256), "current");
  EXPECT_FALSE(is_due(kNow));
  const auto before = keys();
  rotate(kNow + hours(1), 1);
  EXPECT_EQ(keys().at(0).key_id, before.at(0).key_id) << "nothing was due";
  EXPECT_EQ(keys().size(), 2u);
}

TEST_F(SigningKeysTest, ARotationOverlapsOnBothSides) {
  rotate(kNow);
  const std::string first = current();
  const Timestamp ends = kNow + kActive;
  EXPECT_FALSE(is_due(ends - kOverlap - Duration(1)));
  EXPECT_TRUE(is_due(ends - kOverlap));
  rotate(ends - kOverlap, 1);
  EXPECT_EQ(states(TokenAlgorithm::Rs256), "current next");
  EXPECT_EQ(current(), first);
  EXPECT_FALSE(is_due(ends - Duration(1)));
  rotate(ends, 2);
  EXPECT_EQ(states(TokenAlgorithm::Rs256), "current retiring");
  EXPECT_NE(current(), first);
  EXPECT_TRUE(std::ranges::any_of(keys(), [&](const SigningKey& key) { return key.key_id == first; }));
  EXPECT_FALSE(is_due(ends + kOverlap - Duration(1)));
  rotate(ends + kOverlap, 2);
  EXPECT_EQ(states(TokenAlgorithm::Rs256), "current");
  EXPECT_EQ(states(TokenAlgorithm::Es256), "current");
}

TEST_F(SigningKeysTest, AServerThatSleptStillPublishesBeforeItSigns) {
  rotate(kNow);
  const Timestamp late = kNow + kActive + hours(24 * 100);
  rotate(late, 1);
  EXPECT_EQ(states(TokenAlgorithm::Rs256), "current next");
  rotate(late + kOverlap - Duration(1), 2);
  EXPECT_EQ(states(TokenAlgorithm::Rs256), "current next");
  rotate(late + kOverlap, 2);
  EXPECT_EQ(states(TokenAlgorithm::Rs256), "current retiring");
}

TEST_F(SigningKeysTest, TwoNodesAtOnceEndUpWithOneSet) {
  const FreshKeys ours = fresh(0);
  const FreshKeys theirs = fresh(1);
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(rotate_signing_keys(transaction, sealer_, ours, {}, kNow));
    // The other node had read before this one wrote: its statements alone must not make a second key.
    RETURN_IF_ERROR(rotate_signing_keys(transaction, sealer_, theirs, {}, kNow));
    return {};
  });
  EXPECT_EQ(keys().size(), 2u);
  EXPECT_NE(refusal_of([](storage::Transaction& transaction) {
              return transaction.execute(
                  "INSERT INTO signing_keys (key_id, algorithm, state, public_key,"
                  " sealed_private_key, since, created_at)"
                  " VALUES ('x', 'RS256', 'current', $1, $1, 0, 0)",
                  {storage::Blob{"x"}});
            }),
            "");
}

TEST_F(SigningKeysTest, OpensWithTheRightSealAndRowOnly) {
  rotate(kNow);
  const auto all = keys();
  const auto opened = open_signing_key(sealer_, all.at(0));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->public_key().to_der(), all.at(0).public_key);
  EXPECT_EQ(to_base64url(opened->public_key().id()), all.at(0).key_id);
  EXPECT_EQ(all.at(0).sealed_private_key.find(std::string(opened->to_der().reveal())), std::string::npos);
  SigningKey swapped = all.at(1);
  swapped.sealed_private_key = all.at(0).sealed_private_key;
  EXPECT_FALSE(open_signing_key(sealer_, swapped));
  const crypto::Sealer other{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'x'))};
  EXPECT_FALSE(open_signing_key(other, all.at(0)));
}

TEST_F(SigningKeysTest, AnEmergencyLeavesNoOldKey) {
  rotate(kNow);
  rotate(kNow + kActive - kOverlap, 1);
  const auto before = keys();
  write([&](storage::Transaction& transaction) {
    return replace_signing_keys(transaction, sealer_, fresh(2), kNow);
  });
  EXPECT_EQ(keys().size(), 2u);
  for (const SigningKey& key : keys()) {
    EXPECT_EQ(key.state, KeyState::Current);
    EXPECT_TRUE(
        std::ranges::none_of(before, [&](const SigningKey& old) { return old.key_id == key.key_id; }));
  }
}

TEST_F(SigningKeysTest, WithoutACurrentKeyTheNextOneSigns) {
  rotate(kNow);
  rotate(kNow + kActive - kOverlap, 1);
  write([](storage::Transaction& transaction) {
    return transaction.execute("DELETE FROM signing_keys WHERE state = 'current'", {});
  });
  rotate(kNow + kActive - kOverlap, 2);
  EXPECT_EQ(states(TokenAlgorithm::Rs256), "current");
}

}  // namespace
}  // namespace doorward::directory
