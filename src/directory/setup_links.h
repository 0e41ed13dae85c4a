#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/account_secret.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/employees.h"
#include "storage/database.h"

/// Links by which an administrator lets a colleague, who need be no employee, do the setup of SSO.
///
/// A link is opened once, by one browser, and is worth nothing after that: whoever finds it later in a
/// mailbox comes too late, and when somebody else was faster, the colleague notices. What is made by a link
/// is only proposed (`Actor::proposes`): it counts once an administrator has accepted it.
namespace doorward::directory {

inline constexpr int kDefaultSetupLinkDays = 7;
inline constexpr int kMaxSetupLinkDays = 30;
/// Living ones of an account.
inline constexpr int kMaxSetupLinks = 10;

inline constexpr ErrorCode kNoSetupLink = "directory.no_setup_link";
inline constexpr ErrorCode kSetupLinkUsed = "directory.setup_link_used";
inline constexpr ErrorCode kSetupLinkEnded = "directory.setup_link_ended";

/// What the link carries: `dws_<account's public id>.<256 random bits>`; the database keeps the SHA-256.
class SetupLinkSecret : public AccountSecret {
 public:
  static SetupLinkSecret issue(const Account& account) {
    return SetupLinkSecret(AccountSecret::issue(account, kPrefix));
  }
  /// Nothing for text that none looks like.
  static std::optional<SetupLinkSecret> parse(std::string_view text) {
    auto secret = AccountSecret::parse(text, kPrefix);
    if (!secret) return std::nullopt;
    return SetupLinkSecret(*std::move(secret));
  }

 private:
  static constexpr std::string_view kPrefix = "dws_";
  explicit SetupLinkSecret(AccountSecret secret) : AccountSecret(std::move(secret)) {}
};

/// What the browser that opened it keeps; another secret, so that neither can be used as the other.
class DelegateSecret : public AccountSecret {
 public:
  static DelegateSecret issue(const Account& account) {
    return DelegateSecret(AccountSecret::issue(account, kPrefix));
  }
  /// Nothing for text that none looks like.
  static std::optional<DelegateSecret> parse(std::string_view text) {
    auto secret = AccountSecret::parse(text, kPrefix);
    if (!secret) return std::nullopt;
    return DelegateSecret(*std::move(secret));
  }

 private:
  static constexpr std::string_view kPrefix = "dwd_";
  explicit DelegateSecret(AccountSecret secret) : AccountSecret(std::move(secret)) {}
};

/// Why a link is over before its time.
enum class LinkEnd : std::uint8_t {
  Revoked,    ///< An administrator ended it.
  Finished,   ///< The colleague said that they are done.
  Rights,     ///< Whoever made it is no administrator any more.
  Enabled,    ///< SSO is enabled: there is nothing left to set up.
  Cancelled,  ///< The setup was cancelled.
};
std::string_view to_text(LinkEnd end);

struct SetupLink {
  std::string public_id;
  /// Of the colleague, as the administrator calls them.
  std::string name;
  Timestamp created_at;
  std::string created_by;
  EmployeeId creator;
  Timestamp expires_at;
  std::optional<Timestamp> opened_at;
  /// The address of the browser that opened it.
  std::string opened_from;
  std::optional<Timestamp> ended_at;
  std::optional<LinkEnd> end;
  std::string ended_by;
};

/// Refuses somebody who is no active administrator by now, an account without the plan, with SSO enabled or
/// whose setup was not started, a name that is empty or too long, other times than 1 to `kMaxSetupLinkDays`,
/// and one living link too many.
Result<SetupLink> create_setup_link(storage::Transaction& transaction, const Employee& administrator,
                                    std::string_view name, int days, const SetupLinkSecret& secret,
                                    const Actor& actor, Timestamp now);
/// The newest first, at most `limit`.
Result<std::vector<SetupLink>> list_setup_links(storage::Transaction& transaction, AccountId account,
                                                int limit);
/// Ends one at once, with whatever it opened; `kNoSetupLink` when there is none that was not ended before.
Result<void> end_setup_link(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                            LinkEnd end, const Actor& actor, Timestamp now);

/// Somebody whom a setup link let in: never a `SignedIn`, so that nothing but the setup can take them for
/// one.
struct Delegate {
  SetupLink link;
  Account account;

  Actor actor() const;
};
/// Uses a link up: from here on `session` stands for it. Exactly one caller gets it. Fails with
/// `kNoSetupLink`, and whoever has the secret learns more: `kSetupLinkUsed` when it was opened before,
/// `kSetupLinkEnded` when it is over.
Result<Delegate> open_setup_link(storage::Transaction& transaction, const SetupLinkSecret& secret,
                                 const DelegateSecret& session, std::string_view client_address,
                                 Timestamp now);
/// Who the secret is, as long as everything holds that the link needs: one statement, and never kept in
/// memory.
Result<std::optional<Delegate>> find_delegate(storage::Transaction& transaction,
                                              const DelegateSecret& session, Timestamp now);
/// Refuses (`kSetupLinkEnded`) a delegate whose link has ended since they were found: for the transaction
/// that changes something.
Result<void> require_delegate(storage::Transaction& transaction, const Delegate& delegate, Timestamp now);

/// For an administrator who has just lost those rights.
Result<void> end_setup_links_of(storage::Transaction& transaction, const Employee& administrator,
                                const Actor& actor, Timestamp now);
/// For an account whose setup is over.
Result<void> end_all_setup_links(storage::Transaction& transaction, AccountId account, LinkEnd end,
                                 const Actor& actor, Timestamp now);

}  // namespace doorward::directory
