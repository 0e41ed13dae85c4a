// The HTTP-Redirect binding and sign-out messages: as a raw query string, and as a document that the target
// compresses and signs itself.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "saml/protocol/logout.h"

namespace {

using namespace doorward;
using namespace doorward::saml::protocol;

Timestamp time(std::string_view text) {
  return parse_rfc3339(text).value();
}

const crypto::PrivateKey& key() {
  static const auto made = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
  return made;
}

const LogoutExpectations& expectations() {
  static const LogoutExpectations made{
      .slo_url = "https://door.example.com/saml/contoso/logout",
      .idp_entity_id = "https://sts.windows.net/11111111-2222-4333-8444-555555555555/",
      .signing_certificates = {crypto::Certificate::self_signed(key(), "idp", time("2030-01-01T00:00:00Z"),
                                                                time("2040-01-01T00:00:00Z"))},
      .now = time("2030-03-01T09:30:00Z"),
      .in_response_to = "_logout1"};
  return made;
}

/// Whether the query is a LogoutRequest that is accepted.
bool accepts_request(std::string_view raw_query) {
  Report report;
  const auto message = UnverifiedLogout::from_query(raw_query, report);
  if (!message) return false;
  Report more;
  static_cast<void>(verify_logout_response(*message, expectations(), more));
  const auto request = verify_logout_request(*message, expectations(), report);
  if (!request) return false;
  CHECK(!request->name_id.value.empty());
  CHECK(request->issuer == expectations().idp_entity_id);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  CHECK(!accepts_request(input));
  if (const auto plain = inflate(input, 4096)) CHECK(inflate(deflate(*plain), 4096) == plain);

  OutgoingMessage message{
      .kind = MessageKind::Request, .xml = std::string(input), .destination = "https://x"};
  CHECK(!accepts_request(redirect_url(message)->substr(10)));
  message.signing_key = key();
  static_cast<void>(accepts_request(redirect_url(message)->substr(10)));
  Report report;
  static_cast<void>(UnverifiedLogout::from_form(MessageKind::Response, input, "", report));
  return 0;
}
