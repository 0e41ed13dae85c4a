#include "directory/service_provider.h"

#include <gtest/gtest.h>

namespace doorward::directory {
namespace {

TEST(ServiceProviderUrlsTest, AreNamedByTheAccount) {
  const auto urls = ServiceProviderUrls::of("https://sso.portal.example", "contoso");
  EXPECT_EQ(urls.entity_id, "https://sso.portal.example/saml/contoso/metadata");
  EXPECT_EQ(urls.acs, "https://sso.portal.example/saml/contoso/acs");
  EXPECT_EQ(urls.login, "https://sso.portal.example/saml/contoso/login");
  EXPECT_EQ(urls.logout, "https://sso.portal.example/saml/contoso/logout");
}

}  // namespace
}  // namespace doorward::directory
