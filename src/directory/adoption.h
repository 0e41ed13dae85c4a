#pragma once

#include <optional>
#include <vector>

#include "directory/accounts.h"
#include "directory/provisioning.h"
#include "storage/database.h"

/// Whom the directory may take over from manual management. Its word alone must not be enough: an operator's
/// or a consultant's employee with an address elsewhere is none of the company's directory's people.
namespace doorward::directory {

/// Somebody whom a new record could mean or collide with.
struct Candidate {
  ProvisionedEmployee known;
  bool deletion_held = false;
};
/// Everybody with the record's user name, and others with one of its identifiers or addresses. One indexed
/// statement.
Result<std::vector<Candidate>> find_candidates(storage::Transaction& transaction, AccountId account,
                                               const Profile& profile);

struct Adoptee {
  const Candidate* candidate;
  /// By what the employee was recognised, for the audit.
  std::string_view by;
};
/// The one among `candidates` who is managed by hand and whom the record means; nothing when there is none or
/// when it is not certain.
Result<std::optional<Adoptee>> choose_adoptee(storage::Transaction& transaction, const Account& account,
                                              const std::vector<Candidate>& candidates,
                                              const Profile& profile);

/// Whether a change by the directory, which addresses somebody managed by hand by their public id, may adopt
/// them; `kNotAdoptable` when not.
Result<void> check_adoptable(storage::Transaction& transaction, const Account& account,
                             const ProvisionedEmployee& current, const Profile& profile);

}  // namespace doorward::directory
