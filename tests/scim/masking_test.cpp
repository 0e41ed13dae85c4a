#include "scim/masking.h"

#include <gmock/gmock.h>

namespace doorward::scim {
namespace {

using testing::HasSubstr;
using testing::Not;

json::Value parse(std::string_view text) {
  return json::parse(text).value();
}

constexpr std::string_view kUser =
    R"({"userName":"ben@contoso.example","name":{"givenName":"Ben","formatted":"Ben Baker"},
  "emails":[{"type":"work","value":"ben@contoso.example","primary":true}],"active":true,"title":"Clerk",
  "password":"hunter2","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Sales",
  "manager":{"value":"26118915"}},"roles":["admin"],"externalId":"b7","nickName":"Benny"})";

TEST(MaskingTest, KeepsWhatIsAboutTheWorkOnly) {
  const std::string shown = masked_body(parse(kUser), Personal::Masked);
  for (const char* personal : {"ben@", "Ben", "Baker", "hunter2", "Benny"})
    EXPECT_THAT(shown, Not(HasSubstr(personal)));
  for (const char* impersonal : {"\"b…\"", "\"B…\"", "work", "Clerk", "Sales", "26118915", "admin", "true"})
    EXPECT_THAT(shown, HasSubstr(impersonal));
}

TEST(MaskingTest, PasswordsAreNeverKept) {
  for (const Personal personal : {Personal::Masked, Personal::Kept}) {
    EXPECT_THAT(masked_body(parse(kUser), personal), Not(HasSubstr("hunter2")));
    const auto patch = parse(R"({"Operations":[{"op":"replace","path":"password","value":"hunter2"},
                                               {"op":"add","value":{"PASSWORD":"hunter2"}}]})");
    EXPECT_THAT(masked_body(patch, personal), Not(HasSubstr("hunter2")));
    for (
        const char* body :
        {R"({"urn:ietf:params:scim:schemas:core:2.0:User:password":"hunter2"})",
         R"({"urn:ietf:params:scim:schemas:core:2.0:User":{"Password":"hunter2"}})",
         R"({"Operations":[{"Op":"replace","Path":"password","Value":"hunter2"}]})",
         R"({"Operations":[{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:password","value":["hunter2"]}]})",
         R"({"Filter":"password eq \"hunter2\""})"}) {
      EXPECT_THAT(masked_body(parse(body), personal), Not(HasSubstr("hunter2"))) << body;
    }
    EXPECT_THAT(masked_target("/scim/v2/Users?filter=PassWord%20eq%20%22hunter2%22", personal),
                Not(HasSubstr("hunter2")));
  }
}

TEST(MaskingTest, AnIdentifierIsKeptWhenItIsNoName) {
  EXPECT_THAT(masked_body(parse(R"({"externalId":"ben.baker"})"), Personal::Masked), Not(HasSubstr("baker")));
  EXPECT_THAT(
      masked_body(parse(R"({"externalId":"0A21F0F2-8D2A-4F8E-BF98-7363C4AED4EF"})"), Personal::Masked),
      HasSubstr("0A21F0F2-8D2A-4F8E-BF98-7363C4AED4EF"));
}

TEST(MaskingTest, AnOperationsValueBelongsToItsPath) {
  const auto masked_operation = [](std::string_view operation) {
    return masked_body(parse(R"({"Operations":[)" + std::string(operation) + "]}"), Personal::Masked);
  };
  EXPECT_THAT(masked_operation(R"({"op":"Replace","path":"title","value":"Clerk"})"), HasSubstr("Clerk"));
  EXPECT_THAT(
      masked_operation(
          R"({"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Sales"})"),
      HasSubstr("Sales"));
  EXPECT_THAT(
      masked_operation(R"({"op":"Add","path":"emails[type eq \"work\"].value","value":"ben@x.example"})"),
      testing::AllOf(HasSubstr("work"), Not(HasSubstr("ben@"))));
  EXPECT_THAT(masked_operation(R"({"op":"Replace","path":"name.familyName","value":"Baker"})"),
              Not(HasSubstr("Baker")));
  EXPECT_THAT(masked_operation(R"({"op":"Remove","path":"members[value eq \"7f2a\"]"})"), HasSubstr("7…"));
  EXPECT_THAT(masked_operation(R"({"op":"Replace","value":{"name.givenName":"Ben","title":"Clerk"}})"),
              testing::AllOf(HasSubstr("Clerk"), Not(HasSubstr("\"Ben\""))));
}

TEST(MaskingTest, FiltersLoseWhatStandsInQuotes) {
  EXPECT_EQ(masked_target("/scim/v2/Users?filter=userName%20eq%20%22ben%40x.example%22", Personal::Masked),
            "/scim/v2/Users?filter=userName eq \"b…\"");
  EXPECT_EQ(masked_target("/scim/v2/Users?filter=emails%5Btype+eq+%22work%22%5D", Personal::Masked),
            "/scim/v2/Users?filter=emails[type eq \"work\"]");
  EXPECT_EQ(masked_target("/scim/v2/Users?filter=userName%20eq%20%22ben", Personal::Masked),
            "/scim/v2/Users?filter=userName eq \"b…")
      << "an open quote hides the rest";
  EXPECT_EQ(masked_target("/scim/v2/Users?filter=%FF%22ben%22", Personal::Masked), "/scim/v2/Users");
  EXPECT_THAT(masked_target("/scim/v2/Users?filter=userName%20eq%20%22ben%22", Personal::Kept),
              HasSubstr("ben"));
}

TEST(MaskingTest, CutsBetweenCharacters) {
  EXPECT_EQ(mask("Ødegård"), "Ø…");
  EXPECT_EQ(mask(""), "");
}

}  // namespace
}  // namespace doorward::scim
