#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Who keeps access once SSO is the only way in, by the domains of the e-mail addresses: those of the
/// account, for a test account also its parent's. Counts read an index, not the employees.
namespace doorward::directory {

struct Census {
  std::int64_t active = 0;
  /// Active employees whose address lies in none of the domains.
  std::int64_t outside = 0;
  /// Those of them whose loss of access an administrator accepted.
  std::int64_t accepted = 0;
  std::int64_t administrators_inside = 0;
  /// They can come in without SSO, as long as it is not the only way.
  std::int64_t administrators_with_password = 0;
};
Result<Census> take_census(storage::Transaction& transaction, AccountId account);

struct Outsider {
  Employee employee;
  bool accepted = false;
};
struct OutsiderPage {
  std::vector<Outsider> outsiders;
  /// Pass as `after` for the next page; nothing when this was the last.
  std::optional<std::string> next;
};
/// Active employees outside the domains, by domain and user name. `after` is the public id of the last one of
/// the previous page; when that employee is no outsider any more the list begins anew.
Result<OutsiderPage> list_outsiders(storage::Transaction& transaction, AccountId account,
                                    const std::optional<std::string>& after, int limit);

enum class Loss : std::uint8_t { Refused, Accepted };
/// Says of one active employee outside the domains whether they may lose access; refuses somebody inside or
/// inactive (`directory.not_outside`), and `kNoEmployee` when there is none. Writes `setup.loss_accepted` or
/// `setup.loss_refused` when that changes something.
Result<void> set_loss(storage::Transaction& transaction, AccountId account, EmployeeId employee, Loss loss,
                      const Actor& actor, Timestamp now);
/// Accepts for everybody outside, if there are exactly `expected` of them (`directory.census_changed`):
/// nobody is accepted unseen. One audit entry with the number.
Result<void> accept_all_losses(storage::Transaction& transaction, AccountId account, std::int64_t expected,
                               const Actor& actor, Timestamp now);
/// Takes all back.
Result<void> forget_losses(storage::Transaction& transaction, AccountId account);

/// How many active employees have an address in the domain `name`.
Result<std::int64_t> count_active_in_domain(storage::Transaction& transaction, AccountId account,
                                            std::string_view name);

}  // namespace doorward::directory
