#include <gmock/gmock.h>

#include "oidc/provider_test.h"

namespace doorward::oidc {
namespace {

using DiscoveryTest = ProviderTest;

TEST_F(DiscoveryTest, TellsClientsWhatThereIs) {
  const auto response = must(provider_.discovery(request("/.well-known/openid-configuration")));
  EXPECT_EQ(field(response, "Content-Type"), "application/json");
  EXPECT_EQ(field(response, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(field(response, "Cache-Control"), "public, max-age=3600");
  const auto document = parsed(response);
  EXPECT_EQ(text(document, "issuer"), kIssuer);
  for (const auto& [name, path] : std::initializer_list<std::pair<const char*, const char*>>{
           {"authorization_endpoint", "/oauth2/authorize"},
           {"token_endpoint", "/oauth2/token"},
           {"userinfo_endpoint", "/oauth2/userinfo"},
           {"jwks_uri", "/oauth2/jwks"},
           {"introspection_endpoint", "/oauth2/introspect"},
           {"revocation_endpoint", "/oauth2/revoke"},
           {"end_session_endpoint", "/oauth2/logout"},
           {"pushed_authorization_request_endpoint", "/oauth2/par"}}) {
    EXPECT_EQ(text(document, name), std::string(kIssuer) + path);
  }
  EXPECT_EQ(json::serialize(document.at("response_types_supported")), R"(["code"])");
  EXPECT_EQ(json::serialize(document.at("code_challenge_methods_supported")), R"(["S256"])");
  EXPECT_EQ(json::serialize(document.at("token_endpoint_auth_methods_supported")),
            R"(["client_secret_basic","client_secret_post","private_key_jwt","none"])");
  EXPECT_EQ(json::serialize(document.at("introspection_endpoint_auth_methods_supported")),
            R"(["client_secret_basic","client_secret_post","private_key_jwt"])");
  EXPECT_TRUE(document.at("authorization_response_iss_parameter_supported").as_bool());
  EXPECT_FALSE(document.at("request_uri_parameter_supported").as_bool());
}

TEST_F(DiscoveryTest, PublishesPublicKeysOnly) {
  const auto response = must(provider_.jwks(request("/oauth2/jwks")));
  EXPECT_EQ(field(response, "Access-Control-Allow-Origin"), "*");
  const auto document = parsed(response);
  const auto keys = document.at("keys").as_array();
  EXPECT_GE(keys.size(), 2U);
  for (const auto& key : keys) {
    EXPECT_EQ(text(key.as_object(), "use"), "sig");
    EXPECT_NE(text(key.as_object(), "kid"), "");
    for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "k"})
      EXPECT_FALSE(key.as_object().contains(secret));
  }
}

TEST_F(DiscoveryTest, FailuresLookAsProgramsExpectThem) {
  EXPECT_TRUE(Provider::is_for_programs("/oauth2/token"));
  EXPECT_TRUE(Provider::is_for_programs("/.well-known/openid-configuration"));
  EXPECT_FALSE(Provider::is_for_programs("/oauth2/authorize"));
  EXPECT_FALSE(Provider::is_for_programs("/oauth2/logout/confirm"));
  EXPECT_FALSE(Provider::is_for_programs("/sign-in"));
  const auto response =
      Provider::error_response({ErrorKind::Unavailable, storage::kUnavailable, "The database is busy."});
  EXPECT_EQ(response.status, http::Status::ServiceUnavailable);
  EXPECT_EQ(error_of(response), "temporarily_unavailable");
  EXPECT_EQ(error_of(Provider::error_response({ErrorKind::Internal, "test.bug", "A bug."})), "server_error");
}

}  // namespace
}  // namespace doorward::oidc
