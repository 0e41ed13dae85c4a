#include "oidc/client_authentication.h"

#include <gmock/gmock.h>

#include "oidc/protocol/jwk.h"
#include "oidc/protocol/jwt.h"
#include "oidc/provider_test.h"
#include "support/test_keys.h"

namespace doorward::oidc {
namespace {

using directory::ApplicationKind;
using std::chrono::minutes;

class ClientAuthenticationTest : public ProviderTest {
 protected:
  ClientAdmission admit(const http::Request& request) {
    return must(clients_.admit(request, *read_form(request)));
  }
  ClientAdmission by_form(const Form& form) { return admit(posted(form)); }
  ClientAdmission by_basic(std::string_view pair, const Form& form = {}) {
    http::Request request = posted(form);
    request.headers.set("Authorization", "Basic " + to_base64(pair));
    return admit(request);
  }
  void expect_client(const ClientAdmission& admission, const directory::Application& client) {
    ASSERT_TRUE(admission.client) << admission.refusal->body;
    EXPECT_EQ(admission.client->id, client.id);
  }
  static void expect_refused(const ClientAdmission& admission, http::Status status, std::string_view error) {
    EXPECT_FALSE(admission.client);
    ASSERT_TRUE(admission.refusal);
    EXPECT_EQ(admission.refusal->status, status);
    EXPECT_EQ(error_of(*admission.refusal), error);
    if (status == http::Status::Unauthorized) {
      EXPECT_EQ(admission.refusal->headers.find("WWW-Authenticate"), "Basic realm=\"Doorward\"");
    }
  }
  static void expect_unknown(const ClientAdmission& admission) {
    expect_refused(admission, http::Status::Unauthorized, "invalid_client");
  }
  static void expect_malformed(const ClientAdmission& admission) {
    expect_refused(admission, http::Status::BadRequest, "invalid_request");
  }

  ClientAuthentication clients_{*database_, clock_, std::string(kIssuer)};
};

TEST_F(ClientAuthenticationTest, BySecretInTheHeader) {
  expect_client(by_basic(wiki_.client_id + ":" + secret_), wiki_);
  expect_client(by_basic(wiki_.client_id + ":" + secret_, {{"client_id", wiki_.client_id}}), wiki_);
  // Each half is encoded as a form's value (RFC 6749 section 2.3.1).
  std::string encoded = wiki_.client_id;
  encoded.replace(encoded.find('-'), 1, "%2D");
  expect_client(by_basic(encoded + ":" + secret_), wiki_);
  expect_unknown(by_basic(wiki_.client_id + ":" + secret_ + "x"));
  expect_unknown(by_basic(wiki_.client_id + ":"));
  expect_unknown(by_basic("nobody:" + secret_));
  expect_malformed(by_basic(wiki_.client_id));
  expect_malformed(by_basic(wiki_.client_id + ":%ZZ"));
  expect_malformed(by_basic(wiki_.client_id + ":" + secret_, {{"client_id", "another"}}));
  http::Request bearer = posted({{"client_id", wiki_.client_id}});
  bearer.headers.set("Authorization", "Bearer " + secret_);
  expect_malformed(admit(bearer));
}

TEST_F(ClientAuthenticationTest, BySecretInTheBody) {
  expect_client(by_form({{"client_id", wiki_.client_id}, {"client_secret", secret_}}), wiki_);
  expect_unknown(by_form({{"client_id", wiki_.client_id}, {"client_secret", std::string(5000, 'x')}}));
  expect_unknown(by_form({{"client_id", wiki_.client_id}}));
  expect_malformed(by_form({{"client_secret", secret_}}));
  // Each application has its own.
  const auto other = add_application(contoso_.id, ApplicationKind::Web, web_settings("Other"));
  add_secret(other);
  expect_unknown(by_form({{"client_id", other.client_id}, {"client_secret", secret_}}));
}

TEST_F(ClientAuthenticationTest, InOneWayOnly) {
  expect_malformed(by_basic(wiki_.client_id + ":" + secret_, {{"client_secret", secret_}}));
  expect_malformed(
      by_form({{"client_id", wiki_.client_id},
               {"client_secret", secret_},
               {"client_assertion", "a.b.c"},
               {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}));
}

TEST_F(ClientAuthenticationTest, TwoSecretsAreGoodWhileTheyAreChanged) {
  const std::string second = add_secret(wiki_);
  expect_client(by_form({{"client_id", wiki_.client_id}, {"client_secret", secret_}}), wiki_);
  expect_client(by_form({{"client_id", wiki_.client_id}, {"client_secret", second}}), wiki_);
}

TEST_F(ClientAuthenticationTest, ByNothingForPublicOnes) {
  const auto page = add_application(contoso_.id, ApplicationKind::Public, web_settings("Page"));
  expect_client(by_form({{"client_id", page.client_id}}), page);
  // It has no secret, and whoever thinks that it has is wrong about what protects it.
  expect_unknown(by_form({{"client_id", page.client_id}, {"client_secret", "dws_x"}}));
}

TEST_F(ClientAuthenticationTest, ApplicationsThatAreOffAreUnknown) {
  change(wiki_, [](auto& settings) { settings.active = false; });
  expect_unknown(by_form({{"client_id", wiki_.client_id}, {"client_secret", secret_}}));
}

TEST_F(ClientAuthenticationTest, WrongSecretsAreSlowedDownByAddress) {
  const Form wrong = {{"client_id", wiki_.client_id}, {"client_secret", "dws_wrong"}};
  for (int i = 0; i < ClientAuthentication::kMaxFailures; ++i)
    expect_unknown(by_form(wrong));
  expect_refused(by_form(wrong), http::Status::TooManyRequests, "temporarily_unavailable");
  const Form right = {{"client_id", wiki_.client_id}, {"client_secret", secret_}};
  EXPECT_EQ(by_form(right).refusal->headers.find("Retry-After"), "60");
  http::Request elsewhere = posted(right);
  elsewhere.client_address = "192.0.2.8";
  expect_client(admit(elsewhere), wiki_);
  clock_.advance(minutes(1));
  expect_client(by_form(right), wiki_);
}

class AssertionTest : public ClientAuthenticationTest {
 protected:
  AssertionTest() {
    change(wiki_, [&](auto& settings) { settings.jwks = key_set(key_); });
  }
  static std::string key_set(const crypto::PrivateKey& key) {
    return json::serialize(
        json::Object{{"keys", json::Array{protocol::to_jwk(key.public_key(), "key-1", "ES256")}}});
  }
  json::Object claims(const std::string& jti) const {
    const std::int64_t now = to_seconds(clock_.now());
    return {{"iss", wiki_.client_id},
            {"sub", wiki_.client_id},
            {"aud", std::string(kIssuer) + "/oauth2/token"},
            {"iat", now},
            {"exp", now + 60},
            {"jti", jti}};
  }
  Form form(const json::Object& claims) const { return form(claims, key_); }
  static Form form(const json::Object& claims, const crypto::PrivateKey& key) {
    return {{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
            {"client_assertion",
             protocol::sign_jwt({"key-1", protocol::JwsAlgorithm::Es256, key}, "JWT", claims)}};
  }

  crypto::PrivateKey key_ = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
};

TEST_F(AssertionTest, ProvesWhoTheClientIsOnce) {
  const Form once = form(claims("jti-1"));
  // The client id may be left out: the assertion names it (RFC 7521 section 4.2).
  expect_client(by_form(once), wiki_);
  expect_unknown(by_form(once));
  expect_client(by_form(with(form(claims("jti-2")), {{"client_id", wiki_.client_id}})), wiki_);
  json::Object to_issuer = claims("jti-3");
  to_issuer["aud"] = kIssuer;
  expect_client(by_form(form(to_issuer)), wiki_);
}

TEST_F(AssertionTest, IsNobodyElses) {
  expect_unknown(by_form(form(claims("jti-1"), crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256))));
  json::Object elsewhere = claims("jti-2");
  elsewhere["aud"] = "https://elsewhere.example/token";
  expect_unknown(by_form(form(elsewhere)));
  json::Object without_id = claims("jti-3");
  without_id.erase("jti");
  expect_unknown(by_form(form(without_id)));
  json::Object of_another = claims("jti-4");
  of_another["iss"] = "another";
  expect_unknown(by_form(form(of_another)));
  const Form late = form(claims("jti-5"));
  clock_.advance(minutes(5));
  expect_unknown(by_form(late));
  expect_unknown(by_form(with(form(claims("jti-6")), {{"client_id", "another"}})));
  expect_malformed(by_form(with(form(claims("jti-7")), {{"client_assertion_type", "x"}})));
  // Another application that has no key.
  const auto other = add_application(contoso_.id, ApplicationKind::Web, web_settings("Other"));
  expect_unknown(by_form(with(form(claims("jti-8")), {{"client_id", other.client_id}})));
}

TEST_F(AssertionTest, OfAnApplicationOfAllAccountsWorksOnceToo) {
  auto settings = web_settings("Portal");
  settings.jwks = key_set(key_);
  const auto portal = add_application(std::nullopt, ApplicationKind::Web, settings);
  json::Object of_portal = claims("jti-1");
  of_portal["iss"] = of_portal["sub"] = portal.client_id;
  expect_client(by_form(form(of_portal)), portal);
  expect_unknown(by_form(form(of_portal)));
  // Another client's assertion of the same name is another one.
  expect_client(by_form(form(claims("jti-1"))), wiki_);
}

}  // namespace
}  // namespace doorward::oidc
