#pragma once

#include <string>

#include "crypto/key.h"

namespace doorward::xml {

inline constexpr const char* kExclusiveMethod = "http://www.w3.org/2001/10/xml-exc-c14n#";
inline constexpr const char* kInclusiveMethod = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
inline constexpr const char* kEnvelopedTransform = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
inline constexpr const char* kRsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
inline constexpr const char* kSha256 = "http://www.w3.org/2001/04/xmlenc#sha256";

/// A ds:Signature to be filled in by `oracle::sign`; each part can be replaced, to make it wrong.
struct SignatureTemplate {
  std::string reference = "#root";
  std::string signature_method = kRsaSha256;
  std::string digest_method = kSha256;
  std::string own_form = kExclusiveMethod;
  std::string content_form = kExclusiveMethod;
  std::string prefix_list = {};
  /// ds:Transform elements that replace the usual two.
  std::string transforms = {};
  std::string key_info = {};

  std::string text() const;
};

/// A key made once a process: making one takes most of a second.
const crypto::PrivateKey& signing_key();
const crypto::PrivateKey& other_key();

/// `before` and `after` replaced once in `text`; the test fails when `before` is not there.
std::string replaced(std::string text, std::string_view before, std::string_view after);

}  // namespace doorward::xml
