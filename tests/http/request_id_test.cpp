#include "http/request_id.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::http {
namespace {

TEST(RequestId, IsNewEachTime) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i)
    ids.insert(new_request_id());
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_THAT(ids, ::testing::Each(::testing::MatchesRegex("[0-9a-f]{32}")));
}

TEST(RequestId, FromOutsideIsTakenOnlyWhenHarmless) {
  EXPECT_TRUE(is_request_id(new_request_id()));
  EXPECT_TRUE(is_request_id("a1-b2_c3.d"));
  EXPECT_TRUE(is_request_id(std::string(64, 'a')));
  EXPECT_FALSE(is_request_id(std::string(65, 'a')));
  EXPECT_FALSE(is_request_id("short"));
  EXPECT_FALSE(is_request_id("12345678\n"));
  EXPECT_FALSE(is_request_id("1234 5678"));
  EXPECT_FALSE(is_request_id("<script>alert"));
}

}  // namespace
}  // namespace doorward::http
