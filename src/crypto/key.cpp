#include "crypto/key.h"

#include <array>
#include <optional>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include "base/check.h"
#include "crypto/openssl.h"

namespace doorward::crypto {

namespace {

struct Curve {
  KeyType type;
  const char* name;
  int bits;
};
constexpr std::array<Curve, 3> kCurves = {{{KeyType::EcP256, SN_X9_62_prime256v1, 256},
                                           {KeyType::EcP384, SN_secp384r1, 384},
                                           {KeyType::EcP521, SN_secp521r1, 521}}};

tl::unexpected<Error> refuse_key(ErrorCode code, std::string message) {
  return fail(ErrorKind::InvalidInput, code, std::move(message));
}

tl::unexpected<Error> malformed_key() {
  return refuse_key("crypto.key_malformed", "The key cannot be read. A key in PEM or DER form is expected.");
}

BignumOwner find_number(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  return BignumOwner(number);
}

Result<void> check_rsa(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < PublicKey::kMinRsaBits || bits > PublicKey::kMaxRsaBits) {
    return refuse_key("crypto.key_size",
                      "The RSA key has " + std::to_string(bits) +
                          " bits. Keys of 2048 to 8192 bits are accepted; make a new one.");
  }
  const auto modulus = find_number(key, OSSL_PKEY_PARAM_RSA_N);
  const auto exponent = find_number(key, OSSL_PKEY_PARAM_RSA_E);
  if (!modulus || !exponent || BN_is_odd(modulus.get()) == 0) return malformed_key();
  // Small exponents are what signature forgeries and broadcast attacks live on; a huge one makes each
  // verification as slow as a signature.
  if (BN_is_odd(exponent.get()) == 0 || BN_num_bits(exponent.get()) < 17 ||
      BN_num_bits(exponent.get()) > 64) {
    return refuse_key(
        "crypto.key_exponent",
        "The public exponent of the RSA key is unusual. Make a new key with the exponent 65537.");
  }
  return {};
}

Result<KeyType> check_ec(EVP_PKEY* key) {
  std::array<char, 80> name = {};
  std::size_t length = 0;
  // Explicit parameters could name a known curve with another generator (CVE-2020-0601).
  int from_explicit = 0;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &from_explicit);
  if (from_explicit == 0 && EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) == 1) {
    for (const Curve& curve : kCurves) {
      if (std::string_view(name.data(), length) != curve.name) continue;
      const PkeyContextOwner context(EVP_PKEY_CTX_new(key, nullptr));
      CHECK(context);
      if (EVP_PKEY_public_check(context.get()) != 1) return malformed_key();
      // Whatever form the point came in, equal keys get equal ids.
      CHECK(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                           OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 1);
      return curve.type;
    }
  }
  return refuse_key("crypto.key_type",
                    "The key's elliptic curve is not supported. P-256, P-384 and P-521 are.");
}

PkeyOwner generate(EVP_PKEY* key) {
  CHECK(key != nullptr);
  return PkeyOwner(key);
}

Bytes der_of(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  CHECK(length > 0);
  Bytes out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

/// Answers a request for a passphrase with a failure; OpenSSL would ask on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

}  // namespace

Result<PublicKey> PublicKey::adopt(std::shared_ptr<evp_pkey_st> handle) {
  const ErrorQueueGuard guard;
  Parts parts;
  if (EVP_PKEY_is_a(handle.get(), "RSA") == 1) {
    RETURN_IF_ERROR(check_rsa(handle.get()));
    parts.type = KeyType::Rsa;
  } else if (EVP_PKEY_is_a(handle.get(), "EC") == 1) {
    ASSIGN_OR_RETURN(parts.type, check_ec(handle.get()));
  } else {
    return refuse_key("crypto.key_type",
                      "The key is of an unsupported type. RSA keys and elliptic-curve keys are accepted.");
  }
  parts.bits = EVP_PKEY_get_bits(handle.get());
  parts.id = sha256(der_of(handle.get()));
  parts.handle = std::move(handle);
  PublicKey key;
  key.parts_ = std::make_shared<const Parts>(std::move(parts));
  return key;
}

Result<PublicKey> PublicKey::from_der(BytesView der) {
  const ErrorQueueGuard guard;
  const unsigned char* at = octets(der);
  std::shared_ptr<EVP_PKEY> handle(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())), &EVP_PKEY_free);
  if (!handle || at != octets(der) + der.size()) return malformed_key();
  return adopt(std::move(handle));
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const ErrorQueueGuard guard;
  const BioOwner bio = bio_over(pem);
  std::shared_ptr<EVP_PKEY> handle(PEM_read_bio_PUBKEY(bio.get(), nullptr, &no_passphrase, nullptr),
                                   &EVP_PKEY_free);
  if (!handle) return malformed_key();
  return adopt(std::move(handle));
}

Bytes PublicKey::to_der() const {
  return der_of(handle());
}

Result<PrivateKey> PrivateKey::adopt(std::shared_ptr<evp_pkey_st> handle) {
  PrivateKey key;
  ASSIGN_OR_RETURN(key.public_key_, PublicKey::adopt(std::move(handle)));
  return key;
}

PrivateKey PrivateKey::generate_rsa(int bits) {
  CHECK(bits >= PublicKey::kMinRsaBits && bits <= PublicKey::kMaxRsaBits);
  auto key = adopt(generate(EVP_RSA_gen(static_cast<unsigned>(bits))));
  CHECK(key);
  return *std::move(key);
}

PrivateKey PrivateKey::generate_ec(KeyType curve) {
  std::optional<PrivateKey> made;
  for (const Curve& known : kCurves) {
    if (known.type != curve) continue;
    auto key = adopt(generate(EVP_EC_gen(known.name)));
    CHECK(key);
    made = *std::move(key);
  }
  CHECK(made);
  return *std::move(made);
}

Result<PrivateKey> PrivateKey::from_pem(const Secret& pem) {
  const ErrorQueueGuard guard;
  const BioOwner bio = bio_over(pem.reveal());
  std::shared_ptr<EVP_PKEY> handle(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr),
                                   &EVP_PKEY_free);
  if (!handle) return malformed_key();
  return adopt(std::move(handle));
}

Result<PrivateKey> PrivateKey::from_der(const Secret& der) {
  const ErrorQueueGuard guard;
  const unsigned char* at = octets(der.reveal());
  const unsigned char* const end = at + der.reveal().size();
  std::shared_ptr<EVP_PKEY> handle(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.reveal().size())),
                                   &EVP_PKEY_free);
  if (!handle || at != end) return malformed_key();
  return adopt(std::move(handle));
}

Secret PrivateKey::to_pem() const {
  const BioOwner bio(BIO_new(BIO_s_secmem()));
  CHECK(bio &&
        PEM_write_bio_PKCS8PrivateKey(bio.get(), handle(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return Secret(Bytes(written_to(bio.get())));
}

Secret PrivateKey::to_der() const {
  const BioOwner bio(BIO_new(BIO_s_secmem()));
  CHECK(bio && i2d_PKCS8PrivateKey_bio(bio.get(), handle(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return Secret(Bytes(written_to(bio.get())));
}

}  // namespace doorward::crypto
