#include "xml/encryption.h"

#include <optional>
#include <vector>

#include "base/text.h"
#include "crypto/random.h"
#include "xml/algorithms.h"
#include "xml/signature.h"

namespace doorward::xml {

namespace {

constexpr std::string_view kXenc11Namespace = "http://www.w3.org/2009/xmlenc11#";
constexpr std::string_view kElementType = "http://www.w3.org/2001/04/xmlenc#Element";
constexpr std::string_view kEncryptedKeyType = "http://www.w3.org/2001/04/xmlenc#EncryptedKey";
constexpr std::string_view kOaepMgf1p = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
constexpr std::string_view kOaep11 = "http://www.w3.org/2009/xmlenc11#rsa-oaep";

/// Each costs a private key operation for each of our keys before anything is verified.
constexpr std::size_t kMaxEncryptedKeys = 4;

// XML Encryption 1.1 section 5.2, without Triple DES.
constexpr Named<crypto::BlockCipher> kBlockCiphers[] = {
    {"http://www.w3.org/2009/xmlenc11#aes128-gcm", crypto::BlockCipher::Aes128Gcm},
    {"http://www.w3.org/2009/xmlenc11#aes192-gcm", crypto::BlockCipher::Aes192Gcm},
    {"http://www.w3.org/2009/xmlenc11#aes256-gcm", crypto::BlockCipher::Aes256Gcm},
    {"http://www.w3.org/2001/04/xmlenc#aes128-cbc", crypto::BlockCipher::Aes128Cbc},
    {"http://www.w3.org/2001/04/xmlenc#aes192-cbc", crypto::BlockCipher::Aes192Cbc},
    {"http://www.w3.org/2001/04/xmlenc#aes256-cbc", crypto::BlockCipher::Aes256Cbc},
};

// Section 5.5.2.
constexpr Named<crypto::Digest> kMaskDigests[] = {
    {"http://www.w3.org/2009/xmlenc11#mgf1sha1", crypto::Digest::Sha1},
    {"http://www.w3.org/2009/xmlenc11#mgf1sha256", crypto::Digest::Sha256},
    {"http://www.w3.org/2009/xmlenc11#mgf1sha384", crypto::Digest::Sha384},
    {"http://www.w3.org/2009/xmlenc11#mgf1sha512", crypto::Digest::Sha512},
};

bool is_cbc(crypto::BlockCipher cipher) {
  return cipher == crypto::BlockCipher::Aes128Cbc || cipher == crypto::BlockCipher::Aes192Cbc ||
         cipher == crypto::BlockCipher::Aes256Cbc;
}

tl::unexpected<Error> refuse_encryption(ErrorCode code, std::string message) {
  return fail(ErrorKind::Refused, code, std::move(message));
}

tl::unexpected<Error> misshapen(const char* reason) {
  return fail(ErrorKind::InvalidInput, kUnexpected, reason);
}

/// A content key under one of our public keys, or under somebody else's.
struct TransportedKey {
  crypto::OaepParameters oaep;
  Bytes ciphertext;
};

struct EncryptedContent {
  crypto::BlockCipher cipher;
  Bytes ciphertext;
  std::vector<TransportedKey> keys;
};

// Section 3.3. A CipherReference would make us fetch something.
Result<Bytes> read_cipher_data(Element cipher_data) {
  Sequence parts(cipher_data);
  ASSIGN_OR_RETURN(const Element value, parts.require(kXencNamespace, "CipherValue"));
  RETURN_IF_ERROR(parts.finish());
  return read_base64(value);
}

// Section 5.5.2: the digest is SHA-1 unless given; the mask is SHA-1's for rsa-oaep-mgf1p, and unless given.
Result<crypto::OaepParameters> read_key_transport(Element method) {
  const std::string_view algorithm = algorithm_of(method);
  if (algorithm != kOaepMgf1p && algorithm != kOaep11) {
    // rsa-1_5 among them: whether its padding fits is Bleichenbacher's oracle (1998).
    return refuse_encryption(kEncryptionAlgorithm, "The key encryption algorithm is not accepted: " +
                                                       printable(algorithm) + ". Use RSA-OAEP.");
  }
  crypto::OaepParameters oaep;
  for (const Element parameter : method.children()) {
    std::optional<crypto::Digest> digest;
    if (parameter.is(kDsNamespace, "DigestMethod")) {
      digest = digest_from_uri(algorithm_of(parameter));
      if (digest) oaep.digest = *digest;
    } else if (parameter.is(kXenc11Namespace, "MGF") && algorithm == kOaep11) {
      digest = find_algorithm(kMaskDigests, algorithm_of(parameter));
      if (digest) oaep.mask_digest = *digest;
    }
    if (!digest) {
      return refuse_encryption(kEncryptionAlgorithm,
                               "The RSA-OAEP encryption has a parameter that is not accepted: " +
                                   printable(parameter.local_name()) + " " +
                                   printable(algorithm_of(parameter)));
    }
  }
  return oaep;
}

// Section 3.5.1. Who the recipient is said to be does not matter: a key either opens or does not.
Result<TransportedKey> read_encrypted_key(Element encrypted_key) {
  Sequence parts(encrypted_key);
  ASSIGN_OR_RETURN(const Element method, parts.require(kXencNamespace, "EncryptionMethod"));
  parts.take(kDsNamespace, "KeyInfo");
  ASSIGN_OR_RETURN(const Element cipher_data, parts.require(kXencNamespace, "CipherData"));
  parts.take(kXencNamespace, "EncryptionProperties");
  parts.take(kXencNamespace, "ReferenceList");
  parts.take(kXencNamespace, "CarriedKeyName");
  RETURN_IF_ERROR(parts.finish());
  TransportedKey key;
  ASSIGN_OR_RETURN(key.oaep, read_key_transport(method));
  ASSIGN_OR_RETURN(key.ciphertext, read_cipher_data(cipher_data));
  return key;
}

// Section 3.5.3: the sibling EncryptedKey that a RetrievalMethod names.
Result<Element> follow_retrieval_method(Element method, const std::vector<Element>& siblings) {
  RETURN_IF_ERROR(Sequence(method).finish());
  const std::string_view uri = method.attribute("URI").value_or("");
  if (method.attribute("Type").value_or(kEncryptedKeyType) != kEncryptedKeyType || !uri.starts_with('#')) {
    return misshapen("The RetrievalMethod of the encrypted key must name an EncryptedKey beside the data.");
  }
  std::optional<Element> found;
  for (const Element sibling : siblings) {
    if (sibling.attribute("Id") != uri.substr(1)) continue;
    if (found) return misshapen("Two encrypted keys have the same Id.");
    found = sibling;
  }
  if (!found)
    return misshapen("The RetrievalMethod of the encrypted key names no EncryptedKey beside the data.");
  return *found;
}

/// SAML 2.0 Core section 2.2.4 and XML Encryption 1.1 section 3.5: the keys stand in the KeyInfo of the data,
/// or beside it, named by RetrievalMethods or not at all.
Result<std::vector<Element>> find_encrypted_keys(std::optional<Element> key_info,
                                                 const std::vector<Element>& siblings) {
  const auto too_many = [] { return misshapen("There are too many EncryptedKeys."); };
  std::vector<Element> keys;
  if (key_info) {
    for (const Element hint : key_info->children()) {
      const bool is_key = hint.is(kXencNamespace, "EncryptedKey");
      if (!is_key && !hint.is(kDsNamespace, "RetrievalMethod")) continue;
      // Before the next one is looked up: each RetrievalMethod is compared with every sibling.
      if (keys.size() == kMaxEncryptedKeys) return too_many();
      if (is_key) {
        keys.push_back(hint);
      } else {
        ASSIGN_OR_RETURN(const Element named, follow_retrieval_method(hint, siblings));
        keys.push_back(named);
      }
    }
  }
  if (keys.empty()) keys = siblings;
  if (keys.empty()) return misshapen("There is no EncryptedKey.");
  if (keys.size() > kMaxEncryptedKeys) return too_many();
  return keys;
}

Result<EncryptedContent> read_encrypted_content(Element container, Cbc cbc) {
  Sequence parts(container);
  ASSIGN_OR_RETURN(const Element data, parts.require(kXencNamespace, "EncryptedData"));
  std::vector<Element> siblings;
  while (const auto sibling = parts.take(kXencNamespace, "EncryptedKey"))
    siblings.push_back(*sibling);
  RETURN_IF_ERROR(parts.finish());

  // XML Encryption 1.1 section 3.4.
  if (data.attribute("Type").value_or(kElementType) != kElementType) {
    return misshapen("The Type of the EncryptedData must be Element.");
  }
  Sequence data_parts(data);
  ASSIGN_OR_RETURN(const Element method, data_parts.require(kXencNamespace, "EncryptionMethod"));
  const std::optional<Element> key_info = data_parts.take(kDsNamespace, "KeyInfo");
  ASSIGN_OR_RETURN(const Element cipher_data, data_parts.require(kXencNamespace, "CipherData"));
  data_parts.take(kXencNamespace, "EncryptionProperties");
  RETURN_IF_ERROR(data_parts.finish());

  const auto cipher = find_algorithm(kBlockCiphers, algorithm_of(method));
  if (!cipher) {
    return refuse_encryption(kEncryptionAlgorithm, "The encryption algorithm is not accepted: " +
                                                       printable(algorithm_of(method)) + ". Use AES-GCM.");
  }
  if (is_cbc(*cipher) && cbc == Cbc::Refused) {
    return refuse_encryption(
        kEncryptionCbc,
        "AES-CBC is accepted only inside a signed message. Let the provider sign the response as well, or "
        "encrypt with AES-GCM.");
  }
  EncryptedContent content{.cipher = *cipher, .ciphertext = {}, .keys = {}};
  ASSIGN_OR_RETURN(content.ciphertext, read_cipher_data(cipher_data));
  ASSIGN_OR_RETURN(const std::vector<Element> encrypted_keys, find_encrypted_keys(key_info, siblings));
  for (const Element encrypted_key : encrypted_keys) {
    ASSIGN_OR_RETURN(TransportedKey key, read_encrypted_key(encrypted_key));
    content.keys.push_back(std::move(key));
  }
  return content;
}

}  // namespace

Result<std::string> decrypt(Element container, std::span<const crypto::PrivateKey> keys, Cbc cbc) {
  auto content = read_encrypted_content(container, cbc);
  if (!content) {
    return fail(as_shape_error(std::move(content).error(), kEncryptionShape,
                               "The encrypted element does not have the structure that SAML demands."));
  }
  // From here on every message takes the same steps, whatever its keys turn out to be. Without a key that
  // opens, the content is decrypted with a random one.
  const std::size_t length = crypto::key_length(content->cipher);
  crypto::Secret content_key(crypto::random_bytes(length));
  bool opened = false;
  for (const TransportedKey& transported : content->keys) {
    for (const crypto::PrivateKey& key : keys) {
      auto candidate = crypto::decrypt_oaep(key, transported.oaep, transported.ciphertext);
      if (!candidate || candidate->reveal().size() != length || opened) continue;
      content_key = *std::move(candidate);
      opened = true;
    }
  }
  auto plain = crypto::decrypt(content->cipher, content_key, content->ciphertext);
  if (plain && opened) return *std::move(plain);
  return fail(ErrorKind::Refused, kDecryptionFailed,
              "The encrypted element could not be decrypted with the keys of this connection. Check that the "
              "provider encrypts to the certificate that our metadata shows.");
}

}  // namespace doorward::xml
