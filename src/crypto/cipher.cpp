#include <array>
#include <optional>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "base/check.h"
#include "crypto/key.h"
#include "crypto/openssl.h"

namespace doorward::crypto {

namespace {

constexpr std::size_t kGcmNonceLength = 12;
constexpr std::size_t kGcmTagLength = 16;
constexpr std::size_t kAesBlockLength = 16;

enum class Mode : std::uint8_t { Gcm, Cbc };

struct CipherRow {
  const EVP_CIPHER* (*method)();
  Mode mode;
  std::size_t key_length;
};
constexpr std::array<CipherRow, 6> kCiphers = {{{&EVP_aes_128_gcm, Mode::Gcm, 16},
                                                {&EVP_aes_192_gcm, Mode::Gcm, 24},
                                                {&EVP_aes_256_gcm, Mode::Gcm, 32},
                                                {&EVP_aes_128_cbc, Mode::Cbc, 16},
                                                {&EVP_aes_192_cbc, Mode::Cbc, 24},
                                                {&EVP_aes_256_cbc, Mode::Cbc, 32}}};

const CipherRow& row_of(BlockCipher cipher) {
  return kCiphers[static_cast<std::size_t>(cipher)];
}

constexpr std::array<const char*, 4> kParameterDigests = {
    OSSL_DIGEST_NAME_SHA1, OSSL_DIGEST_NAME_SHA2_256, OSSL_DIGEST_NAME_SHA2_384, OSSL_DIGEST_NAME_SHA2_512};

/// The one failure of every decryption: telling causes apart is what padding oracles are made of.
tl::unexpected<Error> undecryptable() {
  return fail(ErrorKind::InvalidInput, "crypto.decryption_failed",
              "The data cannot be decrypted: it was damaged, or encrypted for another key.");
}

std::optional<Bytes> decrypt_gcm(const CipherRow& row, std::string_view key, BytesView data) {
  if (data.size() < kGcmNonceLength + kGcmTagLength) return std::nullopt;
  const BytesView nonce = data.substr(0, kGcmNonceLength);
  const BytesView sealed = data.substr(kGcmNonceLength, data.size() - kGcmNonceLength - kGcmTagLength);
  Bytes tag(data.substr(data.size() - kGcmTagLength));

  const CipherContextOwner context(EVP_CIPHER_CTX_new());
  CHECK(context);
  CHECK(EVP_DecryptInit_ex(context.get(), row.method(), nullptr, octets(key), octets(nonce)) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()) ==
        1);
  Bytes plain(sealed.size() + kAesBlockLength, '\0');
  int length = 0;
  int rest = 0;
  if (EVP_DecryptUpdate(context.get(), octets(plain), &length, octets(sealed),
                        static_cast<int>(sealed.size())) != 1 ||
      EVP_DecryptFinal_ex(context.get(), octets(plain) + length, &rest) != 1) {
    wipe(plain);
    return std::nullopt;
  }
  plain.resize(static_cast<std::size_t>(length) + static_cast<std::size_t>(rest));
  return plain;
}

std::optional<Bytes> decrypt_cbc(const CipherRow& row, std::string_view key, BytesView data) {
  if (data.size() < 2 * kAesBlockLength || data.size() % kAesBlockLength != 0) return std::nullopt;
  const BytesView iv = data.substr(0, kAesBlockLength);
  const BytesView blocks = data.substr(kAesBlockLength);

  const CipherContextOwner context(EVP_CIPHER_CTX_new());
  CHECK(context);
  CHECK(EVP_DecryptInit_ex(context.get(), row.method(), nullptr, octets(key), octets(iv)) == 1);
  // Not PKCS #7: XML Encryption gives a meaning to the last byte only.
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  Bytes plain(blocks.size() + kAesBlockLength, '\0');
  int length = 0;
  int rest = 0;
  CHECK(EVP_DecryptUpdate(context.get(), octets(plain), &length, octets(blocks),
                          static_cast<int>(blocks.size())) == 1);
  CHECK(EVP_DecryptFinal_ex(context.get(), octets(plain) + length, &rest) == 1);
  const std::size_t padding = static_cast<unsigned char>(plain[blocks.size() - 1]);
  if (padding < 1 || padding > kAesBlockLength) {
    wipe(plain);
    return std::nullopt;
  }
  plain.resize(blocks.size() - padding);
  return plain;
}

}  // namespace

Result<Secret> decrypt_oaep(const PrivateKey& key, OaepParameters parameters, BytesView ciphertext) {
  if (key.public_key().type() != KeyType::Rsa) return undecryptable();
  const ErrorQueueGuard guard;
  const PkeyContextOwner context(EVP_PKEY_CTX_new(key.handle(), nullptr));
  CHECK(context && EVP_PKEY_decrypt_init(context.get()) == 1);
  CHECK(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1);
  CHECK(EVP_PKEY_CTX_set_rsa_oaep_md_name(
            context.get(), kParameterDigests[static_cast<std::size_t>(parameters.digest)], nullptr) == 1);
  CHECK(EVP_PKEY_CTX_set_rsa_mgf1_md_name(context.get(),
                                          kParameterDigests[static_cast<std::size_t>(parameters.mask_digest)],
                                          nullptr) == 1);
  Bytes plain(static_cast<std::size_t>(EVP_PKEY_get_size(key.handle())), '\0');
  std::size_t length = plain.size();
  if (EVP_PKEY_decrypt(context.get(), octets(plain), &length, octets(ciphertext), ciphertext.size()) != 1) {
    wipe(plain);
    return undecryptable();
  }
  Secret secret(plain.substr(0, length));
  wipe(plain);
  return secret;
}

std::size_t key_length(BlockCipher cipher) {
  return row_of(cipher).key_length;
}

Result<Bytes> decrypt(BlockCipher cipher, const Secret& key, BytesView data) {
  const CipherRow& row = row_of(cipher);
  // EVP counts in int.
  constexpr std::size_t kMaxLength = 1U << 30U;
  if (key.reveal().size() != row.key_length || data.size() > kMaxLength) return undecryptable();
  const ErrorQueueGuard guard;
  auto plain =
      row.mode == Mode::Gcm ? decrypt_gcm(row, key.reveal(), data) : decrypt_cbc(row, key.reveal(), data);
  if (!plain) return undecryptable();
  return *std::move(plain);
}

}  // namespace doorward::crypto
