#include "pages/assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::pages {
namespace {

using testing::HasSubstr;

TEST(Assets, AreServedUnderTheirNameOnly) {
  http::Request request;
  request.path = stylesheet_path();
  const auto found = serve_asset(request);
  ASSERT_TRUE(found);
  EXPECT_THAT(found->body, HasSubstr("--accent"));
  request.path = "/assets/pages.css";
  EXPECT_FALSE(serve_asset(request));
}

}  // namespace
}  // namespace doorward::pages
