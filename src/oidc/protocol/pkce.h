#pragma once

#include <string_view>

/// Proof Key for Code Exchange (RFC 7636), `S256` only: `plain` protects nothing.
namespace doorward::oidc::protocol {

/// 43 characters of base64url: a SHA-256.
bool is_code_challenge(std::string_view text);
/// 43 to 128 unreserved characters (section 4.1).
bool is_code_verifier(std::string_view text);
/// In a time that tells nothing about the challenge.
bool proves(std::string_view code_verifier, std::string_view code_challenge);

}  // namespace doorward::oidc::protocol
