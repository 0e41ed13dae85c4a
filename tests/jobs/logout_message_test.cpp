#include "jobs/logout_message.h"

#include <array>

#include <gtest/gtest.h>

#include "json/json.h"

namespace doorward::jobs {
namespace {

using oidc::protocol::JwsAlgorithm;

constexpr Timestamp kNow = from_millis(1'800'000'000'500);

/// Verified by the application's rules, Back-Channel Logout section 2.6.
oidc::protocol::VerifiedJwt verified(const LogoutToken& token) {
  const oidc::protocol::JwtSigner signer{.key_id = "k1",
                                         .algorithm = JwsAlgorithm::Es256,
                                         .key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256)};
  const json::Object set{
      {"keys", json::Array{oidc::protocol::to_jwk(signer.key.public_key(), "k1", "ES256")}}};
  const auto keys = oidc::protocol::JwkSet::parse(json::serialize(set));
  const std::array allowed = {JwsAlgorithm::Es256};
  auto read =
      oidc::protocol::verify_jwt(sign_logout_token(signer, token, kNow), *keys, allowed, "logout+jwt");
  if (!read) throw std::runtime_error(read.error().message);
  return *std::move(read);
}

TEST(LogoutMessage, TheTokenSaysWhoIsSignedOutAndNoMore) {
  const auto token = verified(
      {.issuer = "https://sso.example", .client_id = "wiki", .subject = "bob", .sid = "s-1", .id = "j-1"});
  const json::Object expected = {
      {"iss", "https://sso.example"},
      {"aud", "wiki"},
      {"iat", 1'800'000'000},
      {"exp", 1'800'000'120},
      {"jti", "j-1"},
      {"sub", "bob"},
      {"sid", "s-1"},
      {"events", json::Object{{"http://schemas.openid.net/event/backchannel-logout", json::Object()}}}};
  EXPECT_EQ(token.claims(), expected);
  EXPECT_FALSE(token.claims().contains("nonce"));
  EXPECT_EQ(token.header().at("typ").as_string(), "logout+jwt");
}

TEST(LogoutMessage, WithoutASessionItMeansAllOfThem) {
  EXPECT_FALSE(
      verified({.issuer = "i", .client_id = "c", .subject = "bob", .id = "j"}).claims().contains("sid"));
}

TEST(LogoutMessage, IsAFormWithOneField) {
  const auto request = logout_request(*Url::parse("https://wiki.example/logout"), "aa.bb-_.cc");
  EXPECT_EQ(request.method, net::SendMethod::Post);
  EXPECT_EQ(request.body, "logout_token=aa.bb-_.cc");
  EXPECT_EQ(request.headers.at(0).second, "application/x-www-form-urlencoded");
}

}  // namespace
}  // namespace doorward::jobs
