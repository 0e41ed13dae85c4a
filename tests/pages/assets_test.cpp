#include "pages/assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::pages {
namespace {

using testing::HasSubstr;

TEST(Assets, HoldTheColoursAndTheFormScript) {
  http::Request request;
  request.path = stylesheet_path();
  const auto stylesheet = serve_asset(request);
  ASSERT_TRUE(stylesheet);
  EXPECT_THAT(stylesheet->body, HasSubstr("--accent: "));
  EXPECT_THAT(stylesheet->body, HasSubstr("var(--accent)"));
  request.path = submit_script_path();
  EXPECT_TRUE(serve_asset(request));
}

}  // namespace
}  // namespace doorward::pages
