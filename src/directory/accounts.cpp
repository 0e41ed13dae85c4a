#include "directory/accounts.h"

#include "base/text.h"
#include "directory/departments.h"
#include "directory/events.h"
#include "directory/names.h"
#include "directory/notices.h"
#include "directory/rows.h"
#include "directory/sessions.h"
#include "directory/setup_links.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

constexpr Names<Plan, 2> kPlans = {{{Plan::Free, "free"}, {Plan::Enterprise, "enterprise"}}};

constexpr std::size_t kMaxSlug = 63;
constexpr std::string_view kDefaultDepartment = "Employees";

bool is_slug_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Letters, digits and single hyphens between them; every other character parts two words.
std::string slug_from(std::string_view name) {
  std::string slug;
  for (const char c : to_ascii_lower(name)) {
    if (is_slug_character(c)) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
    if (slug.size() == kMaxSlug) break;
  }
  while (!slug.empty() && slug.back() == '-')
    slug.pop_back();
  return slug.empty() ? "account" : slug;
}

Result<bool> slug_is_taken(storage::Transaction& transaction, std::string_view slug) {
  ASSIGN_OR_RETURN(const auto found, find_account_by_slug(transaction, slug));
  return found.has_value();
}

Result<std::string> choose_slug(storage::Transaction& transaction, std::string_view name) {
  constexpr int kMaxTries = 1000;
  const std::string wanted = slug_from(name);
  ASSIGN_OR_RETURN(const bool taken, slug_is_taken(transaction, wanted));
  if (!taken) return wanted;
  // A slug-shaped name that were given another slug could be looked up as somebody else's.
  if (wanted != to_ascii_lower(name)) {
    for (int number = 2; number < kMaxTries; ++number) {
      const std::string suffix = '-' + std::to_string(number);
      std::string slug = wanted.substr(0, kMaxSlug - suffix.size()) + suffix;
      ASSIGN_OR_RETURN(const bool numbered_taken, slug_is_taken(transaction, slug));
      if (!numbered_taken) return slug;
    }
  }
  return fail(ErrorKind::Conflict, "directory.account_exists",
              "There is an account " + printable(wanted) + " already. Choose another name.");
}

Result<void> change_sso(storage::Transaction& transaction, const Account& account,
                        std::optional<Timestamp> enforced_at, std::string_view reason, const Actor& actor,
                        Timestamp now) {
  RETURN_IF_ERROR(transaction.execute("UPDATE accounts SET sso_enforced_at = $2 WHERE id = $1",
                                      {account.id, enforced_at}));
  const std::string_view action = enforced_at ? "sso.enabled" : "sso.disabled";
  json::Object details{{"reason", reason}};
  if (enforced_at) {
    ASSIGN_OR_RETURN(const EndedAccess ended, end_access_without_sso(transaction, account.id, now));
    details["sessions_ended"] = ended.sessions;
    details["grants_ended"] = ended.grants;
    RETURN_IF_ERROR(end_all_setup_links(transaction, account.id, LinkEnd::Enabled, actor, now));
  }
  RETURN_IF_ERROR(record_audit(transaction, account.id, actor, action, account.public_id, details, now));
  RETURN_IF_ERROR(append_event(transaction, account.id, action, account.public_id, {}, now));
  return touch_setup(transaction, account.id);
}

/// What somebody needs to come in by SSO.
Result<void> check_sso_is_possible(storage::Transaction& transaction, const Account& account) {
  if (account.plan != Plan::Enterprise) {
    return fail(ErrorKind::Refused, "directory.plan_without_sso",
                "Single sign-on belongs to the enterprise plan. Change the account's plan first.");
  }
  ASSIGN_OR_RETURN(
      const auto connection,
      transaction.first("SELECT c.id FROM connections AS c WHERE c.account_id = $1 AND c.active = 1"
                        " AND c.proposed_by = '' AND EXISTS"
                        " (SELECT 1 FROM connection_certificates AS k"
                        "  WHERE k.account_id = c.account_id AND k.connection_id = c.id) LIMIT 1",
                        {account.id}, [](const storage::Row& row) { return row.integer(0); }));
  if (!connection) {
    return fail(
        ErrorKind::Refused, "directory.no_connection",
        "The account has no active connection to an identity provider, so nobody could sign in. Set the "
        "provider's metadata first.");
  }
  ASSIGN_OR_RETURN(const auto domain,
                   transaction.first("SELECT id FROM domains WHERE account_id IN ($1, $2) LIMIT 1",
                                     {account.id, account.parent.value_or(account.id)},
                                     [](const storage::Row& row) { return row.integer(0); }));
  if (!domain) {
    return fail(
        ErrorKind::Refused, "directory.no_domain",
        "The account has no e-mail domain, so nobody could sign in. Add the company's domains first.");
  }
  return {};
}

Result<std::vector<AccountId>> ids_of_test_accounts(storage::Transaction& transaction, AccountId parent) {
  return transaction.all("SELECT id FROM accounts WHERE parent_id = $1 ORDER BY id", {parent},
                         [](const storage::Row& row) { return row.id<AccountId>(0); });
}

}  // namespace

std::string_view to_text(Plan plan) {
  return name_of(kPlans, plan);
}
std::optional<Plan> parse_plan(std::string_view text) {
  return value_of(kPlans, text);
}

Account read_account(const storage::Row& row, int first) {
  Account account;
  account.id = row.id<AccountId>(first);
  account.public_id = row.text(first + 1);
  account.name = row.text(first + 2);
  account.slug = row.text(first + 3);
  account.plan = stored_value(kPlans, row.text(first + 4));
  account.sso_enforced_at = row.optional_time(first + 5);
  account.provision_at_sign_in = row.flag(first + 6);
  if (!row.is_null(first + 7)) account.parent = row.id<AccountId>(first + 7);
  account.setup_version = row.integer(first + 8);
  account.created_at = row.time(first + 9);
  account.parent_name = row.optional_text(first + 10).value_or("");
  return account;
}

Result<Account> create_account(storage::Transaction& transaction, const NewAccount& account,
                               const Actor& actor, Timestamp now) {
  const std::string_view name = trim(account.name);
  RETURN_IF_ERROR(check_value("name", name, Presence::Required));
  ASSIGN_OR_RETURN(const std::string slug, choose_slug(transaction, name));
  json::Object details{{"plan", to_text(account.plan)}};
  if (account.parent) {
    ASSIGN_OR_RETURN(const Account parent, load_account(transaction, *account.parent));
    if (parent.parent) {
      return fail(ErrorKind::Refused, "directory.test_account_of_test_account",
                  printable(parent.name) + " is a test account itself, and cannot have one.");
    }
    details["test_account_of"] = parent.slug;
  }
  ASSIGN_OR_RETURN(
      const auto id,
      transaction.first(
          "INSERT INTO accounts (public_id, name, name_key, slug, plan, parent_id, created_at)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id",
          {account.public_id, name, fold_case(name), slug, to_text(account.plan), account.parent, now},
          [](const storage::Row& row) { return row.id<AccountId>(0); }));
  if (!id) {
    return fail(ErrorKind::Conflict, "directory.account_exists",
                "There is an account " + printable(name) + " already. Choose another name.");
  }
  RETURN_IF_ERROR(
      transaction.execute("INSERT INTO departments (account_id, public_id, name, name_key, is_default)"
                          " VALUES ($1, $2, $3, $4, 1)",
                          {*id, new_public_id(), kDefaultDepartment, fold_case(kDefaultDepartment)}));
  RETURN_IF_ERROR(record_audit(transaction, *id, actor, "account.created", account.public_id, details, now));
  return load_account(transaction, *id);
}

Result<Account> load_account(storage::Transaction& transaction, AccountId id) {
  ASSIGN_OR_RETURN(
      std::optional<Account> account,
      transaction.first("SELECT " DIRECTORY_ACCOUNT_COLUMNS " FROM accounts AS a WHERE a.id = $1", {id},
                        [](const storage::Row& row) { return read_account(row); }));
  if (!account)
    return fail(ErrorKind::NotFound, "directory.no_account", "The account does not exist any more.");
  return *std::move(account);
}

Result<Account> find_account(storage::Transaction& transaction, std::string_view name_or_slug) {
  const std::string_view text = trim(name_or_slug);
  const std::string lower = to_ascii_lower(text);
  ASSIGN_OR_RETURN(
      std::optional<Account> account,
      transaction.first("SELECT " DIRECTORY_ACCOUNT_COLUMNS
                        " FROM accounts AS a WHERE a.slug = $1 OR a.name_key = $2 OR a.public_id = $1"
                        " ORDER BY CASE WHEN a.slug = $1 THEN 0 WHEN a.name_key = $2 THEN 1 ELSE 2 END",
                        {lower, fold_case(text)}, [](const storage::Row& row) { return read_account(row); }));
  if (!account) {
    return fail(
        ErrorKind::NotFound, "directory.no_account",
        "There is no account " + printable(text) + ". `doorward account list` shows those there are.");
  }
  return *std::move(account);
}

Result<std::optional<Account>> find_account_by_slug(storage::Transaction& transaction,
                                                    std::string_view slug) {
  return transaction.first("SELECT " DIRECTORY_ACCOUNT_COLUMNS " FROM accounts AS a WHERE a.slug = $1",
                           {to_ascii_lower(slug)}, [](const storage::Row& row) { return read_account(row); });
}

Result<std::vector<Account>> list_accounts(storage::Transaction& transaction, std::optional<AccountId> after,
                                           int limit) {
  return transaction.all(
      "SELECT " DIRECTORY_ACCOUNT_COLUMNS " FROM accounts AS a WHERE a.id > $1 ORDER BY a.id LIMIT $2",
      {after.value_or(AccountId{}), limit}, [](const storage::Row& row) { return read_account(row); });
}

Result<std::optional<Account>> find_only_company(storage::Transaction& transaction) {
  ASSIGN_OR_RETURN(auto companies,
                   transaction.all("SELECT " DIRECTORY_ACCOUNT_COLUMNS
                                   " FROM accounts AS a WHERE a.parent_id IS NULL ORDER BY a.id LIMIT 2",
                                   {}, [](const storage::Row& row) { return read_account(row); }));
  if (companies.size() != 1) return std::optional<Account>();
  return std::move(companies.front());
}

Result<void> set_plan(storage::Transaction& transaction, AccountId id, Plan plan, const Actor& actor,
                      Timestamp now) {
  ASSIGN_OR_RETURN(const Account account, load_account(transaction, id));
  // The plan is not to be had by a test account alone.
  ASSIGN_OR_RETURN(const auto test_accounts, ids_of_test_accounts(transaction, id));
  for (const AccountId test_account : test_accounts)
    RETURN_IF_ERROR(set_plan(transaction, test_account, plan, actor, now));
  if (account.plan == plan) return {};
  if (plan == Plan::Free && account.sso_enforced_at) {
    return fail(ErrorKind::Refused, "directory.sso_enforced",
                "Single sign-on is the only way into " + printable(account.name) +
                    " and belongs to the enterprise plan. Disable it before lowering the plan.");
  }
  RETURN_IF_ERROR(transaction.execute("UPDATE accounts SET plan = $2 WHERE id = $1", {id, to_text(plan)}));
  RETURN_IF_ERROR(record_audit(transaction, id, actor, "account.plan_changed", account.public_id,
                               {{"from", to_text(account.plan)}, {"to", to_text(plan)}}, now));
  return touch_setup(transaction, id);
}

Result<void> set_provision_at_sign_in(storage::Transaction& transaction, AccountId id,
                                      ProvisionAtSignIn value, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Account account, load_account(transaction, id));
  const bool on = value == ProvisionAtSignIn::On;
  if (account.provision_at_sign_in == on) return {};
  RETURN_IF_ERROR(
      transaction.execute("UPDATE accounts SET provision_at_sign_in = $2 WHERE id = $1", {id, on}));
  RETURN_IF_ERROR(record_audit(transaction, id, actor, "account.provision_at_sign_in_changed",
                               account.public_id, {{"on", on}}, now));
  return touch_setup(transaction, id);
}

Result<void> enforce_sso(storage::Transaction& transaction, AccountId id, std::string_view reason,
                         const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Account account, load_account(transaction, id));
  if (account.sso_enforced_at) return {};
  RETURN_IF_ERROR(require_own_rights(actor));
  RETURN_IF_ERROR(check_value("reason", trim(reason), Presence::Required));
  RETURN_IF_ERROR(check_sso_is_possible(transaction, account));
  return change_sso(transaction, account, now, trim(reason), actor, now);
}

Result<void> stop_enforcing_sso(storage::Transaction& transaction, AccountId id, std::string_view reason,
                                const Actor& actor, Timestamp now) {
  if (actor.kind != ActorKind::Support) {
    return fail(ErrorKind::Refused, "directory.support_only",
                "Only technical support can disable single sign-on once it is enabled. Contact support.");
  }
  ASSIGN_OR_RETURN(const Account account, load_account(transaction, id));
  if (!account.sso_enforced_at) return {};
  RETURN_IF_ERROR(check_value("reason", trim(reason), Presence::Required));
  return change_sso(transaction, account, std::nullopt, trim(reason), actor, now);
}

Result<void> delete_account(storage::Transaction& transaction, AccountId id) {
  ASSIGN_OR_RETURN(const auto test_accounts, ids_of_test_accounts(transaction, id));
  for (const AccountId test_account : test_accounts)
    RETURN_IF_ERROR(delete_account(transaction, test_account));
  ASSIGN_OR_RETURN(const std::int64_t deleted,
                   transaction.execute("DELETE FROM accounts WHERE id = $1", {id}));
  if (deleted == 0) {
    return fail(ErrorKind::NotFound, "directory.no_account", "The account does not exist any more.");
  }
  return send_notice(transaction, {.account = id});
}

Result<void> touch_setup(storage::Transaction& transaction, AccountId id) {
  RETURN_IF_ERROR(
      transaction.execute("UPDATE accounts SET setup_version = setup_version + 1 WHERE id = $1", {id}));
  return send_notice(transaction, {.account = id});
}

}  // namespace doorward::directory
