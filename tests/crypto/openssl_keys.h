#pragma once

#include <stdexcept>
#include <string>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/openssl.h"

/// Keys that Doorward itself would never make, for the tests of crypto/.
namespace doorward::crypto::test {

using BignumOwner = std::unique_ptr<BIGNUM, Freer<BN_free>>;

inline Bytes public_der(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  Bytes out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

/// SubjectPublicKeyInfo of an RSA key with any modulus and exponent.
inline Bytes rsa_public_der(const BIGNUM* modulus, const BIGNUM* exponent) {
  const std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent);
  const std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextOwner context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    throw std::runtime_error("no such RSA key");
  }
  return public_der(PkeyOwner(key).get());
}

enum class Parity { Even, Odd };

/// A key whose modulus is a random number of exactly `bits` bits.
inline Bytes rsa_public_der(int bits, const std::string& exponent_hex, Parity parity = Parity::Odd) {
  const BignumOwner modulus(BN_new());
  BN_rand(modulus.get(), bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
  if (parity == Parity::Even) BN_sub_word(modulus.get(), 1);
  BIGNUM* exponent = nullptr;
  BN_hex2bn(&exponent, exponent_hex.c_str());
  return rsa_public_der(modulus.get(), BignumOwner(exponent).get());
}

/// What the private key makes of `block`, which has the length of the modulus: a signature with any encoding.
inline Bytes raw_rsa_sign(EVP_PKEY* key, BytesView block) {
  const PkeyContextOwner context(EVP_PKEY_CTX_new(key, nullptr));
  Bytes out(block.size(), '\0');
  std::size_t length = out.size();
  if (EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) != 1 ||
      EVP_PKEY_sign(context.get(), octets(out), &length, octets(block), block.size()) != 1) {
    throw std::runtime_error("the raw RSA operation failed");
  }
  return out;
}

}  // namespace doorward::crypto::test
