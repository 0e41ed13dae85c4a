#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/employees.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Finding employees by what they are called, for people who look for people.
namespace doorward::directory {

/// What is searched of a longer one. An index holds it: PostgreSQL takes 2,700 bytes together with the other
/// columns.
inline constexpr std::size_t kMaxSearchKey = 600;
inline constexpr std::size_t kMaxSearchWords = 6;

/// The text that a search looks into: user name, address, given and family name, display
/// name, folded, with a line break between.
std::string search_key(const Profile& profile);

struct EmployeeSearch {
  /// With spaces between; each must be somewhere in the user name, the address or the names.
  std::string words = {};
  std::optional<bool> active = {};
  std::optional<bool> administrator = {};
  std::optional<DepartmentId> department = {};
  std::optional<Origin> origin = {};
};
/// Ordered by user name. Refuses more than `kMaxSearchWords` words.
Result<EmployeePage> search_employees(storage::Transaction& transaction, AccountId account,
                                      const EmployeeSearch& search, const std::optional<std::string>& after,
                                      int limit);

/// Whether there are employees who came before there was a search key, and whose names SQL could not fold.
Result<bool> is_search_key_missing(storage::Transaction& transaction);
/// Makes it for at most `limit` of them.
Result<void> fill_search_keys(storage::Transaction& transaction, int limit);

}  // namespace doorward::directory
