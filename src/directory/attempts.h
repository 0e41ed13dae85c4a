#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/ids.h"
#include "storage/database.h"

/// The record behind the reference number that an employee is shown when a sign-in fails.
namespace doorward::directory {

enum class AttemptOutcome : std::uint8_t { Success, Refused, Test };
std::string_view to_text(AttemptOutcome outcome);
std::optional<AttemptOutcome> parse_attempt_outcome(std::string_view text);

struct NewAttempt {
  AccountId account;
  std::optional<ConnectionId> connection = {};
  AttemptOutcome outcome = AttemptOutcome::Refused;
  /// The finding's code; empty when there is none.
  std::string finding = {};
  /// The employee's public id, if one was found.
  std::string employee = {};
  /// JSON: every check with expected and actual value. Never the assertion or a secret.
  std::string report = {};
  std::string client_address = {};
};

struct Attempt : NewAttempt {
  AttemptId id;
  std::string reference;
  Timestamp at;
};

/// Returns the reference number, for example `K7QM-2XPD`.
Result<std::string> record_attempt(storage::Transaction& transaction, const NewAttempt& attempt,
                                   Timestamp now);
/// As people type it: case and hyphens do not matter.
Result<std::optional<Attempt>> find_attempt(storage::Transaction& transaction, AccountId account,
                                            std::string_view reference);
/// Newest first; `before` is the last id of the previous page.
Result<std::vector<Attempt>> list_attempts(storage::Transaction& transaction, AccountId account,
                                           std::optional<AttemptId> before, int limit);

/// Those about one employee, by public id; those where nobody was recognised when it is empty.
Result<std::vector<Attempt>> list_attempts_about(storage::Transaction& transaction, AccountId account,
                                                 std::string_view employee, int limit);

enum class TestedBy : std::uint8_t { Anybody, Administrator };
/// The newest test sign-in since `since` that came through at `connection`; of somebody who now
/// is an active administrator with an address in the account's domains, unless `who` asks for anybody's: who
/// is outside could not come in once SSO is the only way.
Result<std::optional<Attempt>> find_passed_test(storage::Transaction& transaction, AccountId account,
                                                ConnectionId connection, Timestamp since, TestedBy who);

}  // namespace doorward::directory
