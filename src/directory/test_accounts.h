#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/access_links.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/employees.h"
#include "storage/database.h"

/// Accounts in which administrators try SSO before it concerns anybody. One has the plan and the settings of
/// the account that it tests for, matches people in the domains of that account, and routes nobody.
namespace doorward::directory {

inline constexpr int kMaxTestAccounts = 3;
inline constexpr ErrorCode kNoTestAccount = "directory.no_test_account";

struct TestAccount {
  Account account;
  std::int64_t employees = 0;
};

/// The oldest first.
Result<std::vector<TestAccount>> list_test_accounts(storage::Transaction& transaction, AccountId parent);
/// By public id, and only one of `parent`'s.
Result<std::optional<Account>> find_test_account(storage::Transaction& transaction, AccountId parent,
                                                 std::string_view public_id);

/// How an administrator of the parent comes into a test account.
struct TestAccess {
  Employee employee;
  /// The link by which they choose a password there, and until when it lives; nothing while SSO is the only
  /// way in there.
  std::optional<AccessLinkSecret> link = {};
  Timestamp link_expires_at = {};
};

/// Makes one, with nobody in it. Refuses without the enterprise plan, which SSO needs, for an account that is
/// a test account itself, and one too many (`directory.too_many_test_accounts`). Audited on both sides.
Result<Account> create_test_account(storage::Transaction& transaction, const Account& parent,
                                    const Actor& actor, Timestamp now);

/// Lets an active administrator of the parent in as administrator of its test account: makes the employee who
/// stands in for them where there is none, or gives that one back what they lost. No password is copied: the
/// link is for choosing one. Audited on both sides.
Result<TestAccess> open_test_account(storage::Transaction& transaction, const Account& test_account,
                                     const Employee& administrator, const Actor& actor, Timestamp now);

/// With everything in it. Audited in the parent.
Result<void> delete_test_account(storage::Transaction& transaction, const Account& test_account,
                                 const Actor& actor, Timestamp now);

/// Deactivates whoever stands in for an administrator who has just lost those rights, and takes the password
/// away: `deactivate_employee` and its like call it.
Result<void> end_test_access(storage::Transaction& transaction, const Employee& administrator,
                             const Actor& actor, Timestamp now);

}  // namespace doorward::directory
