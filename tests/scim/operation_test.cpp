#include "scim/operation.h"

#include <gtest/gtest.h>

#include "scim/protocol/errors.h"

namespace doorward::scim {
namespace {

class OperationTest : public testing::Test {
 protected:
  Client client_;
  Operation operation_{.client = client_};
};

TEST_F(OperationTest, EntityTagsCompareWeakly) {
  EXPECT_TRUE(check_version(operation_, 7));
  for (const char* tag : {"*", "W/\"7\"", "\"7\"", "\"6\", W/\"7\""}) {
    operation_.if_match = tag;
    EXPECT_TRUE(check_version(operation_, 7)) << tag;
  }
  for (const char* tag : {"W/\"8\"", "7", "\"77\"", "W/\"\""}) {
    operation_.if_match = tag;
    const auto checked = check_version(operation_, 7);
    ASSERT_FALSE(checked) << tag;
    EXPECT_EQ(checked.error().code, protocol::kPreconditionFailed);
  }
}

TEST_F(OperationTest, IfNoneMatchForbidsAChange) {
  for (const char* tag : {"*", "W/\"7\"", "\"6\", \"7\""}) {
    operation_.if_none_match = tag;
    const auto checked = check_version(operation_, 7);
    ASSERT_FALSE(checked) << tag;
    EXPECT_EQ(checked.error().code, protocol::kPreconditionFailed);
  }
  operation_.if_none_match = "\"6\"";
  EXPECT_TRUE(check_version(operation_, 7));
}

TEST_F(OperationTest, ScopesReachAsFarAsTheySay) {
  using directory::TokenScope;
  const auto may = [&](TokenScope scope, Kind kind) {
    client_.token.scope = scope;
    return require_scope(client_, kind).has_value();
  };
  EXPECT_TRUE(may(TokenScope::Full, Kind::User) && may(TokenScope::Full, Kind::Group));
  EXPECT_TRUE(may(TokenScope::Users, Kind::User) && may(TokenScope::Groups, Kind::Group));
  EXPECT_FALSE(may(TokenScope::Users, Kind::Group) || may(TokenScope::Groups, Kind::User));
  EXPECT_FALSE(may(TokenScope::Read, Kind::User) || may(TokenScope::Read, Kind::Group));
}

TEST_F(OperationTest, LongListsDoNotFillTheLog) {
  json::Array resources(6, json::Object{{"title", "Clerk"}});
  EXPECT_EQ(log_entry(operation_, Answer{.body = json::Object{{"Resources", resources}}}).response_body, "");
  resources.resize(2);
  EXPECT_NE(log_entry(operation_, Answer{.body = json::Object{{"Resources", resources}}}).response_body, "");
}

}  // namespace
}  // namespace doorward::scim
