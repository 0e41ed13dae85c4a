#include "http/router.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class RouterTest : public ::testing::Test {
 protected:
  void add(Method method, std::string_view pattern) {
    router_.add(method, pattern, Run::Inline, [](const Request&) { return Response(); });
  }
  std::string pattern(Method method, std::string_view path) const {
    const auto match = router_.find(method, path);
    return match.route == nullptr ? "" : match.route->pattern;
  }

  Router router_;
};

TEST_F(RouterTest, MatchesSegments) {
  add(Method::Get, "/");
  add(Method::Post, "/saml/{account}/acs");
  add(Method::Get, "/assets/{rest...}");
  EXPECT_EQ(pattern(Method::Get, "/"), "/");
  const auto acs = router_.find(Method::Post, "/saml/contoso/acs");
  ASSERT_NE(acs.route, nullptr);
  EXPECT_THAT(acs.parameters, ElementsAre(Pair("account", "contoso")));
  const auto asset = router_.find(Method::Get, "/assets/css/a/b.css");
  ASSERT_NE(asset.route, nullptr);
  EXPECT_THAT(asset.parameters, ElementsAre(Pair("rest", "css/a/b.css")));
  EXPECT_THAT(router_.find(Method::Get, "/assets/").parameters, ElementsAre(Pair("rest", "")));
  EXPECT_EQ(pattern(Method::Get, "/assets"), "");
  EXPECT_EQ(pattern(Method::Post, "/saml//acs"), "");
  EXPECT_EQ(pattern(Method::Post, "/saml/contoso/acs/"), "");
  EXPECT_EQ(pattern(Method::Post, "/saml/contoso"), "");
  EXPECT_EQ(pattern(Method::Post, "//saml/contoso/acs"), "");
  EXPECT_EQ(pattern(Method::Get, ""), "");
  EXPECT_EQ(pattern(Method::Get, "*"), "");
}

TEST_F(RouterTest, LiteralsWinOverNamesAndNamesOverTheRest) {
  add(Method::Get, "/users/{id}");
  add(Method::Get, "/users/me");
  add(Method::Get, "/{rest...}");
  add(Method::Get, "/users/me/devices");
  add(Method::Get, "/users/{id}/photo");
  EXPECT_EQ(pattern(Method::Get, "/users/me"), "/users/me");
  EXPECT_EQ(pattern(Method::Get, "/users/you"), "/users/{id}");
  EXPECT_EQ(pattern(Method::Get, "/users/me/photo"), "/users/{id}/photo");
  EXPECT_EQ(pattern(Method::Get, "/users/me/other"), "/{rest...}");
  const auto fallback = router_.find(Method::Get, "/users/you/other");
  EXPECT_THAT(fallback.parameters, ElementsAre(Pair("rest", "users/you/other")));
}

TEST_F(RouterTest, AnotherMethodMayBeFoundOnALessLiteralRoute) {
  add(Method::Get, "/users/me");
  add(Method::Delete, "/users/{id}");
  EXPECT_EQ(pattern(Method::Delete, "/users/me"), "/users/{id}");
}

TEST_F(RouterTest, SaysWhichMethodsAPathHas) {
  add(Method::Get, "/users/{id}");
  add(Method::Patch, "/users/{other_name}");
  const auto match = router_.find(Method::Post, "/users/1");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, "GET, HEAD, PATCH");
  EXPECT_EQ(router_.find(Method::Other, "/users/1").allowed, "GET, HEAD, PATCH");
  EXPECT_THAT(router_.find(Method::Post, "/nobody").allowed, IsEmpty());
  EXPECT_THAT(router_.find(Method::Patch, "/users/1").parameters, ElementsAre(Pair("other_name", "1")));
}

TEST_F(RouterTest, GetAnswersHead) {
  add(Method::Get, "/a");
  EXPECT_EQ(pattern(Method::Head, "/a"), "/a");
  add(Method::Post, "/b");
  EXPECT_EQ(pattern(Method::Head, "/b"), "");
}

TEST_F(RouterTest, RefusesTwoRoutesOfOneShape) {
  add(Method::Get, "/a/{x}");
  EXPECT_DEATH(add(Method::Get, "/a/{y}"), "CHECK failed");
  EXPECT_DEATH(add(Method::Get, "/a/{rest...}/b"), "CHECK failed");
  EXPECT_DEATH(add(Method::Get, "a"), "CHECK failed");
}

TEST_F(RouterTest, ListsItsRoutes) {
  Router router;
  const auto nothing = [](const Request&) -> Result<Response> { return Response::text(Status::Ok, ""); };
  const std::set<std::string> patterns = {"/", "/a", "/a/{id}", "/a/{id}/b", "/c/{rest...}"};
  for (const std::string& pattern : patterns)
    router.add(Method::Get, pattern, Run::Inline, nothing);
  router.add(Method::Post, "/a", Run::Inline, nothing);
  std::set<std::string> listed;
  for (const Route* route : router.routes())
    listed.insert(route->pattern);
  EXPECT_EQ(listed, patterns);
  EXPECT_EQ(router.routes().size(), 6U);
}

}  // namespace
}  // namespace doorward::http
