#include "directory/password_attempts.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class PasswordAttemptsTest : public DirectoryTest {
 protected:
  std::optional<Timestamp> take(std::string_view user, std::string_view address, Timestamp now) {
    return write([&](storage::Transaction& transaction) {
      return take_password_attempt(transaction, account_.id, user, address, limits_, now);
    });
  }
  void forgive(std::string_view user, std::string_view address) {
    write([&](storage::Transaction& transaction) {
      return forgive_password_attempts(transaction, account_.id, user, address);
    });
  }

  Account account_ = add_account("contoso");
  PasswordLimits limits_;
};

TEST_F(PasswordAttemptsTest, TheWaitDoublesUpToALimit) {
  Timestamp now = kNow;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(take("bob", "a", now), std::nullopt) << i;
  Duration last = Duration::zero();
  for (int i = 0; i < 20; ++i) {
    const auto later = take("bob", std::to_string(i), now);
    ASSERT_TRUE(later);
    const Duration wait = *later - now;
    EXPECT_EQ(wait, i == 0 ? Duration(seconds(1)) : std::min<Duration>(2 * last, minutes(15)));
    EXPECT_TRUE(take("bob", std::to_string(i), *later - Duration(1)));
    now = *later;
    EXPECT_EQ(take("bob", std::to_string(i), now), std::nullopt);
    last = wait;
  }
  EXPECT_EQ(last, minutes(15));
}

TEST_F(PasswordAttemptsTest, ARefusedGuessDoesNotCount) {
  for (int i = 0; i < 5; ++i)
    take("bob", "a", kNow);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(take("bob", "a", kNow), kNow + seconds(1));
  EXPECT_EQ(take("bob", "a", kNow + seconds(1)), std::nullopt);
}

TEST_F(PasswordAttemptsTest, SpellingsOfAUserNameShareTheCounter) {
  for (const char* user : {"Straße", "STRASSE", " strasse ", "strasse", "straße"}) {
    EXPECT_EQ(take(user, user, kNow), std::nullopt);
  }
  EXPECT_TRUE(take("StRaSsE", "z", kNow));
}

TEST_F(PasswordAttemptsTest, AnAddressThatTriesManyNamesIsSlowedDown) {
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(take(std::to_string(i), "192.0.2.1", kNow), std::nullopt);
  EXPECT_TRUE(take("fresh", "192.0.2.1", kNow));
  EXPECT_EQ(take("fresh", "192.0.2.2", kNow), std::nullopt);
}

TEST_F(PasswordAttemptsTest, ASubscribersIpv6AddressesCountAsOne) {
  // Whoever has a connection has 2^64 addresses, one for each guess.
  for (int i = 0; i < 30; ++i)
    EXPECT_FALSE(take("user" + std::to_string(i), "2001:db8::" + std::to_string(i + 1), kNow));
  EXPECT_TRUE(take("another", "2001:db8:0:0:9:8:7:6", kNow));
  EXPECT_FALSE(take("another", "2001:db8:0:1::1", kNow));
  forgive("user0", "2001:db8::ffff");
  EXPECT_FALSE(take("one more", "2001:db8::1", kNow));
  for (int i = 0; i < 31; ++i)
    EXPECT_FALSE(take("person" + std::to_string(i), "192.0.2." + std::to_string(i), kNow));
}

TEST_F(PasswordAttemptsTest, AGoodPasswordClearsTheUserOnly) {
  for (int i = 0; i < 5; ++i)
    take("bob", "a", kNow);
  EXPECT_TRUE(take("bob", "a", kNow));
  forgive("BOB", "a");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(take("bob", "a", kNow), std::nullopt);
  EXPECT_EQ(count("SELECT failures FROM password_attempts WHERE subject = 'address'"), 9);
  forgive("nobody", "nowhere");
}

TEST_F(PasswordAttemptsTest, IsForgottenAfterADay) {
  for (int i = 0; i < 5; ++i)
    take("bob", "a", kNow);
  EXPECT_TRUE(take("bob", "a", kNow));
  EXPECT_EQ(take("bob", "a", kNow + hours(24)), std::nullopt);
  EXPECT_EQ(take("bob", "a", kNow + hours(24)), std::nullopt);
}

TEST_F(PasswordAttemptsTest, AccountsCountApart) {
  for (int i = 0; i < 5; ++i)
    take("bob", "a", kNow);
  account_ = add_account("fabrikam");
  EXPECT_EQ(take("bob", "a", kNow), std::nullopt);
}

}  // namespace
}  // namespace doorward::directory
