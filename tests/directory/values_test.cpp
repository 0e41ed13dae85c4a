#include "directory/values.h"

#include <gtest/gtest.h>

namespace doorward::directory {
namespace {

TEST(CheckValueTest, AcceptsTextOnly) {
  EXPECT_TRUE(check_value("x", "", Presence::Optional));
  EXPECT_TRUE(check_value("x", std::string(1024, 'a'), Presence::Required));
  EXPECT_FALSE(check_value("x", "", Presence::Required));
  EXPECT_FALSE(check_value("x", "\n ", Presence::Required));
  EXPECT_FALSE(check_value("x", std::string(1025, 'a'), Presence::Optional));
  EXPECT_FALSE(check_value("x", "\xed\xa0\x80", Presence::Optional));
  EXPECT_FALSE(check_value("x", std::string_view("\0", 1), Presence::Optional));
  EXPECT_EQ(check_value("e-mail address", "\xff", Presence::Optional).error().message,
            "The e-mail address is not valid UTF-8 text.");
}

TEST(IdentifierKeyTest, FoldsUuidsAlone) {
  EXPECT_EQ(identifier_key("AAAAAAAA-0000-4000-8000-00000000000F"), "aaaaaaaa-0000-4000-8000-00000000000f");
  EXPECT_EQ(identifier_key("00uABC"), "00uABC");
  EXPECT_EQ(identifier_key(""), "");
}

}  // namespace
}  // namespace doorward::directory
