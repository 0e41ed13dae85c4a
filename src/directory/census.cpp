#include "directory/census.h"

#include <utility>

#include "base/text.h"
#include "directory/accounts.h"
#include "directory/domains.h"
#include "directory/matching_domains.h"
#include "directory/rows.h"

namespace doorward::directory {
namespace {

/// Where a page begins: behind an outsider, in the order of the index.
struct Place {
  std::string email_domain;
  std::string user_name_key;
};

Result<Place> place_behind(storage::Transaction& transaction, AccountId account,
                           const std::optional<std::string>& public_id) {
  if (!public_id) return Place{};
  ASSIGN_OR_RETURN(auto place,
                   transaction.first("SELECT e.email_domain, e.user_name_key FROM employees AS e"
                                     " WHERE e.account_id = $1 AND e.public_id = $2 AND e.active = 1"
                                     " AND e.email_domain NOT IN " DIRECTORY_MATCHING_DOMAINS,
                                     {account, to_ascii_lower(*public_id)}, [](const storage::Row& row) {
                                       return Place{std::string(row.text(0)), std::string(row.text(1))};
                                     }));
  return place.value_or(Place{});
}

}  // namespace

Result<Census> take_census(storage::Transaction& transaction, AccountId account) {
  Census census;
  RETURN_IF_ERROR(transaction.query("SELECT count(*), e.email_domain IN " DIRECTORY_MATCHING_DOMAINS
                                    " FROM employees AS e WHERE e.account_id = $1 AND e.active = 1"
                                    " GROUP BY e.email_domain",
                                    {account}, [&](const storage::Row& row) {
                                      census.active += row.integer(0);
                                      if (!row.flag(1)) census.outside += row.integer(0);
                                    }));
  RETURN_IF_ERROR(
      transaction.query("SELECT count(*) FROM accepted_losses AS l WHERE l.account_id = $1 AND EXISTS"
                        " (SELECT 1 FROM employees AS e WHERE e.account_id = l.account_id"
                        " AND e.id = l.employee_id AND e.active = 1"
                        " AND e.email_domain NOT IN " DIRECTORY_MATCHING_DOMAINS ")",
                        {account}, [&](const storage::Row& row) { census.accepted = row.integer(0); }));
  RETURN_IF_ERROR(transaction.query("SELECT e.email_domain IN " DIRECTORY_MATCHING_DOMAINS
                                    ", e.password_hash IS NOT NULL FROM employees AS e"
                                    " WHERE e.account_id = $1 AND e.administrator = 1",
                                    {account}, [&](const storage::Row& row) {
                                      if (row.flag(0)) ++census.administrators_inside;
                                      if (row.flag(1)) ++census.administrators_with_password;
                                    }));
  return census;
}

Result<OutsiderPage> list_outsiders(storage::Transaction& transaction, AccountId account,
                                    const std::optional<std::string>& after, int limit) {
  ASSIGN_OR_RETURN(const Place place, place_behind(transaction, account, after));
  OutsiderPage page;
  // One more than asked for tells whether there is a next page.
  RETURN_IF_ERROR(transaction.query(
      "SELECT " DIRECTORY_EMPLOYEE_COLUMNS
      ", EXISTS (SELECT 1 FROM accepted_losses AS l"
      " WHERE l.account_id = e.account_id AND l.employee_id = e.id)"
      " FROM employees AS e WHERE e.account_id = $1 AND e.active = 1"
      " AND (e.email_domain, e.user_name_key) > ($2, $3) AND e.email_domain NOT "
      "IN " DIRECTORY_MATCHING_DOMAINS " ORDER BY e.email_domain, e.user_name_key LIMIT $4",
      {account, place.email_domain, place.user_name_key, limit + 1}, [&](const storage::Row& row) {
        if (std::cmp_equal(page.outsiders.size(), limit)) {
          page.next = page.outsiders.back().employee.public_id;
          return;
        }
        page.outsiders.push_back({.employee = read_employee(row), .accepted = row.flag(kEmployeeColumns)});
      }));
  return page;
}

Result<void> set_loss(storage::Transaction& transaction, AccountId account, EmployeeId id, Loss loss,
                      const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, account, id));
  ASSIGN_OR_RETURN(const auto domain, find_matching_domain(transaction, account, employee.profile.email));
  if (!employee.active || domain) {
    return fail(ErrorKind::Conflict, "directory.not_outside",
                employee.shown_name() +
                    (employee.active ? " has an address in one of your company's domains" : " is inactive") +
                    " and would lose nothing. Load the list again.");
  }
  const bool accepts = loss == Loss::Accepted;
  std::int64_t changed = 0;
  if (accepts) {
    ASSIGN_OR_RETURN(
        changed,
        transaction.execute("INSERT INTO accepted_losses (account_id, employee_id, accepted_at, accepted_by)"
                            " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                            {account, id, now, actor.name}));
  } else {
    ASSIGN_OR_RETURN(
        changed, transaction.execute("DELETE FROM accepted_losses WHERE account_id = $1 AND employee_id = $2",
                                     {account, id}));
  }
  if (changed == 0) return {};
  return record_audit(transaction, account, actor, accepts ? "setup.loss_accepted" : "setup.loss_refused",
                      employee.public_id, {}, now);
}

Result<void> accept_all_losses(storage::Transaction& transaction, AccountId account, std::int64_t expected,
                               const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Census census, take_census(transaction, account));
  if (census.outside != expected) {
    return fail(ErrorKind::Conflict, "directory.census_changed",
                "Meanwhile " + std::to_string(census.outside) + " employees would lose access, no longer " +
                    std::to_string(expected) + ". Look at the list again.");
  }
  ASSIGN_OR_RETURN(const Account loaded, load_account(transaction, account));
  ASSIGN_OR_RETURN(
      const std::int64_t accepted,
      transaction.execute("INSERT INTO accepted_losses (account_id, employee_id, accepted_at, accepted_by)"
                          " SELECT e.account_id, e.id, $2, $3 FROM employees AS e"
                          " WHERE e.account_id = $1 AND e.active = 1"
                          " AND e.email_domain NOT IN " DIRECTORY_MATCHING_DOMAINS " ON CONFLICT DO NOTHING",
                          {account, now, actor.name}));
  if (accepted == 0) return {};
  return record_audit(transaction, account, actor, "setup.all_losses_accepted", loaded.public_id,
                      {{"employees", expected}}, now);
}

Result<void> forget_losses(storage::Transaction& transaction, AccountId account) {
  RETURN_IF_ERROR(transaction.execute("DELETE FROM accepted_losses WHERE account_id = $1", {account}));
  return {};
}

Result<std::int64_t> count_active_in_domain(storage::Transaction& transaction, AccountId account,
                                            std::string_view name) {
  ASSIGN_OR_RETURN(
      const auto count,
      transaction.first("SELECT count(*) FROM employees"
                        " WHERE account_id = $1 AND active = 1 AND email_domain = $2",
                        {account, name}, [](const storage::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

}  // namespace doorward::directory
