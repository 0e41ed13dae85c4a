#pragma once

#include "directory/applications.h"

/// What an application may be like.
namespace doorward::directory {

/// The settings as they are stored: the name trimmed, the scope without repetition, origins in their one
/// spelling, each address once, no rules unless they count. Refuses what does not fit the kind, what one of
/// all accounts cannot have, and broken addresses.
Result<ApplicationSettings> checked_settings(ApplicationKind kind, std::optional<AccountId> account,
                                             ApplicationSettings settings);

}  // namespace doorward::directory
