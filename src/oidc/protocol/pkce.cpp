#include "oidc/protocol/pkce.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace doorward::oidc::protocol {

namespace {

constexpr std::size_t kSha256Bytes = 32;
// RFC 7636 section 4.1.
constexpr std::size_t kMinVerifier = 43;
constexpr std::size_t kMaxVerifier = 128;

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

bool is_code_challenge(std::string_view text) {
  const auto digest = from_base64url(text);
  return digest && digest->size() == kSha256Bytes;
}

bool is_code_verifier(std::string_view text) {
  return text.size() >= kMinVerifier && text.size() <= kMaxVerifier &&
         std::all_of(text.begin(), text.end(), is_unreserved);
}

// https://www.rfc-editor.org/rfc/rfc7636#section-4.6
bool proves(std::string_view code_verifier, std::string_view code_challenge) {
  return is_code_verifier(code_verifier) && is_code_challenge(code_challenge) &&
         crypto::equal(to_base64url(crypto::sha256(code_verifier)), code_challenge);
}

}  // namespace doorward::oidc::protocol
