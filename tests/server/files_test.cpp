#include "server/files.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

namespace doorward::server {
namespace {

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    std::string pattern = testing::TempDir() + "doorward-files-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~FilesTest() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(FilesTest, ReadsAllBytesUpToALimit) {
  const std::string bytes = std::string(100'000, 'x') + '\0' + "end";
  std::ofstream(folder_ / "f") << bytes;
  EXPECT_EQ(read_whole_file(folder_ / "f", bytes.size()).value(), bytes);
  EXPECT_FALSE(read_whole_file(folder_ / "f", bytes.size() - 1));
  EXPECT_FALSE(read_whole_file(folder_ / "none", 10));
  EXPECT_FALSE(read_whole_file(folder_, 10));
}

TEST_F(FilesTest, MakesFoldersForTheirOwnerAlone) {
  ASSERT_TRUE(make_parent_folder(folder_ / "a" / "b" / "file"));
  struct stat status{};
  ASSERT_EQ(stat((folder_ / "a" / "b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a" / "b" / "file"));
  EXPECT_TRUE(make_parent_folder(folder_ / "a" / "b" / "file"));
  EXPECT_TRUE(make_parent_folder("file"));
}

TEST_F(FilesTest, SaysWhyAFolderCannotBeMade) {
  std::ofstream(folder_ / "f") << "in the way";
  const auto made = make_parent_folder(folder_ / "f" / "b" / "file");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("cannot be made"), std::string::npos);
}

}  // namespace
}  // namespace doorward::server
