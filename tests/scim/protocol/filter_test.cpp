#include "scim/protocol/filter.h"

#include "scim/protocol/errors.h"
#include "support.h"

namespace doorward::scim::protocol {
namespace {

constexpr std::string_view kUser = R"({
  "schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
  "id":"2819c223","externalId":"Ext-1","userName":"BJensen","title":"Tour Guide","userType":"Employee",
  "nickName":"","displayName":"Müller STRASSE",
  "name":{"familyName":"O'Malley","givenName":"Barbara"},"active":true,"password":"secret",
  "emails":[{"type":"work","value":"bjensen@example.com","primary":true},{"type":"home","value":"babs@jensen.org"}],
  "ims":[{"type":"xmpp","value":"bjensen@foo.com"}],"entitlements":[{"display":"only"}],
  "meta":{"resourceType":"User","lastModified":"2011-05-13T04:42:34Z","created":"2010-01-23T04:56:22Z"},
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Tours","manager":{"value":"26118915"}},
  "urn:doorward:params:scim:schemas:extension:custom:2.0:User":
    {"floor":9,"factor":1.5,"hired":"2020-02-01T00:00:00+01:00","remote":false,"skills":["C++","Go"],"badge":"10"}})";
constexpr std::string_view kEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";
constexpr std::string_view kCustom = "urn:doorward:params:scim:schemas:extension:custom:2.0:User:";

std::string verdict(std::string_view text) {
  static const json::Object user = parse_object(kUser);
  const auto filter = Filter::parse(text, schemas().user());
  if (!filter) return std::string(filter.error().code.name());
  return filter->matches(user) ? "yes" : "no";
}

// RFC 7644 figure 2, each with its answer for the user above.
TEST(Filter, AnswersTheExamplesOfTheRfc) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"(userName eq "bjensen")", "yes"},
      {R"(name.familyName co "O'Malley")", "yes"},
      {R"(userName sw "J")", "no"},
      {R"(urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J")", "no"},
      {R"(title pr)", "yes"},
      {R"(meta.lastModified gt "2011-05-13T04:42:34Z")", "no"},
      {R"(meta.lastModified ge "2011-05-13T04:42:34Z")", "yes"},
      {R"(meta.lastModified lt "2011-05-13T04:42:34Z")", "no"},
      {R"(meta.lastModified le "2011-05-13T04:42:34Z")", "yes"},
      {R"(title pr and userType eq "Employee")", "yes"},
      {R"(title pr or userType eq "Intern")", "yes"},
      {R"(schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")", "yes"},
      {R"(userType eq "Employee" and (emails co "example.com" or emails.value co "example.org"))", "yes"},
      {R"(userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org"))", "no"},
      {R"(userType eq "Employee" and (emails.type eq "work"))", "yes"},
      {R"(userType eq "Employee" and emails[type eq "work" and value co "@example.com"])", "yes"},
      {R"(emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"])",
       "yes"},
  };
  for (const auto& [filter, expected] : rows)
    EXPECT_EQ(verdict(filter), expected) << filter;
}

TEST(Filter, ComparesByTheAttributesRules) {
  const std::pair<std::string, std::string_view> rows[] = {
      {R"(USERNAME EQ "bjENSEN")", "yes"},
      {R"(not (no$ne pr))", "yes"},
      {R"(externalId eq "ext-1")", "no"},
      {R"(externalId eq "Ext-1")", "yes"},
      {R"(id ne "2819c223")", "no"},
      {R"(displayName eq "mÜLLER straße")", "yes"},
      {R"(displayName sw "MÜ")", "yes"},
      {R"(displayName ew "SSE")", "yes"},
      {R"(displayName co "er S")", "yes"},
      {R"(userName eq "bjensen2")", "no"},
      {R"(userName ew "SEN")", "yes"},
      {R"(userName gt "a")", "yes"},
      {R"(userName gt "BJENSEN")", "no"},
      {R"(userName le "bjensen")", "yes"},
      {R"(userName co "")", "yes"},
      {R"(active eq true)", "yes"},
      {R"(active eq True)", "yes"},
      {R"(active eq "TRUE")", "yes"},
      {R"(active ne true)", "no"},
      {R"(active eq false)", "no"},
      {R"(title eq null)", "no"},
      {R"(title ne null)", "yes"},
      {R"(profileUrl eq null)", "yes"},
      {R"(name eq null)", "no"},
      {R"(name pr)", "yes"},
      {R"(nickName pr)", "no"},
      {R"(addresses pr)", "no"},
      {R"(emails.display pr)", "no"},
      {R"(emails.primary eq true)", "yes"},
      {R"(emails.primary eq false)", "no"},
      {R"(emails eq "babs@jensen.org")", "yes"},
      {R"(emails ne "babs@jensen.org")", "yes"},
      {R"(ims ne "bjensen@foo.com")", "no"},
      {R"(entitlements ne "x")", "yes"},
      {R"(profileUrl ne "x")", "yes"},
      {R"(profileUrl eq "x")", "no"},
      {R"(meta.created eq "2010-01-23T05:56:22.000+01:00")", "yes"},
      {R"(meta.created sw "2010-01")", "yes"},
      {std::string(kEnterprise) + R"(department eq "tours")", "yes"},
      {std::string(kEnterprise) + R"(manager eq "26118915")", "yes"},
      {std::string(kEnterprise) + R"(manager.value eq "26118915")", "yes"},
      {std::string(kEnterprise) + R"(manager[value eq "26118915"])", "yes"},
      {std::string(kEnterprise) + "division pr", "no"},
      {std::string(kCustom) + "floor gt 10", "no"},
      {std::string(kCustom) + "floor lt 10", "yes"},
      {std::string(kCustom) + "floor eq 9.0", "yes"},
      {std::string(kCustom) + "floor lt 18446744073709551615", "yes"},
      {std::string(kCustom) + "factor ge 1", "yes"},
      {std::string(kCustom) + R"(hired lt "2020-01-31T23:30:00Z")", "yes"},
      {std::string(kCustom) + R"(skills eq "go")", "yes"},
      {std::string(kCustom) + R"(skills[value eq "c++"])", "yes"},
      {std::string(kCustom) + R"(skills[type eq "c++"])", "no"},
      {std::string(kCustom) + "remote eq false", "yes"},
      {std::string(kCustom) + "badge eq 10", "yes"},
  };
  for (const auto& [filter, expected] : rows)
    EXPECT_EQ(verdict(filter), expected) << filter;
}

TEST(Filter, TreatsUnknownAndSecretAttributesAsAbsent) {
  for (const char* no :
       {R"(none eq "x")", "none pr", R"(none.sub gt "x")", R"(none[type eq "x"])", R"(emails[none eq "x"])",
        R"(urn:none:2.0:x eq "x")", R"(password eq "secret")", R"(password sw "s")", "password pr",
        R"(none eq 5)", "none eq true", R"(emails[type eq "work"].none eq "x")", R"(emails.none eq "x")",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr"})
    EXPECT_EQ(verdict(no), "no") << no;
  for (const char* yes : {R"(none ne "x")", "none eq null", R"(not (none eq "x"))", R"(password ne "secret")",
                          R"(emails[none ne "x"])", R"(emails[type eq "work"].none ne "x")"})
    EXPECT_EQ(verdict(yes), "yes") << yes;
}

TEST(Filter, ComparesWhatAValuePathHolds) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"(emails[type eq "work"].value eq "BJENSEN@example.com")", "yes"},
      {R"(emails[type eq "home"].value eq "bjensen@example.com")", "no"},
      {R"(emails[type eq "other"].value eq "bjensen@example.com")", "no"},
      {R"(emails[type eq "other"].value ne "bjensen@example.com")", "yes"},
      {R"(emails[type eq "work"].value ne "bjensen@example.com")", "no"},
      {R"(emails[type eq "work"].display pr)", "no"},
      {R"(emails[type eq "work"].value pr and active eq true)", "yes"},
      {R"(emails[type eq "home" and value sw "bjensen"])", "no"},
      {R"(emails[not (type eq "work") and (value pr or display pr)])", "yes"},
  };
  for (const auto& [filter, expected] : rows)
    EXPECT_EQ(verdict(filter), expected) << filter;
}

TEST(Filter, BindsNotBeforeAndBeforeOr) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"title pr or title pr and none pr", "yes"},
      {"(title pr or title pr) and none pr", "no"},
      {"none pr and none pr or title pr", "yes"},
      {"none pr and (none pr or title pr)", "no"},
      {"not (none pr) and title pr", "yes"},
      {"not (none pr or title pr)", "no"},
      {"not(none pr)", "yes"},
      {"NOT  ( ( none pr ) )OR none pr", "yes"},
      {"not pr", "no"},
      {"  title   pr  AND  userName  pr ", "yes"},
      {"((((title pr))))", "yes"},
  };
  for (const auto& [filter, expected] : rows)
    EXPECT_EQ(verdict(filter), expected) << filter;
}

TEST(Filter, ReadsJsonTexts) {
  EXPECT_EQ(verdict(R"(name.familyName eq "\u004f'M\u0061lley")"), "yes");
  EXPECT_EQ(verdict(R"(title eq "a\"b\\" or title pr)"), "yes");
  EXPECT_EQ(verdict(R"(title eq ") or (" or title pr)"), "yes");
}

TEST(Filter, RefusesWhatIsNoFilter) {
  for (const char* text : {"",
                           " ",
                           "userName",
                           "userName eq",
                           "userName eq ",
                           "userName xx \"a\"",
                           "eq \"a\"",
                           "userName eq 'a'",
                           "userName eq a",
                           "userName eq \"a",
                           "userName eq \"a\\\"",
                           "userName eq \"\\q\"",
                           "userName eq \"\t\"",
                           "userName eq \"\\ud800\"",
                           "userName eq \"\\u0000\"",
                           "userName eq \"a\" and",
                           "and userName pr",
                           "userName pr or",
                           "userName pr userName pr",
                           "userName pr xor title pr",
                           "(userName pr",
                           "userName pr)",
                           "()",
                           "not userName pr",
                           "not ()",
                           "emails[",
                           "emails[]",
                           "emails[type pr",
                           "emails[type pr]x",
                           "emails[type pr].",
                           "emails[type pr].value",
                           "emails[emails[type pr]]",
                           "emails [type pr]",
                           "userName[value pr]",
                           "emails.type[value pr]",
                           "userName eq {}",
                           "userName eq []",
                           "userName eq 01",
                           "userName eq -",
                           "user name pr",
                           "user/name pr",
                           "1a pr",
                           "a.b.c pr",
                           ".a pr",
                           "a. pr",
                           "urn: pr",
                           "active gt true",
                           "active co \"t\"",
                           "active eq \"x\"",
                           "active eq 5",
                           "x509Certificates.value gt \"AA\"",
                           "meta.created gt \"yesterday\"",
                           "meta.created eq 5",
                           "name eq \"x\"",
                           "addresses co \"x\"",
                           "title gt null",
                           "title pr \"x\"",
                           "urn:doorward:params:scim:schemas:extension:custom:2.0:User:floor co 1",
                           "urn:doorward:params:scim:schemas:extension:custom:2.0:User:floor eq \"1\"",
                           "userName eq \"\xff\""})
    EXPECT_EQ(verdict(text), name_of(kInvalidFilter)) << text;
}

TEST(Filter, SaysWhere) {
  const auto filter = Filter::parse(R"(title pr and userName xx "a")", schemas().user());
  ASSERT_FALSE(filter);
  EXPECT_NE(filter.error().message.find("(byte 22)"), std::string::npos) << filter.error().message;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i)
    result += text;
  return result;
}

TEST(Filter, HasLimits) {
  EXPECT_EQ(verdict(repeat("(", 32) + "title pr" + repeat(")", 32)), "yes");
  EXPECT_EQ(verdict(repeat("(", 33) + "title pr" + repeat(")", 33)), name_of(kInvalidFilter));
  EXPECT_EQ(verdict(repeat("(", 1000)), name_of(kInvalidFilter));
  EXPECT_EQ(verdict(repeat("not(", 4000)), name_of(kInvalidFilter));
  EXPECT_EQ(verdict(repeat("emails[", 2000)), name_of(kInvalidFilter));
  EXPECT_EQ(verdict(repeat("title pr and ", 499) + "title pr"), "yes");
  EXPECT_EQ(verdict(repeat("title pr and ", 500) + "title pr"), name_of(kInvalidFilter));
  EXPECT_EQ(verdict("title eq \"" + repeat("a", 16 * 1024) + "\""), name_of(kInvalidFilter));
  EXPECT_EQ(verdict(repeat(" ", 100000)), name_of(kInvalidFilter));
}

TEST(Filter, MatchesWhateverAResourceHolds) {
  const auto filter = Filter::parse(
      R"(emails[type eq "a"].value eq "b" or name.givenName eq "x" or meta.created gt "2020-01-01T00:00:00Z" or emails eq "c" or active eq true)",
      schemas().user());
  ASSERT_TRUE(filter);
  for (const char* odd : {"{}", R"({"emails":5,"name":[],"meta":"x","active":"x"})",
                          R"({"emails":[[],5,null,{}],"meta":{"created":"x"}})"})
    EXPECT_FALSE(filter->matches(parse_object(odd))) << odd;
}

std::string equalities(std::string_view text) {
  const auto filter = Filter::parse(text, schemas().user());
  if (!filter) return filter.error().message;
  std::string result;
  for (const auto& [path, value] : filter->necessary_equalities())
    result += path + "=" + value + ";";
  return result;
}

TEST(Filter, NamesWhatMustBeEqual) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"(username eq "B")", "userName=B;"},
      {R"((externalId eq "x") and (userName eq "y" and title sw "z"))", "externalId=x;userName=y;"},
      {R"(userName eq "a" or userName eq "b")", ""},
      {R"(not (userName eq "a"))", ""},
      {R"(userName ne "a" and active eq true and meta.created eq "2020-01-01T00:00:00Z")", ""},
      {R"(emails eq "x")", "emails.value=x;"},
      {R"(emails.value eq "x")", "emails.value=x;"},
      {R"(emails[type eq "work" and value eq "x"])", "emails.type=work;emails.value=x;"},
      {R"(emails[type eq "work"].value eq "x")", "emails.type=work;emails.value=x;"},
      {R"(emails[type eq "work"].value ne "x")", ""},
      {R"(emails[type eq "work"].value eq null)", ""},
      {R"(emails[type eq "work"].value pr)", ""},
      {R"(emails[type eq "work" or value eq "x"])", ""},
      {R"(URN:doorward:params:scim:schemas:extension:2.0:user:OBJECTID eq "o")",
       "urn:doorward:params:scim:schemas:extension:2.0:User:objectId=o;"},
      {R"(urn:doorward:params:scim:schemas:extension:custom:2.0:User:skills[value eq "Go"])",
       "urn:doorward:params:scim:schemas:extension:custom:2.0:User:skills=Go;"},
      {R"(objectId eq "o")", "objectId=o;"},
      {R"(none eq "x" and password eq "y")", ""},
      {R"(externalId eq 5)", "externalId=5;"},
  };
  for (const auto& [filter, expected] : rows)
    EXPECT_EQ(equalities(filter), expected) << filter;
}

}  // namespace
}  // namespace doorward::scim::protocol
