#include "http/assets.h"

#include <gtest/gtest.h>

namespace doorward::http {
namespace {

TEST(Assets, AreServedUnderTheirNameOnly) {
  Assets assets("/assets/");
  const std::string path = assets.add("pages", "css", "text/css", "body {}");
  EXPECT_TRUE(path.starts_with("/assets/pages-")) << path;
  EXPECT_TRUE(path.ends_with(".css")) << path;

  Request request;
  request.path = path;
  const auto found = assets.serve(request);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->body, "body {}");
  EXPECT_EQ(found->headers.find("Content-Type"), "text/css");
  EXPECT_NE(found->headers.find("Cache-Control")->find("immutable"), std::string_view::npos);

  request.path = "/assets/pages.css";
  EXPECT_FALSE(assets.serve(request));
}

TEST(Assets, ChangeTheirNameWithTheirContent) {
  Assets assets("/");
  EXPECT_NE(assets.add("a", "js", "text/javascript", "1"), assets.add("a", "js", "text/javascript", "2"));
}

}  // namespace
}  // namespace doorward::http
