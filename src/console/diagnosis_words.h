#pragma once

#include <string>

#include "directory/sign_in_history.h"
#include "json/json.h"

/// What a `directory::Diagnosis` comes to, in the words of an administrator. Names of a provider's screens
/// stand between asterisks.
namespace doorward::console {

struct Verdict {
  /// The cause, in one sentence or two.
  std::string answer;
  /// What to do about it.
  std::string advice;
};
Verdict verdict_of(const directory::SignInHistory& history, const directory::Diagnosis& diagnosis);

/// What decides about sign-ins as it is now: `[{name, value, good}…]`.
json::Array standing_view(const directory::SignInHistory& history);

/// Attempts, changes, mails and what the directory did in one list, newest first:
/// `[{at, kind, tone, text, reference, entry}…]`; `reference` is an attempt's, `entry` the id of an entry of
/// the provisioning log.
json::Array timeline_view(const directory::SignInHistory& history);

}  // namespace doorward::console
