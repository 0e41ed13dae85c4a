#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

struct evp_pkey_st;

namespace doorward::crypto {

enum class KeyType : std::uint8_t { Rsa, EcP256, EcP384, EcP521 };

/// The numbers of an RSA public key, big-endian; out of `PublicKey` without leading zeros (RFC 7518
/// section 6.3.1).
struct RsaNumbers {
  Bytes modulus = {};
  Bytes exponent = {};
};

/// A point on a curve, big-endian; both coordinates as wide as the curve's field (RFC 7518 section 6.2.1).
struct CurvePoint {
  Bytes x = {};
  Bytes y = {};
};

/// A public key. Cheap to copy; safe to use from several threads at once.
class PublicKey {
 public:
  static constexpr int kMinRsaBits = 2048;
  static constexpr int kMaxRsaBits = 8192;

  /// SubjectPublicKeyInfo, DER (RFC 5280 section 4.1.2.7). Other key types than `KeyType` are refused, curves
  /// given by explicit parameters, and RSA keys below 2048 or above 8192 bits or with an exponent that is
  /// even, below 65537 or longer than 64 bits.
  static Result<PublicKey> from_der(BytesView der);
  static Result<PublicKey> from_pem(std::string_view pem);
  /// The same rules.
  static Result<PublicKey> from_rsa_numbers(const RsaNumbers& numbers);
  /// `curve` is not `Rsa` (`CHECK`).
  static Result<PublicKey> from_curve_point(KeyType curve, const CurvePoint& point);

  KeyType type() const { return parts_->type; }
  /// Of the RSA modulus or of the curve.
  int bits() const { return parts_->bits; }
  Bytes to_der() const;
  /// Of an RSA key alone (`CHECK`).
  RsaNumbers rsa_numbers() const;
  /// Of an elliptic-curve key alone (`CHECK`).
  CurvePoint curve_point() const;
  /// SHA-256 of the DER form: equal keys have equal ids.
  const Bytes& id() const { return parts_->id; }

  /// For crypto/ alone.
  evp_pkey_st* handle() const { return parts_->handle.get(); }

 private:
  friend class PrivateKey;
  friend class Certificate;
  static Result<PublicKey> adopt(std::shared_ptr<evp_pkey_st> handle);
  struct Parts {
    std::shared_ptr<evp_pkey_st> handle;
    KeyType type = KeyType::Rsa;
    int bits = 0;
    Bytes id = {};
  };
  PublicKey() = default;
  std::shared_ptr<const Parts> parts_;
};

/// A private key with its public half. Cheap to copy; safe to use from several threads at once.
class PrivateKey {
 public:
  static PrivateKey generate_rsa(int bits = PublicKey::kMinRsaBits);
  static PrivateKey generate_ec(KeyType curve);
  /// PKCS #8 or traditional, without a passphrase. The rules of `PublicKey` hold.
  static Result<PrivateKey> from_pem(const Secret& pem);
  static Result<PrivateKey> from_der(const Secret& der);

  /// PKCS #8.
  Secret to_pem() const;
  Secret to_der() const;
  const PublicKey& public_key() const { return public_key_; }

  /// For crypto/ alone.
  evp_pkey_st* handle() const { return public_key_.handle(); }

 private:
  static Result<PrivateKey> adopt(std::shared_ptr<evp_pkey_st> handle);
  PrivateKey() = default;
  PublicKey public_key_;  // Its handle holds the private part as well.
};

enum class SignatureAlgorithm : std::uint8_t {
  RsaSha1,
  RsaSha256,
  RsaSha384,
  RsaSha512,
  EcdsaSha256,
  EcdsaSha384,
  EcdsaSha512,
};

/// Verifies a signature over `data`: RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2), or ECDSA with `signature` as
/// r‖s of fixed width (XML Signature 1.1 section 6.4.3, RFC 7518 section 3.4). False also when the key is of
/// another type than the algorithm needs; XML Signature lets any curve go with any digest, so a caller that
/// binds them (RFC 7518) compares `key.type()`. Contexts are kept per thread and key.
bool verify(SignatureAlgorithm algorithm, const PublicKey& key, BytesView data, BytesView signature);

/// The counterpart of `verify`, same encodings. The key's type must fit the algorithm (`CHECK`).
Bytes sign(SignatureAlgorithm algorithm, const PrivateKey& key, BytesView data);

/// What the label and mask of RSA-OAEP are hashed with. The label is empty.
struct OaepParameters {
  Digest digest = Digest::Sha1;
  Digest mask_digest = Digest::Sha1;
};

/// RSA-OAEP (RFC 8017 section 7.1.2). Every failure looks the same.
Result<Secret> decrypt_oaep(const PrivateKey& key, OaepParameters parameters, BytesView ciphertext);

enum class BlockCipher : std::uint8_t { Aes128Gcm, Aes192Gcm, Aes256Gcm, Aes128Cbc, Aes192Cbc, Aes256Cbc };

/// The length that a key of this cipher has, in bytes.
std::size_t key_length(BlockCipher cipher);

/// Decrypts `data` = IV ‖ ciphertext (‖ 16-byte tag for GCM) as XML Encryption 1.1 section 5.2 lays it out;
/// CBC padding as in its section 5.2.2. Every failure looks the same.
Result<Bytes> decrypt(BlockCipher cipher, const Secret& key, BytesView data);

}  // namespace doorward::crypto
