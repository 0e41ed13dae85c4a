#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/encoding.h"

/// Owners and small helpers for OpenSSL's types. For the sources of crypto/ alone.
namespace doorward::crypto {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BignumOwner = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using BioOwner = std::unique_ptr<BIO, Freer<BIO_free>>;
using PkeyOwner = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using PkeyContextOwner = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using CipherContextOwner = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using DigestContextOwner = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using X509Owner = std::unique_ptr<X509, Freer<X509_free>>;

/// Empties the thread's error queue when it goes: what crypto/ leaves there would be taken for a TLS failure
/// by the next SSL_get_error of the thread.
class ErrorQueueGuard {
 public:
  ErrorQueueGuard() = default;
  ~ErrorQueueGuard() { ERR_clear_error(); }
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

inline const unsigned char* octets(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* octets(Bytes& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

/// A read-only BIO over `bytes`, which must outlive it.
inline BioOwner bio_over(BytesView bytes) {
  return BioOwner(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

/// What was written to a memory BIO.
inline BytesView written_to(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? BytesView(data, static_cast<std::size_t>(size)) : BytesView();
}

}  // namespace doorward::crypto
