#include <gmock/gmock.h>

#include "oidc/provider_test.h"

namespace doorward::oidc {
namespace {

using directory::ApplicationKind;
using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kBye = "https://wiki.contoso.example/bye";

class LogoutTest : public ProviderTest {
 protected:
  LogoutTest() { sign_in(ada_); }

  http::Response logout(const Form& parameters) { return browse(&Provider::logout, parameters); }
  bool is_signed_in() {
    http::Request made = request("/");
    jar_.send_with(made);
    return must(sessions_.who(made)) != nullptr;
  }
  void expect_refused(const http::Response& response) {
    EXPECT_EQ(response.status, http::Status::BadRequest);
    EXPECT_EQ(location(response), "");
    EXPECT_TRUE(is_signed_in());
  }
  std::string id_token() { return text(get_tokens(), "id_token"); }
};

TEST_F(LogoutTest, TheHintOfThisSessionNeedsNoQuestion) {
  const auto tokens = get_tokens();
  const auto response = logout({{"id_token_hint", text(tokens, "id_token")},
                                {"post_logout_redirect_uri", std::string(kBye)},
                                {"state", "s 1"}});
  EXPECT_EQ(response.status, http::Status::SeeOther);
  EXPECT_EQ(location(response), std::string(kBye) + "?state=s%201");
  EXPECT_FALSE(is_signed_in());
  // What hung on the session has ended.
  EXPECT_FALSE(lives(tokens));
  EXPECT_EQ(count("SELECT count(*) FROM grants"), 0);
}

TEST_F(LogoutTest, AnExpiredHintIsGoodToo) {
  const std::string hint = id_token();
  clock_.advance(hours(5));
  logout({{"id_token_hint", hint}});
  EXPECT_FALSE(is_signed_in());
}

TEST_F(LogoutTest, AsksWhereTheSessionIsAnother) {
  const std::string hint = id_token();
  jar_ = {};
  sign_in(ada_);
  const auto page = logout({{"id_token_hint", hint}, {"post_logout_redirect_uri", std::string(kBye)}});
  EXPECT_EQ(page.status, http::Status::Ok);
  EXPECT_THAT(page.body, HasSubstr("Wiki asks to sign you out."));
  EXPECT_THAT(field(page, "Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(field(page, "Content-Security-Policy"), HasSubstr("form-action 'self' " + std::string(kBye)));
  EXPECT_TRUE(is_signed_in());
  const auto done = submit(
      &Provider::confirm_logout,
      {{"client_id", wiki_.client_id}, {"post_logout_redirect_uri", std::string(kBye)}, {"state", ""}});
  EXPECT_EQ(location(done), kBye);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(LogoutTest, AsksWhereNobodyProvesToKnowTheSession) {
  EXPECT_THAT(logout(Form{}).body, Not(HasSubstr("asks to sign you out")));
  EXPECT_THAT(logout({{"client_id", wiki_.client_id}}).body, HasSubstr("Wiki asks to sign you out."));
  EXPECT_TRUE(is_signed_in());
  EXPECT_THAT(submit(&Provider::confirm_logout, {}).body, HasSubstr("You are signed out"));
  EXPECT_FALSE(is_signed_in());
}

TEST_F(LogoutTest, WithoutASessionThereIsNothingToAsk) {
  const std::string hint = id_token();
  jar_ = {};
  EXPECT_EQ(location(logout({{"id_token_hint", hint}, {"post_logout_redirect_uri", std::string(kBye)}})),
            kBye);
  EXPECT_THAT(logout(Form{}).body, HasSubstr("You are signed out"));
}

TEST_F(LogoutTest, LeadsToNoAddressThatIsNotRegistered) {
  const std::string hint = id_token();
  for (const char* address :
       {"https://evil.example/", "https://wiki.contoso.example/bye/", "https://wiki.contoso.example/bye?x=1",
        "https://wiki.contoso.example/callback", "//evil.example", "/"}) {
    expect_refused(logout({{"id_token_hint", hint}, {"post_logout_redirect_uri", address}}));
    expect_refused(logout({{"client_id", wiki_.client_id}, {"post_logout_redirect_uri", address}}));
    const http::Request changed =
        posted({{"client_id", wiki_.client_id}, {"post_logout_redirect_uri", address}});
    EXPECT_FALSE(provider_.confirm_logout(changed));
  }
  // Whose address it is has to be known.
  expect_refused(logout({{"post_logout_redirect_uri", std::string(kBye)}}));
  const auto other = add_application(contoso_.id, ApplicationKind::Web, [] {
    auto settings = web_settings("Other");
    settings.post_logout_redirect_uris = {};
    return settings;
  }());
  expect_refused(logout({{"client_id", other.client_id}, {"post_logout_redirect_uri", std::string(kBye)}}));
  // The hint is another client's.
  expect_refused(logout({{"client_id", other.client_id}, {"id_token_hint", hint}}));
}

TEST_F(LogoutTest, BelievesNoHintButOurOwnIdTokens) {
  const std::string good = id_token();
  const auto dot = good.find('.');
  const auto encode = [](std::string_view json) { return to_base64url(json); };
  const std::string payload = good.substr(dot, good.rfind('.') - dot);
  const std::string modulus_as_secret = to_base64url(crypto::hmac_sha256(
      must(keys_.view())->published.front().public_key, encode(R"({"alg":"HS256","typ":"JWT"})") + payload));
  change(wiki_, [](auto& settings) { settings.access_token_format = directory::AccessTokenFormat::Jwt; });
  for (const std::string& hint : {
           std::string("x"),
           good + "x",
           encode(R"({"alg":"none"})") + payload + ".",
           encode(R"({"alg":"HS256","typ":"JWT"})") + payload + "." + modulus_as_secret,
           // An access token that is a JWT is no ID token.
           text(get_tokens(), "access_token"),
       }) {
    expect_refused(logout({{"id_token_hint", hint}}));
  }
}

TEST_F(LogoutTest, AFormOfAnotherSiteFindsTheSessionByARedirect) {
  const std::string hint = id_token();
  const auto response = handle(&Provider::logout, posted({{"id_token_hint", hint}, {"state", "s"}}));
  EXPECT_THAT(location(response), testing::StartsWith("/oauth2/logout?"));
  EXPECT_TRUE(is_signed_in());
  browse(&Provider::logout, location(response).substr(15));
  EXPECT_FALSE(is_signed_in());
}

TEST_F(LogoutTest, WhatIsForLaterOutlivesTheSession) {
  const auto tokens = get_tokens({{"scope", "openid offline_access"}});
  logout({{"id_token_hint", text(tokens, "id_token")}});
  EXPECT_FALSE(is_signed_in());
  EXPECT_TRUE(lives(tokens));
}

}  // namespace
}  // namespace doorward::oidc
