#include "directory/key_pairs.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

class KeyPairsTest : public DirectoryTest {
 protected:
  static NewKeyPair new_pair(const Account& account, KeyPurpose purpose, KeyState state = KeyState::Current) {
    crypto::PrivateKey key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
    crypto::Certificate certificate =
        crypto::Certificate::self_signed(key, "doorward", kNow, kNow + std::chrono::hours(24));
    return {.account = account.id,
            .purpose = purpose,
            .key = std::move(key),
            .certificate = std::move(certificate),
            .state = state};
  }
  KeyPair add_pair(const NewKeyPair& pair) {
    return write([&](storage::Transaction& transaction) {
      return create_key_pair(transaction, sealer_, pair, kSupport, kNow);
    });
  }
  SignInSetup setup() {
    return *read(
        [](storage::Transaction& transaction) { return load_sign_in_setup(transaction, "contoso"); });
  }

  crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
  Account account_ = add_account("contoso");
  Connection connection_ = add_connection(account_, "https://idp.example");
};

TEST_F(KeyPairsTest, OpensWithTheRightSealOnly) {
  const NewKeyPair pair = new_pair(account_, KeyPurpose::Signing);
  const KeyPair stored = add_pair(pair);
  EXPECT_EQ(stored.sealed_private_key.find(std::string(pair.key.to_der().reveal())), std::string::npos);
  const auto opened = open_private_key(sealer_, stored);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->public_key().id(), pair.key.public_key().id());
  const crypto::Sealer other{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'x'))};
  EXPECT_FALSE(open_private_key(other, stored));
  // Another row's secret does not open in this one's place.
  KeyPair swapped = add_pair(new_pair(account_, KeyPurpose::Encryption));
  swapped.sealed_private_key = stored.sealed_private_key;
  EXPECT_FALSE(open_private_key(sealer_, swapped));
}

TEST_F(KeyPairsTest, RefusesACertificateOfAnotherKey) {
  NewKeyPair pair = new_pair(account_, KeyPurpose::Signing);
  pair.certificate = new_pair(account_, KeyPurpose::Signing).certificate;
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_key_pair(transaction, sealer_, pair, kSupport, kNow);
            }),
            "directory.key_mismatch");
}

TEST_F(KeyPairsTest, RotatesWithAnOverlap) {
  const KeyPair old_pair = add_pair(new_pair(account_, KeyPurpose::Encryption));
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_key_pair(transaction, sealer_, new_pair(account_, KeyPurpose::Encryption),
                                     kSupport, kNow);
            }),
            "directory.key_pair_exists");
  const KeyPair next = add_pair(new_pair(account_, KeyPurpose::Encryption, KeyState::Next));
  const auto promote = [&](const KeyPair& pair) {
    return refusal_of([&](storage::Transaction& transaction) {
      return promote_key_pair(transaction, account_.id, pair.id, kSupport, kNow);
    });
  };
  EXPECT_EQ(promote(old_pair), "directory.key_pair_not_next");
  const auto version = reload(account_).setup_version;
  EXPECT_EQ(promote(next), "");
  EXPECT_GT(reload(account_).setup_version, version);
  const SignInSetup loaded = setup();
  const auto keys = loaded.keys_for(connection_.id, KeyPurpose::Encryption);
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0]->id, next.id);
  EXPECT_EQ(keys[1]->state, KeyState::Retiring);
  write([&](storage::Transaction& transaction) {
    return delete_key_pair(transaction, account_.id, old_pair.id, kSupport, kNow);
  });
  EXPECT_EQ(setup().key_pairs.size(), 1u);
}

TEST_F(KeyPairsTest, AConnectionsOwnKeyComesBeforeTheAccounts) {
  const Connection other = add_connection(account_, "https://two.example", "second");
  add_pair(new_pair(account_, KeyPurpose::Signing));
  NewKeyPair own = new_pair(account_, KeyPurpose::Signing);
  own.connection = connection_.id;
  const KeyPair stored = add_pair(own);
  const SignInSetup loaded = setup();
  EXPECT_EQ(loaded.keys_for(connection_.id, KeyPurpose::Signing).at(0)->id, stored.id);
  EXPECT_EQ(loaded.keys_for(connection_.id, KeyPurpose::Signing).size(), 2u);
  EXPECT_EQ(loaded.keys_for(other.id, KeyPurpose::Signing).size(), 1u);
  EXPECT_TRUE(loaded.keys_for(other.id, KeyPurpose::Encryption).empty());
}

}  // namespace
}  // namespace doorward::directory
