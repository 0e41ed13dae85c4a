// Signatures against xmlsec1: what we accept, xmlsec1 accepts, and the signed bytes are those of one of the
// corpus's documents. The private key of this public key no longer exists.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "xml/oracle.h"
#include "xml/signature.h"

namespace {

using namespace doorward;

constexpr std::string_view kKey = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETfNTh2bIiYwHCWlGHwVa2NiA6BIe
XTaOQd0tutJC0xFRPdHW6e/2m3VrNWxwGiJmpLYTHihTpZrd2cmvR1OiOQ==
-----END PUBLIC KEY-----
)";

void check(std::string_view bytes, xml::Element element, const std::vector<crypto::PublicKey>& keys) {
  static_cast<void>(xml::claimed_certificates(element));
  const auto verified = xml::verify_enveloped(element, keys, {.sha1 = xml::Sha1::Allowed});
  if (!verified) {
    CHECK(xml::has_signature(element) == (verified.error().code != xml::kSignatureMissing));
    return;
  }
  const std::string_view id = element.attribute("ID").value();
  CHECK(xml::oracle::verifies(bytes, id, keys.front()));
  const auto again = xml::Document::parse(verified->bytes());
  CHECK(again.has_value());
  CHECK(again->root().attribute("ID") == id && id == "_r1");
  CHECK(verified->bytes().find(">alice@example.com</NameID>") != std::string::npos);
  CHECK(verified->bytes().find("<!--") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<crypto::PublicKey> keys = {crypto::PublicKey::from_pem(kKey).value()};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto document = xml::Document::parse(std::string(bytes));
  if (!document) return 0;
  check(bytes, document->root(), keys);
  for (const xml::Element child : document->root().children())
    check(bytes, child, keys);
  return 0;
}
