#include "directory/key_rotation.h"

#include <gmock/gmock.h>

#include "directory/mails.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class KeyRotationTest : public DirectoryTest {
 protected:
  KeyRotationTest() {
    add(KeyPurpose::Signing, KeyState::Current);
    add(KeyPurpose::Encryption, KeyState::Current);
  }

  NewKeyPair pair(KeyPurpose purpose, KeyState state) {
    crypto::PrivateKey key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
    crypto::Certificate certificate =
        crypto::Certificate::self_signed(key, "doorward", kNow, kNow + std::chrono::hours(24 * 3650));
    return {.account = account_.id,
            .purpose = purpose,
            .key = std::move(key),
            .certificate = std::move(certificate),
            .state = state};
  }
  void add(KeyPurpose purpose, KeyState state) {
    write([&](storage::Transaction& transaction) {
      return create_key_pair(transaction, sealer_, pair(purpose, state), kSupport, kNow);
    });
  }
  std::string begin(Timestamp now = kNow) {
    std::vector<NewKeyPair> next;
    next.push_back(pair(KeyPurpose::Signing, KeyState::Next));
    next.push_back(pair(KeyPurpose::Encryption, KeyState::Next));
    return refusal_of([&](storage::Transaction& transaction) {
      return begin_key_rotation(transaction, sealer_, account_.id, next, kAdministrator, now);
    });
  }
  std::string confirm(Timestamp now = kNow) {
    return refusal_of([&](storage::Transaction& transaction) {
      return confirm_key_rotation(transaction, account_.id, kAdministrator, now);
    });
  }
  std::string cancel(Timestamp now = kNow) {
    return refusal_of([&](storage::Transaction& transaction) {
      return cancel_key_rotation(transaction, account_.id, kAdministrator, now);
    });
  }
  void retire(Timestamp now) {
    write([&](storage::Transaction& transaction) { return retire_old_keys(transaction, account_.id, now); });
  }
  int in_state(KeyState state) {
    int found = 0;
    for (const OwnKey& key : keys())
      found += key.pair.state == state ? 1 : 0;
    return found;
  }
  std::vector<OwnKey> keys() {
    return read([&](storage::Transaction& transaction) { return list_own_keys(transaction, account_.id); });
  }
  std::vector<QueuedMail> mails() {
    return write([&](storage::Transaction& transaction) {
      return claim_mails(transaction, kNow + std::chrono::hours(24 * 900),
                         kNow + std::chrono::hours(24 * 1000), 100);
    });
  }

  const crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
  const Account account_ = add_account("contoso");
  const Employee ada_ = add_employee({.account = account_.id,
                                      .profile = {.user_name = "ada", .email = "ada@contoso.example"},
                                      .administrator = true});
};

TEST_F(KeyRotationTest, TheNextKeysStandBesideTheCurrentOnes) {
  EXPECT_EQ(begin(), "");
  EXPECT_EQ(in_state(KeyState::Current), 2);
  EXPECT_EQ(in_state(KeyState::Next), 2);
  EXPECT_EQ(begin(), "directory.key_pair_exists");
}

TEST_F(KeyRotationTest, ConfirmedTheyAreCurrentAndTheOldOnesRetire) {
  EXPECT_EQ(confirm(), "directory.no_rotation");
  begin();
  EXPECT_EQ(confirm(), "");
  EXPECT_EQ(in_state(KeyState::Current), 2);
  EXPECT_EQ(in_state(KeyState::Retiring), 2);
  for (const OwnKey& key : keys()) {
    if (key.pair.state != KeyState::Retiring) continue;
    EXPECT_EQ(key.ends_at, kNow + kKeyOverlap);
  }
  EXPECT_EQ(confirm(), "directory.no_rotation");
}

TEST_F(KeyRotationTest, GivenUpTheNewKeysStillDecrypt) {
  EXPECT_EQ(cancel(), "directory.no_rotation");
  begin();
  EXPECT_EQ(cancel(), "");
  EXPECT_EQ(in_state(KeyState::Current), 2);
  EXPECT_EQ(in_state(KeyState::Next), 0);
  EXPECT_EQ(in_state(KeyState::Retiring), 2);
}

TEST_F(KeyRotationTest, OldKeysGoAfterTheOverlapAndAreMissedAWeekBefore) {
  begin();
  confirm();
  retire(kNow + kKeyOverlap - kRetirementNotice - std::chrono::seconds(1));
  EXPECT_THAT(mails(), IsEmpty());
  retire(kNow + kKeyOverlap - kRetirementNotice);
  const auto sent = mails();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_THAT(sent[0].body, HasSubstr("keep the old key"));
  retire(kNow + kKeyOverlap - std::chrono::seconds(1));
  EXPECT_EQ(in_state(KeyState::Retiring), 2);
  retire(kNow + kKeyOverlap);
  EXPECT_EQ(in_state(KeyState::Retiring), 0);
  EXPECT_EQ(in_state(KeyState::Current), 2);
}

TEST_F(KeyRotationTest, AServerThatWasOffTellsFirst) {
  begin();
  confirm();
  const Timestamp late = kNow + kKeyOverlap * 3;
  retire(late);
  EXPECT_EQ(in_state(KeyState::Retiring), 2);
  EXPECT_EQ(mails().size(), 1U);
  retire(late + kRetirementNotice);
  EXPECT_EQ(in_state(KeyState::Retiring), 0);
}

TEST_F(KeyRotationTest, KeptTheyHaveAWholeOverlapAndANoticeAgain) {
  begin();
  confirm();
  const Timestamp end = kNow + kKeyOverlap;
  retire(end - kRetirementNotice);
  EXPECT_EQ(mails().size(), 1U);
  write([&](storage::Transaction& transaction) {
    return keep_old_keys(transaction, account_.id, kAdministrator, end - kRetirementNotice);
  });
  retire(end);
  EXPECT_EQ(in_state(KeyState::Retiring), 2);
  EXPECT_THAT(mails(), IsEmpty());
  const Timestamp second_end = end - kRetirementNotice + kKeyOverlap;
  retire(second_end - kRetirementNotice);
  EXPECT_EQ(mails().size(), 1U);
  retire(second_end);
  EXPECT_EQ(in_state(KeyState::Retiring), 0);
}

TEST_F(KeyRotationTest, NobodyPilesOldKeysUp) {
  for (int round = 0; round < kMaxRetiring; ++round) {
    ASSERT_EQ(begin(), "");
    ASSERT_EQ(confirm(), "");
  }
  EXPECT_EQ(begin(), "directory.too_many_keys");
}

TEST_F(KeyRotationTest, AnotherAccountsKeysStay) {
  begin();
  const Account other = add_account("fabrikam");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return confirm_key_rotation(transaction, other.id, kAdministrator, kNow);
            }),
            "directory.no_rotation");
  EXPECT_EQ(in_state(KeyState::Next), 2);
}

}  // namespace
}  // namespace doorward::directory
