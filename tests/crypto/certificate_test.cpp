#include "crypto/certificate.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "crypto/openssl_keys.h"

namespace doorward::crypto {
namespace {

Timestamp at(std::string_view text) {
  return *parse_rfc3339(text);
}

class CertificateTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { key_ = new PrivateKey(PrivateKey::generate_rsa()); }
  static void TearDownTestSuite() { delete key_; }

  static Certificate make(std::string_view name = "Microsoft Azure Federated SSO Certificate") {
    return Certificate::self_signed(*key_, name, at("2026-03-01T09:30:00Z"), at("2029-03-01T09:30:00Z"));
  }

  static inline PrivateKey* key_ = nullptr;
};

TEST_F(CertificateTest, ReadsBackWhatItMade) {
  const Certificate made = make();
  const auto read = Certificate::from_der(made.der());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->subject(), "CN=Microsoft Azure Federated SSO Certificate");
  EXPECT_EQ(read->not_before(), at("2026-03-01T09:30:00Z"));
  EXPECT_EQ(read->not_after(), at("2029-03-01T09:30:00Z"));
  EXPECT_EQ(read->public_key().id(), key_->public_key().id());
  EXPECT_EQ(read->der(), made.der());
  EXPECT_EQ(read->fingerprint(), to_hex(sha256(made.der())));
  EXPECT_EQ(to_ascii_lower(read->thumbprint()), to_hex(hash(Digest::Sha1, made.der())));
  EXPECT_EQ(read->thumbprint().find_first_of("abcdef"), std::string::npos);
  EXPECT_NE(make().der(), made.der()) << "each has its own serial number";
}

TEST_F(CertificateTest, IsSignedByItsOwnKey) {
  const Bytes der = make().der();
  const unsigned char* data = octets(BytesView(der));
  const X509Owner parsed(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
  EXPECT_EQ(X509_verify(parsed.get(), key_->handle()), 1);
  EXPECT_EQ(X509_get_version(parsed.get()), X509_VERSION_3);
}

TEST_F(CertificateTest, KeepsTimesOfBothEncodings) {
  // RFC 5280 section 4.1.2.5: UTCTime until 2049, GeneralizedTime from then on.
  const auto made = Certificate::self_signed(PrivateKey::generate_ec(KeyType::EcP256), "x",
                                             at("1999-12-31T23:59:59Z"), at("9999-12-31T23:59:59Z"));
  EXPECT_EQ(format_rfc3339(made.not_before()), "1999-12-31T23:59:59Z");
  EXPECT_EQ(format_rfc3339(made.not_after()), "9999-12-31T23:59:59Z");
}

TEST_F(CertificateTest, ShowsAnyNameOnOneReadableLine) {
  EXPECT_EQ(make("Müller & Söhne").subject(), "CN=Müller & Söhne");
  EXPECT_EQ(make("a,b+c\"d").subject(), R"(CN=a\,b\+c\"d)");
  EXPECT_EQ(make("line\nbreak").subject(), "CN=line?break");
  EXPECT_TRUE(is_valid_utf8(make("\xff\xfe").subject()));
  const std::string long_name = make(std::string(300, 'n') + ".example.com").subject();
  EXPECT_LE(long_name.size(), 70U);
  EXPECT_TRUE(long_name.starts_with("CN=nnnn"));
  std::string umlauts;
  for (int i = 0; i < 100; ++i)
    umlauts += "ü";
  EXPECT_TRUE(is_valid_utf8(make(umlauts).subject()));
}

TEST_F(CertificateTest, ReadsPemAndBareBase64) {
  const Certificate made = make();
  const std::string pem = made.to_pem();
  const std::string base64 = to_base64(made.der());
  std::string crlf;
  for (const char c : pem)
    crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  for (const std::string& text :
       {pem, base64, crlf, "\xEF\xBB\xBF" + pem, "Bag Attributes\n  friendlyName: x\n" + pem + "\n\n",
        "\n  " + base64.substr(0, 100) + "\n\t " + base64.substr(100) + " \r\n"}) {
    const auto read = Certificate::from_text(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->der(), made.der());
  }
}

TEST_F(CertificateTest, SaysWhatIsWrongWithAText) {
  const std::string pem = make().to_pem();
  const auto code = [](std::string_view text) {
    const auto read = Certificate::from_text(text);
    return read ? "" : std::string(read.error().code.name());
  };
  EXPECT_EQ(code(pem + pem), "crypto.certificate_several");
  EXPECT_EQ(code(key_->to_pem().reveal()), "crypto.certificate_is_private_key");
  for (const std::string& text : {std::string(), std::string("hello"), std::string("AAAA"),
                                  pem.substr(0, pem.size() - 30), "x" + to_base64(make().der()),
                                  std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
                                  std::string("<html>not found</html>"),
                                  std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
                                  to_base64(key_->public_key().to_der()), to_base64(make().der() + 'x')}) {
    EXPECT_EQ(code(text), "crypto.certificate_malformed") << text;
  }
}

TEST_F(CertificateTest, RefusesEveryCutAndTooMuch) {
  const Bytes der = make().der();
  for (std::size_t length = 0; length < der.size(); length += 7) {
    EXPECT_FALSE(Certificate::from_der(der.substr(0, length))) << length;
  }
  EXPECT_FALSE(Certificate::from_der(der + '\0'));
  const auto large = Certificate::from_der(Bytes(Certificate::kMaxDerLength + 1, '0'));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode("crypto.certificate_too_large"));
}

TEST_F(CertificateTest, HoldsOnlyKeysThatPublicKeyAccepts) {
  const auto with_key = [](EVP_PKEY* key, const EVP_MD* digest) {
    const X509Owner made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 60);
    X509_set_pubkey(made.get(), key);
    X509_sign(made.get(), key, digest);
    Bytes der(static_cast<std::size_t>(i2d_X509(made.get(), nullptr)), '\0');
    unsigned char* out = octets(der);
    i2d_X509(made.get(), &out);
    return Certificate::from_der(der);
  };
  const auto weak = with_key(PkeyOwner(EVP_RSA_gen(1024)).get(), EVP_sha256());
  ASSERT_FALSE(weak);
  EXPECT_EQ(weak.error().code, ErrorCode("crypto.key_size"));
  const auto foreign = with_key(PkeyOwner(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")).get(), nullptr);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode("crypto.key_type"));
  const auto nameless = with_key(PkeyOwner(EVP_EC_gen("P-256")).get(), EVP_sha256());
  ASSERT_TRUE(nameless);
  EXPECT_EQ(nameless->subject(), "");
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace doorward::crypto
