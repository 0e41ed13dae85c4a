#include "server/outbound.h"

#include <gtest/gtest.h>

namespace doorward::server {
namespace {

net::FetchPolicy policy(const Config& config, std::string_view url) {
  return fetch_options(config, *Url::parse(url)).policy;
}

TEST(Outbound, APublicServerReachesPublicAddressesOverHttpsOnly) {
  Config config;
  config.public_url = *Url::parse("https://sso.example.com");
  const auto strict = policy(config, "http://127.0.0.1/metadata");
  EXPECT_FALSE(strict.allow_private);
  EXPECT_FALSE(strict.allow_loopback);
  EXPECT_FALSE(strict.allow_plain_http);
}

TEST(Outbound, TheOperatorMayOpenTheOwnNetwork) {
  Config config;
  config.public_url = *Url::parse("https://sso.example.com");
  config.allow_private_addresses = true;
  EXPECT_TRUE(policy(config, "https://idp.internal/metadata").allow_private);
  EXPECT_TRUE(policy(config, "http://localhost/metadata").allow_plain_http);
  EXPECT_FALSE(policy(config, "http://idp.internal/metadata").allow_plain_http);
}

TEST(Outbound, ADemoOnLoopbackReachesLoopback) {
  const Config config;
  EXPECT_TRUE(policy(config, "http://127.0.0.1:8090/metadata").allow_loopback);
  EXPECT_TRUE(policy(config, "http://127.0.0.1:8090/metadata").allow_plain_http);
  EXPECT_FALSE(policy(config, "http://127.0.0.1:8090/metadata").allow_private);
  EXPECT_FALSE(policy(config, "http://idp.example.com/metadata").allow_plain_http);
}

TEST(Outbound, PassesTheCertificateAuthoritiesOn) {
  Config config;
  config.ca_file = "ca.pem";
  EXPECT_EQ(fetch_options(config, *Url::parse("https://a.example")).extra_ca_file, "ca.pem");
}

}  // namespace
}  // namespace doorward::server
