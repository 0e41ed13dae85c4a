#include <gmock/gmock.h>

#include "oidc/provider_test.h"

namespace doorward::oidc {
namespace {

using directory::ApplicationKind;

class IntrospectionTest : public ProviderTest {
 protected:
  IntrospectionTest() { sign_in(ada_); }

  /// An application with a secret that asks about tokens.
  Form credentials(const directory::Application& application) {
    return {{"client_id", application.client_id}, {"client_secret", add_secret(application)}};
  }
  json::Object introspect(const std::string& token, const Form& credentials) {
    const auto response = call(&Provider::introspect, with(credentials, {{"token", token}}));
    EXPECT_EQ(response.status, http::Status::Ok) << response.body;
    EXPECT_EQ(field(response, "Cache-Control"), "no-store");
    return parsed(response);
  }
  static void expect_inactive(const json::Object& object) {
    EXPECT_EQ(json::serialize(object), R"({"active":false})");
  }
  Form own() const { return {{"client_id", wiki_.client_id}, {"client_secret", secret_}}; }
};

TEST_F(IntrospectionTest, TellsWhoATokenStandsFor) {
  const auto tokens = get_tokens();
  const auto told = introspect(text(tokens, "access_token"), own());
  EXPECT_TRUE(told.at("active").as_bool());
  EXPECT_EQ(text(told, "iss"), kIssuer);
  EXPECT_EQ(text(told, "sub"), ada_.public_id);
  EXPECT_EQ(text(told, "client_id"), wiki_.client_id);
  EXPECT_EQ(text(told, "scope"), "openid profile email");
  EXPECT_EQ(text(told, "username"), "ada@contoso.example");
  EXPECT_EQ(told.at("exp").as_int64(), to_seconds(kNow) + 3600);
}

TEST_F(IntrospectionTest, IsForApplicationsOfTheSameAccount) {
  const auto tokens = get_tokens();
  const std::string token = text(tokens, "access_token");
  const auto neighbour = add_application(contoso_.id, ApplicationKind::Service, {.name = "Robot"});
  EXPECT_TRUE(introspect(token, credentials(neighbour)).at("active").as_bool());
  const auto fabrikam = add_account("fabrikam");
  const auto stranger = add_application(fabrikam.id, ApplicationKind::Service, {.name = "Robot"});
  expect_inactive(introspect(token, credentials(stranger)));
  // One of all accounts sees its own tokens, and nobody else's.
  const auto portal = add_application(std::nullopt, ApplicationKind::Web, web_settings("Portal"));
  const Form as_portal = credentials(portal);
  expect_inactive(introspect(token, as_portal));
  const std::string code = get_code({{"client_id", portal.client_id}});
  const auto of_portal = parsed(call(&Provider::token, exchange(code, as_portal)));
  EXPECT_TRUE(introspect(text(of_portal, "access_token"), as_portal).at("active").as_bool());
}

TEST_F(IntrospectionTest, NobodyTriesTokensWithoutProof) {
  const auto page = add_application(contoso_.id, ApplicationKind::Public, web_settings("Page"));
  const auto tokens = get_tokens();
  const std::string token = text(tokens, "access_token");
  const auto refused = call(&Provider::introspect, {{"client_id", page.client_id}, {"token", token}});
  EXPECT_EQ(refused.status, http::Status::Forbidden);
  EXPECT_EQ(call(&Provider::introspect, {{"client_id", wiki_.client_id}, {"token", token}}).status,
            http::Status::Unauthorized);
  EXPECT_EQ(call(&Provider::introspect, own()).status, http::Status::BadRequest);
}

TEST_F(IntrospectionTest, WhatIsNoLivingAccessTokenIsInactive) {
  const auto tokens = get_tokens({{"scope", "openid offline_access"}});
  expect_inactive(introspect("x", own()));
  expect_inactive(introspect(text(tokens, "refresh_token"), own()));
  expect_inactive(introspect(text(tokens, "id_token"), own()));
  deactivate(ada_);
  expect_inactive(introspect(text(tokens, "access_token"), own()));
}

TEST_F(IntrospectionTest, SeesJwtsToo) {
  change(wiki_, [](auto& settings) { settings.access_token_format = directory::AccessTokenFormat::Jwt; });
  const auto tokens = get_tokens();
  const std::string jwt = text(tokens, "access_token");
  EXPECT_TRUE(introspect(jwt, own()).at("active").as_bool());
  EXPECT_EQ(call(&Provider::revoke, with(own(), {{"token", jwt}})).status, http::Status::Ok);
  expect_inactive(introspect(jwt, own()));
}

TEST_F(IntrospectionTest, RevokesAnAccessTokenAlone) {
  const auto tokens = get_tokens({{"scope", "openid offline_access"}});
  const auto response =
      call(&Provider::revoke,
           with(own(), {{"token", text(tokens, "access_token")}, {"token_type_hint", "refresh_token"}}));
  EXPECT_EQ(response.status, http::Status::Ok);
  EXPECT_FALSE(lives(tokens));
  const auto refreshed = parsed(call(&Provider::token, refreshing(text(tokens, "refresh_token"))));
  EXPECT_TRUE(lives(refreshed));
}

TEST_F(IntrospectionTest, ARevokedRefreshTokenEndsTheGrant) {
  const auto tokens = get_tokens({{"scope", "openid offline_access"}});
  call(&Provider::revoke, with(own(), {{"token", text(tokens, "refresh_token")}}));
  EXPECT_FALSE(lives(tokens));
  EXPECT_EQ(count("SELECT count(*) FROM grants"), 0);
}

TEST_F(IntrospectionTest, NobodyRevokesAnotherApplicationsTokens) {
  const auto other = add_application(contoso_.id, ApplicationKind::Web, web_settings("Other"));
  const auto tokens = get_tokens({{"scope", "openid offline_access"}});
  for (const char* name : {"access_token", "refresh_token"}) {
    const auto response = call(&Provider::revoke, with(credentials(other), {{"token", text(tokens, name)}}));
    // RFC 7009 section 2.2: it looks like any other.
    EXPECT_EQ(response.status, http::Status::Ok);
  }
  EXPECT_TRUE(lives(tokens));
  EXPECT_EQ(call(&Provider::revoke, {{"token", text(tokens, "access_token")}}).status,
            http::Status::BadRequest);
  EXPECT_EQ(call(&Provider::revoke, with(own(), {{"token", "unknown"}})).status, http::Status::Ok);
}

}  // namespace
}  // namespace doorward::oidc
