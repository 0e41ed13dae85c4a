#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "crypto/secret.h"
#include "directory/account_secret.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

/// The bearer secrets with which a company's directory service calls /scim/v2.
namespace doorward::directory {

/// `scim_<account's public id>.<256 random bits in base64url>`. The account in it leads to the account's
/// shard; the database keeps the SHA-256 of the whole. The prefix lets scanners of source code recognise a
/// leaked one.
class ProvisioningSecret : public AccountSecret {
 public:
  static ProvisioningSecret issue(const Account& account) {
    return ProvisioningSecret(AccountSecret::issue(account, kPrefix));
  }
  /// Nothing for text that none looks like.
  static std::optional<ProvisioningSecret> parse(std::string_view bearer) {
    auto secret = AccountSecret::parse(bearer, kPrefix);
    if (!secret) return std::nullopt;
    return ProvisioningSecret(*std::move(secret));
  }

 private:
  static constexpr std::string_view kPrefix = "scim_";
  explicit ProvisioningSecret(AccountSecret secret) : AccountSecret(std::move(secret)) {}
};

/// What a token may do. `Users` and `Groups` may read everything and write only theirs.
enum class TokenScope : std::uint8_t { Full, Users, Groups, Read };
std::string_view to_text(TokenScope scope);
std::optional<TokenScope> parse_token_scope(std::string_view text);

struct ProvisioningToken {
  ProvisioningTokenId id;
  AccountId account;
  std::string public_id;
  /// What the log and the audit call the directory service, for example `Entra`.
  std::string name;
  TokenScope scope = TokenScope::Full;
  Timestamp created_at;
  std::optional<Timestamp> expires_at;
  std::optional<Timestamp> last_used_at;
  std::string last_used_address;
  std::optional<Timestamp> revoked_at;
  /// By which setup link it was made, as long as no administrator has accepted it; empty otherwise. Such a
  /// token shows and changes nobody: it answers the directory service's connection test.
  std::string proposed_by = {};

  bool is_proposed() const { return !proposed_by.empty(); }
  bool lives(Timestamp now) const { return !revoked_at && (!expires_at || now < *expires_at); }
};

struct NewProvisioningToken {
  /// `Directory` when empty.
  std::string name = {};
  TokenScope scope = TokenScope::Full;
  std::optional<Timestamp> expires_at = {};
  std::string public_id = new_public_id();
};

inline constexpr int kMaxLivingTokens = 2;
inline constexpr ErrorCode kTooManyTokens = "directory.too_many_tokens";
inline constexpr ErrorCode kNoToken = "directory.no_token";

/// Refuses a third living token (`kTooManyTokens`): two are there for rotation. Refuses the free plan.
/// `secret` was issued for `account`. By an actor who proposes it is only proposed.
Result<ProvisioningToken> create_provisioning_token(storage::Transaction& transaction, const Account& account,
                                                    const ProvisioningSecret& secret,
                                                    const NewProvisioningToken& token, const Actor& actor,
                                                    Timestamp now);
/// Newest first, the revoked and expired ones too.
Result<std::vector<ProvisioningToken>> list_provisioning_tokens(storage::Transaction& transaction,
                                                                AccountId account);
/// By public id, else by the name of a living one; `kNoToken` when there is none, or several have the name.
Result<ProvisioningToken> find_provisioning_token(storage::Transaction& transaction, AccountId account,
                                                  std::string_view id_or_name, Timestamp now);
/// From here on it does what its scope says, on every node.
Result<void> accept_provisioning_token(storage::Transaction& transaction, AccountId account,
                                       ProvisioningTokenId id, const Actor& actor, Timestamp now);
/// At once, on every node; the audit names who did it. Whoever may only propose revokes only what is
/// proposed.
Result<void> revoke_provisioning_token(storage::Transaction& transaction, AccountId account,
                                       ProvisioningTokenId id, const Actor& actor, Timestamp now);

struct Bearer {
  Account account;
  ProvisioningToken token;
};
/// Whose the secret is, whether the token lives or not; nothing when it is nobody's. One statement.
Result<std::optional<Bearer>> find_bearer(storage::Transaction& transaction,
                                          const ProvisioningSecret& secret);

/// Moves the last-used time on. Call it for a token about once a minute, not for each request.
Result<void> touch_provisioning_token(storage::Transaction& transaction, AccountId account,
                                      ProvisioningTokenId id, std::string_view client_address, Timestamp now);

}  // namespace doorward::directory
