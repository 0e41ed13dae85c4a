// Identity provider metadata: what is accepted can be used, and reading never depends on luck.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/url.h"
#include "saml/protocol/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace doorward;
  using namespace doorward::saml::protocol;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Report report;
  const auto metadata = parse_idp_metadata(input, {from_millis(1'898'587'800'000)}, report);
  CHECK(metadata.has_value() == !report.failure().has_value());
  if (!metadata) return 0;
  CHECK(!metadata->entity_id.empty());
  CHECK(!metadata->single_sign_on.empty());
  CHECK(!metadata->signing_certificates.empty());
  CHECK(metadata->signing_certificates.size() <= IdpMetadata::kMaxCertificates);
  for (const Endpoint& endpoint : metadata->single_sign_on) {
    const auto url = Url::parse(endpoint.location);
    CHECK(url.has_value() && (url->is_https() || url->is_loopback()));
  }
  return 0;
}
