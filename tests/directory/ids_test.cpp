#include "directory/ids.h"

#include <set>

#include <gtest/gtest.h>

namespace doorward::directory {
namespace {

TEST(PublicIdTest, IsAVersion4Uuid) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = new_public_id();
    EXPECT_TRUE(is_uuid(id));
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(IsUuidTest, KnowsTheShape) {
  EXPECT_TRUE(is_uuid("AAAAAAAA-0000-4000-8000-00000000000f"));
  for (const char* text : {"", "AAAAAAAA000040008000000000000001", "AAAAAAAA-0000-4000-8000-00000000000g",
                           "AAAAAAAA-0000-4000-8000-0000000000011", "{AAAAAAA-0000-4000-8000-00000000001}",
                           "AAAAAAAA-0000-4000-80000-00000000001"}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace doorward::directory
