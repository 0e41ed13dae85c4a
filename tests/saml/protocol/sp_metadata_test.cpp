#include <gtest/gtest.h>

#include "base/encoding.h"
#include "saml/protocol/cases.h"
#include "saml/protocol/metadata.h"
#include "xml/reader.h"

namespace doorward::saml::protocol {
namespace {

using namespace test;

constexpr std::string_view kMd = "urn:oasis:names:tc:SAML:2.0:metadata";

TEST(SpMetadataTest, SaysWhatProvidersNeed) {
  const SpMetadata ours{"https://door.example.com/a?x=1&y=\"2\"",  std::string(kAcsUrl), std::string(kSloUrl),
                        {certificate("idp"), certificate("next")}, {certificate("sp")},  true};
  const auto document = xml::Document::parse(write(ours));
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root().attribute("entityID"), ours.entity_id);
  const auto role = *document->root().child(kMd, "SPSSODescriptor");
  EXPECT_EQ(role.attribute("WantAssertionsSigned"), "true");
  EXPECT_EQ(role.attribute("AuthnRequestsSigned"), "true");

  std::vector<std::string> order;
  std::vector<std::string> uses;
  for (const auto child : role.children()) {
    order.emplace_back(child.local_name());
    if (child.local_name() == "KeyDescriptor") uses.emplace_back(child.attribute("use").value_or(""));
  }
  EXPECT_EQ(uses, (std::vector<std::string>{"signing", "signing", "encryption"}));
  EXPECT_EQ(order, (std::vector<std::string>{"KeyDescriptor", "KeyDescriptor", "KeyDescriptor",
                                             "SingleLogoutService", "SingleLogoutService", "NameIDFormat",
                                             "NameIDFormat", "NameIDFormat", "AssertionConsumerService"}));
  const auto acs = *role.child(kMd, "AssertionConsumerService");
  EXPECT_EQ(acs.attribute("Location"), kAcsUrl);
  EXPECT_EQ(acs.attribute("Binding"), "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST");
}

TEST(SpMetadataTest, LeavesOutWhatThereIsNot) {
  const SpMetadata ours{std::string(kSpEntityId), std::string(kAcsUrl), "", {}, {}};
  const auto document = xml::Document::parse(write(ours));
  ASSERT_TRUE(document.has_value());
  const auto role = *document->root().child(kMd, "SPSSODescriptor");
  EXPECT_FALSE(role.child(kMd, "SingleLogoutService").has_value());
  EXPECT_FALSE(role.child(kMd, "KeyDescriptor").has_value());
  EXPECT_EQ(role.attribute("AuthnRequestsSigned"), "false");
}

}  // namespace
}  // namespace doorward::saml::protocol
