#include "scim/protocol/patch.h"

#include "scim/protocol/errors.h"
#include "support.h"

namespace doorward::scim::protocol {
namespace {

constexpr std::string_view kEmpty =
    R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"a"})";

/// Operations as they stand in a request.
Result<json::Object> patch_user(std::string_view operations, std::string_view user = kEmpty) {
  const auto request =
      PatchRequest::parse(parse_json(R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      "Operations":[)" + std::string(operations) +
                                     "]}"));
  if (!request) return fail(request.error());
  return apply_patch(schemas().user(), *request, parse_object(user));
}

struct PatchCase {
  std::string_view name;
  std::string_view before;
  std::string_view operations;
  std::string_view after;
};

/// `before` and `after` are members beside id, schemas and user name; an extension is told by its short name.
std::string whole(std::string_view members) {
  std::string text(members);
  std::string urns = R"("urn:ietf:params:scim:schemas:core:2.0:User")";
  const std::pair<std::string_view, std::string_view> extensions[] = {
      {"ENTERPRISE", kEnterpriseSchema}, {"DOORWARD", kDoorwardSchema}, {"CUSTOM", kCustomSchema}};
  for (const auto& [name, urn] : extensions) {
    const auto at = text.find(name);
    if (at == std::string::npos) continue;
    text.replace(at, name.size(), urn);
    urns += ",\"" + std::string(urn) + "\"";
  }
  const std::string user_name = text.find("\"userName\"") == std::string::npos ? R"("userName":"a",)" : "";
  return R"({"schemas":[)" + urns + R"(],)" + user_name + R"("id":"1")" + (text.empty() ? "" : ",") + text +
         "}";
}

void expect_patched(const PatchCase& row) {
  SCOPED_TRACE(row.name);
  const auto patched = patch_user(row.operations, whole(row.before));
  ASSERT_TRUE(patched) << patched.error().code.name() << ' ' << patched.error().message;
  expect_same(*patched, whole(row.after));
}

// Every example of RFC 7644 section 3.5.2 that concerns users.
TEST(Patch, DoesTheExamplesOfTheRfc) {
  const PatchCase rows[] = {
      {"3.5.2.1 add without a path", "",
       R"({"op":"add","value":{"emails":[{"value":"babs@jensen.org","type":"home"}],"nickname":"Babs"}})",
       R"("emails":[{"value":"babs@jensen.org","type":"home"}],"nickName":"Babs")"},
      {"3.5.2.2 remove an attribute", R"("title":"T")", R"({"op":"remove","path":"title"})", ""},
      {"3.5.2.2 remove the matching values",
       R"("emails":[{"type":"work","value":"a@example.com"},{"type":"work","value":"b@x.y"},{"type":"home","value":"c@example.com"}])",
       R"({"op":"remove","path":"emails[type eq \"work\" and value ew \"example.com\"]"})",
       R"("emails":[{"type":"work","value":"b@x.y"},{"type":"home","value":"c@example.com"}])"},
      {"3.5.2.3 replace a whole address",
       R"("addresses":[{"type":"work","streetAddress":"old","country":"USA","primary":true},{"type":"home","region":"R"}])",
       R"({"op":"replace","path":"addresses[type eq \"work\"]","value":{"type":"work","streetAddress":"911 Universal City Plaza",
           "locality":"Hollywood","region":"CA","postalCode":"91608","country":"US","formatted":"F","primary":true}})",
       R"("addresses":[{"type":"work","streetAddress":"911 Universal City Plaza","locality":"Hollywood","region":"CA",
           "postalCode":"91608","country":"US","formatted":"F","primary":true},{"type":"home","region":"R"}])"},
      {"3.5.2.3 replace one part of an address",
       R"("addresses":[{"type":"work","streetAddress":"old","region":"R"}])",
       R"({"op":"replace","path":"addresses[type eq \"work\"].streetAddress","value":"1010 Broadway Ave"})",
       R"("addresses":[{"type":"work","streetAddress":"1010 Broadway Ave","region":"R"}])"},
      {"3.5.2.3 replace without a path", R"("emails":[{"value":"old"}],"nickName":"N","title":"T")",
       R"({"op":"replace","value":{"emails":[{"value":"bjensen@example.com","type":"work","primary":true},
           {"value":"babs@jensen.org","type":"home"}],"nickname":"Babs"}})",
       R"("emails":[{"value":"bjensen@example.com","type":"work","primary":true},{"value":"babs@jensen.org","type":"home"}],
          "nickName":"Babs","title":"T")"},
  };
  for (const PatchCase& row : rows)
    expect_patched(row);
}

TEST(Patch, UnderstandsEveryClient) {
  const PatchCase rows[] = {
      {"Entra: capitals and texts", R"("active":true)", R"({"op":"Replace","path":"active","value":"False"})",
       R"("active":false)"},
      {"Entra, oldest: wrapped values", R"("active":true)",
       R"({"op":"Replace","path":"active","value":[{"$ref":null,"value":"False"}]},
          {"op":"Add","path":"emails[type eq \"work\"].value","value":[{"value":"w"}]})",
       R"("active":false,"emails":[{"type":"work","value":"w"}])"},
      {"Entra: Add", "", R"({"op":"Add","path":"active","value":"True"})", R"("active":true)"},
      {"Entra: an e-mail that is not there", "",
       R"({"op":"Add","path":"emails[type eq \"work\"].value","value":"a@b.c"})",
       R"("emails":[{"type":"work","value":"a@b.c"}])"},
      {"Entra: an e-mail that is there",
       R"("emails":[{"type":"work","value":"old","primary":true},{"type":"home","value":"h"}])",
       R"({"op":"Replace","path":"emails[type eq \"work\"].value","value":"new"})",
       R"("emails":[{"type":"work","value":"new","primary":true},{"type":"home","value":"h"}])"},
      {"Entra: replace makes it too", R"("emails":[{"type":"home","value":"h"}])",
       R"({"op":"Replace","path":"emails[type eq \"work\"].value","value":"new"})",
       R"("emails":[{"type":"home","value":"h"},{"type":"work","value":"new"}])"},
      {"Entra: an address by its parts", "",
       R"({"op":"Add","path":"addresses[type eq \"work\"].formatted","value":"F"},
          {"op":"Add","path":"addresses[type eq \"work\"].country","value":"C"})",
       R"("addresses":[{"type":"work","formatted":"F","country":"C"}])"},
      {"Entra: name", R"("name":{"givenName":"G"})",
       R"({"op":"Replace","path":"name.familyName","value":"F"})",
       R"("name":{"givenName":"G","familyName":"F"})"},
      {"Entra: name that is not there", "", R"({"op":"Add","path":"name.familyName","value":"F"})",
       R"("name":{"familyName":"F"})"},
      {"Entra: department", "",
       R"({"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"D"})",
       R"("ENTERPRISE":{"department":"D"})"},
      {"Entra: manager as text", R"("ENTERPRISE":{"department":"D"})",
       R"({"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"M"})",
       R"("ENTERPRISE":{"department":"D","manager":{"value":"M"}})"},
      {"Entra: manager as a list", "",
       R"({"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":[{"$ref":"r","value":"M"}]})",
       R"("ENTERPRISE":{"manager":{"$ref":"r","value":"M"}})"},
      {"Entra: no manager any more", R"("ENTERPRISE":{"department":"D","manager":{"value":"M","$ref":"r"}})",
       R"({"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":""})",
       R"("ENTERPRISE":{"department":"D"})"},
      {"Entra: manager as an object", R"("ENTERPRISE":{"manager":{"value":"L","$ref":"r"}})",
       R"({"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"M"}})",
       R"("ENTERPRISE":{"manager":{"value":"M"}})"},
      {"Entra: roles as JSON text", "",
       R"({"op":"Add","path":"roles","value":[{"value":"{\"id\":\"1\",\"value\":\"25\",\"displayName\":\"R\"}"}]})",
       R"("roles":[{"value":"25","display":"R"}])"},
      {"Entra: roles as one JSON text", R"("roles":[{"value":"1"}])",
       R"({"op":"replace","path":"roles","value":"[{\"id\":\"1\",\"value\":\"25\",\"displayName\":\"R\"}]"})",
       R"("roles":[{"value":"25","display":"R"}])"},
      {"Entra, newer: dotted and URN keys", R"("name":{"familyName":"F"},"active":true)",
       R"({"op":"replace","value":{"displayName":"D","name.givenName":"G","active":false,
           "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"D",
           "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager":"M"}})",
       R"("name":{"familyName":"F","givenName":"G"},"active":false,"displayName":"D","ENTERPRISE":{"department":"D","manager":{"value":"M"}})"},
      {"Entra: value paths as keys", "",
       R"({"op":"add","value":{"emails[type eq \"work\"].value":"w","phoneNumbers[type eq \"mobile\"].value":"1"}})",
       R"("emails":[{"type":"work","value":"w"}],"phoneNumbers":[{"type":"mobile","value":"1"}])"},
      {"Entra: objectId", R"("objectId":"o","DOORWARD":{"objectId":"o"})",
       R"({"op":"Replace","path":"objectId","value":"p"},
          {"op":"Replace","path":"urn:doorward:params:scim:schemas:extension:2.0:User:objectId","value":"q"})",
       R"("objectId":"p","DOORWARD":{"objectId":"q"})"},
      {"Entra: remove with a value",
       R"("emails":[{"type":"work","value":"a"},{"type":"home","value":"B"},{"type":"home","value":"c"}])",
       R"({"op":"Remove","path":"emails","value":[{"value":"b"},{"type":"work","value":"c"}]})",
       R"("emails":[{"type":"work","value":"a"},{"type":"home","value":"c"}])"},
      {"Entra: remove a value path", R"("emails":[{"type":"work","value":"a","primary":true}])",
       R"({"op":"Remove","path":"emails[type eq \"work\"].value"})", ""},
      {"Okta: deactivation", R"("active":true)", R"({"op":"replace","value":{"active":false}})",
       R"("active":false)"},
      {"Okta: what it read comes back", R"("title":"T")",
       R"({"op":"replace","value":{"id":"1","schemas":["x"],"meta":{"version":"v"},"groups":[{"value":"g"}],"title":"U"}})",
       R"("title":"U")"},
      {"unknown keys of a value", "",
       R"({"op":"replace","value":{"shoeSize":4,"shoe.size":5,"urn:none:x":1,"none[a eq 1].b":2,"title":"T"}})",
       R"("title":"T")"},
      {"a whole extension by its URN as a key", R"("ENTERPRISE":{"division":"V"})",
       R"({"op":"replace","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager.value":"M"}}})",
       R"("ENTERPRISE":{"division":"V","department":"D","manager":{"value":"M"}})"},
      {"a whole extension by its URN as a path", R"("ENTERPRISE":{"division":"V"})",
       R"({"op":"add","path":"URN:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":{"department":"D"}})",
       R"("ENTERPRISE":{"division":"V","department":"D"})"},
      {"core attributes by the core URN", "",
       R"({"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:User:title","value":"T"},
          {"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:User":{"nickName":"N"}}},
          {"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"].value":"w"}})",
       R"("title":"T","nickName":"N","emails":[{"type":"work","value":"w"}])"},
      {"an announced extension", "",
       R"({"op":"add","path":"schemas","value":["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]},
          {"op":"add","path":"title","value":"T"})",
       R"("title":"T")"},
  };
  for (const PatchCase& row : rows)
    expect_patched(row);
}

TEST(Patch, Adds) {
  const PatchCase rows[] = {
      {"to a list what is not there", R"("emails":[{"value":"a","type":"work"}])",
       R"({"op":"add","path":"emails","value":[{"type":"work","value":"a"},{"value":"b"},{"value":"b"}]})",
       R"("emails":[{"value":"a","type":"work"},{"value":"b"}])"},
      {"a new primary", R"("emails":[{"value":"a","primary":true},{"value":"b"}])",
       R"({"op":"add","path":"emails","value":[{"value":"c","primary":true}]})",
       R"("emails":[{"value":"a","primary":false},{"value":"b"},{"value":"c","primary":true}])"},
      {"a value that is there, in another spelling", R"("emails":[{"value":"a@b","type":"work"}])",
       R"({"op":"add","path":"emails","value":[{"value":"A@B","type":"Work"}]})",
       R"("emails":[{"value":"a@b","type":"work"}])"},
      {"another name for a value that is there", R"("emails":[{"value":"a","type":"work","display":"old"}])",
       R"({"op":"add","path":"emails","value":[{"value":"a","type":"work","display":"new"}]})",
       R"("emails":[{"value":"a","type":"work","display":"new"}])"},
      {"the same value of another type", R"("emails":[{"value":"a","type":"work"}])",
       R"({"op":"add","path":"emails","value":[{"value":"a","type":"home"}]})",
       R"("emails":[{"value":"a","type":"work"},{"value":"a","type":"home"}])"},
      {"the mark to a value that is there", R"("emails":[{"value":"a","primary":true},{"value":"b"}])",
       R"({"op":"add","path":"emails","value":[{"value":"b","primary":true}]})",
       R"("emails":[{"value":"a","primary":false},{"value":"b","primary":true}])"},
      {"to a complex value", R"("name":{"givenName":"G"})",
       R"({"op":"add","path":"name","value":{"familyName":"F"}})",
       R"("name":{"givenName":"G","familyName":"F"})"},
      {"in place of a single value", R"("title":"T")", R"({"op":"add","path":"title","value":"U"})",
       R"("title":"U")"},
      {"the same value", R"("title":"T")", R"({"op":"add","path":"title","value":"T"})", R"("title":"T")"},
      {"nothing", R"("title":"T","emails":[{"value":"a"}])",
       R"({"op":"add","path":"title","value":null},{"op":"add","path":"emails","value":[]})",
       R"("title":"T","emails":[{"value":"a"}])"},
      {"to chosen values", R"("emails":[{"value":"a","type":"work"},{"value":"b","type":"home"}])",
       R"({"op":"add","path":"emails[type eq \"work\"]","value":{"display":"D"}})",
       R"("emails":[{"value":"a","type":"work","display":"D"},{"value":"b","type":"home"}])"},
      {"to a list of simple values", R"("CUSTOM":{"skills":["a"]})",
       R"({"op":"add","path":"urn:doorward:params:scim:schemas:extension:custom:2.0:User:skills","value":["a","b"]})",
       R"("CUSTOM":{"skills":["a","b"]})"},
      {"by a filter with two conditions", "",
       R"({"op":"add","path":"emails[type eq \"work\" and primary eq true].value","value":"w"})",
       R"("emails":[{"type":"work","primary":true,"value":"w"}])"},
      {"an element with its conditions", "",
       R"({"op":"add","path":"emails[type eq \"work\"]","value":{"value":"w"}})",
       R"("emails":[{"type":"work","value":"w"}])"},
  };
  for (const PatchCase& row : rows)
    expect_patched(row);
}

TEST(Patch, Removes) {
  const PatchCase rows[] = {
      {"what is not there", "",
       R"({"op":"remove","path":"title"},{"op":"remove","path":"emails[type eq \"work\"]"},
          {"op":"remove","path":"name.givenName"},{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"})",
       ""},
      {"active, which becomes absent", R"("active":true)", R"({"op":"remove","path":"active"})", ""},
      {"a whole list", R"("emails":[{"value":"a"}])", R"({"op":"remove","path":"emails"})", ""},
      {"the last value", R"("emails":[{"value":"a"}])", R"({"op":"remove","path":"emails[value eq \"A\"]"})",
       ""},
      {"nobody for an empty list", R"("emails":[{"value":"a"}])",
       R"({"op":"remove","path":"emails","value":[]})", R"("emails":[{"value":"a"}])"},
      {"a part", R"("name":{"givenName":"G","familyName":"F"})", R"({"op":"remove","path":"name.givenName"})",
       R"("name":{"familyName":"F"})"},
      {"the last part", R"("name":{"givenName":"G"})", R"({"op":"remove","path":"name.givenName"})", ""},
      {"a part of each value", R"("emails":[{"value":"a","display":"A"},{"value":"b","display":"B"}])",
       R"({"op":"remove","path":"emails.display"})", R"("emails":[{"value":"a"},{"value":"b"}])"},
      {"a whole extension", R"("ENTERPRISE":{"department":"D"})",
       R"({"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"})", ""},
      {"the last of an extension", R"("ENTERPRISE":{"department":"D"})",
       R"({"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"})",
       ""},
      {"simple values by a list", R"("CUSTOM":{"skills":["C++","Go"]})",
       R"({"op":"remove","path":"urn:doorward:params:scim:schemas:extension:custom:2.0:User:skills","value":["c++"]})",
       R"("CUSTOM":{"skills":["Go"]})"},
      {"simple values by a filter", R"("CUSTOM":{"skills":["C++","Go"]})",
       R"({"op":"remove","path":"urn:doorward:params:scim:schemas:extension:custom:2.0:User:skills[value sw \"g\"]"})",
       R"("CUSTOM":{"skills":["C++"]})"},
      {"addresses by a list", R"("addresses":[{"country":"A","primary":true},{"country":"B"}])",
       R"({"op":"remove","path":"addresses","value":[{"country":"A"}]})", R"("addresses":[{"country":"B"}])"},
  };
  for (const PatchCase& row : rows)
    expect_patched(row);
}

TEST(Patch, Replaces) {
  const PatchCase rows[] = {
      {"what is not there", "", R"({"op":"replace","path":"title","value":"T"})", R"("title":"T")"},
      {"by null", R"("title":"T","name":{"givenName":"G"},"emails":[{"value":"a"}])",
       R"({"op":"replace","path":"title","value":null},{"op":"replace","value":{"name":null,"emails":[]}})",
       ""},
      {"a part by null", R"("name":{"givenName":"G","familyName":"F"})",
       R"({"op":"replace","path":"name","value":{"givenName":null,"middleName":"M"}})",
       R"("name":{"familyName":"F","middleName":"M"})"},
      {"the last part by null", R"("name":{"givenName":"G"})",
       R"({"op":"replace","value":{"name":{"givenName":null}}})", ""},
      {"a whole list", R"("emails":[{"value":"a","primary":true},{"value":"b"}])",
       R"({"op":"replace","path":"emails","value":[{"value":"c","primary":true}]})",
       R"("emails":[{"value":"c","primary":true}])"},
      {"a list by one value", R"("emails":[{"value":"a"}])",
       R"({"op":"replace","path":"emails","value":{"value":"c"}})", R"("emails":[{"value":"c"}])"},
      {"the primary mark",
       R"("emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}])",
       R"({"op":"replace","path":"emails[type eq \"home\"].primary","value":true})",
       R"("emails":[{"value":"a","type":"work","primary":false},{"value":"b","type":"home","primary":true}])"},
      {"chosen values keep what chose them", R"("emails":[{"value":"a","type":"work","display":"D"}])",
       R"({"op":"replace","path":"emails[type eq \"WORK\"]","value":{"value":"b"}})",
       R"("emails":[{"value":"b","type":"WORK"}])"},
      {"a part of the only value", R"("emails":[{"value":"a","type":"work"}])",
       R"({"op":"replace","path":"emails.value","value":"b"})", R"("emails":[{"value":"b","type":"work"}])"},
      {"a part of a list that is not there", "", R"({"op":"replace","path":"emails.value","value":"b"})",
       R"("emails":[{"value":"b"}])"},
      {"chosen values by null", R"("emails":[{"value":"a","type":"work"},{"value":"b"}])",
       R"({"op":"replace","path":"emails[type eq \"work\"].value","value":null})",
       R"("emails":[{"value":"b"}])"},
      {"the user name, as it was sent", "", R"({"op":"replace","path":"USERNAME","value":"Ünal"})",
       R"("userName":"Ünal")"},
      {"an extension by null", R"("ENTERPRISE":{"department":"D"})",
       R"({"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":null})",
       ""},
      {"later operations see earlier ones", "",
       R"({"op":"add","path":"title","value":"T"},{"op":"remove","path":"title"},
          {"op":"add","path":"emails[type eq \"work\"].value","value":"a"},{"op":"replace","path":"emails[type eq \"work\"].value","value":"b"})",
       R"("emails":[{"type":"work","value":"b"}])"},
      {"a read-only part is passed over in a value", "",
       R"({"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"M","displayName":"D"}})",
       R"("ENTERPRISE":{"manager":{"value":"M"}})"},
      {"unknown parts inside a value without a path", R"("name":{"givenName":"G"},"emails":[{"value":"a"}])",
       R"({"op":"replace","value":{"name":{"nick":"x"},"emails":[{"none":1}]}})",
       R"("name":{"givenName":"G"},"emails":[{"value":"a"}])"},
  };
  for (const PatchCase& row : rows)
    expect_patched(row);
}

TEST(Patch, RefusesWhatCannotBeDone) {
  constexpr std::string_view kPatched =
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"a",
      "emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],"title":"T"})";
  const struct {
    std::string_view operation;
    ErrorCode code;
  } rows[] = {
      {R"({"op":"remove"})", kNoTarget},
      {R"({"op":"remove","value":{"title":"T"}})", kNoTarget},
      {R"({"op":"remove","path":"userName"})", kMutability},
      {R"({"op":"replace","path":"userName","value":null})", kMutability},
      {R"({"op":"replace","path":"userName","value":""})", kInvalidValue},
      {R"({"op":"replace","value":{"userName":null}})", kMutability},
      {R"({"op":"replace","path":"id","value":"2"})", kMutability},
      {R"({"op":"remove","path":"meta"})", kMutability},
      {R"({"op":"remove","path":"schemas"})", kMutability},
      {R"({"op":"add","path":"groups","value":[{"value":"g"}]})", kMutability},
      {R"({"op":"remove","path":"groups[value eq \"g\"]"})", kMutability},
      {R"({"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName","value":"D"})",
       kMutability},
      {R"({"op":"replace","path":"none","value":"x"})", kInvalidPath},
      {R"({"op":"replace","path":"name.none","value":"x"})", kInvalidPath},
      {R"({"op":"replace","path":"emails[none eq \"x\"].value","value":"x"})", kInvalidPath},
      {R"({"op":"replace","path":"emails[type eq \"work\"].none","value":"x"})", kInvalidPath},
      {R"({"op":"replace","path":"emails[type eq \"work\"]value","value":"x"})", kInvalidPath},
      {R"({"op":"replace","path":"urn:none:x","value":"x"})", kInvalidPath},
      {R"({"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User","value":{}})", kInvalidPath},
      {R"({"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User[a eq 1]","value":{}})",
       kInvalidPath},
      {R"({"op":"replace","path":"name[givenName eq \"G\"]","value":{"familyName":"F"}})", kInvalidPath},
      {R"({"op":"replace","path":5,"value":"x"})", kInvalidPath},
      {R"({"op":"replace","path":"emails[type eq]","value":"x"})", kInvalidFilter},
      {R"({"op":"replace","path":"emails[type eq \"work\"","value":"x"})", kInvalidFilter},
      {R"({"op":"replace","path":"userName[value eq \"a\"]","value":"x"})", kInvalidFilter},
      {R"({"op":"replace","path":"emails[type ne \"work\" and type ne \"home\"].value","value":"x"})",
       kNoTarget},
      {R"({"op":"replace","path":"emails[type sw \"o\"].value","value":"x"})", kNoTarget},
      {R"({"op":"replace","path":"emails[type eq \"a\" or type eq \"b\"].value","value":"x"})", kNoTarget},
      {R"({"op":"replace","path":"emails[type eq \"x\" and type eq \"y\"].value","value":"x"})", kNoTarget},
      {R"({"op":"replace","path":"emails[value eq \"x\"].value","value":"y"})", kNoTarget},
      {R"({"op":"add","path":"title"})", kInvalidValue},
      {R"({"op":"add"})", kInvalidValue},
      {R"({"op":"add","value":"x"})", kInvalidValue},
      {R"({"op":"add","value":[{"title":"x"}]})", kInvalidValue},
      {R"({"op":"replace","path":"active","value":"no"})", kInvalidValue},
      {R"({"op":"replace","path":"title","value":{"a":1}})", kInvalidValue},
      {R"({"op":"replace","path":"name","value":{"none":"x"}})", kInvalidValue},
      {R"({"op":"replace","path":"emails","value":[{"none":"x"}]})", kInvalidValue},
      {R"({"op":"remove","path":"emails","value":[{"none":"x"}]})", kInvalidValue},
      {R"({"op":"replace","path":"emails[type eq \"work\"]","value":{"none":"x"}})", kInvalidValue},
      {R"({"op":"replace","path":"emails.primary","value":true})", kInvalidValue},
      {R"({"op":"replace","path":"emails[value eq \"x\"]","value":{"value":"y"}})", kNoTarget},
      {R"({"op":"replace","path":"addresses[type eq \"work\"]","value":{"type":"home","region":"R"}})",
       kNoTarget},
      {R"({"op":"add","path":"emails","value":[{"value":"c","primary":true},{"value":"d","primary":true}]})",
       kInvalidValue},
      {R"({"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":"x"})",
       kInvalidValue},
      {R"({"op":"replace","value":{"title":"x","Title":"y"}})", kInvalidSyntax},
      {R"({"op":"replace","value":{"emails[type eq":"x"}})", kInvalidFilter},
  };
  for (const auto& row : rows)
    EXPECT_EQ(code_of(patch_user(row.operation, kPatched)), name_of(row.code)) << row.operation;
}

TEST(PatchRequest, ChecksTheEnvelope) {
  const struct {
    std::string_view body;
    ErrorCode code;
  } rows[] = {
      {"[]", kInvalidSyntax},
      {"{}", kInvalidSyntax},
      {R"({"Operations":[]})", kInvalidSyntax},
      {R"({"Operations":{}})", kInvalidSyntax},
      {R"({"Operations":[5]})", kInvalidSyntax},
      {R"({"Operations":[{"path":"title"}]})", kInvalidSyntax},
      {R"({"Operations":[{"op":5}]})", kInvalidSyntax},
      {R"({"Operations":[{"op":"update","path":"active","value":false}]})", kInvalidSyntax},
      {R"({"Operations":[{"op":"add","Op":"remove","path":"title"}]})", kInvalidSyntax},
      {R"({"Operations":[{"op":"add","path":"title","value":"x","Value":"y"}]})", kInvalidSyntax},
      {R"({"Operations":[{"op":"remove","path":"title"}],"operations":[]})", kInvalidSyntax},
      {R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"Operations":[{"op":"remove","path":"title"}]})",
       kInvalidSyntax},
  };
  for (const auto& row : rows)
    EXPECT_EQ(code_of(PatchRequest::parse(parse_json(row.body))), name_of(row.code)) << row.body;

  const auto request = PatchRequest::parse(parse_json(
      R"({"operations":[{"OP":"RePlAcE","Path":" title ","VALUE":null},{"op":"Remove","path":null}]})"));
  ASSERT_TRUE(request);
  ASSERT_EQ(request->operations().size(), 2U);
  EXPECT_EQ(request->operations()[0].kind, PatchRequest::Operation::Kind::Replace);
  EXPECT_EQ(request->operations()[0].path, "title");
  EXPECT_TRUE(request->operations()[0].value && request->operations()[0].value->is_null());
  EXPECT_EQ(request->operations()[1].kind, PatchRequest::Operation::Kind::Remove);
  EXPECT_FALSE(request->operations()[1].value);
}

json::Value many_operations(std::size_t count, std::string_view operation) {
  json::Array operations(count, parse_json(operation));
  return json::Object{{"Operations", std::move(operations)}};
}

TEST(PatchRequest, HasLimits) {
  const std::string_view operation = R"({"op":"replace","path":"title","value":"T"})";
  EXPECT_TRUE(PatchRequest::parse(many_operations(1000, operation)));
  EXPECT_EQ(code_of(PatchRequest::parse(many_operations(1001, operation))), name_of(kPayloadTooLarge));
}

TEST(Patch, BoundsListsAndWork) {
  json::Array values;
  for (int i = 0; i < 1000; ++i)
    values.emplace_back("v" + std::to_string(i));
  json::Object user = parse_object(kEmpty);
  const auto add = PatchRequest::parse(json::Object{
      {"Operations", json::Array{json::Object{{"op", "add"}, {"path", "emails"}, {"value", values}}}}});
  ASSERT_TRUE(add);
  const auto full = apply_patch(schemas().user(), *add, user);
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full->at("emails").as_array().size(), 1000U);

  const auto one_more =
      PatchRequest::parse(many_operations(1, R"({"op":"add","path":"emails","value":"more"})"));
  EXPECT_EQ(code_of(apply_patch(schemas().user(), *one_more, *full)), name_of(kInvalidValue));

  std::string path = "emails[value eq \\\"x\\\"";
  for (int i = 0; i < 20; ++i)
    path += " or value eq \\\"x\\\"";
  const auto costly =
      PatchRequest::parse(many_operations(1000, R"({"op":"remove","path":")" + path + "]\"}"));
  ASSERT_TRUE(costly);
  EXPECT_EQ(code_of(apply_patch(schemas().user(), *costly, *full)), name_of(kTooMany));
}

TEST(Patch, SurvivesAResourceOfAnotherShape) {
  constexpr std::string_view kOdd = R"({"userName":"a","emails":5,"name":[1],"title":{"x":1},
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":"x"})";
  for (
      const char* operation :
      {R"({"op":"add","path":"emails","value":"a"})",
       R"({"op":"add","path":"emails[type eq \"work\"].value","value":"a"})",
       R"({"op":"remove","path":"emails[type eq \"work\"].value"})",
       R"({"op":"remove","path":"emails","value":["a"]})",
       R"({"op":"replace","path":"name.givenName","value":"a"})",
       R"({"op":"remove","path":"name.givenName"})",
       R"({"op":"replace","path":"name","value":{"givenName":"a"}})",
       R"({"op":"replace","path":"emails.value","value":"a"})",
       R"({"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"D"})"})
    EXPECT_TRUE(patch_user(operation, kOdd)) << operation;
}

}  // namespace
}  // namespace doorward::scim::protocol
