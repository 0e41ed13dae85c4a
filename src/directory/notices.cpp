#include "directory/notices.h"

#include <charconv>

#include "base/check.h"
#include "base/text.h"

namespace doorward::directory {
namespace {

constexpr std::string_view kChannel = "doorward_forget";

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  CHECK(error == std::errc() && end == text.data() + text.size());
  return number;
}

}  // namespace

Result<void> send_notice(storage::Transaction& transaction, const Notice& notice) {
  // Three numbers, 0 for none: "7 12 0".
  const std::string message = std::to_string(notice.account.value) + ' ' +
                              std::to_string(notice.employee.value_or(EmployeeId{}).value) + ' ' +
                              std::to_string(notice.session.value_or(SessionId{}).value);
  return transaction.notify(kChannel, message);
}

void on_notice(storage::Database& database, std::function<void(const Notice&)> forget) {
  database.listen(kChannel, [forget = std::move(forget)](std::string_view message) {
    const std::vector<std::string_view> numbers = split(message, ' ');
    CHECK(numbers.size() == 3);
    Notice notice{.account = AccountId{number_in(numbers[0])}};
    if (const EmployeeId id{number_in(numbers[1])}; id.value != 0) notice.employee = id;
    if (const SessionId id{number_in(numbers[2])}; id.value != 0) notice.session = id;
    forget(notice);
  });
}

}  // namespace doorward::directory
