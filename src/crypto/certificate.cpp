#include "crypto/certificate.h"

#include <ctime>

#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/text.h"
#include "crypto/openssl.h"
#include "crypto/random.h"

namespace doorward::crypto {

namespace {

constexpr std::string_view kPemBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kPemEnd = "-----END CERTIFICATE-----";
constexpr std::size_t kMaxSubjectLength = 1000;
constexpr std::size_t kMaxCommonNameLength = 64;

tl::unexpected<Error> refuse_certificate(ErrorCode code, std::string message) {
  return fail(ErrorKind::InvalidInput, code, std::move(message));
}

tl::unexpected<Error> malformed_certificate() {
  return refuse_certificate(
      "crypto.certificate_malformed",
      "The certificate cannot be read. An X.509 certificate in base64 (PEM) form is expected.");
}

std::string one_line(const X509_NAME* name) {
  const BioOwner bio(BIO_new(BIO_s_mem()));
  CHECK(bio);
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  X509_NAME_print_ex(bio.get(), name, 0, kFlags);
  return printable(written_to(bio.get()), kMaxSubjectLength);
}

std::optional<Timestamp> moment(const ASN1_TIME* time) {
  std::tm fields = {};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(fields.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(fields.tm_mon) + 1),
                                         std::chrono::day(static_cast<unsigned>(fields.tm_mday))};
  if (!date.ok()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(fields.tm_hour) +
         std::chrono::minutes(fields.tm_min) + std::chrono::seconds(fields.tm_sec);
}

void set_moment(ASN1_TIME* field, Timestamp time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  CHECK(ASN1_TIME_set(field, seconds) != nullptr);
}

void set_random_serial(X509* certificate) {
  Bytes bytes = random_bytes(16);
  bytes[0] = static_cast<char>(bytes[0] & 0x7F);
  BIGNUM* number = BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr);
  CHECK(number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr);
  BN_free(number);
}

void set_name(X509* certificate, std::string_view common_name) {
  // `printable` may add an ellipsis, which is one character.
  const std::string name = printable(common_name, kMaxCommonNameLength - 1);
  X509_NAME* subject = X509_get_subject_name(certificate);
  CHECK(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, octets(BytesView(name)),
                                   static_cast<int>(name.size()), -1, 0) == 1);
  CHECK(X509_set_issuer_name(certificate, subject) == 1);
}

std::string capital_hex(BytesView bytes) {
  std::string text = to_hex(bytes);
  for (char& c : text) {
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

Bytes der_of(const X509* certificate) {
  Bytes der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)), '\0');
  unsigned char* at = octets(der);
  CHECK(i2d_X509(certificate, &at) == static_cast<int>(der.size()));
  return der;
}

}  // namespace

Result<Certificate> Certificate::from_der(BytesView der) {
  if (der.size() > kMaxDerLength) {
    return refuse_certificate("crypto.certificate_too_large",
                              "The certificate is larger than " + std::to_string(kMaxDerLength) + " bytes.");
  }
  const ErrorQueueGuard guard;
  const unsigned char* at = octets(der);
  const X509Owner parsed(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!parsed || at != octets(der) + der.size()) return malformed_certificate();
  const auto not_before = moment(X509_get0_notBefore(parsed.get()));
  const auto not_after = moment(X509_get0_notAfter(parsed.get()));
  if (!not_before || !not_after) return malformed_certificate();
  std::shared_ptr<EVP_PKEY> handle(X509_get_pubkey(parsed.get()), &EVP_PKEY_free);
  if (!handle) {
    return refuse_certificate(
        "crypto.key_type",
        "The certificate's key is of an unsupported type. RSA keys and elliptic-curve keys are accepted.");
  }
  ASSIGN_OR_RETURN(auto key, PublicKey::adopt(std::move(handle)));

  return Certificate({.der = Bytes(der),
                      .subject = one_line(X509_get_subject_name(parsed.get())),
                      .thumbprint = capital_hex(hash(Digest::Sha1, der)),
                      .not_before = *not_before,
                      .not_after = *not_after,
                      .public_key = std::move(key)});
}

Result<Certificate> Certificate::from_text(std::string_view text) {
  const auto begin = text.find(kPemBegin);
  if (begin != std::string_view::npos) {
    text.remove_prefix(begin + kPemBegin.size());
    const auto end = text.find(kPemEnd);
    if (end == std::string_view::npos) return malformed_certificate();
    if (text.find(kPemBegin) != std::string_view::npos) {
      return refuse_certificate(
          "crypto.certificate_several",
          "The text holds more than one certificate. Give the signing certificate alone.");
    }
    text = text.substr(0, end);
  } else if (text.find("PRIVATE KEY-----") != std::string_view::npos) {
    return refuse_certificate(
        "crypto.certificate_is_private_key",
        "This is a private key, not a certificate. Give the certificate, and keep the key to yourself.");
  }
  const auto der = from_base64(text, Base64Space::Allowed);
  if (!der) return malformed_certificate();
  return from_der(*der);
}

Certificate Certificate::self_signed(const PrivateKey& key, std::string_view common_name,
                                     Timestamp not_before, Timestamp not_after) {
  CHECK(!common_name.empty());
  const ErrorQueueGuard guard;
  const X509Owner made(X509_new());
  CHECK(made && X509_set_version(made.get(), X509_VERSION_3) == 1);
  set_random_serial(made.get());
  set_name(made.get(), common_name);
  set_moment(X509_getm_notBefore(made.get()), not_before);
  set_moment(X509_getm_notAfter(made.get()), not_after);
  CHECK(X509_set_pubkey(made.get(), key.handle()) == 1);
  CHECK(X509_sign(made.get(), key.handle(), EVP_sha256()) > 0);
  auto certificate = from_der(der_of(made.get()));
  CHECK(certificate);
  return *std::move(certificate);
}

std::string Certificate::to_pem() const {
  constexpr std::size_t kLineLength = 64;
  const std::string base64 = to_base64(der());
  std::string pem(kPemBegin);
  for (std::size_t at = 0; at < base64.size(); at += kLineLength)
    pem += '\n' + base64.substr(at, kLineLength);
  return pem + '\n' + std::string(kPemEnd) + '\n';
}

std::string Certificate::fingerprint() const {
  return to_hex(sha256(der()));
}

}  // namespace doorward::crypto
