#pragma once

#include "directory/applications.h"

/// What an application may be like.
namespace doorward::directory {

/// The settings as they are stored: the name trimmed, the scope without repetition, origins in their one
/// spelling, each address once, no rules unless they count. Refuses what does not fit the kind, what one of
/// all accounts cannot have, and broken addresses.
Result<ApplicationSettings> checked_settings(ApplicationKind kind, std::optional<AccountId> account,
                                             ApplicationSettings settings);

inline constexpr ErrorCode kOriginUnproven = "directory.origin_unproven";

/// Where several companies share the server, an administrator's word is not enough for an origin: whoever
/// claims a neighbour's host keeps the neighbour from it, and lets the own people in where a proxy names no
/// application. So the host must lie in a domain that the account has proven by DNS or through support (or,
/// for a test account, its parent has).
Result<void> check_origins_are_own(storage::Transaction& transaction, AccountId account,
                                   const std::vector<std::string>& origins);

inline constexpr ErrorCode kDomainInUse = "directory.domain_in_use";

/// What a domain proved goes with it, be it somebody else's next: call it in the transaction that removed
/// `domain`. Origins that lie in it, and in no other proven domain of the account, leave the applications of
/// the account and of its test accounts. An administrator is refused instead, with the list of them
/// (`kDomainInUse`): the pages would lose their protection. Gives the origins that went.
Result<std::vector<std::string>> give_up_origins(storage::Transaction& transaction, AccountId account,
                                                 std::string_view domain, const Actor& actor, Timestamp now);

}  // namespace doorward::directory
