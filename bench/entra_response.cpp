#include "entra_response.h"

#include "base/check.h"
#include "xml/oracle.h"

namespace doorward::bench {

namespace {

constexpr int kAttributes = 15;

constexpr const char* kSignature =
    R"(<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>)"
    R"(<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>)"
    R"(<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="#_assertion">)"
    R"(<Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)"
    R"(<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>)"
    R"(<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo>)"
    R"(<SignatureValue/><KeyInfo><X509Data><X509Certificate>)";

}  // namespace

std::string entra_response(int groups, const crypto::PrivateKey& key) {
  std::string text =
      R"(<samlp:Response ID="_response" Version="2.0" IssueInstant="2026-03-01T09:30:00.250Z" )"
      R"(Destination="https://portal.example.com/saml/contoso/acs" InResponseTo="_request" )"
      R"(xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">)"
      R"(https://sts.windows.net/6f1d0000-0000-4000-8000-000000000000/</Issuer><samlp:Status><samlp:StatusCode )"
      R"(Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><Assertion ID="_assertion" )"
      R"(IssueInstant="2026-03-01T09:30:00.250Z" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion">)"
      R"(<Issuer>https://sts.windows.net/6f1d0000-0000-4000-8000-000000000000/</Issuer>)";
  text += kSignature + std::string(1'000, 'M') + "</X509Certificate></X509Data></KeyInfo></Signature>";
  text +=
      R"(<Subject><NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">alice@contoso.example</NameID>)"
      R"(<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData )"
      R"(InResponseTo="_request" NotOnOrAfter="2026-03-01T10:30:00.250Z" )"
      R"(Recipient="https://portal.example.com/saml/contoso/acs"/></SubjectConfirmation></Subject><Conditions )"
      R"(NotBefore="2026-03-01T09:25:00.250Z" NotOnOrAfter="2026-03-01T10:30:00.250Z"><AudienceRestriction><Audience>)"
      R"(https://portal.example.com/saml/contoso/metadata</Audience></AudienceRestriction></Conditions>)"
      R"(<AttributeStatement>)";
  for (int i = 0; i < kAttributes; ++i) {
    text += "<Attribute Name=\"http://schemas.microsoft.com/identity/claims/claim" + std::to_string(i) +
            "\"><AttributeValue>6f1d0000-0000-4000-8000-0000000000" + std::to_string(10 + i) +
            "</AttributeValue></Attribute>";
  }
  text += "<Attribute Name=\"http://schemas.microsoft.com/ws/2008/06/identity/claims/groups\">";
  for (int i = 0; i < groups; ++i) {
    text += "<AttributeValue>0f1d0000-0000-4000-8000-00000000" + std::to_string(1000 + i) +
            "-group-of-people-with-" + "a-name</AttributeValue>";
  }
  text +=
      R"(</Attribute></AttributeStatement><AuthnStatement AuthnInstant="2026-03-01T09:00:00.250Z" )"
      R"(SessionIndex="_assertion"><AuthnContext><AuthnContextClassRef>)"
      R"(urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext></AuthnStatement>)"
      R"(</Assertion></samlp:Response>)";
  const auto bytes = xml::oracle::sign(text, key);
  CHECK(bytes.has_value());
  return *bytes;
}

}  // namespace doorward::bench
