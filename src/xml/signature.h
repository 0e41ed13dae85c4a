#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "base/result.h"
#include "crypto/key.h"
#include "xml/reader.h"

/// Verification of enveloped XML signatures in the one shape that SAML allows (SAML 2.0 Core section 5.4).
namespace doorward::xml {

inline constexpr std::string_view kDsNamespace = "http://www.w3.org/2000/09/xmldsig#";

inline constexpr ErrorCode kSignatureMissing = "xml.signature_missing";    ///< The element is not signed.
inline constexpr ErrorCode kSignatureMultiple = "xml.signature_multiple";  ///< Several.
inline constexpr ErrorCode kSignatureShape = "xml.signature_shape";  ///< Not the structure of the schema.
inline constexpr ErrorCode kSignatureReference =
    "xml.signature_reference";  ///< Does not name its own parent.
inline constexpr ErrorCode kSignatureTransform = "xml.signature_transform";  ///< A transform we do not apply.
/// An algorithm that is not on the list, an HMAC for example.
inline constexpr ErrorCode kSignatureAlgorithm = "xml.signature_algorithm";
/// SHA-1, which `SignaturePolicy` did not allow.
inline constexpr ErrorCode kSignatureSha1 = "xml.signature_sha1";
/// Made by a key that is not among ours, or changed after signing: from outside the two look the same.
inline constexpr ErrorCode kSignatureUnverified = "xml.signature_unverified";
/// The signature is by one of our keys, the element is not what was signed.
inline constexpr ErrorCode kSignatureDigest = "xml.signature_digest";

/// Whether signatures and digests with SHA-1 count.
enum class Sha1 : std::uint8_t { Refused, Allowed };

struct SignaturePolicy {
  Sha1 sha1 = Sha1::Refused;
};

/// Bytes that one of the given keys vouches for. Only `verify_enveloped` makes them.
class SignedBytes {
 public:
  /// The canonical form of the signed element without its signature. Read it anew with `Document::parse`, and
  /// believe nothing of the document that it came from.
  const std::string& bytes() const& { return bytes_; }
  std::string bytes() && { return std::move(bytes_); }
  crypto::SignatureAlgorithm algorithm() const { return algorithm_; }
  /// Which of the keys it was.
  std::size_t key_index() const { return key_index_; }

 private:
  friend class EnvelopedVerifier;
  SignedBytes(std::string bytes, crypto::SignatureAlgorithm algorithm, std::size_t key_index)
      : bytes_(std::move(bytes)), algorithm_(algorithm), key_index_(key_index) {}
  std::string bytes_;
  crypto::SignatureAlgorithm algorithm_;
  std::size_t key_index_;
};

/// The algorithm that a SignatureMethod, or a SigAlg parameter of SAML, names; nothing for one that is not
/// accepted.
std::optional<crypto::SignatureAlgorithm> signature_algorithm_from_uri(std::string_view uri);
std::string_view uri_of(crypto::SignatureAlgorithm algorithm);

/// Whether a ds:Signature is a child of `element`. Says nothing about its worth.
bool has_signature(Element element);

/// Verifies the one ds:Signature child of `element`, which must cover exactly `element`, with one of `keys`.
/// First the structure, then the signature over SignedInfo, then the digest: nothing is hashed in bulk before
/// a key of ours has vouched for something. KeyInfo is never used.
Result<SignedBytes> verify_enveloped(Element element, std::span<const crypto::PublicKey> keys,
                                     const SignaturePolicy& policy = {});

/// The certificates (DER) that the signature of `element` claims to be made with, at most
/// `kMaxClaimedCertificates` of them. For messages such as "signed with an unknown certificate": anybody can
/// write them there.
std::vector<Bytes> claimed_certificates(Element element);
inline constexpr std::size_t kMaxClaimedCertificates = 8;

}  // namespace doorward::xml
