#include "xml/encryption.h"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "crypto/random.h"
#include "xml/oracle.h"
#include "xml/signed_document.h"

namespace doorward::xml {
namespace {

constexpr const char* kAes128Gcm = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
constexpr const char* kOaepMgf1p = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
constexpr const char* kOaep11 = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
constexpr const char* kPlain = "<Assertion xmlns=\"urn:a\">secret</Assertion>";

std::string data_template(const std::string& cipher) {
  return "<xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" "
         "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\">"
         "<xenc:EncryptionMethod Algorithm=\"" +
         cipher +
         "\"/><ds:KeyInfo Id=\"outer\"><xenc:EncryptedKey Id=\"k\"><xenc:EncryptionMethod Algorithm=\"" +
         kOaepMgf1p + "\"/><ds:KeyInfo><ds:KeyName>" + oracle::kRecipientKeyName +
         "</ds:KeyName></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></"
         "xenc:EncryptedKey>"
         "</ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>";
}

/// An EncryptedAssertion with `data`, and `beside` behind it.
std::string contained(const std::string& data, const std::string& beside = {}) {
  return "<EncryptedAssertion>" + data + beside + "</EncryptedAssertion>";
}

std::string encrypted(const std::string& cipher = kAes128Gcm, int key_bits = 128,
                      const crypto::PrivateKey& recipient = signing_key()) {
  const auto document = oracle::encrypt(data_template(cipher), kPlain, key_bits, recipient.public_key());
  EXPECT_TRUE(document) << cipher;
  return document ? document->substr(document->find("<xenc:EncryptedData")) : "";
}

std::string outcome(const std::string& document, Cbc cbc = Cbc::Refused,
                    std::vector<crypto::PrivateKey> keys = {signing_key()}) {
  const auto parsed = Document::parse(document);
  if (!parsed) return std::string(parsed.error().code.name());
  const auto plain = decrypt(parsed->root(), keys, cbc);
  return plain ? *plain : std::string(plain.error().code.name());
}

std::string cut(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t start = text.find(from);
  return text.substr(start, text.find(to, start) + to.size() - start);
}

TEST(Encryption, OpensWhatXmlsecEncrypts) {
  for (const int bits : {128, 192, 256}) {
    const std::string size = std::to_string(bits);
    EXPECT_EQ(outcome(contained(encrypted("http://www.w3.org/2009/xmlenc11#aes" + size + "-gcm", bits))),
              kPlain);
    const std::string cbc =
        contained(encrypted("http://www.w3.org/2001/04/xmlenc#aes" + size + "-cbc", bits));
    EXPECT_EQ(outcome(cbc, Cbc::Allowed), kPlain);
    EXPECT_EQ(outcome(cbc, Cbc::Refused), kEncryptionCbc.name());
  }
}

/// The document with its content key wrapped anew: xmlsec1 1.2 knows OAEP with SHA-1 alone.
std::string rewrapped(std::string data, const std::string& transport, const std::string& parameters,
                      const EVP_MD* digest, const EVP_MD* mask_digest) {
  const std::string value = cut(data, "<xenc:CipherValue>", "</xenc:CipherValue>");
  const std::string base64 = value.substr(value.find('>') + 1, value.rfind('<') - value.find('>') - 1);
  const auto content_key =
      crypto::decrypt_oaep(signing_key(), {}, from_base64(base64, Base64Space::Allowed).value()).value();
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(signing_key().public_key().handle(), nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY_encrypt_init(context.get());
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING);
  EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), digest);
  EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), mask_digest);
  Bytes wrapped(256, '\0');
  std::size_t length = wrapped.size();
  EXPECT_EQ(EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(wrapped.data()), &length,
                             reinterpret_cast<const unsigned char*>(content_key.reveal().data()),
                             content_key.reveal().size()),
            1);
  data = replaced(data, value, "<xenc:CipherValue>" + to_base64(wrapped) + "</xenc:CipherValue>");
  return contained(replaced(
      data, "<xenc:EncryptionMethod Algorithm=\"" + std::string(kOaepMgf1p) + "\"/>",
      "<xenc:EncryptionMethod Algorithm=\"" + transport + "\">" + parameters + "</xenc:EncryptionMethod>"));
}

std::string digest_method(const std::string& uri) {
  return "<ds:DigestMethod Algorithm=\"" + uri + "\"/>";
}

std::string mask(const std::string& name) {
  return "<e:MGF xmlns:e=\"http://www.w3.org/2009/xmlenc11#\" Algorithm=\"http://www.w3.org/2009/xmlenc11#" +
         name + "\"/>";
}

TEST(Encryption, OpensEveryOaepOnTheList) {
  const std::string data = encrypted();
  const std::string sha1 = digest_method("http://www.w3.org/2000/09/xmldsig#sha1");
  const std::string sha256 = digest_method(kSha256);
  const std::string sha512 = digest_method("http://www.w3.org/2001/04/xmlenc#sha512");
  const auto open = [&](const std::string& transport, const std::string& parameters, const EVP_MD* digest,
                        const EVP_MD* mask_digest) {
    return outcome(rewrapped(data, transport, parameters, digest, mask_digest));
  };
  EXPECT_EQ(open(kOaepMgf1p, sha1, EVP_sha1(), EVP_sha1()), kPlain);
  EXPECT_EQ(open(kOaepMgf1p, sha256, EVP_sha256(), EVP_sha1()), kPlain);
  EXPECT_EQ(open(kOaep11, "", EVP_sha1(), EVP_sha1()), kPlain);
  EXPECT_EQ(open(kOaep11, sha256, EVP_sha256(), EVP_sha1()), kPlain);
  EXPECT_EQ(open(kOaep11, sha256 + mask("mgf1sha1"), EVP_sha256(), EVP_sha1()), kPlain);
  EXPECT_EQ(open(kOaep11, sha256 + mask("mgf1sha256"), EVP_sha256(), EVP_sha256()), kPlain)
      << "as Keycloak sends it";
  EXPECT_EQ(open(kOaep11, mask("mgf1sha384") + sha512, EVP_sha512(), EVP_sha384()), kPlain);
  EXPECT_EQ(open(kOaep11, sha256 + mask("mgf1sha256"), EVP_sha256(), EVP_sha1()), kDecryptionFailed.name());
  EXPECT_EQ(open(kOaep11, sha256, EVP_sha1(), EVP_sha1()), kDecryptionFailed.name());
}

TEST(Encryption, RefusesUnknownOaepParameters) {
  const std::string data = encrypted();
  const auto open = [&](const std::string& transport, const std::string& parameters) {
    return outcome(rewrapped(data, transport, parameters, EVP_sha1(), EVP_sha1()));
  };
  EXPECT_EQ(open(kOaep11, mask("mgf1md5")), kEncryptionAlgorithm.name());
  EXPECT_EQ(open(kOaep11, digest_method("http://www.w3.org/2001/04/xmldsig-more#md5")),
            kEncryptionAlgorithm.name());
  EXPECT_EQ(open(kOaepMgf1p, mask("mgf1sha1")), kEncryptionAlgorithm.name());
  EXPECT_EQ(open(kOaep11, "<xenc:OAEPparams>AAAA</xenc:OAEPparams>"), kEncryptionAlgorithm.name());
}

TEST(Encryption, RefusesOtherAlgorithmsBeforeAKeyIsUsed) {
  const std::string data = encrypted();
  for (const char* transport :
       {"http://www.w3.org/2001/04/xmlenc#rsa-1_5", "http://www.w3.org/2001/04/xmlenc#kw-aes128",
        "http://www.w3.org/2001/04/xmlenc#RSA-OAEP-MGF1P", ""}) {
    EXPECT_EQ(outcome(contained(replaced(data, kOaepMgf1p, transport))), kEncryptionAlgorithm.name())
        << transport;
    EXPECT_EQ(outcome(contained(replaced(data, kOaepMgf1p, transport)), Cbc::Allowed, {}),
              kEncryptionAlgorithm.name());
  }
  for (const char* cipher :
       {"http://www.w3.org/2001/04/xmlenc#tripledes-cbc", "http://www.w3.org/2009/xmlenc11#aes512-gcm", ""})
    EXPECT_EQ(outcome(contained(replaced(data, kAes128Gcm, cipher)), Cbc::Allowed),
              kEncryptionAlgorithm.name());
  EXPECT_EQ(outcome(contained(replaced(data, kAes128Gcm, "http://www.w3.org/2001/04/xmlenc#aes128-cbc"))),
            kEncryptionCbc.name());
}

TEST(Encryption, FindsKeysBesideTheData) {
  const std::string data = encrypted();
  const std::string key = cut(data, "<xenc:EncryptedKey", "</xenc:EncryptedKey>");
  const std::string beside = replaced(key, "<xenc:EncryptedKey",
                                      "<xenc:EncryptedKey xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" "
                                      "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"");
  const auto retrieval = [](const std::string& uri) {
    return "<ds:RetrievalMethod Type=\"http://www.w3.org/2001/04/xmlenc#EncryptedKey\" URI=\"" + uri + "\"/>";
  };
  EXPECT_EQ(outcome(contained(replaced(data, key, retrieval("#k")), beside)), kPlain);
  EXPECT_EQ(outcome(contained(replaced(data, key, ""), beside)), kPlain);
  EXPECT_EQ(outcome(contained(replaced(data, key, "<ds:KeyName>x</ds:KeyName>"), beside)), kPlain);
  EXPECT_EQ(
      outcome(contained(
          replaced(data, cut(data, "<ds:KeyInfo Id=\"outer\">", "</xenc:EncryptedKey></ds:KeyInfo>"), ""),
          beside)),
      kPlain);
  for (const char* uri : {"#other", "k", "", "#", "http://a.example/#k"})
    EXPECT_EQ(outcome(contained(replaced(data, key, retrieval(uri)), beside)), kEncryptionShape.name())
        << uri;
  EXPECT_EQ(outcome(contained(replaced(data, key, retrieval("#k")), beside + beside)),
            kEncryptionShape.name());
  EXPECT_EQ(outcome(contained(replaced(data, key, ""))), kEncryptionShape.name());
}

// Each one looks through all keys beside the data: thousands of both took seconds, before any key was used.
TEST(Encryption, FollowsFewRetrievalMethods) {
  const std::string data = encrypted();
  const std::string key = cut(data, "<xenc:EncryptedKey", "</xenc:EncryptedKey>");
  std::string retrievals;
  for (int i = 0; i < 4; ++i)
    retrievals += "<ds:RetrievalMethod URI=\"#k\"/>";
  const std::string beside = replaced(key, "<xenc:EncryptedKey",
                                      "<xenc:EncryptedKey xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" "
                                      "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"");
  EXPECT_EQ(outcome(contained(replaced(data, key, retrievals), beside)), kPlain);
  retrievals += "<ds:RetrievalMethod URI=\"#nowhere\"/>";
  const auto parsed = Document::parse(contained(replaced(data, key, retrievals), beside));
  ASSERT_TRUE(parsed.has_value());
  const auto plain = decrypt(parsed->root(), {}, Cbc::Refused);
  ASSERT_FALSE(plain.has_value());
  EXPECT_NE(plain.error().message.find("too many"), std::string::npos) << plain.error().message;
}

TEST(Encryption, TriesEveryRecipient) {
  const std::string ours = encrypted();
  const std::string theirs = encrypted(kAes128Gcm, 128, other_key());
  const std::string our_key = cut(ours, "<xenc:EncryptedKey", "</xenc:EncryptedKey>");
  const std::string their_key = cut(theirs, "<xenc:EncryptedKey", "</xenc:EncryptedKey>");
  EXPECT_EQ(outcome(contained(replaced(ours, our_key, their_key + our_key))), kPlain);
  EXPECT_EQ(outcome(contained(replaced(ours, our_key, our_key + their_key))), kPlain);
  EXPECT_EQ(outcome(contained(ours), Cbc::Refused, {other_key(), signing_key()}), kPlain);
  EXPECT_EQ(outcome(contained(replaced(ours, our_key, our_key + our_key + our_key + our_key + our_key))),
            kEncryptionShape.name());
}

TEST(Encryption, HasOneAnswerOnceAKeyWasUsed) {
  const std::string data = encrypted();
  const std::string key_value = cut(data, "<xenc:CipherValue>", "</xenc:CipherValue>");
  const std::string rest = data.substr(data.rfind("</ds:KeyInfo>"));
  const std::string content_value = cut(rest, "<xenc:CipherValue>", "</xenc:CipherValue>");
  const auto value = [](std::size_t length) {
    return "<xenc:CipherValue>" + to_base64(crypto::random_bytes(length)) + "</xenc:CipherValue>";
  };
  EXPECT_EQ(outcome(contained(data), Cbc::Refused, {other_key()}), kDecryptionFailed.name());
  EXPECT_EQ(outcome(contained(data), Cbc::Refused, {}), kDecryptionFailed.name());
  EXPECT_EQ(outcome(contained(replaced(data, kAes128Gcm, "http://www.w3.org/2009/xmlenc11#aes256-gcm"))),
            kDecryptionFailed.name())
      << "a key of the wrong length";
  for (const std::size_t length : {1u, 16u, 255u, 256u, 257u, 4096u})
    EXPECT_EQ(outcome(contained(replaced(data, key_value, value(length)))), kDecryptionFailed.name())
        << length;
  for (const std::size_t length : {1u, 12u, 16u, 27u, 28u, 29u, 4096u}) {
    EXPECT_EQ(outcome(contained(replaced(data, content_value, value(length)))), kDecryptionFailed.name())
        << length;
    const std::string cbc = replaced(data, kAes128Gcm, "http://www.w3.org/2001/04/xmlenc#aes128-cbc");
    if (length != 4096u) {
      EXPECT_EQ(outcome(contained(replaced(cbc, content_value, value(length))), Cbc::Allowed, {other_key()}),
                kDecryptionFailed.name());
    }
  }
}

TEST(Encryption, MustHaveTheExactShape) {
  const std::string data = encrypted();
  const std::string method = cut(data, "<xenc:EncryptionMethod", "/>");
  const std::string value = cut(data, "<xenc:CipherValue>", "</xenc:CipherValue>");
  const std::string cipher_data = cut(data, "<xenc:CipherData>", "</xenc:CipherData>");
  const std::pair<std::string, std::string> changes[] = {
      {"xmlenc#Element", "xmlenc#Content"},
      {method, ""},
      {method, method + method},
      {cipher_data, ""},
      {cipher_data, cipher_data + cipher_data},
      {value, value + value},
      {value, "<xenc:CipherValue/>"},
      {value, "<xenc:CipherReference URI=\"http://a.example/\"/>"},
      {"<xenc:CipherValue>", "<xenc:CipherValue><!---->"},
      {"<xenc:CipherValue>", "<xenc:CipherValue>!"},
      {"</xenc:EncryptedData>", "<x/></xenc:EncryptedData>"},
      {"</xenc:EncryptedData>", "text</xenc:EncryptedData>"},
  };
  for (const auto& [before, after] : changes)
    EXPECT_EQ(outcome(contained(replaced(data, before, after))), kEncryptionShape.name())
        << before << " to " << after;
  EXPECT_EQ(outcome(contained(data + data)), kEncryptionShape.name());
  EXPECT_EQ(outcome(contained("")), kEncryptionShape.name());
  EXPECT_EQ(outcome(contained("<Assertion/>" + data)), kEncryptionShape.name());
  EXPECT_EQ(outcome(contained(data, "<Assertion/>")), kEncryptionShape.name());
}

}  // namespace
}  // namespace doorward::xml
