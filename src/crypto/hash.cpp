#include "crypto/hash.h"

#include <array>

#include <openssl/hmac.h>

#include "base/check.h"
#include "crypto/openssl.h"

namespace doorward::crypto {

namespace {

constexpr std::array<const char*, 4> kDigestNames = {"SHA1", "SHA256", "SHA384", "SHA512"};

/// A context that is set to one digest for good: starting it again costs no look-up of the algorithm.
DigestContextOwner make_context(const char* name) {
  EVP_MD* method = EVP_MD_fetch(nullptr, name, nullptr);
  CHECK(method != nullptr);
  DigestContextOwner context(EVP_MD_CTX_new());
  CHECK(context && EVP_DigestInit_ex2(context.get(), method, nullptr) == 1);
  EVP_MD_free(method);
  return context;
}

EVP_MD_CTX* thread_context(Digest digest) {
  thread_local std::array<DigestContextOwner, kDigestNames.size()> contexts;
  const auto index = static_cast<std::size_t>(digest);
  if (!contexts[index]) contexts[index] = make_context(kDigestNames[index]);
  return contexts[index].get();
}

}  // namespace

Bytes hash(Digest digest, BytesView data) {
  EVP_MD_CTX* context = thread_context(digest);
  Bytes out(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  CHECK(EVP_DigestInit_ex2(context, nullptr, nullptr) == 1);
  CHECK(EVP_DigestUpdate(context, data.data(), data.size()) == 1);
  CHECK(EVP_DigestFinal_ex(context, octets(out), &length) == 1);
  out.resize(length);
  return out;
}

Bytes hmac_sha256(BytesView key, BytesView data) {
  Bytes out(32, '\0');
  unsigned length = 0;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(data), data.size(), octets(out),
             &length) != nullptr);
  CHECK(length == out.size());
  return out;
}

Secret derive_key(const Secret& key, std::string_view purpose) {
  // RFC 5869 section 2.2: without a salt, the extraction key is a block of zeros.
  const Secret pseudorandom_key(hmac_sha256(Bytes(32, '\0'), key.reveal()));
  // Section 2.3: 32 bytes are T(1) = HMAC(PRK, info ‖ 0x01).
  return Secret(hmac_sha256(pseudorandom_key.reveal(), std::string(purpose) + '\x01'));
}

}  // namespace doorward::crypto
