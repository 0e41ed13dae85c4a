#include "saml/protocol/metadata.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "saml/protocol/cases.h"

namespace doorward::saml::protocol {
namespace {

using namespace test;
using testing::ElementsAre;

constexpr std::string_view kRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
constexpr std::string_view kPost = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

std::string certificate_text(std::string_view name) {
  return to_base64(certificate(name).der());
}

std::string key_descriptor(std::string_view certificate, std::string_view use = " use=\"signing\"") {
  return std::string("<md:KeyDescriptor")
             .append(use)
             .append(
                 "><ds:KeyInfo "
                 "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>") +
         std::string(certificate) + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>";
}

std::string service(std::string_view name, std::string_view binding, std::string_view location) {
  return "<md:" + std::string(name) + " Binding=\"" + std::string(binding) + "\" Location=\"" +
         std::string(location) + "\"/>";
}

/// An entity as plain as it gets; each test says what differs.
struct Shape {
  std::string entity_id = std::string(kIdpEntityId);
  std::string entity_attributes = {};
  std::string role_attributes = {};
  std::string keys = key_descriptor(certificate_text("idp"));
  std::string services = service("SingleSignOnService", kRedirect, "https://idp.example/sso");
  std::string other_roles = {};

  std::string xml() const {
    return "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"" + entity_id +
           "\"" + entity_attributes + ">" + other_roles +
           "<md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"" +
           role_attributes + ">" + keys + services + "</md:IDPSSODescriptor></md:EntityDescriptor>";
  }
};

std::string group(const std::string& entities) {
  return "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">" + entities +
         "</md:EntitiesDescriptor>";
}

class MetadataTest : public testing::Test {
 protected:
  Result<IdpMetadata, Finding> parse(const std::string& xml, std::string entity_id = {}) {
    report_ = Report();
    return parse_idp_metadata(xml, {time("2030-03-01T09:30:00Z"), std::move(entity_id)}, report_);
  }

  void expect_finding(const std::string& xml, Finding finding) {
    const auto metadata = parse(xml);
    ASSERT_FALSE(metadata.has_value()) << code(finding).name();
    EXPECT_EQ(code(metadata.error()).name(), code(finding).name()) << describe(report_);
  }

  bool has_warning(Finding finding) const {
    return std::ranges::any_of(report_.entries(), [&](const Report::Entry& entry) {
      return entry.verdict == Verdict::Warning && entry.finding == finding;
    });
  }

  Report report_;
};

TEST_F(MetadataTest, ReadsAnEntity) {
  Shape shape;
  shape.role_attributes = " WantAuthnRequestsSigned=\"true\"";
  shape.entity_attributes = " validUntil=\"2030-04-01T00:00:00Z\"";
  shape.services =
      "<md:NameIDFormat>\n urn:oasis:names:tc:SAML:2.0:nameid-format:persistent </md:NameIDFormat>" +
      service("SingleLogoutService", kRedirect, "https://idp.example/slo") +
      service("SingleSignOnService", "urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "ftp://x") +
      service("SingleSignOnService", kPost, "https://idp.example/post") +
      service("SingleSignOnService", kRedirect, "https://idp.example/sso?x=1&amp;y=2");
  const auto metadata = parse(shape.xml());
  ASSERT_TRUE(metadata.has_value()) << describe(report_);
  EXPECT_EQ(metadata->entity_id, kIdpEntityId);
  EXPECT_EQ(metadata->sign_on(Binding::Redirect)->location, "https://idp.example/sso?x=1&y=2");
  EXPECT_EQ(metadata->sign_on(Binding::Post)->location, "https://idp.example/post");
  EXPECT_EQ(metadata->logout(Binding::Redirect)->response_location, "https://idp.example/slo");
  EXPECT_EQ(metadata->logout(Binding::Post), nullptr);
  EXPECT_TRUE(metadata->want_authn_requests_signed);
  EXPECT_EQ(metadata->valid_until, time("2030-04-01T00:00:00Z"));
  EXPECT_THAT(metadata->name_id_formats, ElementsAre("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"));
  ASSERT_EQ(metadata->signing_certificates.size(), 1U);
  EXPECT_EQ(metadata->signing_certificates[0].thumbprint(), certificate("idp").thumbprint());
}

TEST_F(MetadataTest, ReadsEntraWithByteOrderMarkRolesAndSeveralCertificates) {
  Shape shape;
  shape.entity_attributes = " ID=\"_1\"";
  shape.other_roles =
      "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo/></Signature>"
      "<RoleDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xmlns:fed=\"http://docs.oasis-open.org/wsfed/federation/200706\" "
      "xsi:type=\"fed:SecurityTokenServiceType\" "
      "protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\">" +
      key_descriptor(certificate_text("other")) +
      "<fed:ClaimTypesOffered><auth:ClaimType "
      "xmlns:auth=\"http://docs.oasis-open.org/wsfed/authorization/200706\" "
      "Uri=\"u\"><auth:DisplayName>Name</auth:DisplayName></auth:ClaimType></fed:ClaimTypesOffered></"
      "RoleDescriptor>";
  shape.keys = key_descriptor(certificate_text("idp")) + key_descriptor(certificate_text("next"));
  const auto metadata = parse("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?>" + shape.xml());
  ASSERT_TRUE(metadata.has_value()) << describe(report_);
  // The WS-Federation role's certificate is not the SAML role's.
  ASSERT_EQ(metadata->signing_certificates.size(), 2U);
  EXPECT_EQ(metadata->signing_certificates[1].thumbprint(), certificate("next").thumbprint());
}

/// A product's document from tests/data/saml/metadata, `@name@` standing for a certificate.
std::string product(std::string_view product_name) {
  std::string xml = read_data("metadata/" + std::string(product_name) + ".xml");
  for (const std::string name : {"idp", "next", "other"}) {
    const std::string mark = "@" + name + "@";
    for (auto at = xml.find(mark); at != std::string::npos; at = xml.find(mark))
      xml.replace(at, mark.size(), certificate_text(name));
  }
  return xml;
}

TEST_F(MetadataTest, ReadsTheShapesOfProducts) {
  struct Expected {
    std::string_view product;
    std::string_view entity_id;
    std::string_view sign_on;
    std::size_t certificates;
    bool has_logout;
  };
  for (const Expected& expected : {
           Expected{"adfs", "http://fs.contoso.example/adfs/services/trust",
                    "https://fs.contoso.example/adfs/ls/", 1, true},
           Expected{"okta", "http://www.okta.com/exk1", "https://contoso.okta.example/app/door/exk1/sso/saml",
                    1, false},
           Expected{"keycloak", "https://keycloak.contoso.example/realms/main",
                    "https://keycloak.contoso.example/realms/main/protocol/saml", 1, true},
           Expected{"google", "https://accounts.google.com/o/saml2?idpid=C01abc",
                    "https://accounts.google.com/o/saml2/idp?idpid=C01abc", 1, false},
           Expected{"shibboleth", "https://idp.contoso.example/idp/shibboleth",
                    "https://idp.contoso.example/idp/profile/SAML2/Redirect/SSO", 2, true},
           Expected{"simplesamlphp", "https://idp.contoso.example/simplesaml/saml2/idp/metadata.php",
                    "https://idp.contoso.example/simplesaml/saml2/idp/SSOService.php", 1, true},
       }) {
    const auto metadata = parse(product(expected.product));
    ASSERT_TRUE(metadata.has_value()) << expected.product << "\n" << describe(report_);
    EXPECT_EQ(metadata->entity_id, expected.entity_id);
    EXPECT_EQ(metadata->sign_on(Binding::Redirect)->location, expected.sign_on);
    EXPECT_EQ(metadata->signing_certificates.size(), expected.certificates) << expected.product;
    EXPECT_EQ(metadata->signing_certificates.back().thumbprint(), certificate("idp").thumbprint());
    EXPECT_EQ(metadata->logout(Binding::Redirect) != nullptr, expected.has_logout) << expected.product;
  }
  EXPECT_TRUE(parse(product("keycloak"))->want_authn_requests_signed);
}

TEST_F(MetadataTest, KeysWithoutUseSignAndEncryptionKeysDoNot) {
  Shape shape;
  shape.keys = key_descriptor(certificate_text("other"), " use=\"encryption\"") +
               key_descriptor(certificate_text("idp"), "") + key_descriptor(certificate_text("idp"));
  const auto metadata = parse(shape.xml());
  ASSERT_TRUE(metadata.has_value());
  EXPECT_EQ(metadata->signing_certificates.size(), 1U);
  shape.keys = key_descriptor(certificate_text("other"), " use=\"encryption\"");
  expect_finding(shape.xml(), Finding::MetadataNoSigningKey);
}

TEST_F(MetadataTest, WrapsCertificatesInAnyWhiteSpace) {
  std::string text = certificate_text("idp");
  for (std::size_t at = 64; at < text.size(); at += 66)
    text.insert(at, "\r\n");
  Shape shape;
  shape.keys = key_descriptor("\n\t" + text + "\n ");
  EXPECT_TRUE(parse(shape.xml()).has_value()) << describe(report_);
}

TEST_F(MetadataTest, WarnsOfKeysThatCannotBeUsedAndGoesOn) {
  Shape shape;
  shape.keys = key_descriptor("AAAA") + key_descriptor("*") + key_descriptor(certificate_text("idp")) +
               "<md:KeyDescriptor><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:KeyName>k"
               "</ds:KeyName></ds:KeyInfo></md:KeyDescriptor>";
  ASSERT_TRUE(parse(shape.xml()).has_value());
  EXPECT_TRUE(has_warning(Finding::MetadataKeyRefused));
  shape.keys = key_descriptor("AAAA");
  expect_finding(shape.xml(), Finding::MetadataNoSigningKey);
}

TEST_F(MetadataTest, WarnsOfExpiredCertificates) {
  Shape shape;
  shape.keys = key_descriptor(certificate_text("expired"));
  ASSERT_TRUE(parse(shape.xml()).has_value());
  EXPECT_TRUE(has_warning(Finding::MetadataCertificateExpired));

  // It was valid for some weeks only.
  const auto end = certificate("expired").not_after();
  report_ = Report();
  ASSERT_TRUE(parse_idp_metadata(shape.xml(), {end - std::chrono::hours(1)}, report_).has_value());
  EXPECT_TRUE(has_warning(Finding::MetadataCertificateExpiresSoon));
}

TEST_F(MetadataTest, WarnsOfCertificatesOfTheFuture) {
  Shape shape;
  const auto begin = certificate("idp").not_before();
  shape.keys = key_descriptor(certificate_text("idp"));
  ASSERT_TRUE(parse_idp_metadata(shape.xml(), {begin - std::chrono::minutes(4)}, report_).has_value());
  EXPECT_FALSE(has_warning(Finding::MetadataCertificateNotYetValid)) << "clocks differ";
  report_ = Report();
  ASSERT_TRUE(parse_idp_metadata(shape.xml(), {begin - std::chrono::minutes(6)}, report_).has_value());
  EXPECT_TRUE(has_warning(Finding::MetadataCertificateNotYetValid));
}

TEST_F(MetadataTest, RefusesHundredsOfCertificates) {
  Shape shape;
  shape.keys.clear();
  for (int i = 0; i < 40; ++i) {
    const auto fresh = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
    const auto made = crypto::Certificate::self_signed(fresh, "many", time("2030-01-01T00:00:00Z"),
                                                       time("2031-01-01T00:00:00Z"));
    shape.keys += key_descriptor(to_base64(made.der()));
  }
  expect_finding(shape.xml(), Finding::MetadataTooManyKeys);
}

TEST_F(MetadataTest, RefusesWhatIsNotMetadata) {
  expect_finding("<!DOCTYPE html><html><head></head></html>", Finding::MetadataIsWebPage);
  expect_finding("\xEF\xBB\xBF\r\n<!doctype HTML>\n<html>", Finding::MetadataIsWebPage);
  expect_finding("<html lang='en'><body><p>Sign in<br></body></html>", Finding::MetadataIsWebPage);
  expect_finding("<html xmlns=\"http://www.w3.org/1999/xhtml\"/>", Finding::MetadataIsWebPage);
  expect_finding("{\"issuer\": \"https://idp.example\"}", Finding::MessageNotXml);
  expect_finding("", Finding::MessageNotXml);
  expect_finding("<a/>", Finding::MetadataKind);
  expect_finding("<EntityDescriptor entityID=\"x\"/>", Finding::MetadataKind);
  expect_finding("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + Shape().xml(),
                 Finding::MessageNotXml);
  expect_finding(std::string(IdpMetadata::kMaxBytes + 1, ' '), Finding::MessageTooLarge);
}

TEST_F(MetadataTest, RefusesServiceProvidersAndOldProtocols) {
  SpMetadata ours{std::string(kSpEntityId), std::string(kAcsUrl), std::string(kSloUrl), {}, {}};
  expect_finding(write(ours), Finding::MetadataNoProvider);
  std::string old = Shape().xml();
  old.replace(old.find("SAML:2.0:protocol"), 8, "SAML:1.1");
  expect_finding(old, Finding::MetadataNoProvider);
  expect_finding(group(""), Finding::MetadataNoProvider);
}

TEST_F(MetadataTest, RefusesTheDocumentForAllTenants) {
  Shape shape;
  shape.entity_id = "https://sts.windows.net/{tenant}/";
  expect_finding(shape.xml(), Finding::MetadataTenantIndependent);
  shape.entity_id = "https://sts.windows.net/{tenantid}/";
  expect_finding(shape.xml(), Finding::MetadataTenantIndependent);
}

TEST_F(MetadataTest, RefusesEntityIdsThatAreMissingOrHuge) {
  Shape shape;
  shape.entity_id.clear();
  expect_finding(shape.xml(), Finding::MetadataEntityIdMissing);
  shape.entity_id = std::string(1025, 'x');
  expect_finding(shape.xml(), Finding::MetadataEntityIdMissing);
}

TEST_F(MetadataTest, NeverTakesAnotherEntitySilently) {
  EXPECT_TRUE(parse(Shape().xml(), std::string(kIdpEntityId)).has_value());
  const auto changed = parse(Shape().xml(), "https://other.example/");
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error(), Finding::MetadataEntityChanged);
}

TEST_F(MetadataTest, TakesTheOneOrTheNamedEntityOfAGroup) {
  Shape other;
  other.entity_id = "https://other.example/";
  EXPECT_EQ(parse(group(other.xml()))->entity_id, "https://other.example/");
  EXPECT_EQ(parse(group(group(other.xml())))->entity_id, "https://other.example/");
  const std::string both = group(Shape().xml() + other.xml());
  expect_finding(both, Finding::MetadataSeveralProviders);
  EXPECT_EQ(parse(both, "https://other.example/")->entity_id, "https://other.example/");
  EXPECT_FALSE(parse(both, "https://third.example/").has_value());
}

TEST_F(MetadataTest, RefusesWhatHasExpired) {
  Shape shape;
  shape.entity_attributes = " validUntil=\"2030-03-01T09:30:00Z\"";
  expect_finding(shape.xml(), Finding::MetadataExpired);
  shape.entity_attributes = " validUntil=\"tomorrow\"";
  expect_finding(shape.xml(), Finding::TimeMalformed);
  std::string expired_group = group(Shape().xml());
  expired_group.insert(expired_group.find('>'), " validUntil=\"2029-01-01T00:00:00Z\"");
  expect_finding(expired_group, Finding::MetadataExpired);
}

TEST_F(MetadataTest, RefusesEndpointsThatAreNotSafe) {
  const auto with = [](std::string_view location) {
    Shape shape;
    shape.services = service("SingleSignOnService", kRedirect, location);
    return shape.xml();
  };
  expect_finding(with("http://idp.example/sso"), Finding::MetadataEndpointInsecure);
  for (const auto* location : {"javascript:alert(1)", "", "idp.example", "https://",
                               "https://u:p@idp.example/", "data:text/html,x"}) {
    expect_finding(with(location), Finding::MetadataEndpointInvalid);
  }
  EXPECT_TRUE(parse(with("http://127.0.0.1:8080/sso")).has_value()) << "the demo's simulator";
  Shape shape;
  shape.services += service("SingleLogoutService", kRedirect, "http://idp.example/slo");
  expect_finding(shape.xml(), Finding::MetadataEndpointInsecure);
  shape.services.clear();
  expect_finding(shape.xml(), Finding::MetadataNoSignOn);
}

TEST_F(MetadataTest, ForgetsWhatTheReportHeldBefore) {
  report_.fail(Check::Message, Finding::MessageNotXml);
  EXPECT_TRUE(parse_idp_metadata(Shape().xml(), {time("2030-03-01T09:30:00Z")}, report_).has_value());
}

TEST_F(MetadataTest, CollectsAllFindings) {
  Shape shape;
  shape.entity_id = "https://sts.windows.net/{tenant}/";
  shape.keys.clear();
  shape.services.clear();
  ASSERT_FALSE(parse(shape.xml()).has_value());
  EXPECT_EQ(std::ranges::count(report_.entries(), Verdict::Failed, &Report::Entry::verdict), 3);
}

}  // namespace
}  // namespace doorward::saml::protocol
