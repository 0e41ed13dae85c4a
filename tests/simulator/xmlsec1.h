#pragma once

#include <string>
#include <string_view>

/// The xmlsec1 program as a judge that shares no process with what it judges.
namespace doorward::simulator::test {

/// Whether the signature that belongs to the element (`urn:…:Assertion`, as `--id-attr` wants it) verifies
/// with the certificate. `xpath` picks the Signature; empty: the first one.
bool xmlsec1_verifies(std::string_view xml, std::string_view certificate_pem,
                      std::string_view signature_xpath);

/// The document with its EncryptedData replaced by what was inside; empty when that fails.
std::string xmlsec1_decrypts(std::string_view xml, std::string_view private_key_pem);

}  // namespace doorward::simulator::test
