#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

namespace doorward::directory {

enum class Plan : std::uint8_t { Free, Enterprise };

std::string_view to_text(Plan plan);
std::optional<Plan> parse_plan(std::string_view text);

/// A company. SSO is part of the enterprise plan only.
struct Account {
  AccountId id;
  std::string public_id;
  std::string name;
  /// Its part of URLs, as in `/saml/{slug}/acs`: lower-case letters, digits and inner hyphens.
  std::string slug;
  Plan plan = Plan::Free;
  /// Since when SSO is the only way in.
  std::optional<Timestamp> sso_enforced_at;
  /// Whether somebody unknown whom a connection vouches for becomes an employee at sign-in.
  bool provision_at_sign_in = false;
  /// The account whose domains a test account shares for matching employees (never for routing sign-ins).
  std::optional<AccountId> parent;
  /// Its name; empty for an account that is no test account.
  std::string parent_name;
  /// Grows with each change of the account, its domains, connections or key pairs.
  std::int64_t setup_version = 0;
  Timestamp created_at;
};

struct NewAccount {
  std::string name;
  Plan plan = Plan::Free;
  std::optional<AccountId> parent = {};
  std::string public_id = new_public_id();
};

/// Makes the account and its default department. A name that is slug-shaped is its own slug (in lower case);
/// from any other name a free slug is derived. Names and slugs are unique without regard to case. A
/// test account cannot have one of its own.
Result<Account> create_account(storage::Transaction& transaction, const NewAccount& account,
                               const Actor& actor, Timestamp now);

Result<Account> load_account(storage::Transaction& transaction, AccountId id);
/// By slug, then by name, then by public id, without regard to case: for the command line.
Result<Account> find_account(storage::Transaction& transaction, std::string_view name_or_slug);
/// By slug alone: for URLs.
Result<std::optional<Account>> find_account_by_slug(storage::Transaction& transaction, std::string_view slug);
/// In the order of creation; `after` is the last id of the previous page.
Result<std::vector<Account>> list_accounts(storage::Transaction& transaction, std::optional<AccountId> after,
                                           int limit);

/// The company that a server of one company is for, whatever test accounts it has beside it.
Result<std::optional<Account>> find_only_company(storage::Transaction& transaction);

/// Changes the plan of the account and of its test accounts. Refuses to lower it while SSO is enforced in one
/// of them.
Result<void> set_plan(storage::Transaction& transaction, AccountId id, Plan plan, const Actor& actor,
                      Timestamp now);
enum class ProvisionAtSignIn : std::uint8_t { Off, On };
Result<void> set_provision_at_sign_in(storage::Transaction& transaction, AccountId id,
                                      ProvisionAtSignIn value, const Actor& actor, Timestamp now);

/// Makes SSO the only way in. Refuses without the enterprise plan, a connection that is active and has a
/// signing certificate, and a domain: nobody could come in. Whether the evidence of a test sign-in is there
/// is setup/'s business. Sessions of passwords end with it, and what applications were
/// given without SSO. Nothing changes when it is enforced already.
Result<void> enforce_sso(storage::Transaction& transaction, AccountId id, std::string_view reason,
                         const Actor& actor, Timestamp now);
/// Only support may: any other actor is refused.
Result<void> stop_enforcing_sso(storage::Transaction& transaction, AccountId id, std::string_view reason,
                                const Actor& actor, Timestamp now);

/// Removes the account and everything in it, and its test accounts: without it they are nobody's.
Result<void> delete_account(storage::Transaction& transaction, AccountId id);

/// Counts up `setup_version` and tells the caches. Whatever changes an account's setup calls it.
Result<void> touch_setup(storage::Transaction& transaction, AccountId id);

}  // namespace doorward::directory
