#include "server/key_file.h"

#include <filesystem>

#include "directory/directory_test.h"
#include "directory/key_pairs.h"

namespace doorward::server {
namespace {

class KeyFileTest : public directory::DirectoryTest {
 protected:
  KeyFileTest() { config_.key_file = test_database_.folder().file("keys/doorward.key"); }

  std::string refusal() {
    const auto opened = open_key_file(config_, *database_);
    return opened ? std::string() : opened.error().message;
  }

  /// Something that only the key file opens; behind accounts that have nothing.
  void seal_something() {
    const auto sealer = must(open_key_file(config_, *database_));
    for (int i = 0; i < 120; ++i)
      add_account("company " + std::to_string(i));
    const auto account = add_account("contoso");
    const auto key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
    const auto certificate = crypto::Certificate::self_signed(key, "sp", kNow, kNow + std::chrono::hours(1));
    write([&](storage::Transaction& transaction) {
      return directory::create_key_pair(transaction, sealer,
                                        {account.id, directory::KeyPurpose::Signing, key, certificate},
                                        kSupport, kNow);
    });
  }

  Config config_;
};

TEST_F(KeyFileTest, IsMadeForANewDatabase) {
  EXPECT_EQ(refusal(), "");
  EXPECT_TRUE(std::filesystem::exists(config_.key_file));
}

TEST_F(KeyFileTest, OpensWhatItSealed) {
  seal_something();
  EXPECT_EQ(refusal(), "");
}

TEST_F(KeyFileTest, IsNotMadeAnewForADatabaseWithSecrets) {
  seal_something();
  std::filesystem::remove(config_.key_file);
  EXPECT_NE(refusal().find("does not exist"), std::string::npos) << refusal();
  EXPECT_FALSE(std::filesystem::exists(config_.key_file));
}

TEST_F(KeyFileTest, RefusesAnotherDatabasesKey) {
  seal_something();
  std::filesystem::remove(config_.key_file);
  must(crypto::Sealer::from_file(config_.key_file));
  EXPECT_NE(refusal().find("belongs to another one"), std::string::npos) << refusal();
  EXPECT_NE(refusal().find(config_.key_file), std::string::npos);
}

}  // namespace
}  // namespace doorward::server
