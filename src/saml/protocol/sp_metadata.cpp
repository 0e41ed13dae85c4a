#include <array>

#include "base/encoding.h"
#include "saml/protocol/metadata.h"
#include "saml/protocol/names.h"
#include "xml/signature.h"
#include "xml/writer.h"

namespace doorward::saml::protocol {

namespace {

constexpr std::string_view kGcm256 = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
constexpr std::string_view kGcm128 = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
constexpr std::string_view kOaep = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";

constexpr auto kNameIdFormats = std::to_array<std::string_view>({
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
});

void write_key(xml::Writer& writer, std::string_view use, const crypto::Certificate& certificate) {
  writer.open("md:KeyDescriptor").attribute("use", use);
  writer.open("ds:KeyInfo").attribute("xmlns:ds", xml::kDsNamespace).open("ds:X509Data");
  writer.element("ds:X509Certificate", to_base64(certificate.der())).close().close();
  if (use == "encryption") {
    // Providers that read these encrypt with AES-GCM, which needs no signed response around it.
    for (const auto algorithm : {kGcm256, kGcm128, kOaep})
      writer.open("md:EncryptionMethod").attribute("Algorithm", algorithm).close();
  }
  writer.close();
}

}  // namespace

// SAML Metadata 2.4.2 and 2.4.4; the order of the children is the schema's.
std::string write(const SpMetadata& metadata) {
  xml::Writer writer;
  writer.open("md:EntityDescriptor")
      .attribute("xmlns:md", kMetadataNamespace)
      .attribute("entityID", metadata.entity_id);
  writer.open("md:SPSSODescriptor")
      .attribute("AuthnRequestsSigned", metadata.authn_requests_signed ? "true" : "false")
      .attribute("WantAssertionsSigned", "true")
      .attribute("protocolSupportEnumeration", kProtocolNamespace);
  for (const auto& certificate : metadata.signing_certificates)
    write_key(writer, "signing", certificate);
  for (const auto& certificate : metadata.encryption_certificates)
    write_key(writer, "encryption", certificate);
  if (!metadata.slo_url.empty()) {
    for (const auto binding : {kRedirectBinding, kPostBinding}) {
      writer.open("md:SingleLogoutService")
          .attribute("Binding", binding)
          .attribute("Location", metadata.slo_url)
          .close();
    }
  }
  for (const auto format : kNameIdFormats)
    writer.element("md:NameIDFormat", format);
  writer.open("md:AssertionConsumerService")
      .attribute("Binding", kPostBinding)
      .attribute("Location", metadata.acs_url)
      .attribute("index", "0")
      .attribute("isDefault", "true")
      .close();
  writer.close().close();
  return std::move(writer).take();
}

}  // namespace doorward::saml::protocol
