#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/ids.h"
#include "json/json.h"
#include "storage/database.h"

/// Who did what to whom, kept for the administrator. Written in the transaction of the change itself, by the
/// function that makes the change: callers only say who acts.
namespace doorward::directory {

enum class ActorKind : std::uint8_t {
  Support,        ///< The operator, on the server's command line.
  Administrator,  ///< An administrator of the account, in the console.
  Employee,       ///< An employee, for themselves.
  Directory,      ///< The company's directory service, over SCIM or by a sign-in.
  System,         ///< Doorward itself: jobs, clean-up.
};

std::string_view to_text(ActorKind kind);
std::optional<ActorKind> parse_actor_kind(std::string_view text);

struct Actor {
  ActorKind kind;
  /// The employee's user name, the provisioning token's or the connection's name, the operator's login name.
  std::string name;
  /// By a setup link: what they make is marked as proposed, and admits and changes nobody until an
  /// administrator has accepted it; what others made they do not change.
  bool proposes = false;
};

/// Refuses (`kProposalsOnly`) whoever may only propose.
Result<void> require_own_rights(const Actor& actor);
inline constexpr ErrorCode kProposalsOnly = "directory.proposals_only";

struct AuditEntry {
  AuditId id;
  Timestamp at;
  Actor actor;
  /// Dotted, for example `employee.deactivated`.
  std::string action;
  /// Public id of what was acted upon; the account's own when it is the account.
  std::string target;
  json::Object details;
};

Result<void> record_audit(storage::Transaction& transaction, AccountId account, const Actor& actor,
                          std::string_view action, std::string_view target, const json::Object& details,
                          Timestamp now);

/// Newest first; `before` is the last id of the previous page.
Result<std::vector<AuditEntry>> list_audit(storage::Transaction& transaction, AccountId account,
                                           std::optional<AuditId> before, int limit);

}  // namespace doorward::directory
