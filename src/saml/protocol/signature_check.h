#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/certificate.h"
#include "saml/protocol/finding.h"
#include "xml/signature.h"

namespace doorward::saml::protocol {

/// Whose signatures count.
struct Signers {
  const std::vector<crypto::Certificate>& certificates;
  bool allow_sha1;
  Timestamp now;
};

/// Verifies the enveloped signature of `element` and notes how and with which certificate.
Result<xml::SignedBytes, Finding> check_signature(Report& report, Check check, xml::Element element,
                                                  const Signers& signers);

/// Verifies the signature of the HTTP-Redirect binding (SAML Bindings 3.4.4.1) over `signed_text`.
Result<void, Finding> check_query_signature(Report& report, std::string_view algorithm_uri,
                                            BytesView signature, std::string_view signed_text,
                                            const Signers& signers);

/// What we sign with a key of this type: SHA-256 with RSA, the hash of the curve's size with ECDSA.
crypto::SignatureAlgorithm algorithm_for(crypto::KeyType type);

}  // namespace doorward::saml::protocol
