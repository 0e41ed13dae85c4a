#pragma once

#include <optional>
#include <string_view>

#include "directory/ids.h"
#include "storage/database.h"

/// Slows down guessing. Counted in the database, so that neither a restart nor another node forgets.
namespace doorward::directory {

struct PasswordLimits {
  /// Failures that cost nothing; each further one doubles the wait, from one second up to `longest_wait`.
  int free_per_user = 5;
  int free_per_address = 30;
  Duration longest_wait = std::chrono::minutes(15);
  /// A counter is forgotten when nothing failed for so long.
  Duration memory = std::chrono::hours(24);
};

/// Takes a guess for (account, user name) and (account, client address or IPv6 network), known or not, before
/// the password is verified: it counts as failed until `forgive_password_attempts`, so that parallel guesses
/// cannot slip through. Returns nothing when the guess may be made, otherwise when to come back; a refused
/// guess does not count.
Result<std::optional<Timestamp>> take_password_attempt(storage::Transaction& transaction, AccountId account,
                                                       std::string_view user_name,
                                                       std::string_view client_address,
                                                       const PasswordLimits& limits, Timestamp now);

/// The password was right: clears the user's counter and takes this guess off the address's.
Result<void> forgive_password_attempts(storage::Transaction& transaction, AccountId account,
                                       std::string_view user_name, std::string_view client_address);

/// What is known of guesses at a user's password.
struct PasswordGuesses {
  std::int64_t failures = 0;
  std::optional<Timestamp> last_at = {};
  /// When the next guess may be made, where that lies ahead.
  std::optional<Timestamp> wait_until = {};
};
Result<PasswordGuesses> password_guesses(storage::Transaction& transaction, AccountId account,
                                         std::string_view user_name, const PasswordLimits& limits,
                                         Timestamp now);

}  // namespace doorward::directory
