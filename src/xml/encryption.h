#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "crypto/key.h"
#include "xml/reader.h"

/// Decryption of XML Encryption 1.1 data whose key is transported with RSA-OAEP.
namespace doorward::xml {

inline constexpr std::string_view kXencNamespace = "http://www.w3.org/2001/04/xmlenc#";

inline constexpr ErrorCode kEncryptionShape = "xml.encryption_shape";  ///< Not the structure of the schema.
inline constexpr ErrorCode kEncryptionAlgorithm = "xml.encryption_algorithm";  ///< Unknown or forbidden.
/// AES-CBC, which the caller did not allow.
inline constexpr ErrorCode kEncryptionCbc = "xml.encryption_cbc";
/// The one answer to everything that happens once a private key was used.
inline constexpr ErrorCode kDecryptionFailed = "xml.decryption_failed";

/// CBC is malleable: it may be decrypted only when a verified signature covers the ciphertext. Who allows it
/// answers plain bytes that are no document in the same words as `kDecryptionFailed`.
enum class Cbc : std::uint8_t { Refused, Allowed };

/// Decrypts the xenc:EncryptedData in `container` (a SAML EncryptedElementType such as EncryptedAssertion:
/// one EncryptedData, then any number of EncryptedKey) with whichever of `keys` opens one of its
/// EncryptedKeys, and returns the plain bytes, which the caller parses as a document of their own. Which
/// algorithms are used is checked before a key is touched (rsa-1_5 among the refused); after that, all
/// failures are `kDecryptionFailed`, reached by the same steps: an EncryptedKey that does not open is
/// replaced by a random key.
Result<std::string> decrypt(Element container, std::span<const crypto::PrivateKey> keys, Cbc cbc);

}  // namespace doorward::xml
