#include <fmt/format.h>
#include <gmock/gmock.h>

#include "saml/protocol/binding.h"
#include "saml/service_provider_test.h"

namespace doorward::saml {
namespace {

using testing::HasSubstr;

class LogoutTest : public ServiceProviderTest {
 protected:
  void sign_in() {
    auto answer = parts(id_of(start()));
    answer.assertion_id = fmt::format("_assertion{}", ++sign_ins_);
    post(idp_.answer(answer));
  }

  std::string logout_request(std::string_view session_index = "_session",
                             std::string_view name_id = "ada@contoso.example") {
    return fmt::format(
        R"(<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_logout{}" Version="2.0" IssueInstant="{}" Destination="{}/saml/contoso/logout"><saml:Issuer>{}</saml:Issuer><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">{}</saml:NameID><samlp:SessionIndex>{}</samlp:SessionIndex></samlp:LogoutRequest>)",
        ++logout_requests_, format_rfc3339(clock_.now()), kPublicUrl, kEntityId, name_id, session_index);
  }

  /// The provider's message arrives in a browser without our cookies, as in a hidden frame.
  http::Response from_provider(std::string query) {
    http::Request made = request(std::move(query));
    made.headers.remove("Cookie");
    return handle(&ServiceProvider::logout, made);
  }

  int sign_ins_ = 0;
  int logout_requests_ = 0;
};

TEST_F(LogoutTest, EndsTheSessionHereAndAtTheProvider) {
  sign_in();
  const auto response = handle(&ServiceProvider::logout, request());
  EXPECT_EQ(response.status, http::Status::SeeOther);
  const std::string location(*response.headers.find("Location"));
  EXPECT_THAT(location, testing::StartsWith("https://idp.example/slo?SAMLRequest="));
  EXPECT_THAT(location, HasSubstr("&Signature="));
  const std::string message = request_in(location);
  EXPECT_THAT(message, HasSubstr("ada@contoso.example"));
  EXPECT_THAT(message, HasSubstr("_session"));
  EXPECT_EQ(who(), "");
  EXPECT_TRUE(jar_.all().empty());
}

TEST_F(LogoutTest, ALinkElsewhereSignsNobodyOut) {
  sign_in();
  http::Request linked = request();
  linked.headers.set("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(handle(&ServiceProvider::logout, linked).headers.find("Location"), "/");
  EXPECT_EQ(who(), "ada@contoso.example");
}

TEST_F(LogoutTest, WithoutASessionThereIsNothingToEnd) {
  EXPECT_EQ(handle(&ServiceProvider::logout, request()).status, http::Status::Ok);
}

TEST_F(LogoutTest, TheProviderEndsSessions) {
  sign_in();
  const auto response = from_provider(idp_.redirect_query("SAMLRequest", logout_request()));
  EXPECT_EQ(response.status, http::Status::SeeOther);
  EXPECT_THAT(std::string(*response.headers.find("Location")),
              testing::StartsWith("https://idp.example/slo?SAMLResponse="));
  EXPECT_EQ(who(), "");
}

TEST_F(LogoutTest, OnlyTheSessionsThatItNames) {
  sign_in();
  from_provider(idp_.redirect_query("SAMLRequest", logout_request("_another")));
  EXPECT_EQ(who(), "ada@contoso.example");
  from_provider(idp_.redirect_query("SAMLRequest", logout_request("_session", "bob@contoso.example")));
  EXPECT_EQ(who(), "ada@contoso.example");
}

TEST_F(LogoutTest, ARequestEndsSessionsOnce) {
  // Whoever finds the provider's URL in a log or a history must not sign the person out again.
  sign_in();
  const std::string query = idp_.redirect_query("SAMLRequest", logout_request());
  EXPECT_EQ(from_provider(query).status, http::Status::SeeOther);
  EXPECT_EQ(who(), "");
  sign_in();
  EXPECT_EQ(from_provider(query).status, http::Status::BadRequest);
  EXPECT_EQ(who(), "ada@contoso.example");
}

TEST_F(LogoutTest, AnotherAccountsAddressEndsTheSessionHere) {
  // The browser loses its cookie there, so what the cookie stood for must end as well.
  add_account("fabrikam");
  sign_in();
  const http::Headers before = request().headers;
  http::Request elsewhere = request();
  elsewhere.parameters = {{"account", "fabrikam"}};
  EXPECT_EQ(handle(&ServiceProvider::logout, elsewhere).status, http::Status::Ok);
  http::Request again;
  again.headers = before;
  EXPECT_FALSE(must(sessions_.who(again)));
}

TEST_F(LogoutTest, UnsignedOrForgedRequestsEndNothing) {
  sign_in();
  const std::string unsigned_query =
      "SAMLRequest=" + percent_encode(to_base64(protocol::deflate(logout_request())));
  EXPECT_EQ(from_provider(unsigned_query).status, http::Status::BadRequest);
  const test::IdentityProvider stranger(kNow, "rsa_b");
  EXPECT_EQ(from_provider(stranger.redirect_query("SAMLRequest", logout_request())).status,
            http::Status::BadRequest);
  EXPECT_EQ(from_provider("SAMLRequest=garbage").status, http::Status::BadRequest);
  EXPECT_EQ(who(), "ada@contoso.example");
}

TEST_F(LogoutTest, TheProvidersConfirmationShowsAPage) {
  const std::string response_xml = fmt::format(
      R"(<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" IssueInstant="{}" InResponseTo="_x"><saml:Issuer>{}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>)",
      format_rfc3339(clock_.now()), kEntityId);
  const auto response = from_provider(idp_.redirect_query("SAMLResponse", response_xml));
  EXPECT_EQ(response.status, http::Status::Ok);
  EXPECT_THAT(response.body, HasSubstr("You are signed out"));
}

}  // namespace
}  // namespace doorward::saml
