#include "scim/protocol/resource.h"

#include "scim/protocol/errors.h"
#include "support.h"

namespace doorward::scim::protocol {
namespace {

struct KeptCase {
  std::string_view name;
  std::string_view sent;
  std::string_view kept;
};

Result<json::Object> read_user(std::string_view text) {
  return read_resource(schemas().user(), parse_json(text));
}

/// `sent` and `kept` are members beside a user name.
void expect_kept(const KeptCase& row) {
  SCOPED_TRACE(row.name);
  const auto user = read_user(R"({"userName":"a")" + std::string(row.sent) + "}");
  ASSERT_TRUE(user) << user.error().message;
  json::Object without_schemas = *user;
  without_schemas.erase("schemas");
  expect_same(without_schemas, R"({"userName":"a")" + std::string(row.kept) + "}");
  const auto again = read_resource(schemas().user(), json::Value(*user));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *user);
}

TEST(ReadResource, GivesWayToWhatClientsSend) {
  const KeptCase rows[] = {
      {"Entra's booleans", R"(,"active":"False")", R"(,"active":false)"},
      {"any case", R"(,"ACTIVE":" true ")", R"(,"active":true)"},
      {"a number for a string", R"(,"title":5,"nickName":1.5,"locale":true)",
       R"(,"title":"5","nickName":"1.5","locale":"true")"},
      {"one value for a list", R"(,"emails":{"value":"a@b.c"})", R"(,"emails":[{"value":"a@b.c"}])"},
      {"bare strings in a list", R"(,"emails":["a@b.c","d@e.f"])",
       R"(,"emails":[{"value":"a@b.c"},{"value":"d@e.f"}])"},
      {"a list of one", R"(,"title":["CEO"])", R"(,"title":"CEO")"},
      {"an empty list", R"(,"title":[],"emails":[],"name":[])", ""},
      {"nulls", R"(,"title":null,"emails":null,"name":null,"addresses":[null,{}])", ""},
      {"nulls inside", R"(,"name":{"givenName":null},"emails":[{"value":null,"type":"work"}])",
       R"(,"emails":[{"type":"work"}])"},
      {"unknown names",
       R"(,"shoeSize":4,"name":{"nick":"x","givenName":"y"},"urn:none":{"a":1},"urn:none:x":2)",
       R"(,"name":{"givenName":"y"})"},
      {"read-only", R"(,"id":"5","meta":{"version":"x"},"groups":[{"value":"g"}],"meta.created":"x")", ""},
      {"dotted", R"(,"name.givenName":"G","NAME.familyname":"F","emails.value":"a@b.c","emails.type":"work")",
       R"(,"name":{"givenName":"G","familyName":"F"},"emails":[{"value":"a@b.c","type":"work"}])"},
      {"dotted beside an object", R"(,"name.givenName":"G","name":{"familyName":"F"})",
       R"(,"name":{"givenName":"G","familyName":"F"})"},
      {"an object beside dotted", R"(,"name":{"familyName":"F"},"name.givenName":"G")",
       R"(,"name":{"givenName":"G","familyName":"F"})"},
      {"a whole extension",
       R"(,"URN:ietf:params:scim:schemas:extension:enterprise:2.0:user":{"DEPARTMENT":"D","x":1})",
       R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"})"},
      {"URN-qualified", R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"D",
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value":"M")",
       R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"M"}})"},
      {"the core schema's URN", R"(,"urn:ietf:params:scim:schemas:core:2.0:User:title":"T",
          "urn:ietf:params:scim:schemas:core:2.0:User":{"nickName":"N"})",
       R"(,"title":"T","nickName":"N")"},
      {"an empty extension",
       R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":null})", ""},
      {"a null extension", R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":null)", ""},
      {"manager as text", R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"M"})",
       R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"M"}})"},
      {"manager as a list", R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
          {"manager":[{"$ref":"../Users/M","value":"M","displayName":"read-only"}]})",
       R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"$ref":"../Users/M","value":"M"}})"},
      {"roles as JSON text", R"(,"roles":"[{\"id\":\"1\",\"value\":\"25\",\"displayName\":\"R\"}]")",
       R"(,"roles":[{"value":"25","display":"R"}])"},
      {"a role as JSON text", R"(,"roles":["{\"id\":\"1\",\"value\":\"25\",\"displayName\":\"R\"}"])",
       R"(,"roles":[{"value":"25","display":"R"}])"},
      {"a role inside its own value",
       R"(,"roles":[{"value":"{\"id\":\"1\",\"value\":\"25\",\"displayName\":\"R\"}","primary":"True"}])",
       R"(,"roles":[{"value":"25","display":"R","primary":true}])"},
      {"a role as JSON text under a name in another case",
       R"(,"roles":[{"Value":"{\"id\":\"1\",\"Value\":\"25\",\"displayName\":\"R\"}"}])",
       R"(,"roles":[{"value":"25","display":"R"}])"},
      {"a role as JSON text in a role as JSON text",
       R"(,"roles":[{"value":"{\"value\":{\"value\":\"{\\\"value\\\":\\\"25\\\"}\"}}","display":"R"}])",
       R"(,"roles":[{"value":"25","display":"R"}])"},
      {"a text that only looks like JSON",
       R"(,"roles":["{x"],"title":"{\"a\":1}","entitlements":[{"value":"{\"value\":1}"}])",
       R"(,"roles":[{"value":"{x"}],"title":"{\"a\":1}","entitlements":[{"value":"{\"value\":1}"}])"},
      {"objectId at the top and in its extension",
       R"(,"objectid":"O","urn:doorward:params:scim:schemas:extension:2.0:User:objectId":"P")",
       R"(,"objectId":"O","urn:doorward:params:scim:schemas:extension:2.0:User":{"objectId":"P"})"},
      {"any canonical value", R"(,"phoneNumbers":[{"type":"satellite","value":"1"}])",
       R"(,"phoneNumbers":[{"type":"satellite","value":"1"}])"},
      {"custom types", R"(,"urn:doorward:params:scim:schemas:extension:custom:2.0:User":
          {"badge":7,"floor":"12","factor":"1.5","hired":"2026-01-31T00:00:00+01:00","remote":"TRUE","skills":"C++",
           "photo":"AAE=","page":"https://x"})",
       R"(,"urn:doorward:params:scim:schemas:extension:custom:2.0:User":
          {"badge":"7","floor":12,"factor":1.5,"hired":"2026-01-31T00:00:00+01:00","remote":true,"skills":["C++"],
           "photo":"AAE=","page":"https://x"})"},
      {"whole numbers",
       R"(,"urn:doorward:params:scim:schemas:extension:custom:2.0:User":{"floor":3.0,"factor":3})",
       R"(,"urn:doorward:params:scim:schemas:extension:custom:2.0:User":{"floor":3,"factor":3})"},
      {"an empty text is a value", R"(,"title":"")", R"(,"title":"")"},
      {"no primary is none", R"(,"emails":[{"value":"a","primary":false},{"value":"b","primary":"False"}])",
       R"(,"emails":[{"value":"a","primary":false},{"value":"b","primary":false}])"},
      {"password", R"(,"password":"secret")", R"(,"password":"secret")"},
  };
  for (const KeptCase& row : rows)
    expect_kept(row);
}

TEST(ReadResource, RebuildsSchemas) {
  const auto user =
      read_user(R"({"schemas":["URN:ietf:params:scim:schemas:core:2.0:user","urn:x"],"userName":"a",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"D"})");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->at("schemas"), parse_json(R"(["urn:ietf:params:scim:schemas:core:2.0:User",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"])"));
  for (const char* lenient :
       {R"({"userName":"a"})", R"({"userName":"a","schemas":null})", R"({"userName":"a","schemas":[]})",
        R"({"userName":"a","schemas":"urn:ietf:params:scim:schemas:core:2.0:User"})"})
    EXPECT_TRUE(read_user(lenient)) << lenient;
}

TEST(ReadResource, RefusesWhatCannotBe) {
  const struct {
    std::string_view sent;
    ErrorCode code;
  } rows[] = {
      {"[]", kInvalidSyntax},
      {"null", kInvalidSyntax},
      {R"("userName")", kInvalidSyntax},
      {R"({"userName":"a","schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]})", kInvalidSyntax},
      {R"({"userName":"a","schemas":5})", kInvalidSyntax},
      {R"({"userName":"a","USERNAME":"b"})", kInvalidSyntax},
      {R"({"userName":"a","title":null,"Title":"b"})", kInvalidSyntax},
      {R"({"userName":"a","name":{"givenName":"x","GivenName":"y"}})", kInvalidSyntax},
      {R"({"userName":"a","name":{"givenName":"x"},"name.givenName":"y"})", kInvalidSyntax},
      {R"({"userName":"a","urn:ietf:params:scim:schemas:core:2.0:User:userName":"b"})", kInvalidSyntax},
      {"{}", kInvalidValue},
      {R"({"userName":null})", kInvalidValue},
      {R"({"userName":""})", kInvalidValue},
      {R"({"userName":"  "})", kInvalidValue},
      {R"({"userName":{"a":1}})", kInvalidValue},
      {R"({"userName":["a","b"]})", kInvalidValue},
      {R"({"userName":"a","active":"yes"})", kInvalidValue},
      {R"({"userName":"a","active":1})", kInvalidValue},
      {R"({"userName":"a","name":"x"})", kInvalidValue},
      {R"({"userName":"a","addresses":["x"]})", kInvalidValue},
      {R"({"userName":"a","emails":[["x"]]})", kInvalidValue},
      {R"({"userName":"a","emails":[{"value":{}}]})", kInvalidValue},
      {R"({"userName":"a","profileUrl":5})", kInvalidValue},
      {R"({"userName":"a","x509Certificates":[{"value":"?"}]})", kInvalidValue},
      {R"({"userName":"a","emails":[{"value":"x","primary":true},{"value":"y","primary":"True"}]})",
       kInvalidValue},
      {R"({"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":"x"})", kInvalidValue},
      {R"({"userName":"a","urn:doorward:params:scim:schemas:extension:custom:2.0:User":{"floor":1.5}})",
       kInvalidValue},
      {R"({"userName":"a","urn:doorward:params:scim:schemas:extension:custom:2.0:User":{"floor":"x"}})",
       kInvalidValue},
      {R"({"userName":"a","urn:doorward:params:scim:schemas:extension:custom:2.0:User":{"floor":1e300}})",
       kInvalidValue},
      {R"({"userName":"a","urn:doorward:params:scim:schemas:extension:custom:2.0:User":{"factor":"1,5"}})",
       kInvalidValue},
      {R"({"userName":"a","urn:doorward:params:scim:schemas:extension:custom:2.0:User":{"hired":"2026-01-31"}})",
       kInvalidValue},
  };
  for (const auto& row : rows)
    EXPECT_EQ(code_of(read_user(row.sent)), name_of(row.code)) << row.sent;
}

TEST(ReadResource, BoundsLists) {
  json::Array emails(1001, json::Value("a"));
  const json::Object user{{"userName", "a"}, {"emails", emails}};
  EXPECT_EQ(code_of(read_resource(schemas().user(), user)), name_of(kInvalidValue));
  const json::Object group{{"displayName", "g"}, {"members", json::Array(50000, json::Value("a"))}};
  const auto read = read_resource(schemas().group(), group);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("members").as_array().size(), 50000U);
}

// RFC 7643 section 2.4: the same type and value are one value; the last word on its other parts counts.
TEST(ReadResource, KeepsEachValueOnce) {
  const auto user = read_user(R"({"userName":"a","emails":[{"value":"a@b","type":"work","display":"old"},
      {"value":"a@b","type":"home"},{"value":"A@B","type":"Work","display":"new","primary":true},{"value":"a@b"},
      {"value":"a@b"}],"addresses":[{"region":"R"},{"region":"R"}],"photos":[{"value":"P"},{"value":"p"}]})");
  ASSERT_TRUE(user);
  expect_same(*user, R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a",
      "emails":[{"value":"a@b","type":"work","display":"new","primary":true},{"value":"a@b","type":"home"},{"value":"a@b"}],
      "addresses":[{"region":"R"}],"photos":[{"value":"P"},{"value":"p"}]})");
}

TEST(ReadResource, ReadsAGroup) {
  const auto group = read_resource(schemas().group(), parse_json(R"({
      "schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"e","displayName":"G",
      "members":["1",{"value":"2","display":"B","$ref":"../Users/2","type":"User","x":1},{"value":3}]})"));
  ASSERT_TRUE(group);
  expect_same(
      *group,
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"e","displayName":"G",
      "members":[{"value":"1"},{"value":"2","display":"B","$ref":"../Users/2","type":"User"},{"value":"3"}]})");
  EXPECT_EQ(code_of(read_resource(schemas().group(), parse_json(R"({"members":[]})"))),
            name_of(kInvalidValue));
}

// What Entra documents as its create request, nulls and all.
TEST(ReadResource, ReadsWhatEntraCreates) {
  const auto user = read_user(R"({
      "schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
      "externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef","userName":"Test_User_ab6490ee","active":true,
      "addresses":null,"displayName":null,"emails":[{"primary":true,"type":"work","value":"t@testuser.com"}],
      "meta":{"resourceType":"User"},"name":{"formatted":"givenName familyName","familyName":"familyName","givenName":"givenName"},
      "phoneNumbers":null,"roles":[],"title":null})");
  ASSERT_TRUE(user);
  expect_same(*user, R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
      "externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef","userName":"Test_User_ab6490ee","active":true,
      "emails":[{"primary":true,"type":"work","value":"t@testuser.com"}],
      "name":{"formatted":"givenName familyName","familyName":"familyName","givenName":"givenName"}})");
}

}  // namespace
}  // namespace doorward::scim::protocol
