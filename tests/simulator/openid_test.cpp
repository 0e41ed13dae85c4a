#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/key.h"
#include "json/json.h"
#include "simulator/fixture.h"

namespace doorward::simulator {
namespace {

using test::Browser;
using test::Fields;
using test::FixedClock;
using test::state_with_portal;

constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kRedirect = "msauth.com.example.portal://auth";

class OpenidTest : public testing::Test {
 protected:
  OpenidTest() {
    State state = state_with_portal();
    Tenant& tenant = state.tenants.front();
    app_id_ = tenant.applications.front().app_id;
    tenant_id_ = tenant.tenant_id;
    person_ = tenant.users.front().object_id;
    EXPECT_TRUE(add_ios_platform(tenant.applications.front(), "com.example.portal"));
    simulator_ = std::make_unique<Simulator>(
        Settings{.public_url = "http://localhost:8090", .state_file = {}}, std::move(state), clock_);
    browser_ = std::make_unique<Browser>(*simulator_);
  }

  Fields query() const {
    return {{"client_id", app_id_},
            {"redirect_uri", std::string(kRedirect)},
            {"response_type", "code"},
            {"scope", "openid profile"},
            {"state", "s&t"},
            {"nonce", "n"},
            {"code_challenge", to_base64url(crypto::sha256(kVerifier))},
            {"code_challenge_method", "S256"}};
  }
  Fields query_with(std::string_view name, std::string_view value) const {
    Fields fields = query();
    for (auto& [key, old] : fields) {
      if (key == name) old = value;
    }
    return fields;
  }
  std::string path(std::string_view rest) const { return "/" + tenant_id_ + std::string(rest); }
  http::Response authorize(const Fields& fields) {
    return *browser_->get(path("/oauth2/v2.0/authorize?") + test::encode_fields(fields));
  }
  http::Response sign_in(const Fields& fields) {
    Fields form = fields;
    form.emplace_back("user", person_);
    return *browser_->post(path("/oauth2/v2.0/authorize/sign-in"), form);
  }
  static std::string code_of(const http::Response& response) {
    const std::string location(response.headers.find("Location").value_or(""));
    const auto at = location.find("code=");
    return at == std::string::npos ? "" : location.substr(at + 5, location.find('&', at) - at - 5);
  }
  json::Object exchange(std::string_view code, std::string_view verifier = kVerifier,
                        std::string_view redirect = kRedirect) {
    const auto response =
        browser_->post(path("/oauth2/v2.0/token"), {{"grant_type", "authorization_code"},
                                                    {"client_id", app_id_},
                                                    {"code", std::string(code)},
                                                    {"redirect_uri", std::string(redirect)},
                                                    {"code_verifier", std::string(verifier)}});
    return json::parse(response->body)->as_object();
  }
  json::Object get_json(std::string_view rest) {
    return json::parse(browser_->get(path(rest))->body)->as_object();
  }

  FixedClock clock_;
  std::string app_id_, tenant_id_, person_;
  std::unique_ptr<Simulator> simulator_;
  std::unique_ptr<Browser> browser_;
};

TEST_F(OpenidTest, PublishesWhatClientsNeed) {
  const auto configuration = get_json("/v2.0/.well-known/openid-configuration");
  EXPECT_EQ(configuration.at("issuer").as_string(), "http://localhost:8090/" + tenant_id_ + "/v2.0");
  EXPECT_EQ(configuration.at("jwks_uri").as_string(),
            "http://localhost:8090/" + tenant_id_ + "/discovery/v2.0/keys");
  EXPECT_EQ(get_json("/discovery/v2.0/keys").at("keys").as_array().size(), 1U);
}

TEST_F(OpenidTest, GivesAnIdTokenAsEntraDoes) {
  EXPECT_EQ(authorize(query()).status, http::Status::Ok) << "the account picker";
  const auto redirect = sign_in(query());
  ASSERT_EQ(redirect.status, http::Status::SeeOther) << redirect.body;
  EXPECT_TRUE(redirect.headers.find("Location")->ends_with("&state=s%26t"));
  const auto tokens = exchange(code_of(redirect));
  const std::string token(tokens.at("id_token").as_string());
  const auto dot = token.rfind('.');
  const json::Object key = get_json("/discovery/v2.0/keys").at("keys").as_array().at(0).as_object();
  const auto published =
      crypto::PublicKey::from_rsa_numbers({.modulus = *from_base64url(key.at("n").as_string()),
                                           .exponent = *from_base64url(key.at("e").as_string())});
  ASSERT_TRUE(published);
  EXPECT_TRUE(crypto::verify(crypto::SignatureAlgorithm::RsaSha256, *published, token.substr(0, dot),
                             *from_base64url(token.substr(dot + 1))));
  const auto first = token.find('.');
  const auto claims = json::parse(*from_base64url(token.substr(first + 1, dot - first - 1)))->as_object();
  const std::int64_t now = to_millis(clock_.time) / 1000;
  EXPECT_EQ(claims.at("iss").as_string(), "http://localhost:8090/" + tenant_id_ + "/v2.0");
  EXPECT_EQ(claims.at("aud").as_string(), app_id_);
  EXPECT_EQ(claims.at("tid").as_string(), tenant_id_);
  EXPECT_EQ(claims.at("oid").as_string(), person_);
  EXPECT_EQ(claims.at("nonce").as_string(), "n");
  EXPECT_EQ(claims.at("iat").as_int64(), now - 300) << "five minutes back";
  EXPECT_EQ(claims.at("exp").as_int64(), now + 3600);
}

TEST_F(OpenidTest, RemembersWhoIsSignedIn) {
  sign_in(query());
  EXPECT_NE(code_of(authorize(query())), "");
  Fields again = query();
  again.emplace_back("prompt", "login");
  EXPECT_EQ(authorize(again).status, http::Status::Ok) << "the account picker";
}

TEST_F(OpenidTest, GivesTokensForACodeOnce) {
  const std::string code = code_of(sign_in(query()));
  EXPECT_TRUE(exchange(code).contains("id_token"));
  EXPECT_EQ(exchange(code).at("error").as_string(), "invalid_grant");
  EXPECT_EQ(exchange("").at("error").as_string(), "invalid_grant");
}

TEST_F(OpenidTest, WantsTheVerifierAndTheSameRedirect) {
  EXPECT_EQ(exchange(code_of(sign_in(query())), "another-verifier-another-verifier-another-v")
                .at("error")
                .as_string(),
            "invalid_grant");
  EXPECT_EQ(exchange(code_of(sign_in(query())), kVerifier, "http://localhost/").at("error").as_string(),
            "invalid_grant");
  const std::string late = code_of(sign_in(query()));
  clock_.time += std::chrono::minutes(6);
  EXPECT_EQ(exchange(late).at("error").as_string(), "invalid_grant");
}

TEST_F(OpenidTest, RefusesWhatEntraRefuses) {
  for (const auto& [name, value, code] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"client_id", "x", "AADSTS700016"},
           {"redirect_uri", "https://evil.example", "AADSTS50011"},
           {"redirect_uri", "msauth.com.other://auth", "AADSTS50011"},
           {"response_type", "token", "AADSTS700054"},
           {"scope", "profile", "AADSTS900144"},
           {"code_challenge", "", "AADSTS9002325"},
           {"code_challenge_method", "plain", "AADSTS9002325"}}) {
    EXPECT_NE(authorize(query_with(name, value)).body.find(code), std::string::npos) << name;
    EXPECT_NE(sign_in(query_with(name, value)).body.find(code), std::string::npos) << name;
  }
  EXPECT_NE(code_of(sign_in(query_with("redirect_uri", "http://localhost:9000/callback"))), "");
}

}  // namespace
}  // namespace doorward::simulator
