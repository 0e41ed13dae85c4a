#include "scim/protocol/errors.h"
#include "scim/protocol/patch.h"
#include "support.h"

namespace doorward::scim::protocol {
namespace {

Result<GroupPatch> split(std::string_view operations) {
  const auto request = PatchRequest::parse(parse_json(R"({"Operations":[)" + std::string(operations) + "]}"));
  if (!request) return fail(request.error());
  return split_group_patch(*request, schemas().group());
}

/// `+a,b -c ! =d` for add, remove, remove all and replace; `|n` for what is left.
std::string changes(std::string_view operations) {
  const auto patch = split(operations);
  if (!patch) return std::string(patch.error().code.name());
  std::string text;
  for (const MemberChange& change : patch->members) {
    text += text.empty() ? "" : " ";
    text += "+-!="[static_cast<int>(change.kind)];
    for (std::size_t i = 0; i < change.ids.size(); ++i)
      text += (i == 0 ? "" : ",") + change.ids[i];
  }
  return text + "|" + std::to_string(patch->rest.operations().size());
}

TEST(GroupPatch, TakesMembersOut) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      // RFC 7644 section 3.5.2.
      {R"({"op":"add","path":"members","value":[{"display":"B","$ref":"https://example.com/v2/Users/2819c223","value":"2819c223"}]})",
       "+2819c223|0"},
      {R"({"op":"remove","path":"members"})", "!|0"},
      {R"({"op":"remove","path":"members[value eq \"2819c223\"]"})", "-2819c223|0"},
      {R"({"op":"remove","path":"members"},{"op":"add","path":"members","value":[{"value":"a"},{"value":"b"}]})",
       "! +a,b|0"},
      {R"({"op":"replace","path":"members","value":[{"value":"a"},{"value":"b"}]})", "=a,b|0"},
      // Entra.
      {R"({"op":"Add","path":"members","value":[{"value":"a"}]})", "+a|0"},
      {R"({"op":"Remove","path":"members","value":[{"value":"a"}]})", "-a|0"},
      {R"({"op":"Replace","path":"displayName","value":"N"})", "|1"},
      {R"({"op":"add","path":"members","value":[{"$ref":null,"value":"a"}]})", "+a|0"},
      // Microsoft's validator, Okta, others.
      {R"({"op":"add","path":"members","value":["a","b"]})", "+a,b|0"},
      {R"({"op":"add","path":"members","value":"a"})", "+a|0"},
      {R"({"op":"add","path":"MEMBERS","value":{"value":5}})", "+5|0"},
      {R"({"op":"remove","path":"members[value eq \"a\" or value eq \"b\"]"})", "-a,b|0"},
      {R"({"op":"remove","path":"members[value eq \"a\" or value eq \"\"]"})", "-a|0"},
      {R"({"op":"remove","path":"members[value eq \"\"]"})", "|0"},
      {R"({"op":"replace","value":{"id":"1","displayName":"N"}})", "|1"},
      {R"({"op":"replace","value":{"displayName":"N","members":[{"value":"a"}]}})", "=a|1"},
      {R"({"op":"add","value":{"members":[{"value":"a"}]}})", "+a|0"},
      {R"({"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:Group:members":"a"}})", "+a|0"},
      {R"({"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:Group:members","value":"a"})", "+a|0"},
      {R"({"op":"add","path":"members","value":[{"$ref":"https://x/Users/a"}]})", "+a|0"},
      {R"({"op":"add","path":"members.value","value":["a"]})", "+a|0"},
      {R"({"op":"remove","path":"members[value eq \"a\"].value"})", "-a|0"},
      // The order stays.
      {R"({"op":"add","path":"members","value":"a"},{"op":"replace","path":"externalId","value":"e"},{"op":"remove","path":"members","value":"b"})",
       "+a -b|1"},
      // Nobody is named.
      {R"({"op":"remove","path":"members","value":[]})", "|0"},
      {R"({"op":"add","path":"members","value":[]})", "|0"},
      {R"({"op":"add","path":"members","value":null})", "|0"},
      {R"({"op":"replace","path":"members","value":[]})", "=|0"},
      {R"({"op":"replace","path":"members","value":null})", "=|0"},
      // One member for another.
      {R"({"op":"replace","path":"members[value eq \"a\"]","value":{"value":"b"}})", "-a +b|0"},
      {R"({"op":"add","path":"members[value eq \"a\"]","value":{"value":"a"}})", "+a|0"},
      // What apply_patch will refuse.
      {R"({"op":"remove"})", "|1"},
      {R"({"op":"add","value":5})", "|1"},
  };
  for (const auto& [operations, expected] : rows)
    EXPECT_EQ(changes(operations), expected) << operations;
}

TEST(GroupPatch, RefusesWhatIsNoMember) {
  const struct {
    std::string_view operation;
    ErrorCode code;
  } rows[] = {
      {R"({"op":"remove","path":"members[display eq \"a\"]"})", kInvalidFilter},
      {R"({"op":"remove","path":"members[value sw \"a\"]"})", kInvalidFilter},
      {R"({"op":"remove","path":"members[value ne \"a\"]"})", kInvalidFilter},
      {R"({"op":"remove","path":"members[value eq \"a\" and type eq \"User\"]"})", kInvalidFilter},
      {R"({"op":"remove","path":"members[not (value eq \"a\")]"})", kInvalidFilter},
      {R"({"op":"remove","path":"members[value eq null]"})", kInvalidFilter},
      {R"({"op":"remove","path":"members[none eq \"a\"]"})", kInvalidPath},
      {R"({"op":"replace","path":"members[value eq \"a\"].display","value":"x"})", kMutability},
      {R"({"op":"replace","path":"members[value eq \"a\"].value","value":"b"})", kMutability},
      {R"({"op":"add","path":"members"})", kInvalidValue},
      {R"({"op":"add","path":"members","value":[{"display":"x"}]})", kInvalidValue},
      {R"({"op":"add","path":"members","value":[{"none":"x"}]})", kInvalidValue},
      {R"({"op":"add","path":"members","value":[""]})", kInvalidValue},
      {R"({"op":"add","path":"members","value":[{"value":"a","type":"group"}]})", kInvalidValue},
      {R"({"op":"add","path":"members","value":[{"value":"a","$ref":"https://x/Groups/a"}]})", kInvalidValue},
      {R"({"op":"add","value":{"members":"a","Members":"b"}})", kInvalidSyntax},
      {R"({"op":"add","path":"none","value":"a"})", kInvalidPath},
  };
  for (const auto& row : rows)
    EXPECT_EQ(changes(row.operation), name_of(row.code)) << row.operation;
}

TEST(GroupPatch, LeavesTheRestForApplyPatch) {
  const auto patch =
      split(R"({"op":"replace","value":{"displayName":"N","members":["a"],"externalId":"e","none":1}},
                              {"op":"remove","path":"externalId"})");
  ASSERT_TRUE(patch);
  const auto group = apply_patch(
      schemas().group(), patch->rest,
      parse_object(R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"M"})"));
  ASSERT_TRUE(group) << group.error().message;
  expect_same(*group, R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"N"})");
  const auto required = split(R"({"op":"remove","path":"displayName"})");
  ASSERT_TRUE(required);
  EXPECT_EQ(code_of(apply_patch(schemas().group(), required->rest, parse_object(R"({"displayName":"M"})"))),
            name_of(kMutability));
}

TEST(GroupPatch, TakesFiftyThousandMembers) {
  json::Array members;
  for (int i = 0; i < 50000; ++i)
    members.push_back(json::Object{{"value", std::to_string(i)}});
  const auto request = PatchRequest::parse(json::Object{
      {"Operations",
       json::Array{json::Object{{"op", "add"}, {"path", "members"}, {"value", std::move(members)}}}}});
  ASSERT_TRUE(request);
  const auto patch = split_group_patch(*request, schemas().group());
  ASSERT_TRUE(patch);
  EXPECT_EQ(patch->members.at(0).ids.size(), 50000U);
}

TEST(MemberIds, AreThoseOfAWholeGroup) {
  const auto ids = member_ids(
      parse_object(R"({"displayName":"G","members":[{"value":"a","type":"User"},{"value":"b"}]})"));
  ASSERT_TRUE(ids);
  EXPECT_EQ(*ids, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(member_ids(parse_object(R"({"displayName":"G"})"))->empty());
  EXPECT_EQ(code_of(member_ids(parse_object(R"({"members":[{"value":"a","type":"Group"}]})"))),
            name_of(kInvalidValue));
  EXPECT_EQ(code_of(member_ids(parse_object(R"({"members":[{"display":"a"}]})"))), name_of(kInvalidValue));
}

// The generic way works for groups too; only their size speaks against it.
TEST(GroupPatch, IsWhatApplyPatchDoes) {
  const auto request = PatchRequest::parse(parse_json(R"({"Operations":[
      {"op":"add","path":"members","value":[{"value":"b"}]},{"op":"remove","path":"members[value eq \"a\"]"}]})"));
  ASSERT_TRUE(request);
  const auto group = apply_patch(schemas().group(), *request,
                                 parse_object(R"({"displayName":"M","members":[{"value":"a"}]})"));
  ASSERT_TRUE(group);
  EXPECT_EQ(group->at("members"), parse_json(R"([{"value":"b"}])"));
  const auto immutable = PatchRequest::parse(parse_json(R"({"Operations":[
      {"op":"replace","path":"members[value eq \"a\"].value","value":"b"}]})"));
  EXPECT_EQ(code_of(apply_patch(schemas().group(), *immutable,
                                parse_object(R"({"displayName":"M","members":[{"value":"a"}]})"))),
            name_of(kMutability));
}

}  // namespace
}  // namespace doorward::scim::protocol
