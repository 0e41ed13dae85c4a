#include <array>

#include <gmock/gmock.h>

#include "oidc/provider_test.h"

/// Checks of the OpenID Foundation's conformance suite for a basic provider
/// (`oidcc-basic-certification-test-plan`) that the tests of the single endpoints leave open. Each is named
/// after its module there.
namespace doorward::oidc {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;
using testing::StartsWith;

class ConformanceTest : public ProviderTest {
 protected:
  ConformanceTest() { sign_in(ada_); }

  std::string code_with(const Form& changes) { return get_code(changes); }
};

// oidcc-server, oidcc-userinfo-get, -post-header, -post-body
TEST_F(ConformanceTest, Userinfo) {
  const auto tokens = get_tokens();
  const std::string access = text(tokens, "access_token");
  const std::string subject = text(verified(text(tokens, "id_token")), "sub");
  EXPECT_EQ(text(parsed(userinfo(access)), "sub"), subject);
  http::Request by_header = request("/oauth2/userinfo");
  by_header.method = http::Method::Post;
  by_header.headers.set("Authorization", "bearer " + access);
  EXPECT_EQ(text(parsed(must(provider_.userinfo(by_header))), "sub"), subject);
  EXPECT_EQ(text(parsed(call(&Provider::userinfo, {{"access_token", access}})), "sub"), subject);
}

// oidcc-idtoken-signature, oidcc-server-rotate-keys: the header names a key of the set.
TEST_F(ConformanceTest, IdTokenNamesItsKey) {
  const std::string jwt = text(get_tokens(), "id_token");
  const auto header = must(json::parse(*from_base64url(jwt.substr(0, jwt.find('.'))))).get_object();
  const std::string key_set = must(provider_.jwks(request("/oauth2/jwks"))).body;
  ASSERT_NE(text(header, "kid"), "");
  EXPECT_THAT(key_set, HasSubstr("\"kid\":\"" + text(header, "kid") + "\""));
}

// oidcc-ensure-request-without-nonce-succeeds-for-code-flow
TEST_F(ConformanceTest, WithoutNonce) {
  EXPECT_FALSE(verified(text(get_tokens({{"nonce", ""}}), "id_token")).contains("nonce"));
}

// oidcc-ensure-request-with-unknown-parameter-succeeds, -acr-values, -claims-locales, -ui-locales,
// oidcc-display-page, -popup
TEST_F(ConformanceTest, PassesOverWhatItDoesNotKnow) {
  EXPECT_NE(code_with({{"extra", "1"},
                       {"acr_values", "1 2"},
                       {"claims_locales", "se"},
                       {"ui_locales", "se"},
                       {"display", "page"},
                       {"login_hint", "bob@elsewhere.example"}}),
            "");
}

// oidcc-claims-essential
TEST_F(ConformanceTest, ClaimsThatAreEssentialAreNoFailure) {
  EXPECT_NE(code_with({{"claims", R"({"userinfo":{"name":{"essential":true}}})"}}), "");
}

// oidcc-scope-address, -phone, -all; oidcc-ensure-other-scope-order-succeeds
TEST_F(ConformanceTest, Scopes) {
  const auto tokens = get_tokens({{"scope", "email address phone profile openid"}});
  EXPECT_EQ(text(tokens, "scope"), "email profile openid");
  EXPECT_TRUE(tokens.contains("id_token"));
}

// oidcc-redirect-uri-query-OK, -mismatch, -added
TEST_F(ConformanceTest, RedirectUriWithAQuery) {
  change(wiki_,
         [](auto& settings) { settings.redirect_uris = {"https://wiki.contoso.example/callback?tenant=7"}; });
  const Form good = {{"redirect_uri", "https://wiki.contoso.example/callback?tenant=7"}};
  const auto response = browse(&Provider::authorize, wish(good));
  EXPECT_THAT(location(response), StartsWith("https://wiki.contoso.example/callback?tenant=7&code="));
  EXPECT_EQ(call(&Provider::token, exchange(sent(response, "code"), good)).status, http::Status::Ok);
  for (const char* other :
       {"https://wiki.contoso.example/callback", "https://wiki.contoso.example/callback?tenant=8",
        "https://wiki.contoso.example/callback?tenant=7&x=1"}) {
    EXPECT_EQ(location(browse(&Provider::authorize, wish({{"redirect_uri", other}}))), "");
  }
}

// oidcc-max-age-1, -10000: auth_time is there, and stays where nobody had to sign in again.
TEST_F(ConformanceTest, MaxAge) {
  clock_.advance(minutes(5));
  const auto claims = verified(text(get_tokens({{"max_age", "10000"}}), "id_token"));
  EXPECT_EQ(claims.at("auth_time").as_int64(), to_seconds(kNow));
  const auto asked = browse(&Provider::authorize, wish({{"max_age", "1"}}));
  EXPECT_THAT(location(asked), StartsWith("/sign-in?"));
  clock_.advance(minutes(1));
  sign_in(ada_);
  const std::string code = sent(come_back(asked), "code");
  const auto again = verified(text(parsed(call(&Provider::token, exchange(code))), "id_token"));
  EXPECT_EQ(again.at("auth_time").as_int64(), to_seconds(clock_.now()));
}

// oidcc-codereuse-30seconds
TEST_F(ConformanceTest, ACodeIsGoodOnceAlsoHalfAMinuteLater) {
  const std::string code = get_code();
  const auto tokens = parsed(call(&Provider::token, exchange(code)));
  clock_.advance(std::chrono::seconds(30));
  EXPECT_EQ(error_of(call(&Provider::token, exchange(code))), "invalid_grant");
  EXPECT_FALSE(lives(tokens));
}

// oidcc-server-client-secret-post, and -basic
TEST_F(ConformanceTest, ClientAuthentication) {
  http::Request basic = posted(exchange(get_code(), {{"client_id", ""}, {"client_secret", ""}}));
  basic.headers.set("Authorization", "Basic " + to_base64(wiki_.client_id + ":" + secret_));
  EXPECT_EQ(must(provider_.token(basic)).status, http::Status::Ok);
  EXPECT_EQ(call(&Provider::token, exchange(get_code())).status, http::Status::Ok);
}

// oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported
TEST_F(ConformanceTest, RequestObjects) {
  const auto response =
      browse(&Provider::authorize, wish({{"request", "eyJhbGciOiJub25lIn0.eyJub25jZSI6IngifQ."}}));
  EXPECT_EQ(sent(response, "error"), "request_not_supported");
}

}  // namespace
}  // namespace doorward::oidc
