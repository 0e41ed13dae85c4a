#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "oidc/protocol/jwk.h"

/// Client authentication by private_key_jwt (RFC 7523 section 3, OpenID Connect Core section 9).
namespace doorward::oidc::protocol {

/// What `client_assertion_type` must say.
inline constexpr std::string_view kClientAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct ClientAssertion {
  std::string client_id;
  /// Not longer than 256 bytes. The caller sees to it that it is used once until `expires_at`.
  std::string jti;
  /// Until when it would be accepted, the clocks' difference included.
  Timestamp expires_at;
};

/// Which client the assertion claims to be of, to find that client's keys by; nothing is proven.
Result<std::string> asserted_client(std::string_view jwt);

inline constexpr ErrorCode kAssertionMalformed = "oidc.assertion_malformed";

/// That `client_id` has signed it, for one of `audiences` (our issuer, the token endpoint) and nobody else,
/// at most ten minutes ahead of its end, with a name to tell repetitions by.
Result<ClientAssertion> verify_client_assertion(std::string_view jwt, const JwkSet& keys,
                                                std::string_view client_id,
                                                const std::vector<std::string>& audiences, Timestamp now);

}  // namespace doorward::oidc::protocol
