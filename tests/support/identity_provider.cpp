#include "support/identity_provider.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "saml/protocol/binding.h"
#include "support/test_keys.h"

namespace doorward::test {

namespace {

constexpr std::string_view kSamlNamespace = "urn:oasis:names:tc:SAML:2.0:assertion";
constexpr std::string_view kAlgorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

std::string assertion(const AnswerParts& parts, std::string_view signature) {
  using std::chrono::minutes;
  const std::string now = format_rfc3339(parts.now);
  const std::string end = format_rfc3339(parts.now + minutes(70));
  std::string in_response_to;
  if (!parts.in_response_to.empty())
    in_response_to = fmt::format(R"( InResponseTo="{}")", parts.in_response_to);
  std::string attributes;
  for (const auto& [name, value] : parts.attributes) {
    attributes += fmt::format(
        R"(<saml:Attribute Name="{}"><saml:AttributeValue>{}</saml:AttributeValue></saml:Attribute>)", name,
        value);
  }
  if (!attributes.empty())
    attributes = fmt::format("<saml:AttributeStatement>{}</saml:AttributeStatement>", attributes);
  return fmt::format(
      R"(<saml:Assertion xmlns:saml="{ns}" ID="{id}" IssueInstant="{now}" Version="2.0"><saml:Issuer>{issuer}</saml:Issuer>{signature}<saml:Subject><saml:NameID Format="{format}">{name_id}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData{irt} NotOnOrAfter="{end}" Recipient="{acs}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{now}" NotOnOrAfter="{end}"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>{attributes}<saml:AuthnStatement AuthnInstant="{instant}" SessionIndex="_session"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement></saml:Assertion>)",
      fmt::arg("ns", kSamlNamespace), fmt::arg("id", parts.assertion_id), fmt::arg("now", now),
      fmt::arg("instant", format_rfc3339(parts.authn_instant.value_or(parts.now))),
      fmt::arg("issuer", parts.issuer), fmt::arg("signature", signature),
      fmt::arg("format", parts.name_id_format), fmt::arg("name_id", parts.name_id),
      fmt::arg("irt", in_response_to), fmt::arg("end", end), fmt::arg("acs", parts.destination),
      fmt::arg("audience", parts.audience), fmt::arg("attributes", attributes));
}

}  // namespace

IdentityProvider::IdentityProvider(Timestamp now, const std::string& key)
    : key_(test_key(key)),
      certificate_(crypto::Certificate::self_signed(key_, "idp", now - std::chrono::hours(24),
                                                    now + std::chrono::hours(24 * 365))) {}

std::string IdentityProvider::signature_over(std::string_view canonical, std::string_view id) const {
  const std::string signed_info = fmt::format(
      R"(<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{}"></ds:SignatureMethod><ds:Reference URI="#{}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>)",
      kAlgorithm, id, to_base64(crypto::sha256(canonical)));
  return fmt::format(
      R"(<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{}<ds:SignatureValue>{}</ds:SignatureValue></ds:Signature>)",
      signed_info, to_base64(crypto::sign(crypto::SignatureAlgorithm::RsaSha256, key_, signed_info)));
}

std::string IdentityProvider::answer(const AnswerParts& parts) const {
  const std::string signature = signature_over(assertion(parts, ""), parts.assertion_id);
  std::string in_response_to;
  if (!parts.in_response_to.empty())
    in_response_to = fmt::format(R"( InResponseTo="{}")", parts.in_response_to);
  return to_base64(fmt::format(
      R"(<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="{}" ID="_response"{} IssueInstant="{}" Version="2.0"><saml:Issuer xmlns:saml="{}">{}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{}</samlp:Response>)",
      parts.destination, in_response_to, format_rfc3339(parts.now), kSamlNamespace, parts.issuer,
      assertion(parts, signature)));
}

std::string IdentityProvider::redirect_query(std::string_view parameter, std::string_view xml) const {
  std::string query =
      fmt::format("{}={}&SigAlg={}", parameter, percent_encode(to_base64(saml::protocol::deflate(xml))),
                  percent_encode(kAlgorithm));
  const auto signature = crypto::sign(crypto::SignatureAlgorithm::RsaSha256, key_, query);
  return query + "&Signature=" + percent_encode(to_base64(signature));
}

}  // namespace doorward::test
