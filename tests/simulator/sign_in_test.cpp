#include <gtest/gtest.h>

#include "simulator/fixture.h"
#include "simulator/xml_security.h"

namespace doorward::simulator {
namespace {

using test::authn_request;
using test::Browser;
using test::input_value;
using test::redirect_target;

class SignIn : public testing::Test {
 protected:
  std::string get(std::string_view target) { return body(browser_.get(target)); }
  std::string post(std::string_view target, const test::Fields& fields) {
    return body(browser_.post(target, fields));
  }

  std::string sign_in_as(std::string_view user, std::string_view xml) {
    return post(
        fmt::format("/{}/saml2/sign-in", test::kTenantId),
        {{"SAMLRequest", encode_redirect_message(xml)}, {"RelayState", "r1"}, {"user", std::string(user)}});
  }

  static std::string body(Result<http::Response> response) {
    return response ? response->body : "failed: " + response.error().message;
  }
  static std::string response_xml(std::string_view page) {
    return from_base64(input_value(page, "SAMLResponse")).value_or("");
  }
  static bool contains(std::string_view text, std::string_view wanted) {
    return text.find(wanted) != std::string_view::npos;
  }

  void change(std::string_view path, std::string body_text) {
    const auto response =
        browser_.send(http::Method::Patch, fmt::format("/simulator/api/tenants/contoso.example{}", path),
                      "application/json", std::move(body_text));
    ASSERT_TRUE(response) << response.error().message;
  }

  test::FixedClock clock_;
  Simulator simulator_{{"http://localhost:8090", ""}, test::state_with_portal(), clock_};
  Browser browser_{simulator_};
};

TEST_F(SignIn, the_first_time_picks_an_account_the_second_is_instant) {
  const std::string picker = get(redirect_target(authn_request(), "&RelayState=r1"));
  EXPECT_TRUE(contains(picker, "Pick an account"));
  EXPECT_EQ(input_value(picker, "RelayState"), "r1");
  const std::string page = sign_in_as("alice@contoso.example", authn_request());
  EXPECT_EQ(input_value(page, "RelayState"), "r1");
  EXPECT_TRUE(contains(page, "action=\"https://portal.example.com/saml/contoso/acs\""));
  EXPECT_TRUE(contains(page, ">Continue</button>"));
  EXPECT_TRUE(contains(response_xml(page), "alice@contoso.example"));
  EXPECT_TRUE(contains(response_xml(page), "InResponseTo=\"_request1\""));

  EXPECT_TRUE(contains(response_xml(get(redirect_target(authn_request()))), "alice@contoso.example"));
  EXPECT_TRUE(contains(get(redirect_target(authn_request("", "ForceAuthn=\"true\""))), "Pick an account"));
  EXPECT_TRUE(
      contains(get(redirect_target(authn_request(), "&login_hint=ben%40contoso.example")), "Ben Baker"));
}

TEST_F(SignIn, a_login_hint_offers_that_account_first) {
  const std::string page = get(redirect_target(authn_request(), "&login_hint=ben%40contoso.example"));
  EXPECT_EQ(input_value(page, "user"), "be900000-3b52-4a6f-9d0e-5c1f7a84e002");
  EXPECT_TRUE(contains(page, ">Sign in</button>"));
}

TEST_F(SignIn, the_post_binding_works_too) {
  const std::string target = fmt::format("/{}/saml2", test::kTenantId);
  const std::string picker = post(target, {{"SAMLRequest", to_base64(authn_request())}});
  EXPECT_TRUE(contains(picker, "Pick an account"));
  const std::string page = post(
      target + "/sign-in",
      {{"SAMLRequest", to_base64(authn_request())}, {"binding", "post"}, {"user", "ben@contoso.example"}});
  EXPECT_TRUE(contains(response_xml(page), "ben@contoso.example"));
}

TEST_F(SignIn, refusals_carry_entras_codes) {
  const std::string path = fmt::format("/{}/saml2", test::kTenantId);
  EXPECT_TRUE(contains(get(path), "AADSTS750054"));
  EXPECT_TRUE(contains(get(path + "?SAMLRequest=x"), "AADSTS750056"));
  EXPECT_TRUE(contains(get("/nowhere.example/saml2?SAMLRequest=x"), "AADSTS90002"));
  EXPECT_TRUE(contains(get(redirect_target(authn_request("", "", "https://a.example"))), "AADSTS700016"));
  EXPECT_TRUE(contains(
      get(redirect_target(authn_request("", "AssertionConsumerServiceURL=\"https://evil.example/\""))),
      "AADSTS50011"));
  EXPECT_TRUE(
      contains(get(redirect_target(authn_request("", "", test::kIdentifier, "9a"))), "AADSTS7500529"));
  EXPECT_TRUE(contains(get(redirect_target(authn_request(
                           R"(<saml:Subject xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>)"))),
                       "AADSTS900236"));
  EXPECT_TRUE(contains(get(redirect_target(authn_request("", "IsPassive=\"true\""))), "AADSTS50058"));
  EXPECT_TRUE(contains(sign_in_as("nobody@contoso.example", authn_request()), "AADSTS50034"));
  EXPECT_TRUE(contains(sign_in_as("dan@contoso.example", authn_request()), "AADSTS50057"));
}

TEST_F(SignIn, unassigned_users_stay_out_until_assigned) {
  const std::string users = "/simulator/api/tenants/contoso.example/applications/Portal/users";
  ASSERT_TRUE(browser_.send(http::Method::Delete, users + "/alice@contoso.example", "", ""));
  EXPECT_TRUE(contains(sign_in_as("alice@contoso.example", authn_request()), "AADSTS50105"));
  ASSERT_TRUE(
      browser_.send(http::Method::Post, users, "application/json", R"({"users":"alice@contoso.example"})"));
  EXPECT_FALSE(response_xml(get(redirect_target(authn_request()))).empty());
}

TEST_F(SignIn, disabling_ends_the_session) {
  sign_in_as("alice@contoso.example", authn_request());
  change("/users/alice@contoso.example", R"({"account_enabled":false})");
  EXPECT_TRUE(contains(get(redirect_target(authn_request())), "Pick an account"));
}

TEST_F(SignIn, a_password_context_fails_for_passwordless_users) {
  change("/users/alice@contoso.example", R"({"passwordless":true})");
  const std::string with_context = authn_request("<samlp:RequestedAuthnContext/>");
  EXPECT_TRUE(contains(sign_in_as("alice@contoso.example", with_context), "AADSTS75011"));
  EXPECT_FALSE(response_xml(sign_in_as("alice@contoso.example", authn_request())).empty());
}

TEST_F(SignIn, my_apps_sends_a_response_nobody_asked_for) {
  EXPECT_TRUE(contains(get("/myapps"), "Pick an account"));
  const auto signed_in = browser_.post("/myapps/contoso.example", {{"user", "alice@contoso.example"}});
  ASSERT_TRUE(signed_in);
  EXPECT_EQ(signed_in->status, http::Status::SeeOther);
  EXPECT_TRUE(contains(get("/myapps"), "Portal"));
  const std::string page = get("/myapps/contoso.example/Portal");
  EXPECT_FALSE(response_xml(page).empty());
  EXPECT_FALSE(contains(response_xml(page), "InResponseTo"));
  EXPECT_FALSE(contains(page, "RelayState"));
  change("/applications/Portal", R"({"relay_state":"https://portal.example.com/deep"})");
  EXPECT_EQ(input_value(get("/myapps/contoso.example/Portal"), "RelayState"),
            "https://portal.example.com/deep");
  EXPECT_TRUE(contains(post("/myapps/contoso.example", {{"user", "dan@contoso.example"}}), "AADSTS50057"));

  change("/applications/Portal", R"({"sign_on_url":"https://portal.example.com/start"})");
  const auto opened = browser_.get("/myapps/contoso.example/Portal");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->headers.find("Location"), "https://portal.example.com/start");
}

TEST_F(SignIn, single_logout_answers_at_the_logout_url) {
  sign_in_as("alice@contoso.example", authn_request());
  const std::string request = fmt::format(
      R"(<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_logout1" Version="2.0" IssueInstant="2026-03-01T09:30:00Z"><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{}</Issuer></samlp:LogoutRequest>)",
      test::kIdentifier);
  const auto response = browser_.get(redirect_target(request, "&RelayState=back"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, http::Status::SeeOther);
  const std::string location(response->headers.find("Location").value_or(""));
  ASSERT_TRUE(location.starts_with("https://portal.example.com/saml/contoso/logout?SAMLResponse="))
      << location;
  const auto query = http::Form::parse(location.substr(location.find('?') + 1));
  ASSERT_TRUE(query);
  EXPECT_EQ(query->find("RelayState"), "back");
  EXPECT_TRUE(contains(*decode_message(Binding::Redirect, *query->find("SAMLResponse")),
                       "InResponseTo=\"_logout1\""));
  EXPECT_TRUE(contains(get(redirect_target(authn_request())), "Pick an account")) << "the session is over";
}

TEST_F(SignIn, signing_out_at_my_apps_tells_the_applications) {
  sign_in_as("alice@contoso.example", authn_request());
  const std::string page = post("/myapps/sign-out", {});
  EXPECT_TRUE(contains(page, "<iframe src=\"https://portal.example.com/saml/contoso/logout?SAMLRequest="));
  EXPECT_TRUE(contains(get("/myapps"), "Pick an account"));
}

TEST_F(SignIn, the_clock_can_be_wrong) {
  change("", R"({"clock_offset":-600})");
  EXPECT_TRUE(contains(response_xml(sign_in_as("alice@contoso.example", authn_request())),
                       "NotBefore=\"2026-03-01T09:20:00.250Z\""));
}

TEST_F(SignIn, metadata_is_served_per_application_tenant_and_for_all) {
  const std::string path = "/federationmetadata/2007-06/federationmetadata.xml";
  EXPECT_TRUE(
      contains(get("/contoso.example" + path + "?appid=Portal"), "c0117050-5a3e-4d0b-9b1f-2f6a1d7e4a10"));
  EXPECT_TRUE(contains(get("/contoso.example" + path), "IDPSSODescriptor"));
  EXPECT_TRUE(contains(get("/common" + path), "{tenant}"));
  EXPECT_TRUE(contains(get("/contoso.example" + path + "?appid=none"), "AADSTS700016"));
  EXPECT_TRUE(contains(get("/unknown.example" + path), "AADSTS90002"));
}

}  // namespace
}  // namespace doorward::simulator
