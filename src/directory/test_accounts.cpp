#include "directory/test_accounts.h"

#include <fmt/format.h>

#include "base/text.h"
#include "directory/provisioning_settings.h"
#include "directory/rows.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

/// So many names are tried; each of them may belong to another company by chance.
constexpr int kMaxNames = 20;
/// Leaves room for what is put behind it.
constexpr std::size_t kMaxParentName = 160;

/// The first that is free of `Contoso (test)`, `Contoso (test 2)` …
Result<Account> create_under_free_name(storage::Transaction& transaction, const Account& parent,
                                       const Actor& actor, Timestamp now) {
  const std::string base = printable(parent.name, kMaxParentName);
  for (int number = 1; number <= kMaxNames; ++number) {
    const std::string name =
        number == 1 ? fmt::format("{} (test)", base) : fmt::format("{} (test {})", base, number);
    ASSIGN_OR_RETURN(const auto taken,
                     transaction.first("SELECT id FROM accounts WHERE name_key = $1", {fold_case(name)},
                                       [](const storage::Row& row) { return row.id<AccountId>(0); }));
    if (taken) continue;
    return create_account(transaction, {.name = name, .plan = parent.plan, .parent = parent.id}, actor, now);
  }
  return fail(ErrorKind::Conflict, "directory.account_exists",
              "No name is free for a test account. Ask support to make one.");
}

Result<void> copy_settings(storage::Transaction& transaction, const Account& from, const Account& to,
                           const Actor& actor, Timestamp now) {
  const auto provision = from.provision_at_sign_in ? ProvisionAtSignIn::On : ProvisionAtSignIn::Off;
  RETURN_IF_ERROR(set_provision_at_sign_in(transaction, to.id, provision, actor, now));
  ASSIGN_OR_RETURN(const auto settings, load_provisioning_settings(transaction, from.id));
  RETURN_IF_ERROR(update_provisioning_settings(transaction, to.id, settings, actor, now));
  ASSIGN_OR_RETURN(const auto attributes, list_custom_attributes(transaction, from.id));
  for (const CustomAttribute& attribute : attributes)
    RETURN_IF_ERROR(declare_custom_attribute(transaction, to.id, attribute, actor, now));
  return {};
}

Result<std::optional<Employee>> find_stand_in(storage::Transaction& transaction, AccountId test_account,
                                              std::string_view stands_for) {
  return transaction.first("SELECT " DIRECTORY_EMPLOYEE_COLUMNS
                           " FROM test_administrators AS t JOIN employees AS e"
                           " ON e.account_id = t.account_id AND e.id = t.employee_id"
                           " WHERE t.account_id = $1 AND t.stands_for = $2",
                           {test_account, stands_for},
                           [](const storage::Row& row) { return read_employee(row); });
}

/// Whoever had a password there, or a link to choose one, has none.
Result<void> close_ways_in(storage::Transaction& transaction, const Employee& stand_in, const Actor& actor,
                           Timestamp now) {
  RETURN_IF_ERROR(transaction.execute("DELETE FROM access_links WHERE account_id = $1 AND employee_id = $2",
                                      {stand_in.account, stand_in.id}));
  if (!stand_in.has_password) return {};
  return set_password(transaction, stand_in.account, stand_in.id, {}, actor, now);
}

/// The employee who stands in for the administrator, known as that from here on. Whoever has the same user
/// name there already is the same person, as the directory that is being tried sent them; but who knows a
/// password of theirs is not known.
Result<Employee> take_stand_in(storage::Transaction& transaction, const Account& test_account,
                               const Employee& administrator, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(auto known, find_stand_in(transaction, test_account.id, administrator.public_id));
  if (known) return *std::move(known);
  const Profile& profile = administrator.profile;
  ASSIGN_OR_RETURN(auto found, find_employee_by_user_name(transaction, test_account.id, profile.user_name));
  if (!found) {
    // The keys of the directory stay out: it links its own people.
    const NewEmployee made{.account = test_account.id,
                           .profile = {.user_name = profile.user_name,
                                       .email = profile.email,
                                       .given_name = profile.given_name,
                                       .family_name = profile.family_name,
                                       .display_name = profile.display_name,
                                       .locale = profile.locale},
                           .administrator = true};
    ASSIGN_OR_RETURN(found, create_employee(transaction, made, actor, now));
  }
  RETURN_IF_ERROR(close_ways_in(transaction, *found, actor, now));
  // A user name may have passed on to another administrator.
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO test_administrators (account_id, employee_id, stands_for)"
      " VALUES ($1, $2, $3)"
      " ON CONFLICT (account_id, employee_id) DO UPDATE SET stands_for = excluded.stands_for",
      {test_account.id, found->id, administrator.public_id}));
  return *std::move(found);
}

json::Object named(const Account& account) {
  return {{"name", account.name}, {"slug", account.slug}};
}

}  // namespace

Result<std::vector<TestAccount>> list_test_accounts(storage::Transaction& transaction, AccountId parent) {
  return transaction.all("SELECT " DIRECTORY_ACCOUNT_COLUMNS
                         ", a.employee_total FROM accounts AS a WHERE a.parent_id = $1 ORDER BY a.id",
                         {parent}, [](const storage::Row& row) {
                           return TestAccount{.account = read_account(row),
                                              .employees = row.integer(kAccountColumns)};
                         });
}

Result<std::optional<Account>> find_test_account(storage::Transaction& transaction, AccountId parent,
                                                 std::string_view public_id) {
  return transaction.first(
      "SELECT " DIRECTORY_ACCOUNT_COLUMNS " FROM accounts AS a WHERE a.public_id = $1 AND a.parent_id = $2",
      {to_ascii_lower(public_id), parent}, [](const storage::Row& row) { return read_account(row); });
}

Result<Account> create_test_account(storage::Transaction& transaction, const Account& parent,
                                    const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Account current, load_account(transaction, parent.id));
  if (current.plan != Plan::Enterprise) {
    return fail(ErrorKind::Refused, "directory.plan_without_sso",
                "Single sign-on belongs to the enterprise plan, so there is nothing to try without it. Ask "
                "support to change the account's plan.");
  }
  ASSIGN_OR_RETURN(const auto others, list_test_accounts(transaction, current.id));
  if (others.size() >= kMaxTestAccounts) {
    return fail(ErrorKind::Refused, "directory.too_many_test_accounts",
                fmt::format("There are {} test accounts already. Delete one first.", others.size()));
  }
  ASSIGN_OR_RETURN(const Account made, create_under_free_name(transaction, current, actor, now));
  RETURN_IF_ERROR(copy_settings(transaction, current, made, actor, now));
  RETURN_IF_ERROR(
      record_audit(transaction, current.id, actor, "test_account.created", made.public_id, named(made), now));
  return load_account(transaction, made.id);
}

Result<TestAccess> open_test_account(storage::Transaction& transaction, const Account& test_account,
                                     const Employee& administrator, const Actor& actor, Timestamp now) {
  // The session that asks may have been read before the rights were lost.
  ASSIGN_OR_RETURN(const Employee asking,
                   load_employee(transaction, administrator.account, administrator.id));
  if (test_account.parent != asking.account || !asking.administrator) {
    return fail(ErrorKind::Refused, "directory.no_administrator",
                "A test account is for administrators of the account that it tests for.");
  }
  ASSIGN_OR_RETURN(const Employee stand_in, take_stand_in(transaction, test_account, asking, actor, now));
  RETURN_IF_ERROR(activate_employee(transaction, test_account.id, stand_in.id, actor, now));
  RETURN_IF_ERROR(grant_administrator(transaction, test_account.id, stand_in.id, actor, now));
  TestAccess access;
  ASSIGN_OR_RETURN(access.employee, load_employee(transaction, test_account.id, stand_in.id));
  if (!test_account.sso_enforced_at) {
    access.link = AccessLinkSecret::issue(test_account);
    const auto purpose = access.employee.has_password ? LinkPurpose::Recovery : LinkPurpose::Invitation;
    ASSIGN_OR_RETURN(access.link_expires_at, create_access_link(transaction, test_account, access.employee,
                                                                purpose, *access.link, {}, actor, now));
  }
  RETURN_IF_ERROR(record_audit(transaction, asking.account, actor, "test_account.opened",
                               test_account.public_id, named(test_account), now));
  return access;
}

Result<void> delete_test_account(storage::Transaction& transaction, const Account& test_account,
                                 const Actor& actor, Timestamp now) {
  if (!test_account.parent) {
    return fail(ErrorKind::Refused, kNoTestAccount, "This is no test account.");
  }
  RETURN_IF_ERROR(delete_account(transaction, test_account.id));
  return record_audit(transaction, *test_account.parent, actor, "test_account.deleted",
                      test_account.public_id, named(test_account), now);
}

Result<void> end_test_access(storage::Transaction& transaction, const Employee& administrator,
                             const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const auto test_accounts, list_test_accounts(transaction, administrator.account));
  for (const TestAccount& each : test_accounts) {
    ASSIGN_OR_RETURN(const auto stand_in,
                     find_stand_in(transaction, each.account.id, administrator.public_id));
    if (!stand_in) continue;
    // Somebody else may come back as this employee: what the leaver knows must not open it then.
    RETURN_IF_ERROR(close_ways_in(transaction, *stand_in, actor, now));
    RETURN_IF_ERROR(deactivate_employee(transaction, each.account.id, stand_in->id, LastAdministrator::MayGo,
                                        actor, now));
  }
  return {};
}

}  // namespace doorward::directory
