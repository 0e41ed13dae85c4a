// Responses, signed by the target itself so that what comes after the signature is reached: what is accepted
// says what a VerifiedAssertion promises, and xmlsec1 verifies it too. Unsigned, nothing is ever accepted.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "saml/protocol/binding.h"
#include "saml/protocol/response.h"
#include "xml/oracle.h"
#include "xml/reader.h"

namespace {

using namespace doorward;
using namespace doorward::saml::protocol;

Timestamp time(std::string_view text) {
  return parse_rfc3339(text).value();
}

const crypto::PrivateKey& key() {
  static const auto made = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
  return made;
}

const Expectations& expectations() {
  static const Expectations made{
      .acs_url = "https://door.example.com/saml/contoso/acs",
      .sp_entity_id = "https://door.example.com/saml/contoso/metadata",
      .idp_entity_id = "https://sts.windows.net/11111111-2222-4333-8444-555555555555/",
      .signing_certificates = {crypto::Certificate::self_signed(key(), "idp", time("2030-01-01T00:00:00Z"),
                                                                time("2040-01-01T00:00:00Z"))},
      .decryption_keys = {crypto::PrivateKey::generate_rsa()},
      .now = time("2030-03-01T09:30:00Z"),
      .in_response_to = "_request1"};
  return made;
}

Result<VerifiedAssertion, Finding> verify_once(BytesView xml) {
  Report report;
  auto response = UnverifiedResponse::from_xml(xml, report);
  if (!response) {
    CHECK(report.failure() && report.failure()->finding == response.error());
    return fail(response.error());
  }
  auto assertion = verify(*response, expectations(), report);
  CHECK(assertion.has_value() == !report.failure().has_value());
  if (!assertion) CHECK(report.failure()->finding == assertion.error());
  return assertion;
}

/// The response with a signature behind its Issuer, when it has the shape for one.
std::optional<std::string> sign(std::string_view xml) {
  const auto document = xml::Document::parse(std::string(xml));
  if (!document || !document->root().attribute("ID")) return std::nullopt;
  if (xml.find("</saml:Issuer>") == std::string_view::npos) return std::nullopt;
  const auto form = post_form({.kind = MessageKind::Response,
                               .xml = std::string(xml),
                               .destination = "https://x",
                               .signing_key = key()});
  if (!form) return std::nullopt;
  return from_base64(form->fields[0].second);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  CHECK(!verify_once(input).has_value());
  const auto signed_xml = sign(input);
  if (!signed_xml) return 0;
  const auto assertion = verify_once(*signed_xml);
  if (!assertion) return 0;

  const auto document = xml::Document::parse(*signed_xml);
  const auto id = document->root().attribute("ID").value();
  CHECK(xml::oracle::verifies(*signed_xml, id, key().public_key()));
  CHECK(!assertion->id().empty());
  CHECK(assertion->issuer() == expectations().idp_entity_id);
  CHECK(assertion->in_response_to() == "_request1");
  CHECK(!assertion->name_id().value.empty());
  CHECK(assertion->replay_until() > expectations().now);
  CHECK(assertion->replay_until() <= expectations().now + std::chrono::hours(25));
  for (const auto claim : {Claim::ObjectIdentifier, Claim::EmailAddress, Claim::Name})
    CHECK(assertion->claims(claim).size() <= 1);
  return 0;
}
