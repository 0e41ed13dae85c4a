#include "directory/employee_search.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "directory/rows.h"

namespace doorward::directory {
namespace {

using Patterns = std::array<std::string, kMaxSearchWords>;

/// Of LIKE, for a text with `word` anywhere in it.
std::string pattern_of(std::string_view word) {
  std::string pattern = "%";
  for (const char c : word) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

/// One for each word; empty where there is none.
Result<Patterns> patterns_of(std::string_view asked) {
  Patterns patterns;
  std::size_t words = 0;
  std::string text = fold_case(asked);
  for (char& c : text) {
    if (c == '\t' || c == '\r' || c == '\n') c = ' ';
  }
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (words == kMaxSearchWords) {
      return fail(ErrorKind::InvalidInput, "directory.search_too_long",
                  fmt::format("Search for at most {} words at once.", kMaxSearchWords));
    }
    patterns[words++] = pattern_of(word);
  }
  return patterns;
}

// The page is found in employees_search alone; CROSS JOIN has SQLite look up its rows afterwards and no
// others.
#define MATCHES(parameter) " AND (" parameter " = '' OR s.search_key LIKE " parameter " ESCAPE '\\')"
constexpr std::string_view kSearch =
    "SELECT " DIRECTORY_EMPLOYEE_COLUMNS
    ", e.user_name_key FROM (SELECT s.id AS id FROM employees AS s WHERE s.account_id = $1"
    " AND s.user_name_key > $2"
    " AND ($3 = -1 OR s.active = $3) AND ($4 = -1 OR s.administrator = $4)"
    " AND ($5 = 0 OR s.department_id = $5) AND ($6 = '' OR s.origin = $6)" MATCHES("$7") MATCHES("$8")
        MATCHES("$9") MATCHES("$10") MATCHES("$11") MATCHES(
            "$12") " ORDER BY s.user_name_key LIMIT $13) AS page CROSS JOIN employees AS e"
                   " WHERE e.account_id = $1 AND e.id = page.id ORDER BY e.user_name_key";

}  // namespace

std::string search_key(const Profile& profile) {
  const std::string user_name = fold_case(profile.user_name);
  const std::string email = fold_case(profile.email);
  const std::string name = fold_case(profile.given_name) + ' ' + fold_case(profile.family_name);
  const std::string display_name = fold_case(profile.display_name);
  std::string key = user_name + '\n' + (email == user_name ? "" : email) + '\n' + name + '\n' +
                    (display_name == name ? "" : display_name);
  if (key.size() <= kMaxSearchKey) return key;
  // Between characters.
  std::size_t end = kMaxSearchKey;
  while (end > 0 && (static_cast<unsigned char>(key[end]) & 0xC0U) == 0x80U)
    --end;
  key.resize(end);
  return key;
}

Result<EmployeePage> search_employees(storage::Transaction& transaction, AccountId account,
                                      const EmployeeSearch& search, const std::optional<std::string>& after,
                                      int limit) {
  // -1 stands for "does not matter".
  const auto wanted = [](const std::optional<bool>& flag) { return flag ? static_cast<int>(*flag) : -1; };
  EmployeePage page;
  // Longer than anything that is searched; and LIKE has a limit of its own.
  if (search.words.size() > kMaxSearchKey) return page;
  ASSIGN_OR_RETURN(const Patterns words, patterns_of(search.words));
  // One more than asked for tells whether there is a next page.
  std::string last_key;
  RETURN_IF_ERROR(transaction.query(
      kSearch,
      {account, after.value_or(""), wanted(search.active), wanted(search.administrator),
       search.department.value_or(DepartmentId{}), search.origin ? to_text(*search.origin) : "", words[0],
       words[1], words[2], words[3], words[4], words[5], limit + 1},
      [&](const storage::Row& row) {
        if (page.employees.size() == static_cast<std::size_t>(limit)) {
          page.next = last_key;
          return;
        }
        page.employees.push_back(read_employee(row));
        last_key = row.text(kEmployeeColumns);
      }));
  return page;
}

// The order is that of employees_unsearched, which SQLite would not take otherwise.
Result<bool> is_search_key_missing(storage::Transaction& transaction) {
  ASSIGN_OR_RETURN(const auto found,
                   transaction.first("SELECT id FROM employees WHERE search_key = ''"
                                     " ORDER BY account_id, id LIMIT 1",
                                     {}, [](const storage::Row& row) { return row.integer(0); }));
  return found.has_value();
}

Result<void> fill_search_keys(storage::Transaction& transaction, int limit) {
  ASSIGN_OR_RETURN(
      const auto employees,
      transaction.all("SELECT " DIRECTORY_EMPLOYEE_COLUMNS " FROM employees AS e WHERE e.search_key = ''"
                      " ORDER BY e.account_id, e.id LIMIT $1",
                      {limit}, [](const storage::Row& row) { return read_employee(row); }));
  for (const Employee& employee : employees) {
    RETURN_IF_ERROR(
        transaction.execute("UPDATE employees SET search_key = $3 WHERE account_id = $1 AND id = $2",
                            {employee.account, employee.id, search_key(employee.profile)}));
  }
  return {};
}

}  // namespace doorward::directory
