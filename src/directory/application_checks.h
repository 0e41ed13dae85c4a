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

}  // namespace doorward::directory
