#include "saml/protocol/binding.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "saml/protocol/authn_request.h"
#include "saml/protocol/cases.h"
#include "saml/protocol/logout.h"
#include "xml/oracle.h"
#include "xml/reader.h"

namespace doorward::saml::protocol {
namespace {

using namespace test;

constexpr std::string_view kSso = "https://idp.example/sso";

AuthnRequest sent_request() {
  return {.id = "_request1",
          .issue_instant = time("2030-03-01T09:30:00Z"),
          .destination = std::string(kSso),
          .sp_entity_id = std::string(kSpEntityId),
          .acs_url = std::string(kAcsUrl)};
}

OutgoingMessage message() {
  return {.xml = write(sent_request()), .destination = std::string(kSso)};
}

/// The raw value of a query parameter, and what came before it.
std::string raw_value(const std::string& url, const std::string& name) {
  const auto query = url.substr(url.find('?') + 1);
  for (const auto parameter : split(query, '&')) {
    if (parameter.starts_with(name + "=")) return std::string(parameter.substr(name.size() + 1));
  }
  return {};
}

TEST(RedirectTest, CarriesTheMessageDeflated) {
  const auto url = redirect_url(message());
  ASSERT_TRUE(url.has_value());
  EXPECT_TRUE(url->starts_with(std::string(kSso) + "?SAMLRequest="));
  const auto decoded = from_base64(*percent_decode(raw_value(*url, "SAMLRequest")));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(inflate(*decoded, 10'000), write(sent_request()));
}

TEST(RedirectTest, KeepsTheQueryOfTheEndpoint) {
  auto outgoing = message();
  outgoing.destination += "?tenant=1";
  EXPECT_TRUE(redirect_url(outgoing)->starts_with(std::string(kSso) + "?tenant=1&SAMLRequest="));
}

TEST(RedirectTest, SignsTheQueryAsItIsSpelledAndNothingBehindIt) {
  for (const auto& key :
       {crypto::PrivateKey::generate_rsa(), crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256),
        crypto::PrivateKey::generate_ec(crypto::KeyType::EcP521)}) {
    auto outgoing = message();
    outgoing.relay_state = "a/b+c d";
    outgoing.signing_key = key;
    outgoing.extra_parameters = {{"login_hint", "ada@contoso.example"}};
    const auto url = *redirect_url(outgoing);
    const auto start = url.find('?') + 1;
    const auto end = url.find("&Signature=");
    ASSERT_NE(end, std::string::npos);
    const std::string text = url.substr(start, end - start);
    EXPECT_NE(text.find("&RelayState=a%2Fb%2Bc%20d&SigAlg="), std::string::npos);
    EXPECT_TRUE(url.ends_with("&login_hint=ada%40contoso.example"));
    const auto signature = from_base64(*percent_decode(raw_value(url, "Signature")));
    const auto algorithm =
        key.public_key().type() == crypto::KeyType::Rsa      ? crypto::SignatureAlgorithm::RsaSha256
        : key.public_key().type() == crypto::KeyType::EcP256 ? crypto::SignatureAlgorithm::EcdsaSha256
                                                             : crypto::SignatureAlgorithm::EcdsaSha512;
    EXPECT_TRUE(crypto::verify(algorithm, key.public_key(), text, *signature));
  }
}

TEST(RedirectTest, LoginHintComesLastWithoutASignatureToo) {
  auto outgoing = message();
  outgoing.extra_parameters = {{"login_hint", "a&SigAlg=x"}};
  EXPECT_TRUE(redirect_url(outgoing)->ends_with("&login_hint=a%26SigAlg%3Dx"));
}

TEST(BindingTest, RefusesALongRelayState) {
  auto outgoing = message();
  outgoing.relay_state = std::string(81, 'x');
  EXPECT_FALSE(redirect_url(outgoing).has_value());
  EXPECT_FALSE(post_form(outgoing).has_value());
  outgoing.relay_state.pop_back();
  EXPECT_TRUE(redirect_url(outgoing).has_value());
}

TEST(PostTest, CarriesTheMessageAndTheRelayState) {
  auto outgoing = message();
  outgoing.relay_state = "state";
  const auto form = post_form(outgoing);
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(form->action, kSso);
  EXPECT_EQ(form->fields, (std::vector<Parameter>{{"SAMLRequest", to_base64(write(sent_request()))},
                                                  {"RelayState", "state"}}));
}

TEST(PostTest, XmlsecVerifiesTheSignature) {
  for (const auto& key :
       {crypto::PrivateKey::generate_rsa(), crypto::PrivateKey::generate_ec(crypto::KeyType::EcP384)}) {
    auto outgoing = message();
    outgoing.signing_key = key;
    const auto form = post_form(outgoing);
    ASSERT_TRUE(form.has_value());
    const auto xml = *from_base64(form->fields[0].second);
    EXPECT_TRUE(xml::oracle::verifies(xml, "_request1", key.public_key())) << xml;
    const auto document = xml::Document::parse(xml);
    auto second = ++document->root().children().begin();
    EXPECT_EQ((*second).local_name(), "Signature") << "behind the Issuer";
  }
}

TEST(DeflateTest, RoundTrips) {
  for (const std::string& text : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
    EXPECT_EQ(inflate(deflate(text), text.size()), text);
  }
}

TEST(InflateTest, StopsAtItsLimit) {
  const auto bomb = deflate(std::string(10'000'000, '\0'));
  EXPECT_FALSE(inflate(bomb, 9'999'999).has_value());
  EXPECT_FALSE(inflate(bomb, 0).has_value());
  EXPECT_TRUE(inflate(bomb, 10'000'000).has_value());
}

TEST(InflateTest, RefusesDamage) {
  const auto good = deflate("some text that is long enough to be compressed, compressed, compressed");
  EXPECT_FALSE(inflate(good + "x", 1000).has_value());
  EXPECT_FALSE(inflate(good.substr(0, good.size() - 1), 1000).has_value());
  EXPECT_FALSE(inflate("", 1000).has_value());
  EXPECT_FALSE(inflate("\xFF\xFF\xFF", 1000).has_value());
  EXPECT_FALSE(inflate("x\x9C" + good, 1000).has_value()) << "zlib's header is not part of raw DEFLATE";
}

}  // namespace
}  // namespace doorward::saml::protocol
