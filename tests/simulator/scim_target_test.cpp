#include "simulator/scim_target.h"

#include <gtest/gtest.h>

namespace doorward::simulator {
namespace {

std::string written(std::initializer_list<std::pair<const char*, json::Value>> values) {
  json::Object resource;
  for (const auto& [target, value] : values)
    ScimTarget::parse(target).value().write(resource, value);
  return json::serialize(resource);
}

TEST(ScimTarget, writes_what_it_names) {
  EXPECT_EQ(written({{"userName", "a"}, {"name.givenName", "b"}, {"name.familyName", "c"}}),
            R"({"userName":"a","name":{"givenName":"b","familyName":"c"}})");
  EXPECT_EQ(written({{R"(addresses[type eq "work"].locality)", "a"},
                     {R"(addresses[type eq "home"].locality)", "b"},
                     {R"(addresses[type eq "work"].region)", "c"}}),
            R"({"addresses":[{"type":"work","locality":"a","region":"c"},{"type":"home","locality":"b"}]})");
  EXPECT_EQ(
      written({{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "a"},
               {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "b"}}),
      R"({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"a","manager":{"value":"b"}}})");
}

TEST(ScimTarget, reads_without_case) {
  const auto resource = json::parse(
      R"({"USERNAME":"a","emails":[{"type":"HOME","value":"h"},{"Type":"Work","Value":"w"}],"name":"odd","title":null})");
  ASSERT_TRUE(resource);
  const auto read = [&](const char* target) {
    return ScimTarget::parse(target).value().read(resource->get_object());
  };
  EXPECT_EQ(read("userName"), json::Value("a"));
  EXPECT_EQ(read(R"(emails[type eq "work"].value)"), json::Value("w"));
  for (const char* absent : {"title", "name.givenName", "nickName", R"(emails[type eq "other"].value)",
                             R"(name[type eq "work"].value)", "urn:x:y", "urn:x:User:department"})
    EXPECT_EQ(read(absent), std::nullopt) << absent;
}

TEST(ScimTarget, refuses_what_is_no_attribute) {
  for (const char* text :
       {"", ".", "a.", "a b", "a.b.c", "emails[type eq \"work\"]", "emails[type eq work].value",
        "emails[type co \"work\"].value", "[type eq \"x\"].value", "emails[ eq \"x\"].value",
        "emails]\" eq \"[.value", "urn:", "a\"b"})
    EXPECT_FALSE(ScimTarget::parse(text)) << text;
  EXPECT_FALSE(ScimTarget::parse(std::string(300, 'a')));
}

}  // namespace
}  // namespace doorward::simulator
