#include "scim/protocol/query.h"

#include "scim/protocol/errors.h"
#include "support.h"

namespace doorward::scim::protocol {
namespace {

constexpr std::string_view kUserSchema = R"({
  "schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
  "id":"1","externalId":"e","userName":"a","password":"secret","name":{"givenName":"G","familyName":"F"},
  "emails":[{"value":"w","type":"work"},{"value":"h","type":"home"}],"groups":[{"value":"g","display":"Group"}],
  "meta":{"resourceType":"User","version":"v"},"unknown":1,
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"M","displayName":"N"}}})";

std::string projected(std::string_view attributes, std::string_view excluded) {
  const auto projection = Projection::parse(attributes, excluded, schemas().user());
  if (!projection) return std::string(projection.error().code.name());
  json::Object answer = projection->apply(parse_object(kUserSchema));
  EXPECT_TRUE(answer.contains("schemas"));
  EXPECT_FALSE(answer.contains("password"));
  EXPECT_EQ(answer.at("id"), "1");
  EXPECT_EQ(answer.at("schemas").as_array().size(), answer.contains(kEnterpriseSchema) ? 2U : 1U);
  answer.stable_erase("schemas");
  answer.stable_erase("id");
  std::string text = json::serialize(answer);
  const auto at = text.find(kEnterpriseSchema);
  if (at != std::string::npos) text.replace(at, kEnterpriseSchema.size(), "E");
  return text;
}

TEST(Projection, AnswersWhatIsAskedFor) {
  const std::string enterprise(kEnterpriseSchema);
  const std::pair<std::string, std::string_view> rows[] = {
      {"userName", R"({"userName":"a"})"},
      {"USERNAME, externalid", R"({"externalId":"e","userName":"a"})"},
      {"name.givenName", R"({"name":{"givenName":"G"}})"},
      {"name,name.givenName", R"({"name":{"givenName":"G","familyName":"F"}})"},
      {"emails.value", R"({"emails":[{"value":"w"},{"value":"h"}]})"},
      {"emails.display", "{}"},
      {"meta.version", R"({"meta":{"version":"v"}})"},
      {"groups", R"({"groups":[{"value":"g","display":"Group"}]})"},
      {enterprise, R"({"E":{"department":"D","manager":{"value":"M","displayName":"N"}}})"},
      {enterprise + ":department", R"({"E":{"department":"D"}})"},
      {enterprise + ":manager.value", R"({"E":{"manager":{"value":"M"}}})"},
      {"password", "{}"},
      {"none,,urn:none:x", "{}"},
      {"id,schemas", "{}"},
  };
  for (const auto& [attributes, expected] : rows)
    EXPECT_EQ(projected(attributes, ""), expected) << attributes;
}

TEST(Projection, LeavesOutWhatIsExcluded) {
  const std::string everything = projected("", "");
  EXPECT_EQ(
      everything,
      R"({"externalId":"e","userName":"a","name":{"givenName":"G","familyName":"F"},)"
      R"("emails":[{"value":"w","type":"work"},{"value":"h","type":"home"}],"groups":[{"value":"g","display":"Group"}],)"
      R"("meta":{"resourceType":"User","version":"v"},"E":{"department":"D","manager":{"value":"M","displayName":"N"}}})");
  EXPECT_EQ(projected(" ", "id,schemas,none"), everything);
  const std::string enterprise(kEnterpriseSchema);
  EXPECT_EQ(projected("", "emails,groups,meta,name,externalId," + enterprise), R"({"userName":"a"})");
  EXPECT_EQ(
      projected("",
                "emails.type,groups,meta,name.GIVENNAME,externalId,userName," + enterprise + ":department"),
      R"({"name":{"familyName":"F"},"emails":[{"value":"w"},{"value":"h"}],"E":{"manager":{"value":"M","displayName":"N"}}})");
  EXPECT_EQ(projected("userName", "emails"), name_of(kInvalidValue));
}

TEST(Projection, SaysWhetherMembersAreWanted) {
  const auto wants = [](std::string_view attributes, std::string_view excluded) {
    return Projection::parse(attributes, excluded, schemas().group())->wants("members");
  };
  EXPECT_TRUE(wants("", ""));
  EXPECT_FALSE(wants("", "MEMBERS"));
  EXPECT_TRUE(wants("", "members.display"));
  EXPECT_FALSE(wants("displayName", ""));
  EXPECT_TRUE(wants("members.value", ""));
  EXPECT_TRUE(Projection(schemas().group()).wants("members"));
  EXPECT_FALSE(Projection(schemas().user()).wants("password"));
  EXPECT_FALSE(Projection(schemas().user()).wants("none"));
}

TEST(Projection, ForgetsAttributesThatAreNoLongerDeclared) {
  const Schemas plain;
  const json::Object answer = Projection(plain.user()).apply(parse_object(R"({"id":"1","userName":"a",
      "schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:doorward:params:scim:schemas:extension:custom:2.0:User"],
      "urn:doorward:params:scim:schemas:extension:custom:2.0:User":{"badge":"1"}})"));
  expect_same(answer,
              R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"a"})");
}

Result<SearchRequest> search(const QueryParameters& parameters) {
  return parse_search(parameters, schemas().user(), 500);
}

TEST(Search, ReadsTheQuery) {
  const auto request = search({{"FILTER", "userName eq \"a\""},
                               {"sortby", "name.familyName"},
                               {"sortOrder", "Descending"},
                               {"startIndex", "11"},
                               {"count", "10"},
                               {"attributes", "userName"},
                               {"unknown", "x"},
                               {"unknown", "y"}});
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(request->filter && request->filter->matches(parse_object(R"({"userName":"A"})")));
  EXPECT_EQ(request->filter_text, "userName eq \"a\"");
  EXPECT_EQ(request->sort_by->text(), "name.familyName");
  EXPECT_EQ(request->sort_order, SortOrder::Descending);
  EXPECT_EQ(request->start_index, 11);
  EXPECT_EQ(request->count, 10);
  EXPECT_FALSE(request->cursor);
  EXPECT_FALSE(request->projection.wants("emails"));
}

TEST(Search, HasDefaultsAndBounds) {
  const auto nothing = search({});
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->filter || nothing->sort_by || nothing->count || nothing->cursor);
  EXPECT_EQ(nothing->start_index, 1);
  EXPECT_TRUE(nothing->projection.wants("emails"));
  EXPECT_TRUE(search({{"filter", " "}, {"sortBy", ""}, {"sortOrder", ""}}));

  const auto count = [](std::string_view text) { return search({{"count", std::string(text)}})->count; };
  EXPECT_EQ(count("0"), 0);
  EXPECT_EQ(count("-5"), 0);
  EXPECT_EQ(count("501"), 500);
  EXPECT_EQ(count("99999999999999999999"), 500);
  const auto start = [](std::string_view text) {
    return search({{"startIndex", std::string(text)}})->start_index;
  };
  EXPECT_EQ(start("0"), 1);
  EXPECT_EQ(start("-99999999999999999999"), 1);
  EXPECT_EQ(start("4000000000"), 4000000000);
  EXPECT_EQ(search({{"cursor", ""}})->cursor, "");
  EXPECT_EQ(search({{"cursor", "abc"}, {"count", "5"}})->cursor, "abc");
}

TEST(Search, RefusesWhatItCannotRead) {
  const struct {
    QueryParameters parameters;
    ErrorCode code;
  } rows[] = {
      {{{"count", "ten"}}, kInvalidValue},
      {{{"count", ""}}, kInvalidValue},
      {{{"count", "1.5"}}, kInvalidValue},
      {{{"count", "1 2"}}, kInvalidValue},
      {{{"count", "ten"}, {"cursor", ""}}, kInvalidCount},
      {{{"count", "0"}, {"cursor", ""}}, kInvalidCount},
      {{{"count", "-1"}, {"cursor", "x"}}, kInvalidCount},
      {{{"startIndex", "x"}}, kInvalidValue},
      {{{"startIndex", "1"}, {"STARTINDEX", "1"}}, kInvalidValue},
      {{{"startIndex", "1"}, {"cursor", "x"}}, kInvalidValue},
      {{{"filter", "userName eq"}}, kInvalidFilter},
      {{{"filter", ""}, {"filter", ""}}, kInvalidValue},
      {{{"sortBy", "none"}}, kInvalidPath},
      {{{"sortBy", "name"}}, kInvalidPath},
      {{{"sortBy", "password"}}, kInvalidPath},
      {{{"sortOrder", "up"}}, kInvalidValue},
      {{{"attributes", "a"}, {"excludedAttributes", "b"}}, kInvalidValue},
  };
  for (const auto& row : rows)
    EXPECT_EQ(code_of(search(row.parameters)), name_of(row.code))
        << row.parameters.front().first << '=' << row.parameters.front().second;
}

TEST(Search, ReadsABody) {
  const auto read = [](std::string_view body) {
    return parse_search(parse_json(body), schemas().user(), 500);
  };
  // RFC 7644 figure 5.
  const auto request = read(R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
      "attributes":["displayName","userName"],"filter":"displayName sw \"smith\"","startIndex":1,"count":10})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(request->projection.wants("displayName"));
  EXPECT_FALSE(request->projection.wants("emails"));
  EXPECT_TRUE(request->filter && request->filter->matches(parse_object(R"({"displayName":"Smithers"})")));
  EXPECT_EQ(request->count, 10);
  EXPECT_EQ(read(R"({"Count":"7","excludedAttributes":"emails"})")->count, 7);
  EXPECT_EQ(read(R"({"cursor":""})")->cursor, "");
  EXPECT_TRUE(read(R"({"filter":null,"attributes":[]})"));

  EXPECT_EQ(code_of(read("[]")), name_of(kInvalidSyntax));
  EXPECT_EQ(code_of(read(R"({"schemas":["urn:x"]})")), name_of(kInvalidSyntax));
  EXPECT_EQ(code_of(read(R"({"count":1,"COUNT":1})")), name_of(kInvalidSyntax));
  EXPECT_EQ(code_of(read(R"({"count":1.5})")), name_of(kInvalidValue));
  EXPECT_EQ(code_of(read(R"({"count":true})")), name_of(kInvalidValue));
  EXPECT_EQ(code_of(read(R"({"filter":5})")), name_of(kInvalidValue));
  EXPECT_EQ(code_of(read(R"({"attributes":[5]})")), name_of(kInvalidValue));
}

std::string sorted(std::string_view by, SortOrder order, std::initializer_list<std::string_view> resources) {
  std::vector<json::Object> list;
  int id = 0;
  for (const std::string_view members : resources) {
    json::Object resource = parse_object("{" + std::string(members) + "}");
    resource["id"] = std::to_string(++id);
    list.push_back(std::move(resource));
  }
  const auto path = resolve_path(by, schemas().user());
  if (!path) return path.error().message;
  sort_resources(list, *path, order);
  std::string ids;
  for (const auto& resource : list)
    ids += std::string(resource.at("id").as_string());
  return ids;
}

TEST(Sort, AKeyIsTheSameAfterItWasWrittenDown) {
  const auto key = [](std::string_view by, std::string_view members) {
    const auto path = resolve_path(by, schemas().user());
    EXPECT_TRUE(path) << by;
    return SortKey::of(parse_object("{" + std::string(members) + "}"), *path);
  };
  // Each before the next.
  const std::vector<std::vector<SortKey>> orders = {
      {key("title", R"("title":"A")"), key("title", R"("title":"b c")"), key("title", "")},
      {key("active", R"("active":false)"), key("active", R"("active":true)"), key("active", "")},
      {key("meta.created", R"("meta":{"created":"1969-12-31T23:59:59Z"})"),
       key("meta.created", R"("meta":{"created":"2020-01-01T00:00:00.5Z"})"), key("meta.created", "")}};
  for (const auto& keys : orders) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto again = SortKey::parse(keys[i].text());
      ASSERT_TRUE(again) << keys[i].text();
      for (std::size_t j = 0; j < keys.size(); ++j) {
        EXPECT_EQ(again->comes_before(keys[j], SortOrder::Ascending), i < j);
        EXPECT_EQ(keys[j].comes_before(*again, SortOrder::Descending), i < j);
      }
    }
  }
  for (const char* text : {"x", "n", "nabc", "t1.5", "t", "n\"a\""})
    EXPECT_FALSE(SortKey::parse(text)) << text;
  const std::string long_title(5000, 'a');
  EXPECT_LE(key("title", R"("title":")" + long_title + "\"").text().size(), SortKey::kMaxText + 1);
}

TEST(Sort, OrdersByTheAttributesRules) {
  constexpr auto kUp = SortOrder::Ascending;
  constexpr auto kDown = SortOrder::Descending;
  EXPECT_EQ(sorted("userName", kUp, {R"("userName":"b")", R"("userName":"A")", R"("userName":"C")"}), "213");
  EXPECT_EQ(sorted("userName", kDown, {R"("userName":"b")", R"("userName":"A")", R"("userName":"C")"}),
            "312");
  EXPECT_EQ(sorted("externalId", kUp, {R"("externalId":"b")", R"("externalId":"C")"}), "21");
  EXPECT_EQ(sorted("title", kUp, {"", R"("title":"b")", R"("title":"a")", R"("title":null)"}), "3214");
  EXPECT_EQ(sorted("title", kDown, {"", R"("title":"b")", R"("title":"a")", R"("title":null)"}), "1423");
  EXPECT_EQ(sorted("title", kUp, {R"("title":"x")", R"("title":"X")", R"("title":"x")"}), "123");
  EXPECT_EQ(sorted("meta.created", kUp,
                   {R"("meta":{"created":"2020-01-01T01:00:00+02:00"})",
                    R"("meta":{"created":"2019-12-31T22:00:00Z"})", R"("meta":{"created":"never"})"}),
            "213");
  EXPECT_EQ(sorted("emails", kUp,
                   {R"("emails":[{"value":"c"},{"value":"a","primary":true}])", R"("emails":[{"value":"b"}])",
                    R"("emails":[])", R"("emails":[{"type":"work"}])"}),
            "1234");
  EXPECT_EQ(sorted("emails.type", kUp, {R"("emails":[{"type":"work"}])", R"("emails":[{"type":"home"}])"}),
            "21");
  EXPECT_EQ(sorted("active", kUp, {R"("active":true)", R"("active":false)", ""}), "213");
  const std::string custom = "\"" + std::string(kCustomSchema) + "\":";
  EXPECT_EQ(sorted(std::string(kCustomSchema) + ":floor", kUp,
                   {custom + R"({"floor":10})", custom + R"({"floor":9})", custom + "5"}),
            "213");
}

TEST(ListResponse, HasWhatTheRfcsName) {
  Page page;
  page.total = 3;
  page.start_index = 2;
  page.resources.push_back(json::Object{{"id", "1"}});
  expect_same(list_response(std::move(page)),
              R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults":3,"itemsPerPage":1,"startIndex":2,"Resources":[{"id":"1"}]})");
  expect_same(
      list_response({.resources = {}, .total = 0, .start_index = std::nullopt, .next_cursor = "c"}),
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"itemsPerPage":0,
                  "nextCursor":"c","Resources":[]})");
}

}  // namespace
}  // namespace doorward::scim::protocol
