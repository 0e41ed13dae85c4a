#include "xml/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "xml/generator.h"
#include "xml/oracle.h"
#include "xml/signed_document.h"

namespace doorward::xml {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Verdict {
  std::string_view code;  // "accepted" or the failure's.
  std::string bytes = {};
};

Verdict verdict(std::string_view bytes, std::vector<crypto::PublicKey> keys = {signing_key().public_key()},
                SignaturePolicy policy = {}) {
  auto document = Document::parse(std::string(bytes));
  if (!document) return {document.error().code.name()};
  auto verified = verify_enveloped(document->root(), keys, policy);
  if (!verified) return {verified.error().code.name()};
  return {"accepted", std::move(*verified).bytes()};
}

std::string around(const std::string& signature) {
  return "<r xmlns=\"urn:r\" ID=\"root\"><Issuer>idp</Issuer>" + signature + "<v>value</v></r>";
}

std::string signed_with(const SignatureTemplate& signature, const crypto::PrivateKey& key = signing_key()) {
  const auto bytes = oracle::sign(around(signature.text()), key);
  EXPECT_TRUE(bytes);
  return bytes.value_or("");
}

const std::string& good() {
  static const std::string bytes = signed_with({});
  return bytes;
}

TEST(Signature, VerifiesWhatXmlsecSigns) {
  const Verdict good_verdict = verdict(good());
  EXPECT_EQ(good_verdict.code, "accepted");
  EXPECT_EQ(good_verdict.bytes, "<r xmlns=\"urn:r\" ID=\"root\"><Issuer>idp</Issuer><v>value</v></r>");
}

TEST(Signature, VerifiesEveryAlgorithmOnTheList) {
  const crypto::PrivateKey p256 = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
  const crypto::PrivateKey p384 = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP384);
  const crypto::PrivateKey p521 = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP521);
  const std::string more = "http://www.w3.org/2001/04/xmldsig-more#";
  for (const std::string& digest :
       {std::string(kSha256), more + "sha384", std::string("http://www.w3.org/2001/04/xmlenc#sha512")}) {
    for (const char* hash : {"256", "384", "512"}) {
      EXPECT_EQ(
          verdict(signed_with({.signature_method = more + "rsa-sha" + hash, .digest_method = digest})).code,
          "accepted");
      for (const auto& key : {p256, p384, p521}) {
        EXPECT_EQ(verdict(signed_with(
                              {.signature_method = more + "ecdsa-sha" + hash, .digest_method = digest}, key),
                          {key.public_key()})
                      .code,
                  "accepted")
            << hash;
      }
    }
  }
}

TEST(Signature, VerifiesEveryCanonicalForm) {
  for (const std::string own : {kExclusiveMethod, kInclusiveMethod}) {
    for (const std::string content : {kExclusiveMethod, kInclusiveMethod}) {
      for (const std::string comments : {"", "WithComments"}) {
        const auto form = [&](const std::string& method) {
          return comments.empty() ? method : method + (method.ends_with('#') ? "" : "#") + comments;
        };
        const std::string bytes = signed_with({.own_form = form(own), .content_form = form(content)});
        EXPECT_EQ(verdict(bytes).code, "accepted") << own << content << comments;
      }
    }
  }
  EXPECT_EQ(verdict(signed_with({.prefix_list = "#default ds xs\n nowhere"})).code, "accepted");
  const std::string enveloped = "<ds:Transform Algorithm=\"" + std::string(kEnvelopedTransform) + "\"/>";
  EXPECT_EQ(verdict(signed_with({.transforms = enveloped})).code, "accepted")
      << "inclusive unless said otherwise";
}

TEST(Signature, NeedsOneOfOurKeys) {
  const crypto::PublicKey ours = signing_key().public_key();
  const crypto::PublicKey others = other_key().public_key();
  const crypto::PublicKey curve = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256).public_key();
  EXPECT_EQ(verdict(good(), {}).code, kSignatureUnverified.name());
  EXPECT_EQ(verdict(good(), {others}).code, kSignatureUnverified.name());
  EXPECT_EQ(verdict(good(), {curve}).code, kSignatureUnverified.name());
  EXPECT_EQ(verdict(good(), {curve, others, ours}).code, "accepted");
  const auto document = Document::parse(good()).value();
  const std::vector<crypto::PublicKey> keys = {curve, others, ours};
  EXPECT_EQ(verify_enveloped(document.root(), keys)->key_index(), 2u);
}

TEST(Signature, IgnoresTheKeyItBrings) {
  const std::string key_info =
      "<ds:KeyInfo><ds:KeyName>x</ds:KeyName><ds:X509Data><ds:X509Certificate>AQ ID</ds:X509Certificate>"
      "<ds:X509Certificate>!</ds:X509Certificate></ds:X509Data></ds:KeyInfo>";
  const std::string bytes = signed_with({.key_info = key_info}, other_key());
  EXPECT_EQ(verdict(bytes).code, kSignatureUnverified.name());
  const auto document = Document::parse(bytes).value();
  EXPECT_EQ(claimed_certificates(document.root()), std::vector<Bytes>{"\1\2\3"});
  EXPECT_TRUE(claimed_certificates(Document::parse(good())->root()).empty());
}

TEST(Signature, RefusesSha1UnlessAllowed) {
  const std::string rsa_sha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
  const std::string sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
  for (const SignatureTemplate& weak :
       {SignatureTemplate{.signature_method = rsa_sha1}, SignatureTemplate{.digest_method = sha1}}) {
    const std::string bytes = signed_with(weak);
    EXPECT_EQ(verdict(bytes).code, kSignatureSha1.name());
    EXPECT_EQ(verdict(bytes, {signing_key().public_key()}, {.sha1 = Sha1::Allowed}).code, "accepted");
  }
}

TEST(Signature, RefusesOtherAlgorithms) {
  for (const char* method :
       {"http://www.w3.org/2000/09/xmldsig#hmac-sha1", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5", "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#RSA-SHA256", "rsa-sha256", "none", "",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 "}) {
    EXPECT_EQ(verdict(replaced(good(), kRsaSha256, method)).code, kSignatureAlgorithm.name()) << method;
    EXPECT_EQ(verdict(replaced(good(), kSha256, method)).code, kSignatureAlgorithm.name()) << method;
  }
  // A confused deputy: the other family's name on our key.
  EXPECT_EQ(verdict(replaced(good(), "#rsa-sha256", "#ecdsa-sha256")).code, kSignatureUnverified.name());
  EXPECT_EQ(verdict(replaced(good(), "#rsa-sha256", "#rsa-sha512")).code, kSignatureUnverified.name());
}

TEST(Signature, RefusesOtherTransforms) {
  const auto transform = [](const std::string& algorithm) {
    return "<ds:Transform Algorithm=\"" + algorithm + "\"/>";
  };
  const std::string enveloped = transform(kEnvelopedTransform);
  const std::string exclusive = transform(kExclusiveMethod);
  for (const std::string& transforms :
       {exclusive, exclusive + enveloped, enveloped + enveloped, enveloped + exclusive + exclusive,
        enveloped + exclusive + transform(kInclusiveMethod),
        enveloped + transform("http://www.w3.org/2000/09/xmldsig#base64"),
        enveloped + transform("http://www.w3.org/TR/1999/REC-xslt-19991116"),
        enveloped +
            "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>1</ds:XPath>"
            "</ds:Transform>",
        enveloped + transform("http://www.w3.org/2002/06/xmldsig-filter2"),
        enveloped + transform("http://www.w3.org/2006/12/xml-c14n11"), enveloped + "<ds:Transform/>",
        transform("")}) {
    std::string bytes = SignatureTemplate{.transforms = transforms}.text();
    bytes = replaced(bytes, "<ds:DigestValue/>", "<ds:DigestValue>AAAA</ds:DigestValue>");
    bytes = replaced(bytes, "<ds:SignatureValue/>", "<ds:SignatureValue>AAAA</ds:SignatureValue>");
    EXPECT_EQ(verdict(around(bytes)).code, kSignatureTransform.name()) << transforms;
  }
  EXPECT_EQ(verdict(replaced(good(), kExclusiveMethod, "http://www.w3.org/2006/12/xml-c14n11")).code,
            kSignatureTransform.name());
}

TEST(Signature, RefusesPoisonedPrefixLists) {
  std::string many;
  for (int i = 0; i < 33; ++i)
    many += " p" + std::to_string(i);
  const std::string bytes = signed_with({.prefix_list = "p0"});
  for (const std::string& list :
       {many, std::string("a:b"), std::string("1"), std::string("#x"), std::string("a,b")}) {
    EXPECT_EQ(verdict(replaced(bytes, "\"p0\"", "\"" + list + "\"")).code, kSignatureTransform.name())
        << list;
  }
}

TEST(Signature, MustNameItsParent) {
  for (const char* uri : {"", "root", "#", "#Root", "#root ", " #root", "##root", "#xpointer(id('root'))",
                          "#xpointer(/)", "http://a.example/#root", "#other", "file:///etc/passwd"}) {
    EXPECT_EQ(verdict(replaced(good(), "URI=\"#root\"", "URI=\"" + std::string(uri) + "\"")).code,
              kSignatureReference.name())
        << uri;
  }
  EXPECT_EQ(verdict(replaced(good(), " URI=\"#root\"", "")).code, kSignatureReference.name());
  for (const char* attribute : {"", "Id=\"root\"", "id=\"root\"", "AssertionID=\"root\"", "xml:id=\"root\"",
                                "xmlns:p=\"urn:p\" p:ID=\"root\"", "ID=\"\""}) {
    EXPECT_EQ(verdict(replaced(good(), "ID=\"root\"", attribute)).code, kSignatureReference.name())
        << attribute;
  }
  const std::string pointer =
      replaced(replaced(good(), "#root", "#xpointer(/)"), "ID=\"root\"", "ID=\"xpointer(/)\"");
  EXPECT_EQ(verdict(pointer).code, kSignatureReference.name());
}

TEST(Signature, MustHaveTheExactShape) {
  const std::string reference = good().substr(good().find("<ds:Reference"),
                                              good().find("</ds:SignedInfo>") - good().find("<ds:Reference"));
  const std::string signed_info = good().substr(
      good().find("<ds:SignedInfo"), good().find("<ds:SignatureValue") - good().find("<ds:SignedInfo"));
  const std::string value = good().substr(good().find("<ds:SignatureValue"),
                                          good().find("</ds:Signature>") - good().find("<ds:SignatureValue"));
  const std::string digest = reference.substr(reference.find("<ds:DigestValue>"));
  const std::string digest_value = digest.substr(0, digest.find("</ds:Reference>"));
  const std::string transforms =
      reference.substr(reference.find("<ds:Transforms>"),
                       reference.find("<ds:DigestMethod") - reference.find("<ds:Transforms>"));
  const std::pair<std::string, std::string> changes[] = {
      {"</ds:Signature>", "<ds:Object/></ds:Signature>"},
      {"</ds:Signature>", "<ds:Object ID=\"x\"><r xmlns=\"urn:r\"/></ds:Object></ds:Signature>"},
      {"</ds:Signature>", "<ds:KeyInfo/><ds:KeyInfo/></ds:Signature>"},
      {"</ds:Signature>", "text</ds:Signature>"},
      {"</ds:SignatureValue>", "</ds:SignatureValue><x/>"},
      {signed_info, signed_info + signed_info},
      {signed_info, ""},
      {signed_info + value, value + signed_info},
      {value, value + value},
      {value, ""},
      {reference, reference + reference},
      {reference, ""},
      {reference, "<ds:Manifest>" + reference + "</ds:Manifest>"},
      {digest_value, digest_value + digest_value},
      {digest_value, ""},
      {transforms, ""},
      {transforms, transforms + transforms},
      {"<ds:DigestValue>", "<ds:DigestValue><!---->"},
      {"<ds:DigestValue>", "<ds:DigestValue>A<!---->"},
      {"</ds:DigestValue>", "<x/></ds:DigestValue>"},
      {"</ds:DigestValue>", "!</ds:DigestValue>"},
      {digest_value, "<ds:DigestValue/>"},
      {"<ds:SignatureValue>", "<ds:SignatureValue><!-- -->"},
      {"<ds:SignatureValue>", "<ds:SignatureValue><x/>"},
      {"<ds:SignatureValue>", "<ds:SignatureValue>="},
      {"<ds:Transforms>", "<ds:Transforms>text"},
      {"<ds:SignatureMethod Algorithm=\"" + std::string(kRsaSha256) + "\"/>",
       "<ds:SignatureMethod Algorithm=\"" + std::string(kRsaSha256) +
           "\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>"},
      {"<ds:SignedInfo>", "<ds:SignedInfo><ds:Reference/>"},
  };
  for (const auto& [before, after] : changes) {
    const std::string bytes = replaced(good(), before, after);
    EXPECT_EQ(verdict(bytes).code, kSignatureShape.name()) << bytes;
  }
  std::string other_namespace = good();
  other_namespace = replaced(other_namespace, "xmldsig#\"><ds:SignedInfo>", "xmldsig\"><ds:SignedInfo>");
  EXPECT_EQ(verdict(other_namespace).code, kSignatureMissing.name());
}

// It is hashed for each key before anything is verified; half a megabyte and 32 keys took a second.
TEST(Signature, MustNotBeHuge) {
  const auto padded = [](std::size_t length) {
    std::string signature = SignatureTemplate().text();
    signature = replaced(std::move(signature), "<ds:DigestMethod ",
                         "<ds:DigestMethod padding=\"" + std::string(length, 'x') + "\" ");
    return oracle::sign(around(signature), signing_key()).value();
  };
  EXPECT_EQ(verdict(padded(8'000)).code, "accepted");
  EXPECT_EQ(verdict(padded(20'000)).code, kSignatureShape.name());
  EXPECT_EQ(verdict(padded(20'000), {other_key().public_key()}).code, kSignatureShape.name());
}

TEST(Signature, MustBeTheOnlyOneAndADirectChild) {
  const std::string signature =
      good().substr(good().find("<ds:Signature"), good().find("<v>") - good().find("<ds:Signature"));
  EXPECT_EQ(verdict(replaced(good(), signature, "")).code, kSignatureMissing.name());
  EXPECT_EQ(verdict(replaced(good(), signature, signature + signature)).code, kSignatureMultiple.name());
  EXPECT_EQ(verdict(replaced(good(), signature, "<x>" + signature + "</x>")).code, kSignatureMissing.name());
  EXPECT_EQ(verdict(replaced(good(), "</r>", signature + "</r>")).code, kSignatureMultiple.name());
  EXPECT_EQ(verdict(replaced(replaced(good(), signature, ""), "</r>", signature + "</r>")).code,
            kSignatureShape.name())
      << "the content is unchanged, but no schema has it there";
  EXPECT_TRUE(has_signature(Document::parse(good())->root()));
  EXPECT_FALSE(has_signature(Document::parse(replaced(good(), signature, ""))->root()));
}

TEST(Signature, FailsForChangedContent) {
  EXPECT_EQ(verdict(replaced(good(), "<v>value</v>", "<v>other</v>")).code, kSignatureDigest.name());
  EXPECT_EQ(verdict(replaced(good(), "<v>", "<v a=\"\">")).code, kSignatureDigest.name());
  EXPECT_EQ(verdict(replaced(good(), "<v>", " <v>")).code, kSignatureDigest.name());
  EXPECT_EQ(verdict(replaced(good(), "</r>", "<w/></r>")).code, kSignatureDigest.name());
  EXPECT_EQ(verdict(replaced(good(), "xmlns=\"urn:r\"", "xmlns=\"urn:s\"")).code, kSignatureDigest.name());
  EXPECT_EQ(verdict(replaced(good(), "<ds:SignedInfo>", "<ds:SignedInfo> ")).code,
            kSignatureUnverified.name());
  EXPECT_EQ(verdict(replaced(good(), "<ds:SignedInfo>", "<ds:SignedInfo Id=\"x\">")).code,
            kSignatureUnverified.name());
}

TEST(Signature, CommentsNeverReachTheSignedBytes) {
  for (const std::string form : {kExclusiveMethod, kInclusiveMethod}) {
    const std::string with_comments = form.ends_with('#') ? form + "WithComments" : form + "#WithComments";
    for (const std::string& method : {form, with_comments}) {
      const std::string bytes = signed_with({.content_form = method});
      const std::string commented = replaced(bytes, "value", "val<!-- x -->ue");
      EXPECT_EQ(oracle::verifies(commented, "root", signing_key().public_key()),
                verdict(commented).code == "accepted");
      EXPECT_THAT(verdict(commented).bytes, Not(HasSubstr("<!--")));
    }
  }
}

// Somorovsky et al., "On Breaking SAML", section 4: the signed original moves, a forgery takes its place.
// Wherever something is accepted, the bytes handed out are the original's.
TEST(Signature, WrappingNeverYieldsOtherBytes) {
  const std::string original = replaced(good(), "<?xml version=\"1.0\"?>\n", "");
  const std::string signature =
      original.substr(original.find("<ds:Signature"), original.find("<v>") - original.find("<ds:Signature"));
  const std::string unsigned_original = replaced(original, signature, "");
  const std::string forged_open = "<r xmlns=\"urn:r\" ID=\"forged\"><Issuer>idp</Issuer>";
  const std::string forged_close = "<v>evil</v></r>";
  const std::string documents[] = {
      forged_open + original + forged_close,
      forged_open + signature + forged_close,
      forged_open + signature + unsigned_original + forged_close,
      forged_open +
          replaced(signature, "</ds:Signature>",
                   "<ds:Object>" + unsigned_original + "</ds:Object></ds:Signature>") +
          forged_close,
      forged_open +
          replaced(signature, "</ds:Signature>",
                   "<ds:KeyInfo>" + unsigned_original + "</ds:KeyInfo></ds:Signature>") +
          forged_close,
      replaced(forged_open, "forged", "root") + signature + forged_close,
      replaced(forged_open, "forged", "root") + signature + "<x>" + unsigned_original + "</x>" + forged_close,
      forged_open + "<Extensions>" + original + "</Extensions>" + forged_close,
  };
  for (const std::string& document : documents)
    EXPECT_NE(verdict(document).code, "accepted") << document;
}

// Every single change of every byte. What is still accepted was not signed, or means the same.
TEST(Signature, SurvivesMutation) {
  const std::string expected = verdict(good()).bytes;
  std::size_t accepted = 0;
  const auto check = [&](const std::string& mutant) {
    const Verdict result = verdict(mutant);
    if (result.code != "accepted") return;
    ++accepted;
    EXPECT_EQ(result.bytes, expected) << mutant;
    EXPECT_TRUE(oracle::verifies(mutant, "root", signing_key().public_key())) << mutant;
  };
  for (std::size_t i = 0; i < good().size(); ++i) {
    for (const int bit : {0, 1, 5}) {
      std::string flipped = good();
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      check(flipped);
    }
    for (const std::size_t length : {1u, 4u, 40u})
      check(std::string(good()).erase(i, length));
    check(std::string(good()).insert(i, good().substr(i, 1)));
    check(std::string(good()).insert(i, good().substr(i, 60)));
    for (const char* piece : {"<", "\"", " ", "<!---->", "&#x20;", "<x/>"})
      check(std::string(good()).insert(i, piece));
  }
  EXPECT_GT(accepted, 0u) << "white space inside tags changes nothing";
}

// Generated documents: signed by xmlsec1, verified here; then changed, judged by both.
RC_GTEST_PROP(SignatureProperty, AgreesWithXmlsec, ()) {
  const auto choices = *rc::gen::resize(300, rc::gen::arbitrary<std::vector<std::uint8_t>>());
  Generator generator(choices);
  SignatureTemplate signature;
  signature.own_form = generator.choose(2) == 0 ? kExclusiveMethod : kInclusiveMethod;
  signature.content_form = generator.choose(2) == 0 ? kExclusiveMethod : kInclusiveMethod;
  if (signature.content_form == kExclusiveMethod) {
    for (const std::string& prefix : generator.prefix_list())
      signature.prefix_list += prefix + " ";
  }
  const auto bytes = oracle::sign(generator.document(signature.text()), signing_key());
  RC_ASSERT(bytes.has_value());
  RC_ASSERT(verdict(*bytes).code == "accepted");

  std::string changed = *bytes;
  const std::size_t at = (generator.choose(256) * 256 + generator.choose(256)) % changed.size();
  switch (generator.choose(3)) {
    case 0:
      changed.erase(at, 1 + generator.choose(8));
      break;
    case 1:
      changed.insert(at, changed.substr(generator.choose(256), generator.choose(64)));
      break;
    default:
      changed[at] = static_cast<char>(changed[at] ^ (1 << generator.choose(7)));
  }
  if (verdict(changed).code == "accepted") {
    RC_ASSERT(verdict(changed).bytes == verdict(*bytes).bytes);
    RC_ASSERT(oracle::verifies(changed, "root", signing_key().public_key()));
  }
}

TEST(SignatureAlgorithmTest, NamesAreReadAsTheyAreWritten) {
  for (const auto algorithm :
       {crypto::SignatureAlgorithm::RsaSha1, crypto::SignatureAlgorithm::RsaSha256,
        crypto::SignatureAlgorithm::RsaSha384, crypto::SignatureAlgorithm::RsaSha512,
        crypto::SignatureAlgorithm::EcdsaSha256, crypto::SignatureAlgorithm::EcdsaSha384,
        crypto::SignatureAlgorithm::EcdsaSha512}) {
    EXPECT_EQ(signature_algorithm_from_uri(uri_of(algorithm)), algorithm);
  }
  EXPECT_EQ(signature_algorithm_from_uri("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), std::nullopt);
  EXPECT_EQ(signature_algorithm_from_uri(""), std::nullopt);
}

}  // namespace
}  // namespace doorward::xml
