#include "directory/account_secret.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "directory/ids.h"

namespace doorward::directory {
namespace {

constexpr std::size_t kPublicIdLength = 36;
constexpr std::size_t kRandomLength = 43;  // 256 bits in base64url.

bool is_base64url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

AccountSecret::AccountSecret(std::string_view value, std::string_view account_public_id)
    : value_(std::string(value)), account_public_id_(account_public_id), hash_(crypto::sha256(value)) {}

AccountSecret AccountSecret::issue(const Account& account, std::string_view prefix) {
  std::string value = std::string(prefix) + account.public_id + '.';
  value += crypto::random_token().reveal();
  AccountSecret secret(value, account.public_id);
  crypto::wipe(value);
  return secret;
}

std::optional<AccountSecret> AccountSecret::parse(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const std::string_view rest = text.substr(prefix.size());
  if (rest.size() != kPublicIdLength + 1 + kRandomLength || rest[kPublicIdLength] != '.') return std::nullopt;
  const std::string_view account_public_id = rest.substr(0, kPublicIdLength);
  if (!is_uuid(account_public_id)) return std::nullopt;
  if (!std::ranges::all_of(rest.substr(kPublicIdLength + 1), is_base64url)) return std::nullopt;
  return AccountSecret(text, account_public_id);
}

}  // namespace doorward::directory
