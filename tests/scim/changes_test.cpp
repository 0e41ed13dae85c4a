#include "scim/changes.h"

#include <gtest/gtest.h>

namespace doorward::scim {
namespace {

constexpr std::string_view kEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

json::Object object(std::string_view text) {
  return json::parse(text).value().as_object();
}

std::string told(std::string_view before, std::string_view after, Personal personal = Personal::Masked) {
  return sentence("Entra", "Ben Baker", differences(object(before), object(after)), personal);
}

TEST(ChangesTest, OneAttributeFromAndTo) {
  const std::string extension(kEnterprise);
  EXPECT_EQ(told("{\"" + extension + R"(":{"department":"Sales"}})",
                 "{\"" + extension + R"(":{"department":"Support"}})"),
            "Entra changed Ben Baker's department from Sales to Support.");
}

TEST(ChangesTest, WhatWasNotThereAndWhatIsGone) {
  EXPECT_EQ(told("{}", R"({"title":"Clerk"})"), "Entra changed Ben Baker's title to Clerk.");
  EXPECT_EQ(told(R"({"title":"Clerk"})", "{}"), "Entra cleared Ben Baker's title (was Clerk).");
}

TEST(ChangesTest, SeveralAreListedAndMoreAreCounted) {
  EXPECT_EQ(told(R"({"title":"A"})", R"({"title":"B","userType":"Guest"})"),
            "Entra changed Ben Baker's title from A to B and user type to Guest.");
  EXPECT_EQ(told("{}", R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":6})"),
            "Entra changed Ben Baker's a to …, b to …, c to …, d to … and 2 more.");
}

TEST(ChangesTest, AccessIsToldByItself) {
  EXPECT_EQ(told(R"({"active":true})", R"({"active":false})"), "Entra deactivated Ben Baker.");
  EXPECT_EQ(told(R"({"active":false})", R"({"active":true})"), "Entra gave access back to Ben Baker.");
  EXPECT_EQ(told(R"({"active":true,"title":"A"})", R"({"active":false,"title":"B"})"),
            "Entra deactivated Ben Baker. Entra changed Ben Baker's title from A to B.");
}

TEST(ChangesTest, PersonalDataIsMasked) {
  EXPECT_EQ(told(R"({"name":{"familyName":"Baker"}})", R"({"name":{"familyName":"Berg"}})"),
            "Entra changed Ben Baker's family name from B… to B….");
  EXPECT_EQ(told(R"({"name":{"familyName":"Baker"}})", R"({"name":{"familyName":"Berg"}})", Personal::Kept),
            "Entra changed Ben Baker's family name from Baker to Berg.");
}

TEST(ChangesTest, NothingIsSaidToBeNothing) {
  EXPECT_EQ(told(R"({"id":"1","meta":{"version":"1"},"title":"A"})",
                 R"({"id":"1","meta":{"version":"2"},"title":"A"})"),
            "Entra changed nothing of Ben Baker.");
}

TEST(ChangesTest, ListsAreComparedAsAWhole) {
  const auto changes =
      differences(object(R"({"emails":[{"value":"a"}]})"), object(R"({"emails":[{"value":"b"}]})"));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes.front().attribute, "emails");
  EXPECT_EQ(changes_text(changes, Personal::Masked),
            R"([{"attribute":"emails","before":[{"value":"a…"}],"after":[{"value":"b…"}]}])");
}

}  // namespace
}  // namespace doorward::scim
