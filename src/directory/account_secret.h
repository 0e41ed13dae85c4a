#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "crypto/secret.h"
#include "directory/accounts.h"

namespace doorward::directory {

/// An opaque secret that its holder shows again: `<prefix><account's public id>.<256 random bits in
/// base64url>`. The account in it leads to the account's shard; the database keeps the SHA-256 of the whole.
/// Each kind of secret is a type of its own on top of this.
class AccountSecret {
 public:
  const crypto::Secret& value() const { return value_; }
  const std::string& account_public_id() const { return account_public_id_; }
  const Bytes& hash() const { return hash_; }

 protected:
  static AccountSecret issue(const Account& account, std::string_view prefix);
  /// Nothing for text that no such secret looks like.
  static std::optional<AccountSecret> parse(std::string_view text, std::string_view prefix);

 private:
  AccountSecret(std::string_view value, std::string_view account_public_id);

  crypto::Secret value_;
  std::string account_public_id_;
  Bytes hash_;
};

}  // namespace doorward::directory
