// Decryption of anything: every failure is one of the announced ones.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "xml/encryption.h"

namespace {

using namespace doorward;

void check(xml::Element container, const std::vector<crypto::PrivateKey>& keys, xml::Cbc cbc) {
  const auto plain = xml::decrypt(container, keys, cbc);
  CHECK(!plain);
  const ErrorCode code = plain.error().code;
  CHECK(code == xml::kEncryptionShape || code == xml::kEncryptionAlgorithm || code == xml::kEncryptionCbc ||
        code == xml::kDecryptionFailed);
  CHECK(cbc == xml::Cbc::Refused || code != xml::kEncryptionCbc);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<crypto::PrivateKey> keys = {crypto::PrivateKey::generate_rsa()};
  const auto document = xml::Document::parse(std::string(reinterpret_cast<const char*>(data), size));
  if (!document) return 0;
  check(document->root(), keys, xml::Cbc::Allowed);
  check(document->root(), keys, xml::Cbc::Refused);
  return 0;
}
