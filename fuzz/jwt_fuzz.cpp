// Tokens and key sets that strangers send. Any text is refused with a reason or verified; a text that differs
// from the token that was signed verifies as nothing. What is read of a key set reads back the same.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/encoding.h"
#include "json/json.h"
#include "oidc/protocol/client_assertion.h"
#include "oidc/protocol/id_token.h"
#include "oidc/protocol/jwk.h"
#include "oidc/protocol/jwt.h"

namespace {

using namespace doorward;
using namespace doorward::oidc::protocol;

constexpr std::array kAllowed = {JwsAlgorithm::Rs256, JwsAlgorithm::Es256};

struct Signed {
  std::string token;
  JwkSet keys;
};

/// A token whose payload holds dots of its own kind, by a key that is made once.
const Signed& signed_token() {
  static const Signed made = [] {
    const auto key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
    const json::Object claims = {
        {"iss", "app"}, {"sub", "app"}, {"aud", "https://sso.example"}, {"exp", 1'900'000'000}};
    const json::Array keys = {to_jwk(key.public_key(), "key", "ES256")};
    return Signed{sign_jwt({.key_id = "key", .algorithm = JwsAlgorithm::Es256, .key = key}, "JWT", claims),
                  *JwkSet::parse(json::serialize(json::Object{{"keys", keys}}))};
  }();
  return made;
}

/// Writes the input's bytes over the token: two for the place, one for the character, and so on.
std::string mutated(std::string_view input) {
  std::string token = signed_token().token;
  for (std::size_t at = 0; at + 3 <= input.size(); at += 3) {
    const auto high = static_cast<unsigned char>(input[at]);
    const auto low = static_cast<unsigned char>(input[at + 1]);
    token[(std::size_t{high} << 8 | low) % token.size()] = input[at + 2];
  }
  return token;
}

void check_token(std::string_view token) {
  const auto verified = verify_jwt(token, signed_token().keys, kAllowed);
  if (verified) {
    // ECDSA signatures have a second form for the same content: (r, n − s). Nobody can make it without having
    // seen the first, and it says the same.
    const auto signed_part = [](std::string_view text) { return text.substr(0, text.rfind('.')); };
    CHECK(signed_part(token) == signed_part(signed_token().token));
  } else {
    CHECK(!verified.error().message.empty());
  }
}

void check_keys(std::string_view document) {
  const auto set = JwkSet::parse(document);
  if (!set) return;
  CHECK(set->keys().size() <= JwkSet::kMaxKeys);
  for (const Jwk& key : set->keys()) {
    const json::Array keys = {to_jwk(key.key, "key", "any")};
    const auto again = JwkSet::parse(json::serialize(json::Object{{"keys", keys}}));
    CHECK(again && again->keys().size() == 1 && again->keys().front().key.id() == key.key.id());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Timestamp now = from_millis(1'800'000'000'000);
  check_token(input);
  check_token(mutated(input));
  check_keys(input);
  // The header and payload of a client's or a tenant's choice.
  const auto claimed = asserted_client(input);
  CHECK(!claimed || (!claimed->empty() && claimed->size() <= 256));
  CHECK(!verify_id_token(input, signed_token().keys, {.now = now}));
  const auto assertion =
      verify_client_assertion(input, signed_token().keys, "app", {"https://sso.example"}, now);
  // The one token that was signed has no jti.
  CHECK(!assertion);
  return 0;
}
