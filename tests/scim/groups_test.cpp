#include "scim/groups.h"

#include <gmock/gmock.h>

#include "scim/group_resource.h"
#include "scim/scim_test.h"

namespace doorward::scim {
namespace {

using http::Method;
using testing::UnorderedElementsAre;

class GroupsTest : public ScimTest {
 protected:
  std::vector<std::string> members(const std::string& group) {
    const Reply shown = call_on(&Scim::group, Method::Get, group);
    std::vector<std::string> ids;
    if (!shown.body.as_object().contains("members")) return ids;
    for (const json::Value& member : shown.body.at("members").as_array())
      ids.emplace_back(member.at("value").as_string());
    return ids;
  }
  Reply change(const std::string& group, std::string_view operations) {
    return call_on(&Scim::group, Method::Patch, group, patch(operations));
  }

  std::string ben_ = create_user("ben@contoso.example").id();
  std::string ada_ = create_user("ada@contoso.example").id();
};

TEST_F(GroupsTest, MembersComeAndGoInEveryDialect) {
  const std::string group = create_group("Sales").id();
  EXPECT_EQ(change(group, R"({"op":"Add","path":"members","value":[{"value":")" + ben_ + R"("},{"value":")" +
                              ada_ + R"("}]})")
                .status(),
            204);
  EXPECT_THAT(members(group), UnorderedElementsAre(ben_, ada_));
  EXPECT_EQ(
      change(group, R"({"op":"Remove","path":"members","value":[{"value":")" + ben_ + R"("}]})").status(),
      204);
  EXPECT_THAT(members(group), UnorderedElementsAre(ada_));
  EXPECT_EQ(change(group, R"({"op":"remove","path":"members[value eq \")" + ada_ + R"(\"]"})").status(), 204);
  EXPECT_THAT(members(group), UnorderedElementsAre());
  EXPECT_EQ(
      change(group, R"({"op":"replace","value":{"id":"x","displayName":"Sellers","members":[{"value":")" +
                        ben_ + R"("}]}})")
          .status(),
      204);
  EXPECT_THAT(members(group), UnorderedElementsAre(ben_));
  EXPECT_EQ(call_on(&Scim::group, Method::Get, group).text("displayName"), "Sellers");
}

TEST_F(GroupsTest, AnUnknownMemberIsAWrongValueAndNothingIsAdded) {
  const std::string group = create_group("Sales").id();
  const Reply refused = change(group, R"({"op":"add","path":"members","value":[{"value":")" + ben_ +
                                          R"("},{"value":"00000000-0000-4000-8000-000000000000"}]})");
  EXPECT_EQ(refused.status(), 400);
  EXPECT_EQ(refused.scim_type(), "invalidValue");
  EXPECT_THAT(members(group), UnorderedElementsAre());
}

TEST_F(GroupsTest, MembersOfAnotherAccountAreUnknown) {
  const auto stranger = add_employee(other_, "eve@fabrikam.example");
  const std::string group = create_group("Sales").id();
  EXPECT_EQ(
      change(group, R"({"op":"add","path":"members","value":[{"value":")" + stranger.public_id + R"("}]})")
          .status(),
      400);
}

TEST_F(GroupsTest, PatchAnswersWithTheResourceWhenAsked) {
  const std::string group = create_group("Sales").id();
  const Reply answered =
      call_on(&Scim::group, Method::Patch, group,
              patch(R"({"op":"replace","path":"displayName","value":"Sellers"})"), "attributes=displayName");
  EXPECT_EQ(answered.status(), 200);
  EXPECT_EQ(answered.text("displayName"), "Sellers");
}

TEST_F(GroupsTest, FoundByNameIdAndMember) {
  const std::string group =
      create_group("Sales", R"(,"externalId":"g1","members":[{"value":")" + ben_ + "\"}]").id();
  create_group("Support");
  for (const std::string& query :
       {std::string("filter=displayName%20eq%20%22sales%22&excludedAttributes=members"),
        std::string("filter=externalId%20eq%20%22g1%22"), "filter=id%20eq%20%22" + group + "%22",
        "filter=members.value%20eq%20%22" + ben_ + "%22",
        "filter=members%5Bvalue%20eq%20%22" + ben_ + "%22%5D",
        std::string("filter=displayName%20sw%20%22Sal%22")}) {
    const Reply found = call(&Scim::groups, Method::Get, query);
    ASSERT_EQ(found.total(), 1) << query;
    EXPECT_EQ(found.body.at("Resources").at(0).at("id").as_string(), group);
    EXPECT_EQ(found.body.at("Resources").at(0).as_object().contains("members"),
              query.find("excluded") == std::string::npos);
  }
}

TEST_F(GroupsTest, AUsersGroupsAreReadOnlyAndShown) {
  const std::string group = create_group("Sales", R"(,"members":[{"value":")" + ben_ + "\"}]").id();
  const Reply shown = call_on(&Scim::user, Method::Get, ben_);
  EXPECT_EQ(shown.body.at("groups").at(0).at("value").as_string(), group);
  EXPECT_EQ(shown.body.at("groups").at(0).at("display").as_string(), "Sales");
}

TEST_F(GroupsTest, PutReplacesTheMembers) {
  const std::string group = create_group("Sales", R"(,"members":[{"value":")" + ben_ + "\"}]").id();
  const Reply replaced =
      call_on(&Scim::group, Method::Put, group,
              R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Sales",
                                     "members":[{"value":")" +
                  ada_ + R"("}]})");
  EXPECT_EQ(replaced.status(), 200);
  EXPECT_THAT(members(group), UnorderedElementsAre(ada_));
}

TEST_F(GroupsTest, DeletedIsGoneAndItsMembersStay) {
  const std::string group = create_group("Sales", R"(,"members":[{"value":")" + ben_ + "\"}]").id();
  EXPECT_EQ(call_on(&Scim::group, Method::Delete, group).status(), 204);
  EXPECT_EQ(call_on(&Scim::group, Method::Get, group).status(), 404);
  EXPECT_EQ(call_on(&Scim::user, Method::Get, ben_).status(), 200);
}

TEST_F(GroupsTest, TheLogTellsWhoCameAndWent) {
  const std::string group = create_group("Sales").id();
  change(group, R"({"op":"add","path":"members","value":[{"value":")" + ben_ + R"("}]})");
  EXPECT_EQ(log().front().summary, "Entra added 1 member to Sales.");
}

}  // namespace
}  // namespace doorward::scim
