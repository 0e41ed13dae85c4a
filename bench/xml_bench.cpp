// What the steps of a sign-in's XML cost: an Entra-shaped response of 6 KB (15 attributes) and of 29 KB (200
// group values), its assertion signed with RSA-2048, beside the RSA verification alone and beside libxml2 and
// xmlsec1. Compare figures of one run only (reference machine: any; run with
// --benchmark_enable_random_interleaving=true).

#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "xml/canonical.h"
#include "xml/oracle.h"
#include "xml/reader.h"
#include "xml/signature.h"

namespace {

using namespace doorward;

constexpr const char* kSignature =
    R"(<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>)"
    R"(<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>)"
    R"(<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="#_assertion">)"
    R"(<Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)"
    R"(<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>)"
    R"(<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo>)"
    R"(<SignatureValue/><KeyInfo><X509Data><X509Certificate>)";

const crypto::PrivateKey& key() {
  static const crypto::PrivateKey key = crypto::PrivateKey::generate_rsa();
  return key;
}

std::string make_response(int attributes, int groups) {
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
  for (int i = 0; i < attributes; ++i) {
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
  const auto bytes = xml::oracle::sign(text, key());
  CHECK(bytes.has_value());
  return *bytes;
}

const std::string& response(const benchmark::State& state) {
  static const std::string small = make_response(15, 2);
  static const std::string large = make_response(15, 220);
  return state.range(0) == 0 ? small : large;
}

xml::Element assertion_of(const xml::Document& document) {
  return document.root().child("urn:oasis:names:tc:SAML:2.0:assertion", "Assertion").value();
}

void report(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(response(state).size()));
}

void parse(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(xml::Document::parse(response(state)));
  report(state);
}

void parse_with_libxml2(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(xml::oracle::accepts(response(state)));
  report(state);
}

void canonicalize(benchmark::State& state) {
  const auto document = xml::Document::parse(response(state)).value();
  const xml::Element assertion = assertion_of(document);
  const xml::Element signature = assertion.child(xml::kDsNamespace, "Signature").value();
  for (auto _ : state) {
    std::string out;
    benchmark::DoNotOptimize(xml::canonicalize(assertion, {}, signature, out));
    benchmark::DoNotOptimize(out.data());
  }
  report(state);
}

/// From the decoded bytes to the assertion as it was signed, parsed again.
void verify(benchmark::State& state) {
  const std::vector<crypto::PublicKey> keys = {key().public_key()};
  for (auto _ : state) {
    const auto document = xml::Document::parse(response(state)).value();
    auto verified = xml::verify_enveloped(assertion_of(document), keys);
    CHECK(verified.has_value());
    benchmark::DoNotOptimize(xml::Document::parse(std::move(*verified).bytes()));
  }
  report(state);
}

void verify_with_xmlsec1(benchmark::State& state) {
  for (auto _ : state)
    CHECK(xml::oracle::verifies(response(state), "_assertion", key().public_key()));
  report(state);
}

void verify_rsa_alone(benchmark::State& state) {
  const std::string data(700, 'x');
  const Bytes signature = crypto::sign(crypto::SignatureAlgorithm::RsaSha256, key(), data);
  for (auto _ : state)
    CHECK(crypto::verify(crypto::SignatureAlgorithm::RsaSha256, key().public_key(), data, signature));
}

BENCHMARK(parse)->Arg(0)->Arg(1);
BENCHMARK(parse_with_libxml2)->Arg(0)->Arg(1);
BENCHMARK(canonicalize)->Arg(0)->Arg(1);
BENCHMARK(verify)->Arg(0)->Arg(1);
BENCHMARK(verify_with_xmlsec1)->Arg(0)->Arg(1);
BENCHMARK(verify_rsa_alone);

}  // namespace

BENCHMARK_MAIN();
