#include "scim/protocol/schema.h"

#include <algorithm>
#include <set>

#include "scim/protocol/errors.h"
#include "scim/protocol/path.h"
#include "support.h"

namespace doorward::scim::protocol {
namespace {

std::set<std::string> names(const json::Array& attributes) {
  std::set<std::string> result;
  for (const auto& attribute : attributes)
    result.insert(std::string(attribute.at("name").as_string()));
  return result;
}

const json::Object& with_id(const json::Array& resources, std::string_view id) {
  const auto* found =
      std::ranges::find_if(resources, [&](const json::Value& r) { return r.at("id").as_string() == id; });
  EXPECT_NE(found, resources.end()) << id;
  return found->as_object();
}

const json::Object& with_name(const json::Value& attributes, std::string_view name) {
  const auto& list = attributes.as_array();
  const auto* found =
      std::ranges::find_if(list, [&](const json::Value& a) { return a.at("name").as_string() == name; });
  EXPECT_NE(found, list.end()) << name;
  return found->as_object();
}

TEST(Schema, FindsNamesInAnyCase) {
  const ResourceType& user = schemas().user();
  ASSERT_NE(user.core.attribute("USERNAME"), nullptr);
  EXPECT_EQ(user.core.attribute("USERNAME")->name, "userName");
  EXPECT_EQ(user.core.attribute("name")->sub_attribute("FAMILYname")->name, "familyName");
  EXPECT_EQ(user.core.attribute("name")->sub_attribute("user"), nullptr);
  EXPECT_EQ(user.core.attribute(""), nullptr);
  EXPECT_EQ(user.schema("URN:IETF:params:scim:schemas:core:2.0:user"), &user.core);
  EXPECT_EQ(user.schema("urn:none"), nullptr);
  for (const Attribute& attribute : user.core.attributes)
    EXPECT_EQ(user.core.attribute(attribute.name), &attribute) << attribute.name;
}

TEST(Schema, FindsWithoutAnIndexAndWithAThousandNames) {
  Schema schema{.id = "urn:x", .name = "x"};
  for (int i = 0; i < 1000; ++i)
    schema.attributes.push_back({.name = "a" + std::to_string(i)});
  EXPECT_EQ(schema.attribute("A999"), &schema.attributes[999]);
  schema.attribute_index.build(schema.attributes);
  for (const Attribute& attribute : schema.attributes)
    EXPECT_EQ(schema.attribute(attribute.name), &attribute);
  EXPECT_EQ(schema.attribute("a1000"), nullptr);
}

TEST(Schema, StaysUsableWhenMovedAndCopied) {
  Schemas original;
  const Schemas copy = original;
  const Schemas moved = std::move(original);
  EXPECT_EQ(copy.user().core.attribute("username"), &copy.user().core.attributes[4]);
  EXPECT_EQ(moved.user().core.attribute("username"), &moved.user().core.attributes[4]);
}

TEST(Schema, KnowsTheCommonAttributesAndObjectId) {
  for (const ResourceType* type : {&schemas().user(), &schemas().group()}) {
    EXPECT_EQ(type->core.attribute("id")->mutability, Mutability::ReadOnly);
    EXPECT_TRUE(type->core.attribute("id")->case_exact);
    EXPECT_TRUE(type->core.attribute("externalId")->case_exact);
    EXPECT_EQ(type->core.attribute("externalId")->uniqueness, Uniqueness::None);
    EXPECT_EQ(type->core.attribute("meta")->sub_attribute("lastModified")->type, Type::DateTime);
  }
  ASSERT_NE(schemas().user().core.attribute("objectId"), nullptr);
  EXPECT_FALSE(schemas().user().core.attribute("objectId")->case_exact);
  EXPECT_EQ(schemas().group().core.attribute("objectId"), nullptr);
}

TEST(SchemaResources, ListWhatTheRfcLists) {
  const json::Array resources = schemas().schema_resources("https://door.example/scim/v2");
  ASSERT_EQ(resources.size(), 5U);
  const json::Object& user = with_id(resources, kUserSchema);
  EXPECT_EQ(names(user.at("attributes").as_array()),
            (std::set<std::string>{"userName",        "name",         "displayName",  "nickName",
                                   "profileUrl",      "title",        "userType",     "preferredLanguage",
                                   "locale",          "timezone",     "active",       "password",
                                   "emails",          "phoneNumbers", "ims",          "photos",
                                   "addresses",       "groups",       "entitlements", "roles",
                                   "x509Certificates"}));
  const json::Object& user_name = with_name(user.at("attributes"), "userName");
  expect_same(user_name, R"({"name":"userName","type":"string","multiValued":false,
      "description":"The name with which the user signs in.","required":true,"caseExact":false,
      "mutability":"readWrite","returned":"default","uniqueness":"server"})");
  const json::Object& password = with_name(user.at("attributes"), "password");
  EXPECT_EQ(password.at("mutability"), "writeOnly");
  EXPECT_EQ(password.at("returned"), "never");
  EXPECT_EQ(with_name(user.at("attributes"), "groups").at("mutability"), "readOnly");
  const json::Object& emails = with_name(user.at("attributes"), "emails");
  EXPECT_EQ(names(emails.at("subAttributes").as_array()),
            (std::set<std::string>{"value", "display", "type", "primary"}));
  EXPECT_EQ(with_name(emails.at("subAttributes"), "type").at("canonicalValues"),
            parse_json(R"(["work","home","other"])"));
  EXPECT_EQ(user.at("meta").at("location"),
            "https://door.example/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User");

  const json::Object& group = with_id(resources, kGroupSchema);
  EXPECT_EQ(names(group.at("attributes").as_array()), (std::set<std::string>{"displayName", "members"}));
  EXPECT_EQ(names(with_id(resources, kEnterpriseSchema).at("attributes").as_array()),
            (std::set<std::string>{"employeeNumber", "costCenter", "organization", "division", "department",
                                   "manager"}));
  EXPECT_EQ(names(with_id(resources, kDoorwardSchema).at("attributes").as_array()),
            std::set<std::string>{"objectId"});
  EXPECT_EQ(with_name(with_id(resources, kCustomSchema).at("attributes"), "floor").at("type"), "integer");
  EXPECT_EQ(Schemas().schema_resources("x").size(), 4U);
}

TEST(SchemaResources, ListTheResourceTypes) {
  const json::Array types = schemas().resource_type_resources("https://door.example/scim/v2");
  ASSERT_EQ(types.size(), 2U);
  EXPECT_EQ(types[0].at("endpoint"), "/Users");
  EXPECT_EQ(types[0].at("schema"), json::Value(kUserSchema));
  EXPECT_EQ(types[0].at("schemaExtensions").as_array().size(), 3U);
  expect_same(types[0].at("schemaExtensions").at(0).as_object(),
              R"({"schema":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","required":false})");
  EXPECT_EQ(types[1].at("schemaExtensions"), json::Array());
}

TEST(ServiceProviderConfig, SaysWhatIsSupported) {
  const json::Object config = service_provider_config("https://door.example/scim/v2", {});
  for (const char* feature : {"patch", "bulk", "filter", "sort", "etag"})
    EXPECT_EQ(config.at(feature).at("supported"), true) << feature;
  EXPECT_EQ(config.at("bulk").at("maxOperations"), 1000);
  EXPECT_EQ(config.at("filter").at("maxResults"), 500);
  EXPECT_EQ(config.at("pagination").at("cursor"), true);
  EXPECT_EQ(config.at("authenticationSchemes").at(0).at("type"), "oauthbearertoken");
}

TEST(Path, IsResolvedWithoutRegardToCase) {
  const ResourceType& user = schemas().user();
  const auto text = [&](std::string_view path) {
    const auto resolved = resolve_path(path, user);
    return resolved ? resolved->text() : std::string(resolved.error().code.name());
  };
  EXPECT_EQ(text("USERNAME"), "userName");
  EXPECT_EQ(text("Name.GivenName"), "name.givenName");
  EXPECT_EQ(text("urn:ietf:params:scim:schemas:core:2.0:User:userName"), "userName");
  EXPECT_EQ(text("URN:ietf:params:SCIM:schemas:extension:enterprise:2.0:user:MANAGER.value"),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value");
  EXPECT_EQ(text("members.$ref"), name_of(kInvalidPath));
  EXPECT_EQ(resolve_path("members.$ref", schemas().group())->text(), "members.$ref");
  EXPECT_EQ(resolve_path("emails.type", user)->definition,
            user.core.attribute("emails")->sub_attribute("type"));
  for (const char* unknown :
       {"", ".", "name.", ".name", "name.none", "name.givenName.x", "none", "urn:", "urn:none:x",
        "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:User:",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"})
    EXPECT_EQ(text(unknown), name_of(kInvalidPath)) << unknown;
}

}  // namespace
}  // namespace doorward::scim::protocol
