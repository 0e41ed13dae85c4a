#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/key.h"
#include "xml/canonical.h"

/// What libxml2 and xmlsec1 make of the same bytes. Tests and fuzz targets compare ours with it; nothing of
/// it is in the server.
namespace doorward::xml::oracle {

/// Whether libxml2 reads the document, without a DTD, a network or recovery.
bool accepts(std::string_view bytes);

/// libxml2's canonical form of the element that is number `apex` in document order (0 is the root), without
/// the element number `omitted`; nothing when libxml2 fails.
std::optional<std::string> canonicalize(std::string_view bytes, const Canonicalization& method,
                                        std::size_t apex, std::optional<std::size_t> omitted);

/// Signs with the first ds:Signature of `bytes` as the template; attributes named `ID` are IDs. Nothing when
/// xmlsec1 fails.
std::optional<std::string> sign(std::string_view bytes, const crypto::PrivateKey& key);

/// Whether xmlsec1 verifies the ds:Signature child of the element with this `ID`, using just this key.
bool verifies(std::string_view bytes, std::string_view id, const crypto::PublicKey& key);

/// Encrypts `plain` after the template, an xenc:EncryptedData, with a fresh AES key of `key_bits` for
/// `recipient`.
inline constexpr const char* kRecipientKeyName = "recipient";
std::optional<std::string> encrypt(std::string_view data_template, std::string_view plain, int key_bits,
                                   const crypto::PublicKey& recipient);

}  // namespace doorward::xml::oracle
