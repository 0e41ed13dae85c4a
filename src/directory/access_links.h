#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "directory/account_secret.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Links that let one employee in once: to choose a password, or, in an emergency, at once.
namespace doorward::directory {

enum class LinkPurpose : std::uint8_t {
  Invitation,  ///< Somebody new chooses a password.
  Recovery,    ///< Somebody who forgot theirs does, or who needs one again.
  Emergency,   ///< An administrator comes in although SSO is the only way: by support's word alone.
};
std::string_view to_text(LinkPurpose purpose);

/// How long each lives.
inline constexpr std::chrono::hours kInvitationLifetime{24 * 7};
inline constexpr std::chrono::hours kRecoveryLifetime{24};
inline constexpr std::chrono::minutes kEmergencyLifetime{15};

/// `dwl_<account's public id>.<256 random bits in base64url>`; the database keeps the SHA-256.
class AccessLinkSecret : public AccountSecret {
 public:
  static AccessLinkSecret issue(const Account& account) {
    return AccessLinkSecret(AccountSecret::issue(account, kPrefix));
  }
  /// Nothing for text that none looks like.
  static std::optional<AccessLinkSecret> parse(std::string_view text) {
    auto secret = AccountSecret::parse(text, kPrefix);
    if (!secret) return std::nullopt;
    return AccessLinkSecret(*std::move(secret));
  }

 private:
  static constexpr std::string_view kPrefix = "dwl_";
  explicit AccessLinkSecret(AccountSecret secret) : AccountSecret(std::move(secret)) {}
};

/// Takes the place of an earlier link of that purpose. Refuses somebody inactive; passwords while SSO is
/// enforced
/// (`directory.sso_enforced`); an emergency for anybody but an active administrator, by anybody but support.
/// Says until when it lives.
Result<Timestamp> create_access_link(storage::Transaction& transaction, const Account& account,
                                     const Employee& employee, LinkPurpose purpose,
                                     const AccessLinkSecret& secret, std::string_view reason,
                                     const Actor& actor, Timestamp now);

struct AccessLink {
  LinkPurpose purpose = LinkPurpose::Recovery;
  Account account;
  Employee employee;
  Timestamp expires_at;
};
/// A living link of an active employee, as far as it would still open today: one for a password is nothing
/// while SSO is enforced, an emergency one nothing once the employee is no administrator any more.
Result<std::optional<AccessLink>> find_access_link(storage::Transaction& transaction,
                                                   const AccessLinkSecret& secret, Timestamp now);
/// The same, and takes it away: exactly one caller gets it.
Result<std::optional<AccessLink>> take_access_link(storage::Transaction& transaction,
                                                   const AccessLinkSecret& secret, Timestamp now);

}  // namespace doorward::directory
