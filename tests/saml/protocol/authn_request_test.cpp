#include "saml/protocol/authn_request.h"

#include <gtest/gtest.h>

#include "saml/protocol/cases.h"
#include "saml/protocol/names.h"
#include "xml/reader.h"

namespace doorward::saml::protocol {
namespace {

using namespace test;

AuthnRequest request() {
  return {.id = "_request1",
          .issue_instant = time("2030-03-01T09:30:00.5Z"),
          .destination = "https://idp.example/sso?a=1&b=2",
          .sp_entity_id = std::string(kSpEntityId),
          .acs_url = std::string(kAcsUrl)};
}

TEST(AuthnRequestTest, SaysNoMoreThanItMust) {
  const auto document = xml::Document::parse(write(request()));
  ASSERT_TRUE(document.has_value());
  const auto root = document->root();
  EXPECT_TRUE(root.is(kProtocolNamespace, "AuthnRequest"));
  EXPECT_EQ(root.attribute("ID"), "_request1");
  EXPECT_EQ(root.attribute("Version"), "2.0");
  EXPECT_EQ(root.attribute("IssueInstant"), "2030-03-01T09:30:00.500Z");
  EXPECT_EQ(root.attribute("Destination"), "https://idp.example/sso?a=1&b=2");
  EXPECT_EQ(root.attribute("AssertionConsumerServiceURL"), kAcsUrl);
  EXPECT_EQ(root.attribute("ProtocolBinding"), kPostBinding);
  EXPECT_FALSE(root.attribute("ForceAuthn").has_value());
  EXPECT_FALSE(root.attribute("IsPassive").has_value());
  // Entra fails on Subject and on RequestedAuthnContext.
  xml::Sequence children(root);
  EXPECT_EQ(children.require(kAssertionNamespace, "Issuer")->text(), kSpEntityId);
  EXPECT_TRUE(children.finish().has_value());
}

TEST(AuthnRequestTest, AsksForAFreshSignInAndAFormat) {
  auto fresh = request();
  fresh.force_authn = true;
  fresh.name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
  const auto document = xml::Document::parse(write(fresh));
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root().attribute("ForceAuthn"), "true");
  const auto policy = document->root().child(kProtocolNamespace, "NameIDPolicy");
  ASSERT_TRUE(policy.has_value());
  EXPECT_EQ(policy->attribute("Format"), fresh.name_id_format);
}

}  // namespace
}  // namespace doorward::saml::protocol
