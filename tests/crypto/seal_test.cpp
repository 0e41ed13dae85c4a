#include "crypto/seal.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_folder.h"

namespace doorward::crypto {
namespace {

namespace fs = std::filesystem;

class SealTest : public testing::Test {
 protected:
  std::string file() const { return folder_.file("key"); }
  void write(std::string_view text, fs::perms mode = fs::perms::owner_read | fs::perms::owner_write) const {
    std::ofstream(file()) << text;
    fs::permissions(file(), mode);
  }

  doorward::test::TemporaryFolder folder_;
  Sealer sealer_ = Sealer(Secret(std::string(32, 'k')));
};

TEST_F(SealTest, OpensWhatItSealed) {
  for (const std::string& plain : {std::string(), std::string("secret"), std::string(100'000, 'x')}) {
    const Bytes sealed = sealer_.seal("purpose", plain);
    EXPECT_EQ(sealed.size(), plain.size() + 29);
    EXPECT_EQ(sealed[0], 1);
    const auto opened = sealer_.open("purpose", sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), plain);
  }
  EXPECT_NE(sealer_.seal("purpose", "secret"), sealer_.seal("purpose", "secret"));
}

TEST_F(SealTest, RefusesEveryChangedByteAndEveryCut) {
  const Bytes sealed = sealer_.seal("purpose", "secret");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto opened = sealer_.open("purpose", changed);
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.error().code, ErrorCode("crypto.seal_broken"));
    EXPECT_FALSE(sealer_.open("purpose", sealed.substr(0, i))) << i;
  }
  EXPECT_FALSE(sealer_.open("purpose", sealed + 'x'));
}

TEST_F(SealTest, BindsContextAndKey) {
  const Bytes sealed = sealer_.seal("purpose", "secret");
  for (const char* context : {"", "purpos", "purpose ", "Purpose"})
    EXPECT_FALSE(sealer_.open(context, sealed));
  EXPECT_FALSE(Sealer(Secret(std::string(32, 'j'))).open("purpose", sealed));
}

TEST_F(SealTest, CreatesTheKeyFileForItsOwnerAlone) {
  const auto first = Sealer::from_file(file());
  ASSERT_TRUE(first);
  struct stat status = {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(fs::file_size(file()), 65U);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1)
      << "no temporary file stays";

  const auto second = Sealer::from_file(file(), KeyFileAbsent::Fail);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->open("c", first->seal("c", "x")));
}

TEST_F(SealTest, ConcurrentCreatorsGetTheSameKey) {
  std::vector<std::thread> threads;
  std::vector<Bytes> sealed(8);
  for (Bytes& result : sealed) {
    threads.emplace_back([&] {
      const auto sealer = Sealer::from_file(file());
      if (sealer) result = sealer->seal("c", "x");
    });
  }
  for (auto& thread : threads)
    thread.join();
  const auto sealer = Sealer::from_file(file(), KeyFileAbsent::Fail);
  ASSERT_TRUE(sealer);
  for (const Bytes& bytes : sealed)
    EXPECT_TRUE(sealer->open("c", bytes));
}

TEST_F(SealTest, RefusesAnAbsentFileWhenItMustExist) {
  const auto sealer = Sealer::from_file(file(), KeyFileAbsent::Fail);
  ASSERT_FALSE(sealer);
  EXPECT_NE(sealer.error().message.find(file()), std::string::npos);
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_FALSE(Sealer::from_file(folder_.file("absent/key")));
}

TEST_F(SealTest, ReadsHexadecimalWithOrWithoutALineBreak) {
  const std::string digits(64, 'a');
  for (const std::string& text : {digits, digits + "\n", digits + "\r\n", std::string(64, 'A')}) {
    write(text);
    EXPECT_TRUE(Sealer::from_file(file())) << text;
  }
}

TEST_F(SealTest, RefusesOtherContentAndNeverQuotesIt) {
  const std::string digits(64, 'a');
  for (const std::string& text : {std::string(), digits.substr(1), digits + "aa", digits.substr(1) + "g",
                                  std::string(1000, 'a'), digits + "\n" + digits}) {
    write(text);
    const auto sealer = Sealer::from_file(file());
    ASSERT_FALSE(sealer) << text;
    EXPECT_EQ(sealer.error().message.find("aaaa"), std::string::npos);
    EXPECT_EQ(sealer.error().detail.find("aaaa"), std::string::npos);
  }
}

TEST_F(SealTest, RefusesAFileThatOthersReach) {
  const std::string digits(64, 'a');
  for (const unsigned mode : {0644U, 0604U, 0601U, 0602U, 0620U, 0666U}) {
    write(digits, static_cast<fs::perms>(mode));
    EXPECT_FALSE(Sealer::from_file(file())) << std::oct << mode;
  }
  for (const unsigned mode : {0600U, 0400U, 0640U, 0440U}) {
    write(digits, fs::perms::owner_read | fs::perms::owner_write);
    fs::permissions(file(), static_cast<fs::perms>(mode));
    EXPECT_TRUE(Sealer::from_file(file())) << std::oct << mode;
    fs::remove(file());
  }
}

TEST_F(SealTest, RefusesWhatIsNoRegularFile) {
  fs::create_directory(file());
  EXPECT_FALSE(Sealer::from_file(file()));
  fs::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_FALSE(Sealer::from_file(file()));
}

}  // namespace
}  // namespace doorward::crypto
