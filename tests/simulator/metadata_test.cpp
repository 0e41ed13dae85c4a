#include "simulator/metadata.h"

#include <gtest/gtest.h>

#include "simulator/fixture.h"
#include "simulator/xmlsec1.h"

namespace doorward::simulator {
namespace {

constexpr std::string_view kUrl = "http://localhost:8090";

std::size_t count(std::string_view text, std::string_view wanted) {
  std::size_t found = 0;
  for (auto at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1))
    ++found;
  return found;
}

TEST(Metadata, has_entras_shape_and_a_good_signature) {
  State state = test::state_with_portal();
  Tenant& tenant = state.tenants.front();
  Application& portal = tenant.applications.front();
  portal.certificates.push_back(new_certificate(test::FixedClock().time));
  const auto xml = application_metadata(kUrl, tenant, portal, test::FixedClock().time);
  ASSERT_TRUE(xml);
  EXPECT_TRUE(xml->starts_with("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><EntityDescriptor"));
  EXPECT_TRUE(test::xmlsec1_verifies(*xml, portal.certificates.front().certificate.to_pem(), ""));
  EXPECT_EQ(count(*xml, "<RoleDescriptor"), 2U);
  EXPECT_EQ(count(*xml, "<KeyDescriptor use=\"signing\""), 6U) << "two certificates in three roles";
  EXPECT_EQ(count(*xml, "<SingleSignOnService"), 2U);
  EXPECT_EQ(count(*xml, "<SingleLogoutService"), 1U);
  EXPECT_NE(xml->find("http://localhost:8090/c0117050-5a3e-4d0b-9b1f-2f6a1d7e4a10/saml2"), std::string::npos);
  EXPECT_NE(xml->find("entityID=\"https://sts.windows.net/c0117050-5a3e-4d0b-9b1f-2f6a1d7e4a10/\""),
            std::string::npos);
}

TEST(Metadata, the_common_document_keeps_the_placeholder) {
  const State state = test::state_with_portal();
  const auto xml = common_metadata(kUrl, *state.shared_certificate);
  ASSERT_TRUE(xml);
  EXPECT_NE(xml->find("entityID=\"https://sts.windows.net/{tenant}/\""), std::string::npos);
  EXPECT_TRUE(test::xmlsec1_verifies(*xml, state.shared_certificate->certificate.to_pem(), ""));
}

TEST(Metadata, without_an_application_no_key_of_an_application_is_listed) {
  const State state = test::state_with_portal();
  const auto xml = tenant_metadata(kUrl, state.tenants.front(), *state.shared_certificate);
  ASSERT_TRUE(xml);
  const auto& certificate = state.tenants.front().applications.front().certificates.front().certificate;
  EXPECT_EQ(xml->find(to_base64(certificate.der())), std::string::npos);
}

}  // namespace
}  // namespace doorward::simulator
