#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/connections.h"
#include "directory/provisioning_tokens.h"
#include "storage/database.h"

/// What setup links have made and no administrator has accepted yet. It is looked at, accepted and discarded
/// as one.
namespace doorward::setup {

struct Proposal {
  std::vector<directory::Connection> connections;
  /// Those that live.
  std::vector<directory::ProvisioningToken> tokens;

  bool empty() const { return connections.empty() && tokens.empty(); }
  /// Names all that decides who would come in by it and what it could change: entity ids, addresses,
  /// certificates, where metadata is fetched, tokens with their scopes.
  std::string version() const;
};
Result<Proposal> find_proposal(storage::Transaction& transaction, directory::AccountId account,
                               Timestamp now);

/// What an administrator should look at twice before accepting a connection, in sentences: other hosts than
/// those of `provider` (one of `providers()`), or than the provider's own.
std::vector<std::string> doubts_about(const directory::Connection& connection, std::string_view provider);

inline constexpr ErrorCode kProposalChanged = "setup.proposal_changed";

/// Accepts all of it, as the administrator has seen it: refuses (`kProposalChanged`) when `version` is
/// another one's, so that nothing is slipped in between looking and accepting.
Result<void> accept_proposal(storage::Transaction& transaction, directory::AccountId account,
                             std::string_view version, const directory::Actor& actor, Timestamp now);
/// Removes all of it. What was accepted before stays.
Result<void> discard_proposal(storage::Transaction& transaction, directory::AccountId account,
                              const directory::Actor& actor, Timestamp now);

}  // namespace doorward::setup
