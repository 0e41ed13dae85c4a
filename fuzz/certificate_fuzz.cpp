// Certificates and keys from metadata and from what administrators paste: what was accepted reads back the
// same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "crypto/certificate.h"

namespace {

using namespace doorward;

void check_key(const crypto::PublicKey& key) {
  const auto again = crypto::PublicKey::from_der(key.to_der());
  CHECK(again.has_value());
  CHECK(again->id() == key.id() && again->type() == key.type() && again->bits() == key.bits());
}

void check_certificate(const Result<crypto::Certificate>& certificate) {
  if (!certificate) return;
  check_key(certificate->public_key());
  CHECK(is_valid_utf8(certificate->subject()));
  CHECK(certificate->subject().find('\n') == std::string::npos);
  const auto again = crypto::Certificate::from_text(certificate->to_pem());
  CHECK(again.has_value());
  CHECK(again->der() == certificate->der() && again->fingerprint() == certificate->fingerprint());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_certificate(crypto::Certificate::from_text(input));
  check_certificate(crypto::Certificate::from_der(input));
  if (const auto key = crypto::PublicKey::from_der(input)) check_key(*key);
  if (const auto key = crypto::PublicKey::from_pem(input)) check_key(*key);
  return 0;
}
