#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "directory/names.h"
#include "directory/provisioning.h"
#include "directory/rows.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

ProvisionedEmployee read_whole_row(const storage::Row& row) {
  return read_provisioned(row);
}

// Whoever lies in held deletion is not there for the directory.
#define PRESENT " AND e.deletion_held_at IS NULL"
#define SELECT_PROVISIONED \
  "SELECT " DIRECTORY_PROVISIONED_COLUMNS " FROM employees AS e WHERE e.account_id = $1"

constexpr int kFirstPage = 32;
constexpr int kLargestPage = 1024;

struct ScanStatements {
  /// The place of the row that is $3 rows behind $2: from the index alone, and, while deletions are held,
  /// from the rows.
  std::string_view locate;
  std::string_view locate_present;
  /// At most $3 rows behind $2.
  std::string_view page;
};

#define LOCATE(column, comparison, direction, condition)                                         \
  "SELECT e." column " FROM employees AS e WHERE e.account_id = $1 AND e." column " " comparison \
  " $2" condition " ORDER BY e." column " " direction " LIMIT 1 OFFSET $3"
#define SCAN_STATEMENTS(column, comparison, direction)                                                       \
  {LOCATE(column, comparison, direction, ""), LOCATE(column, comparison, direction, PRESENT),                \
   "SELECT " DIRECTORY_PROVISIONED_COLUMNS                                                                   \
   ", e.user_name_key FROM employees AS e"                                                                   \
   " WHERE e.account_id = $1 AND e." column " " comparison " $2" PRESENT " ORDER BY e." column " " direction \
   " LIMIT $3"}

constexpr ScanStatements kByCreation = SCAN_STATEMENTS("id", ">", "ASC");
constexpr ScanStatements kByCreationDescending = SCAN_STATEMENTS("id", "<", "DESC");
constexpr ScanStatements kByUserName = SCAN_STATEMENTS("user_name_key", ">", "ASC");
constexpr ScanStatements kByUserNameDescending = SCAN_STATEMENTS("user_name_key", "<", "DESC");

Result<bool> is_any_deletion_held(storage::Transaction& transaction, AccountId account) {
  ASSIGN_OR_RETURN(const auto held,
                   transaction.first("SELECT id FROM employees WHERE account_id = $1"
                                     " AND deletion_held_at IS NOT NULL LIMIT 1",
                                     {account}, [](const storage::Row& row) { return row.integer(0); }));
  return held.has_value();
}

/// Reads pages behind `place`, the value of the column that orders them.
template <class Place, class ReadPlace>
Result<void> scan(storage::Transaction& transaction, AccountId account, const ScanStatements& statements,
                  Place place, std::int64_t skip, ReadPlace read_place,
                  const std::function<bool(const ProvisionedEmployee&)>& on_employee) {
  if (skip > 0) {
    ASSIGN_OR_RETURN(const bool held, is_any_deletion_held(transaction, account));
    ASSIGN_OR_RETURN(
        std::optional<Place> last_skipped,
        transaction.first(held ? statements.locate_present : statements.locate, {account, place, skip - 1},
                          [&](const storage::Row& row) { return read_place(row, 0); }));
    if (!last_skipped) return {};
    place = *std::move(last_skipped);
  }
  // The first page is small for whoever stops early.
  for (int limit = kFirstPage;; limit = std::min(limit * 4, kLargestPage)) {
    int rows = 0;
    bool wanted = true;
    Place last = place;
    RETURN_IF_ERROR(transaction.query(statements.page, {account, place, limit}, [&](const storage::Row& row) {
      ++rows;
      if (!wanted) return;
      wanted = on_employee(read_provisioned(row));
      if (rows == limit) last = read_place(row, -1);
    }));
    if (!wanted || rows < limit) return {};
    place = std::move(last);
  }
}

Result<void> scan_by_creation(storage::Transaction& transaction, AccountId account, const PageStart& start,
                              bool descending,
                              const std::function<bool(const ProvisionedEmployee&)>& on_employee) {
  const std::int64_t place = start.after ? start.after->value : (descending ? INT64_MAX : 0);
  return scan(
      transaction, account, descending ? kByCreationDescending : kByCreation, place, start.skip,
      [](const storage::Row& row, int) { return row.integer(0); }, on_employee);
}

Result<void> scan_by_user_name(storage::Transaction& transaction, AccountId account, const PageStart& start,
                               bool descending,
                               const std::function<bool(const ProvisionedEmployee&)>& on_employee) {
  std::string place;
  if (start.after_user_name) {
    place = *start.after_user_name;
  } else if (descending) {
    // Behind every user name: as many U+10FFFF as no value has room for.
    constexpr std::size_t kMoreThanFit = 300;
    for (std::size_t i = 0; i < kMoreThanFit; ++i)
      place += "\xf4\x8f\xbf\xbf";
  }
  return scan(
      transaction, account, descending ? kByUserNameDescending : kByUserName, std::move(place), start.skip,
      [](const storage::Row& row, int column) {
        return std::string(row.text(column < 0 ? kProvisionedColumns : column));
      },
      on_employee);
}

}  // namespace

ProvisionedEmployee read_provisioned(const storage::Row& row, int first) {
  return {.employee = read_employee(row, first),
          .attributes = std::string(row.text(first + kEmployeeColumns)),
          .version = row.integer(first + kEmployeeColumns + 1),
          .provisioned_at = row.optional_time(first + kEmployeeColumns + 2)};
}

Result<std::optional<ProvisionedEmployee>> find_provisioned(storage::Transaction& transaction,
                                                            AccountId account, std::string_view public_id) {
  return transaction.first(SELECT_PROVISIONED " AND e.public_id = $2" PRESENT,
                           {account, to_ascii_lower(public_id)}, read_whole_row);
}

Result<std::vector<ProvisionedEmployee>> find_provisioned_by(storage::Transaction& transaction,
                                                             AccountId account, EmployeeKey key,
                                                             std::string_view value, int limit) {
  if (value.empty()) return std::vector<ProvisionedEmployee>();
  switch (key) {
    case EmployeeKey::PublicId:
      return transaction.all(SELECT_PROVISIONED " AND e.public_id = $2" PRESENT " LIMIT $3",
                             {account, to_ascii_lower(value), limit}, read_whole_row);
    case EmployeeKey::UserName:
      return transaction.all(SELECT_PROVISIONED " AND e.user_name_key = $2" PRESENT " LIMIT $3",
                             {account, fold_case(value), limit}, read_whole_row);
    case EmployeeKey::Email:
      // Two look-ups rather than OR, which SQLite answers by reading the whole account.
      return transaction.all(SELECT_PROVISIONED
                             " AND e.id IN (SELECT p.id FROM employees AS p WHERE p.account_id = $1"
                             "   AND p.email_key = $2 AND p.email_key <> ''"
                             "  UNION SELECT o.employee_id FROM employee_emails AS o"
                             "   WHERE o.account_id = $1 AND o.email_key = $2)" PRESENT
                             " ORDER BY e.id LIMIT $3",
                             {account, fold_case(value), limit}, read_whole_row);
    case EmployeeKey::ExternalId:
      return transaction.all(SELECT_PROVISIONED
                             " AND e.external_id_key = $2 AND e.external_id_key <> ''" PRESENT
                             " ORDER BY e.id LIMIT $3",
                             {account, identifier_key(value), limit}, read_whole_row);
    case EmployeeKey::ObjectId:
      return transaction.all(SELECT_PROVISIONED " AND e.object_id_key = $2 AND e.object_id_key <> ''" PRESENT
                                                " ORDER BY e.id LIMIT $3",
                             {account, identifier_key(value), limit}, read_whole_row);
  }
  return std::vector<ProvisionedEmployee>();
}

Result<void> scan_provisioned(storage::Transaction& transaction, AccountId account, EmployeeOrder order,
                              const PageStart& start,
                              const std::function<bool(const ProvisionedEmployee&)>& on_employee) {
  switch (order) {
    case EmployeeOrder::Creation:
    case EmployeeOrder::CreationDescending:
      return scan_by_creation(transaction, account, start, order == EmployeeOrder::CreationDescending,
                              on_employee);
    case EmployeeOrder::UserName:
    case EmployeeOrder::UserNameDescending:
      return scan_by_user_name(transaction, account, start, order == EmployeeOrder::UserNameDescending,
                               on_employee);
  }
  return {};
}

Result<std::int64_t> count_provisioned(storage::Transaction& transaction, AccountId account) {
  ASSIGN_OR_RETURN(const auto count,
                   transaction.first("SELECT employee_total - (SELECT count(*) FROM employees"
                                     " WHERE account_id = $1 AND deletion_held_at IS NOT NULL)"
                                     " FROM accounts WHERE id = $1",
                                     {account}, [](const storage::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

Result<std::optional<DeletedEmployee>> find_deleted_employee(storage::Transaction& transaction,
                                                             AccountId account, std::string_view public_id) {
  return transaction.first(
      "SELECT public_id, user_name, display_name, deleted_at, actor_kind, actor_name"
      " FROM deleted_employees WHERE account_id = $1 AND public_id = $2",
      {account, to_ascii_lower(public_id)}, [](const storage::Row& row) {
        const std::optional<ActorKind> kind = parse_actor_kind(row.text(4));
        CHECK(kind.has_value());
        return DeletedEmployee{.public_id = std::string(row.text(0)),
                               .user_name = std::string(row.text(1)),
                               .display_name = std::string(row.text(2)),
                               .deleted_at = row.time(3),
                               .actor = {*kind, std::string(row.text(5))}};
      });
}

}  // namespace doorward::directory
