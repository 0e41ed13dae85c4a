#include "simulator/saml_response.h"

#include <gtest/gtest.h>

#include "http/message.h"
#include "simulator/fixture.h"
#include "simulator/xmlsec1.h"

namespace doorward::simulator {
namespace {

constexpr std::string_view kAssertionSignature = "/*/*[local-name()='Assertion']/*[local-name()='Signature']";
constexpr std::string_view kResponseSignature = "/*/*[local-name()='Signature']";

class SamlResponse : public testing::Test {
 protected:
  Tenant& tenant() { return state_.tenants.front(); }
  Application& portal() { return tenant().applications.front(); }
  User& alice() { return *find_user(tenant(), "alice@contoso.example"); }
  std::string certificate() { return portal().certificates.front().certificate.to_pem(); }

  std::string issue(const User& user, std::optional<std::string> in_response_to = "_request1") {
    ResponseParameters parameters;
    parameters.reply_url = test::kReplyUrl;
    parameters.in_response_to = std::move(in_response_to);
    parameters.now = now_;
    parameters.authenticated = now_;
    auto issued = issue_response(tenant(), portal(), user, parameters);
    CHECK(issued);
    return issued->xml;
  }
  std::string issue() { return issue(alice()); }

  bool assertion_signed(std::string_view xml) {
    return test::xmlsec1_verifies(xml, certificate(), kAssertionSignature);
  }
  bool response_signed(std::string_view xml) {
    return test::xmlsec1_verifies(xml, certificate(), kResponseSignature);
  }

  State state_ = test::state_with_portal();
  Timestamp now_ = test::FixedClock().time;
};

bool contains(std::string_view text, std::string_view wanted) {
  return text.find(wanted) != std::string_view::npos;
}

TEST_F(SamlResponse, signs_what_the_signing_option_says) {
  const std::string assertion = issue();
  EXPECT_TRUE(assertion_signed(assertion));
  EXPECT_FALSE(response_signed(assertion));
  portal().signing_option = SigningOption::Response;
  const std::string response = issue();
  EXPECT_FALSE(assertion_signed(response));
  EXPECT_TRUE(response_signed(response));
  portal().signing_option = SigningOption::Both;
  const std::string both = issue();
  EXPECT_TRUE(assertion_signed(both));
  EXPECT_TRUE(response_signed(both));
}

TEST_F(SamlResponse, has_entras_issuer_times_and_claims) {
  const std::string xml = issue();
  EXPECT_TRUE(
      contains(xml, "<Issuer>https://sts.windows.net/c0117050-5a3e-4d0b-9b1f-2f6a1d7e4a10/</Issuer>"));
  EXPECT_TRUE(
      contains(xml, R"(NotBefore="2026-03-01T09:30:00.250Z" NotOnOrAfter="2026-03-01T10:40:00.250Z")"));
  EXPECT_TRUE(contains(xml, R"(InResponseTo="_request1")"));
  EXPECT_TRUE(contains(xml, "claims/emailaddress"));
  EXPECT_TRUE(contains(xml, "identity/claims/objectidentifier"));
  EXPECT_TRUE(contains(xml, "identity/claims/tenantid"));
  EXPECT_FALSE(contains(xml, "claims/role"));
  EXPECT_FALSE(contains(xml, "claims/groups"));
  EXPECT_FALSE(contains(xml, "\n")) << "Entra writes no line breaks";
}

TEST_F(SamlResponse, from_my_apps_it_answers_nothing) {
  EXPECT_FALSE(contains(issue(alice(), std::nullopt), "InResponseTo"));
}

TEST_F(SamlResponse, without_contact_email_the_claim_is_missing) {
  const std::string xml = issue(*find_user(tenant(), "chloe@contoso.example"));
  EXPECT_FALSE(contains(xml, "claims/emailaddress"));
  EXPECT_TRUE(contains(xml, ">chloe@contoso.example</NameID>"));
}

TEST_F(SamlResponse, names_in_every_script_and_markup_stay_text) {
  alice().display_name = "<b>Ålice</b> & \"Адамс\" ']]>";
  const std::string xml = issue();
  EXPECT_TRUE(assertion_signed(xml));
  EXPECT_FALSE(contains(xml, "<b>"));
  EXPECT_TRUE(contains(xml, "Ålice"));
}

TEST_F(SamlResponse, control_characters_are_an_error_not_a_crash) {
  alice().display_name = "\x01";
  ResponseParameters parameters;
  parameters.reply_url = test::kReplyUrl;
  EXPECT_FALSE(issue_response(tenant(), portal(), alice(), parameters));
}

TEST_F(SamlResponse, above_150_groups_a_link_stands_instead) {
  portal().emit_groups = true;
  for (int i = 0; i < 150; ++i)
    (*create_group(tenant(), "Group"))->members.insert(alice().object_id);
  EXPECT_TRUE(contains(issue(), "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups\""));
  (*create_group(tenant(), "One more"))->members.insert(alice().object_id);
  const std::string xml = issue();
  EXPECT_TRUE(contains(xml, "http://schemas.microsoft.com/claims/groups.link"));
  EXPECT_FALSE(contains(xml, "identity/claims/groups\""));
  EXPECT_FALSE(contains(issue(*find_user(tenant(), "ben@contoso.example")), "groups"));
}

TEST_F(SamlResponse, roles_come_from_the_assignment) {
  portal().assignments[alice().object_id] = "Portal.Admin";
  EXPECT_TRUE(contains(issue(), "<AttributeValue>Portal.Admin</AttributeValue>"));
}

TEST_F(SamlResponse, name_ids_follow_format_and_source) {
  portal().name_id_source = NameIdSource::ObjectId;
  portal().name_id_format = NameIdFormat::Unspecified;
  EXPECT_TRUE(contains(issue(), "nameid-format:unspecified\">" + alice().object_id));
  portal().name_id_format = NameIdFormat::Persistent;
  const std::string first = issue();
  const auto value = [](const std::string& xml) {
    const auto begin = xml.find("nameid-format:persistent\">");
    return xml.substr(begin, xml.find("</NameID>") - begin);
  };
  EXPECT_EQ(value(first), value(issue())) << "pairwise ids are stable";
  EXPECT_NE(value(first), value(issue(*find_user(tenant(), "ben@contoso.example"))));
}

TEST_F(SamlResponse, encrypts_for_the_application_with_both_ciphers) {
  const auto key = crypto::PrivateKey::generate_rsa();
  const auto recipient = crypto::Certificate::self_signed(key, "portal", now_, now_ + std::chrono::days(1));
  const std::string key_pem(key.to_pem().reveal());
  for (const ContentCipher cipher : {ContentCipher::Aes256Cbc, ContentCipher::Aes256Gcm}) {
    ASSERT_TRUE(set_token_encryption(portal(), recipient.to_pem(), true, cipher));
    portal().signing_option = SigningOption::Both;
    const std::string xml = issue();
    EXPECT_TRUE(contains(xml, "<EncryptedAssertion"));
    EXPECT_FALSE(contains(xml, "alice@"));
    EXPECT_TRUE(contains(xml, cipher == ContentCipher::Aes256Gcm ? "aes256-gcm" : "aes256-cbc"));
    EXPECT_TRUE(response_signed(xml));
    const std::string plain = test::xmlsec1_decrypts(xml, key_pem);
    EXPECT_TRUE(contains(plain, "alice@contoso.example"));
    EXPECT_TRUE(test::xmlsec1_verifies(plain, certificate(),
                                       "//*[local-name()='Assertion']/*[local-name()='Signature']"));
  }
  EXPECT_TRUE(
      test::xmlsec1_decrypts(issue(), std::string(portal().certificates.front().key.to_pem().reveal()))
          .empty());
}

TEST_F(SamlResponse, each_fault_does_what_it_says) {
  const auto with = [this](Fault fault) {
    tenant().faults = {fault};
    return issue();
  };
  EXPECT_FALSE(contains(with(Fault::WrongAudience), test::kIdentifier));
  EXPECT_TRUE(contains(with(Fault::WrongRecipient),
                       "Recipient=\"https://portal.example.com/saml/contoso/acs/other\""));
  EXPECT_TRUE(contains(with(Fault::WrongDestination),
                       "Destination=\"https://portal.example.com/saml/contoso/acs/other\""));
  EXPECT_FALSE(contains(with(Fault::WrongIssuer), "<Issuer>https://sts.windows.net/c0117050"));
  EXPECT_FALSE(contains(with(Fault::WrongInResponseTo), "_request1"));
  EXPECT_TRUE(contains(with(Fault::Expired), "NotOnOrAfter=\"2026-03-01T08:40:00.250Z\""));
  EXPECT_TRUE(contains(with(Fault::NotYetValid), "NotBefore=\"2026-03-01T11:30:00.250Z\""));
  EXPECT_FALSE(contains(with(Fault::Unsigned), "Signature"));
  EXPECT_FALSE(assertion_signed(with(Fault::OtherKey)));
  EXPECT_TRUE(contains(with(Fault::WeakDigest), "xmldsig#rsa-sha1"));
  const std::string tampered = with(Fault::TamperedNameId);
  EXPECT_TRUE(contains(tampered, ".tampered.example</NameID>"));
  EXPECT_FALSE(assertion_signed(tampered));
  const std::string commented = with(Fault::CommentInNameId);
  EXPECT_TRUE(contains(commented, "<!---->"));
  EXPECT_TRUE(assertion_signed(commented));
  EXPECT_FALSE(contains(with(Fault::NoNameId), "NameID"));
  EXPECT_TRUE(contains(with(Fault::OtherTenant), "00000000-0000-4000-8000-00000000dead"));
  const std::string failed = with(Fault::StatusResponder);
  EXPECT_TRUE(contains(failed, "status:Responder"));
  EXPECT_FALSE(contains(failed, "Assertion>"));
  const std::string repeated = with(Fault::RepeatedAssertionId);
  EXPECT_TRUE(contains(repeated, R"(ID="_00000000-0000-4000-8000-000000000000")"));
}

TEST_F(SamlResponse, the_assertion_tampered_with_inside_encryption_is_still_a_message) {
  ASSERT_TRUE(set_token_encryption(portal(), certificate(), true, ContentCipher::Aes256Gcm));
  portal().signing_option = SigningOption::Both;
  tenant().faults = {Fault::TamperedNameId};
  const std::string xml = issue();
  EXPECT_TRUE(response_signed(xml));
  const std::string plain =
      test::xmlsec1_decrypts(xml, std::string(portal().certificates.front().key.to_pem().reveal()));
  EXPECT_TRUE(contains(plain, ".tampered.example</NameID>"));
}

TEST_F(SamlResponse, an_expired_certificate_gives_way_to_the_next_one) {
  portal().certificates.push_back(new_certificate(now_, now_ + std::chrono::days(9000)));
  now_ += std::chrono::days(4000);
  EXPECT_FALSE(assertion_signed(issue()));
  EXPECT_TRUE(
      test::xmlsec1_verifies(issue(), portal().certificates[1].certificate.to_pem(), kAssertionSignature));
}

TEST_F(SamlResponse, logout_messages_are_signed_in_the_query) {
  const std::string xml = logout_response_xml(tenant(), test::kLogoutUrl, "_logout1", now_);
  EXPECT_TRUE(
      contains(xml, ">https://login.microsoftonline.com/c0117050-5a3e-4d0b-9b1f-2f6a1d7e4a10/</Issuer>"));
  const SigningCertificate& signer = portal().certificates.front();
  const std::string url =
      redirect_url(tenant(), signer, "https://portal.example.com/logout?a=1", "SAMLResponse", xml, "x&y");
  const std::string query = url.substr(url.find("SAMLResponse="));
  const auto signature_at = query.find("&Signature=");
  ASSERT_NE(signature_at, std::string::npos);
  const auto form = http::Form::parse(query);
  ASSERT_TRUE(form);
  EXPECT_EQ(form->find("RelayState"), "x&y");
  EXPECT_EQ(*decode_message(Binding::Redirect, *form->find("SAMLResponse")), xml);
  EXPECT_TRUE(crypto::verify(crypto::SignatureAlgorithm::RsaSha256, signer.certificate.public_key(),
                             query.substr(0, signature_at), *from_base64(*form->find("Signature"))));
  EXPECT_TRUE(contains(url, "logout?a=1&SAMLResponse="));
}

}  // namespace
}  // namespace doorward::simulator
