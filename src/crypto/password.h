#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace doorward::crypto {

/// Cost of one hash: Argon2id, OWASP's first recommendation. Tests use less.
struct PasswordCost {
  unsigned memory_kib = 19 * 1024;
  unsigned passes = 2;
};

inline constexpr std::size_t kMinPasswordCharacters = 8;
inline constexpr std::size_t kMaxPasswordBytes = 1024;

/// Refuses what must not become a password: too short, too long, or no UTF-8. Nothing is said about the kinds
/// of characters (NIST SP 800-63B section 5.1.1.2).
Result<void> check_new_password(const Secret& password);

/// The encoded Argon2id hash with a fresh salt (`$argon2id$v=19$…`). Blocks while as many others run as there
/// are cores, so that a flood of sign-ins cannot take all memory.
std::string hash_password(const Secret& password, PasswordCost cost = {});

/// False for a wrong password and for a malformed hash.
bool verify_password(std::string_view encoded, const Secret& password);

/// Spends the time of one verification of a hash of that cost; for names that nobody has.
void waste_password_time(const Secret& password, PasswordCost cost = {});

}  // namespace doorward::crypto
