#include <algorithm>
#include <array>
#include <vector>

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "base/check.h"
#include "crypto/key.h"
#include "crypto/openssl.h"

namespace doorward::crypto {

namespace {

enum class Family : std::uint8_t { Rsa, Ecdsa };

struct AlgorithmRow {
  Family family;
  Digest digest;
};
constexpr std::array<AlgorithmRow, 7> kAlgorithms = {{{Family::Rsa, Digest::Sha1},
                                                      {Family::Rsa, Digest::Sha256},
                                                      {Family::Rsa, Digest::Sha384},
                                                      {Family::Rsa, Digest::Sha512},
                                                      {Family::Ecdsa, Digest::Sha256},
                                                      {Family::Ecdsa, Digest::Sha384},
                                                      {Family::Ecdsa, Digest::Sha512}}};

const AlgorithmRow& row_of(SignatureAlgorithm algorithm) {
  return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

bool fits(const AlgorithmRow& row, const PublicKey& key) {
  return (key.type() == KeyType::Rsa) == (row.family == Family::Rsa);
}

const EVP_MD* method_of(Digest digest) {
  switch (digest) {
    case Digest::Sha1:
      return EVP_sha1();
    case Digest::Sha256:
      return EVP_sha256();
    case Digest::Sha384:
      return EVP_sha384();
    case Digest::Sha512:
      return EVP_sha512();
  }
  CHECK(false);
}

enum class Operation : std::uint8_t { Verify, Sign };

PkeyContextOwner make_context(EVP_PKEY* key, const AlgorithmRow& row, Operation operation) {
  PkeyContextOwner context(EVP_PKEY_CTX_new(key, nullptr));
  CHECK(context);
  CHECK((operation == Operation::Verify ? EVP_PKEY_verify_init(context.get())
                                        : EVP_PKEY_sign_init(context.get())) == 1);
  if (row.family == Family::Rsa) CHECK(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1);
  CHECK(EVP_PKEY_CTX_set_signature_md(context.get(), method_of(row.digest)) == 1);
  return context;
}

/// The thread's contexts, the last used first. A context holds a reference to its key, so that the address of
/// a key in here cannot come to belong to another one.
class ContextCache {
 public:
  EVP_PKEY_CTX* get(const PublicKey& key, SignatureAlgorithm algorithm, Operation operation) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.key == key.handle() && entry.algorithm == algorithm && entry.operation == operation;
    });
    if (found != entries_.end()) {
      std::rotate(entries_.begin(), found, found + 1);
      return entries_.front().context.get();
    }
    if (entries_.size() == kMaxEntries) entries_.pop_back();
    entries_.insert(entries_.begin(), Entry{key.handle(), algorithm, operation,
                                            make_context(key.handle(), row_of(algorithm), operation)});
    return entries_.front().context.get();
  }

 private:
  static constexpr std::size_t kMaxEntries = 32;
  struct Entry {
    EVP_PKEY* key;
    SignatureAlgorithm algorithm;
    Operation operation;
    PkeyContextOwner context;
  };
  std::vector<Entry> entries_;
};

EVP_PKEY_CTX* thread_context(const PublicKey& key, SignatureAlgorithm algorithm, Operation operation) {
  thread_local ContextCache cache;
  return cache.get(key, algorithm, operation);
}

/// The bytes of r and of s: those of the curve's order.
std::size_t ecdsa_width(const PublicKey& key) {
  return (static_cast<std::size_t>(key.bits()) + 7) / 8;
}

using EcdsaSignatureOwner = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

/// r‖s as the DER sequence that OpenSSL reads, empty when a width is wrong or a number zero. OpenSSL refuses
/// numbers that reach the curve's order.
Bytes ecdsa_to_der(BytesView signature, std::size_t width) {
  if (signature.size() != 2 * width) return {};
  BIGNUM* r = BN_bin2bn(octets(signature), static_cast<int>(width), nullptr);
  BIGNUM* s = BN_bin2bn(octets(signature) + width, static_cast<int>(width), nullptr);
  const EcdsaSignatureOwner pair(ECDSA_SIG_new());
  CHECK(r != nullptr && s != nullptr && pair && ECDSA_SIG_set0(pair.get(), r, s) == 1);
  if (BN_is_zero(r) || BN_is_zero(s)) return {};
  Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
  unsigned char* at = octets(der);
  CHECK(i2d_ECDSA_SIG(pair.get(), &at) == static_cast<int>(der.size()));
  return der;
}

Bytes ecdsa_from_der(BytesView der, std::size_t width) {
  const unsigned char* at = octets(der);
  const EcdsaSignatureOwner pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  CHECK(pair);
  Bytes signature(2 * width, '\0');
  const int size = static_cast<int>(width);
  CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), octets(signature), size) == size);
  CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), octets(signature) + width, size) == size);
  return signature;
}

}  // namespace

bool verify(SignatureAlgorithm algorithm, const PublicKey& key, BytesView data, BytesView signature) {
  const AlgorithmRow& row = row_of(algorithm);
  if (!fits(row, key)) return false;
  const ErrorQueueGuard guard;
  Bytes der;
  if (row.family == Family::Ecdsa) {
    der = ecdsa_to_der(signature, ecdsa_width(key));
    if (der.empty()) return false;
    signature = der;
  }
  const Bytes digest = hash(row.digest, data);
  return EVP_PKEY_verify(thread_context(key, algorithm, Operation::Verify), octets(signature),
                         signature.size(), octets(BytesView(digest)), digest.size()) == 1;
}

Bytes sign(SignatureAlgorithm algorithm, const PrivateKey& key, BytesView data) {
  const AlgorithmRow& row = row_of(algorithm);
  CHECK(fits(row, key.public_key()));
  const ErrorQueueGuard guard;
  const Bytes digest = hash(row.digest, data);
  EVP_PKEY_CTX* context = thread_context(key.public_key(), algorithm, Operation::Sign);
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(key.handle()));
  Bytes signature(length, '\0');
  CHECK(EVP_PKEY_sign(context, octets(signature), &length, octets(BytesView(digest)), digest.size()) == 1);
  signature.resize(length);
  return row.family == Family::Ecdsa ? ecdsa_from_der(signature, ecdsa_width(key.public_key())) : signature;
}

}  // namespace doorward::crypto
