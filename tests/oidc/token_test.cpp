#include <array>

#include <gmock/gmock.h>

#include "oidc/provider_test.h"

namespace doorward::oidc {
namespace {

using directory::ApplicationKind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class TokenTest : public ProviderTest {
 protected:
  TokenTest() { sign_in(ada_); }

  http::Response token(const Form& form) { return call(&Provider::token, form); }
  static void expect_error(const http::Response& response, std::string_view error) {
    EXPECT_EQ(response.status, http::Status::BadRequest) << response.body;
    EXPECT_EQ(error_of(response), error) << response.body;
    EXPECT_EQ(field(response, "Cache-Control"), "no-store");
  }
  std::int64_t grants() { return count("SELECT count(*) FROM grants"); }
};

TEST_F(TokenTest, ExchangesACode) {
  clock_.advance(minutes(2));
  const auto response = token(exchange(get_code()));
  EXPECT_EQ(response.status, http::Status::Ok) << response.body;
  EXPECT_EQ(field(response, "Cache-Control"), "no-store");
  EXPECT_EQ(field(response, "Pragma"), "no-cache");
  const auto tokens = parsed(response);
  EXPECT_EQ(text(tokens, "token_type"), "Bearer");
  EXPECT_EQ(tokens.at("expires_in").as_int64(), 3600);
  EXPECT_EQ(text(tokens, "scope"), "openid profile email");
  EXPECT_THAT(text(tokens, "access_token"), StartsWith("dwa_"));
  // Without offline_access, nothing outlives the browser's session.
  EXPECT_FALSE(tokens.contains("refresh_token"));

  const auto claims = verified(text(tokens, "id_token"));
  const std::int64_t now = to_seconds(clock_.now());
  EXPECT_EQ(text(claims, "iss"), kIssuer);
  EXPECT_EQ(text(claims, "aud"), wiki_.client_id);
  EXPECT_EQ(text(claims, "sub"), ada_.public_id);
  EXPECT_EQ(text(claims, "nonce"), "nonce-1");
  EXPECT_EQ(text(claims, "account"), "contoso");
  EXPECT_EQ(text(claims, "account_id"), contoso_.public_id);
  EXPECT_EQ(text(claims, "sid"), session_.public_id);
  EXPECT_EQ(claims.at("iat").as_int64(), now);
  EXPECT_EQ(claims.at("exp").as_int64(), now + 600);
  EXPECT_EQ(claims.at("auth_time").as_int64(), now - 120);
  EXPECT_EQ(text(claims, "at_hash"),
            to_base64url(crypto::sha256(text(tokens, "access_token")).substr(0, 16)));
}

TEST_F(TokenTest, SignsByTheAlgorithmOfTheApplication) {
  const auto algorithm = [&](const json::Object& tokens) {
    const std::string jwt = text(tokens, "id_token");
    return *from_base64url(jwt.substr(0, jwt.find('.')));
  };
  EXPECT_THAT(algorithm(get_tokens()), HasSubstr("\"RS256\""));
  change(wiki_, [](auto& settings) { settings.id_token_algorithm = "ES256"; });
  const auto tokens = get_tokens();
  EXPECT_THAT(algorithm(tokens), HasSubstr("\"ES256\""));
  EXPECT_EQ(text(verified(text(tokens, "id_token")), "sub"), ada_.public_id);
}

TEST_F(TokenTest, OAuthAloneGetsNoIdToken) {
  const auto tokens = get_tokens({{"scope", "profile"}});
  EXPECT_FALSE(tokens.contains("id_token"));
}

// RFC 6749 section 4.1.2: what the code gave ends too.
TEST_F(TokenTest, ACodeThatIsShownTwiceEndsEverything) {
  const std::string code = get_code({{"scope", "openid offline_access"}});
  const auto tokens = parsed(token(exchange(code)));
  EXPECT_TRUE(lives(tokens));
  expect_error(token(exchange(code)), "invalid_grant");
  EXPECT_FALSE(lives(tokens));
  expect_error(token(refreshing(text(tokens, "refresh_token"))), "invalid_grant");
  EXPECT_EQ(grants(), 0);
}

TEST_F(TokenTest, ACodeLivesAMinute) {
  const std::string code = get_code();
  clock_.advance(minutes(1));
  expect_error(token(exchange(code)), "invalid_grant");
}

TEST_F(TokenTest, ACodeNeedsWhatItsRequestHad) {
  for (const Form& changes : std::initializer_list<Form>{
           {{"redirect_uri", ""}},
           {{"redirect_uri", "https://wiki.contoso.example/other"}},
           {{"code_verifier", ""}},
           {{"code_verifier", std::string(kChallenge)}},
           {{"code_verifier", std::string(kVerifier.substr(1)) + "x"}},
           {{"code_verifier", "short"}},
       }) {
    const std::string code = get_code();
    expect_error(token(exchange(code, changes)), "invalid_grant");
    // Whoever has the code may have stolen it: it is used up.
    expect_error(token(exchange(code)), "invalid_grant");
    EXPECT_EQ(grants(), 0);
  }
}

// RFC 9700 section 4.8.2: somebody took the challenge out of the request.
TEST_F(TokenTest, RefusesAPkceDowngrade) {
  const std::string code = get_code({{"code_challenge", ""}, {"code_challenge_method", ""}});
  expect_error(token(exchange(code)), "invalid_grant");
  const std::string other = get_code({{"code_challenge", ""}, {"code_challenge_method", ""}});
  EXPECT_EQ(token(exchange(other, {{"code_verifier", ""}})).status, http::Status::Ok);
}

TEST_F(TokenTest, AnotherApplicationsCodeIsNobodys) {
  const auto other = add_application(contoso_.id, ApplicationKind::Web, web_settings("Other"));
  const Form as_other = {{"client_id", other.client_id}, {"client_secret", add_secret(other)}};
  const std::string code = get_code({{"scope", "openid offline_access"}});
  expect_error(token(exchange(code, as_other)), "invalid_grant");
  // It stays good for its own.
  const auto tokens = parsed(token(exchange(code)));
  const std::string refresh = text(tokens, "refresh_token");
  expect_error(token(refreshing(refresh, as_other)), "invalid_grant");
  EXPECT_EQ(token(refreshing(refresh)).status, http::Status::Ok);
}

TEST_F(TokenTest, TokensOfAnotherKindAreNoCodes) {
  const auto tokens = get_tokens({{"scope", "openid offline_access"}});
  for (const char* name : {"access_token", "refresh_token", "id_token"})
    expect_error(token(exchange(text(tokens, name))), "invalid_grant");
  for (const char* name : {"access_token", "id_token"})
    expect_error(token(refreshing(text(tokens, name))), "invalid_grant");
  EXPECT_TRUE(lives(tokens));
}

TEST_F(TokenTest, RefreshesAndRotates) {
  const auto first = get_tokens({{"scope", "openid profile offline_access"}});
  clock_.advance(minutes(50));
  const auto second = parsed(token(refreshing(text(first, "refresh_token"))));
  EXPECT_NE(text(second, "refresh_token"), text(first, "refresh_token"));
  EXPECT_TRUE(lives(second));
  EXPECT_EQ(text(second, "scope"), "openid profile offline_access");
  const auto claims = verified(text(second, "id_token"));
  EXPECT_EQ(text(claims, "sub"), ada_.public_id);
  EXPECT_EQ(claims.at("auth_time").as_int64(), to_seconds(kNow));
  EXPECT_FALSE(claims.contains("nonce"));
  // The browser's session has long ended.
  clock_.advance(hours(24 * 20));
  const auto third = parsed(token(refreshing(text(second, "refresh_token"))));
  EXPECT_TRUE(lives(third));
}

// RFC 9700 section 4.14.2.
TEST_F(TokenTest, ARefreshTokenThatIsShownAgainLaterEndsTheGrant) {
  const auto first = get_tokens({{"scope", "openid offline_access"}});
  const auto second = parsed(token(refreshing(text(first, "refresh_token"))));
  clock_.advance(minutes(5));
  expect_error(token(refreshing(text(first, "refresh_token"))), "invalid_grant");
  EXPECT_FALSE(lives(second));
  expect_error(token(refreshing(text(second, "refresh_token"))), "invalid_grant");
  EXPECT_EQ(grants(), 0);
}

TEST_F(TokenTest, AskingForLessGivesLessThisTimeOnly) {
  const auto first = get_tokens({{"scope", "openid email profile offline_access"}});
  const auto less = parsed(token(refreshing(text(first, "refresh_token"), {{"scope", "openid email"}})));
  EXPECT_EQ(text(less, "scope"), "openid email");
  EXPECT_FALSE(parsed(userinfo(text(less, "access_token"))).contains("name"));
  const auto all = parsed(token(refreshing(text(less, "refresh_token"))));
  EXPECT_EQ(text(all, "scope"), "openid email profile offline_access");
  // More than was given is refused, and costs nothing.
  expect_error(token(refreshing(text(all, "refresh_token"), {{"scope", "openid groups"}})), "invalid_scope");
  EXPECT_EQ(token(refreshing(text(all, "refresh_token"))).status, http::Status::Ok);
}

TEST_F(TokenTest, NothingIsRefreshedForWhoeverLostTheirAccess) {
  const auto tokens = get_tokens({{"scope", "openid offline_access"}});
  deactivate(ada_);
  expect_error(token(refreshing(text(tokens, "refresh_token"))), "invalid_grant");
  EXPECT_FALSE(lives(tokens));
}

TEST_F(TokenTest, ACodeOfSomebodyDeactivatedIsNobodys) {
  const std::string code = get_code();
  deactivate(ada_);
  expect_error(token(exchange(code)), "invalid_grant");
}

TEST_F(TokenTest, PublicApplicationsShowNoSecret) {
  const auto page = add_application(contoso_.id, ApplicationKind::Public, web_settings("Page"));
  const std::string code = get_code({{"client_id", page.client_id}});
  const Form changes = {{"client_id", page.client_id}, {"client_secret", ""}};
  const auto response = token(exchange(code, changes));
  EXPECT_EQ(response.status, http::Status::Ok) << response.body;
  // Another public application, which anybody can be, gets nothing with it.
  const auto other = add_application(contoso_.id, ApplicationKind::Public, web_settings("Other page"));
  const std::string second = get_code({{"client_id", page.client_id}});
  expect_error(token(exchange(second, {{"client_id", other.client_id}, {"client_secret", ""}})),
               "invalid_grant");
}

TEST_F(TokenTest, ServesServices) {
  directory::ApplicationSettings settings;
  settings.name = "Robot";
  settings.scope = "scim events";
  const auto robot = add_application(contoso_.id, ApplicationKind::Service, settings);
  const Form form = {{"grant_type", "client_credentials"},
                     {"client_id", robot.client_id},
                     {"client_secret", add_secret(robot)}};
  const auto tokens = parsed(token(form));
  EXPECT_EQ(text(tokens, "scope"), "scim events");
  EXPECT_EQ(tokens.at("expires_in").as_int64(), 3600);
  EXPECT_FALSE(tokens.contains("refresh_token"));
  EXPECT_FALSE(tokens.contains("id_token"));
  EXPECT_EQ(text(parsed(token(with(form, {{"scope", "events"}}))), "scope"), "events");
  expect_error(token(with(form, {{"scope", "openid"}})), "invalid_scope");
  expect_error(token(with(form, {{"scope", "events openid"}})), "invalid_scope");
  expect_error(token(with(form, {{"grant_type", "authorization_code"}, {"code", "dwc_"}})),
               "unauthorized_client");
  // Nobody's name and address for a program.
  const auto refused = userinfo(text(tokens, "access_token"));
  EXPECT_EQ(refused.status, http::Status::Forbidden);
  EXPECT_THAT(field(refused, "WWW-Authenticate"), HasSubstr("error=\"insufficient_scope\""));
}

TEST_F(TokenTest, RefusesWhatItDoesNotUnderstand) {
  expect_error(token(exchange("x", {{"grant_type", ""}})), "invalid_request");
  expect_error(token(exchange("x", {{"grant_type", "password"}})), "unsupported_grant_type");
  expect_error(token(exchange("x", {{"grant_type", "client_credentials"}})), "unauthorized_client");
  expect_error(token(exchange("", {})), "invalid_request");
  expect_error(token(exchange("dwc_nothing")), "invalid_grant");
  expect_error(token(refreshing("")), "invalid_request");
  Form twice = exchange(get_code());
  twice.emplace_back("code", "dwc_other");
  expect_error(token(twice), "invalid_request");
  http::Request not_a_form = posted(exchange("x"));
  not_a_form.headers.set("Content-Type", "application/json");
  expect_error(must(provider_.token(not_a_form)), "invalid_request");
}

TEST_F(TokenTest, PagesOfTheApplicationMayReadTheAnswer) {
  const auto from = [&](std::string_view origin) {
    http::Request made = posted(exchange(get_code()));
    made.headers.set("Origin", origin);
    return field(must(provider_.token(made)), "Access-Control-Allow-Origin");
  };
  EXPECT_EQ(from("https://wiki.contoso.example"), "https://wiki.contoso.example");
  EXPECT_EQ(from("https://evil.example"), "");
  EXPECT_EQ(from("http://wiki.contoso.example"), "");
  EXPECT_EQ(from("null"), "");
}

class JwtTokenTest : public TokenTest {
 protected:
  JwtTokenTest() {
    change(wiki_, [](auto& settings) {
      settings.access_token_format = directory::AccessTokenFormat::Jwt;
      settings.id_token_algorithm = "ES256";
    });
  }
};

// https://www.rfc-editor.org/rfc/rfc9068#section-2
TEST_F(JwtTokenTest, AreForThoseWhoCheckThemselves) {
  const auto tokens = get_tokens();
  EXPECT_EQ(tokens.at("expires_in").as_int64(), 300);
  const std::string jwt = text(tokens, "access_token");
  const auto claims = verified(jwt, "at+jwt");
  EXPECT_EQ(text(claims, "iss"), kIssuer);
  EXPECT_EQ(text(claims, "aud"), wiki_.client_id);
  EXPECT_EQ(text(claims, "client_id"), wiki_.client_id);
  EXPECT_EQ(text(claims, "sub"), ada_.public_id);
  EXPECT_EQ(text(claims, "scope"), "openid profile email");
  EXPECT_EQ(text(claims, "account"), "contoso");
  EXPECT_TRUE(claims.contains("jti"));
  EXPECT_EQ(claims.at("exp").as_int64(), to_seconds(clock_.now()) + 300);
  // Here, it ends with the employee's access like any other.
  EXPECT_TRUE(lives(tokens));
  deactivate(ada_);
  EXPECT_FALSE(lives(tokens));
}

TEST_F(JwtTokenTest, AreFoundUnchangedOnly) {
  const auto tokens = get_tokens();
  const std::string jwt = text(tokens, "access_token");
  std::string changed = jwt;
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(userinfo(changed).status, http::Status::Unauthorized);
  // The same claims under a signature of nobody.
  EXPECT_EQ(userinfo(jwt.substr(0, jwt.rfind('.') + 1)).status, http::Status::Unauthorized);
  // An ID token opens nothing.
  EXPECT_EQ(userinfo(text(tokens, "id_token")).status, http::Status::Unauthorized);
  // Its hash in a log is no token.
  EXPECT_EQ(userinfo("dwa_" + contoso_.public_id + "." + to_base64url(crypto::sha256(jwt))).status,
            http::Status::Unauthorized);
  clock_.advance(minutes(5));
  EXPECT_FALSE(lives(tokens));
}

}  // namespace
}  // namespace doorward::oidc
