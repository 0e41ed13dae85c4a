#include "scim/user_resource.h"

#include <gmock/gmock.h>

#include "scim/protocol/schema.h"

namespace doorward::scim {
namespace {

using testing::ElementsAre;

json::Object object(std::string_view text) {
  return json::parse(text).value().as_object();
}

directory::ProvisionedEmployee employee_with(std::string attributes, directory::Profile profile) {
  directory::ProvisionedEmployee employee;
  employee.employee.public_id = "2819c223";
  employee.employee.profile = std::move(profile);
  employee.attributes = std::move(attributes);
  employee.version = 7;
  return employee;
}

std::string emails_of(const json::Object& user) {
  return user.contains("emails") ? json::serialize(user.at("emails")) : "";
}

TEST(UserResourceTest, AnEmployeeMadeByHandHasAWorkAddress) {
  const auto user =
      user_resource(employee_with("", {.user_name = "ben", .email = "ben@x.example"}), "https://d/scim/v2");
  EXPECT_EQ(emails_of(user), R"([{"value":"ben@x.example","type":"work","primary":true}])");
  EXPECT_EQ(user.at("meta").at("location").as_string(), "https://d/scim/v2/Users/2819c223");
  EXPECT_EQ(user.at("meta").at("version").as_string(), "W/\"7\"");
  EXPECT_EQ(json::serialize(user.at("schemas")), R"(["urn:ietf:params:scim:schemas:core:2.0:User"])");
}

TEST(UserResourceTest, ComesBackAsItWasSent) {
  const json::Object sent = object(R"({"userName":"ben","externalId":"b7","displayName":"Ben",
    "name":{"formatted":"Ben Baker","givenName":"Ben","familyName":"Baker"},"locale":"de-DE","title":"Clerk",
    "emails":[{"type":"home","value":"b@home.example"},{"type":"work","value":"ben@x.example"}],
    "phoneNumbers":[{"type":"work","value":"1"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Sales"}})");
  const auto record = employee_record(sent, nullptr);
  EXPECT_EQ(record.profile.email, "ben@x.example");
  EXPECT_THAT(record.other_emails, ElementsAre("b@home.example"));
  EXPECT_EQ(record.department, "Sales");
  EXPECT_TRUE(record.active);

  auto employee = employee_with(record.attributes, record.profile);
  json::Object shown = user_resource(employee, "https://d");
  for (const auto& [name, value] : sent)
    EXPECT_EQ(json::serialize(shown.at(name)), json::serialize(value)) << name;
}

TEST(UserResourceTest, TheColumnIsTheTruthForTheAddress) {
  const std::string stored =
      R"({"emails":[{"type":"home","value":"h@x.example"},{"type":"work","value":"old@x.example"}]})";
  EXPECT_EQ(
      emails_of(user_resource(employee_with(stored, {.user_name = "ben", .email = "new@x.example"}), "")),
      R"([{"type":"home","value":"h@x.example"},{"type":"work","value":"new@x.example"}])");
  EXPECT_EQ(emails_of(user_resource(employee_with(stored, {.user_name = "ben"}), "")),
            R"([{"type":"home","value":"h@x.example"}])");
}

TEST(UserResourceTest, ThePrimaryAddressComesFirst) {
  const auto record = employee_record(
      object(
          R"({"userName":"b","emails":[{"type":"work","value":"w"},{"type":"home","value":"h","primary":true}]})"),
      nullptr);
  EXPECT_EQ(record.profile.email, "h");
}

TEST(UserResourceTest, ObjectIdFromEitherPlace) {
  const std::string extension(protocol::kDoorwardSchema);
  EXPECT_EQ(employee_record(object(R"({"userName":"b","objectId":"o1"})"), nullptr).profile.object_id, "o1");
  EXPECT_EQ(employee_record(object("{\"userName\":\"b\",\"" + extension + R"(":{"objectId":"o2"}})"), nullptr)
                .profile.object_id,
            "o2");
  const auto current = employee_with("", {.user_name = "b", .object_id = "o1"});
  json::Object shown = user_resource(current, "");
  EXPECT_EQ(shown.at("objectId").as_string(), "o1");
  shown["objectId"] = "o3";
  EXPECT_EQ(employee_record(shown, &current).profile.object_id, "o3") << "the one that was changed counts";
}

TEST(UserResourceTest, AWholeResourceNamesTheObjectIdInOnePlace) {
  const std::string extension(protocol::kDoorwardSchema);
  const auto current = employee_with("", {.user_name = "b", .object_id = "o1"});
  const auto object_id_of = [&](std::string_view more) {
    json::Object whole = object("{\"userName\":\"b\"" + std::string(more) + "}");
    complete_object_id(whole);
    return employee_record(std::move(whole), &current).profile.object_id;
  };
  for (const char* id : {"o1", "o2"}) {
    const std::string sent = "\"objectId\":\"" + std::string(id) + "\"";
    EXPECT_EQ(object_id_of("," + sent), id);
    EXPECT_EQ(object_id_of(",\"" + extension + "\":{" + sent + "}"), id);
    EXPECT_EQ(object_id_of("," + sent + ",\"" + extension + "\":{" + sent + "}"), id);
  }
  EXPECT_EQ(object_id_of(""), "");
}

TEST(UserResourceTest, TheOrderOfTheAttributesIsNoChange) {
  const json::Object sent = object(R"({"userName":"b","title":"Cook","nickName":"Benny",
    "name":{"formatted":"Ben B"},"emails":[{"value":"b@x.example"}],"addresses":[{"locality":"Port"}]})");
  const auto record = employee_record(sent, nullptr);
  const auto employee = employee_with(record.attributes, record.profile);
  EXPECT_EQ(employee_record(user_resource(employee, ""), &employee).attributes, record.attributes);
}

TEST(UserResourceTest, AnAbsentActiveNeitherGivesNorTakesAccess) {
  auto current = employee_with("", {.user_name = "b"});
  current.employee.active = false;
  EXPECT_FALSE(employee_record(object(R"({"userName":"b"})"), &current).active);
  current.employee.active = true;
  EXPECT_TRUE(employee_record(object(R"({"userName":"b"})"), &current).active);
}

TEST(UserResourceTest, WhatNobodyChangedStaysToTheByte) {
  for (const char* attributes :
       {"", R"({"title":"Clerk","name":{"formatted":"Ben","honorificPrefix":"Dr."}})",
        R"({"emails":[{"type":"home","value":"h@x.example"},{"value":"old@x.example",
                                     "type":"work"}],"title":"Clerk"})"}) {
    const auto current =
        employee_with(attributes, {.user_name = "ben", .email = "ben@x.example", .given_name = "Ben"});
    EXPECT_EQ(employee_record(user_resource(current, ""), &current).attributes, attributes);
  }
  const auto current = employee_with(R"({"title":"Clerk","nickName":"B"})", {.user_name = "ben"});
  EXPECT_EQ(
      employee_record(object(R"({"nickName":"B","userName":"ben","title":"Clerk"})"), &current).attributes,
      current.attributes);
  EXPECT_EQ(employee_record(object(R"({"userName":"ben","title":"Clerk"})"), &current).attributes,
            R"({"title":"Clerk"})");
}

TEST(UserResourceTest, PasswordsAreNotKept) {
  EXPECT_EQ(employee_record(object(R"({"userName":"b","password":"hunter2"})"), nullptr).attributes, "");
}

}  // namespace
}  // namespace doorward::scim
