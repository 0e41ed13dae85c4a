#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "directory/audit.h"
#include "directory/sessions.h"
#include "http/message.h"
#include "json/json.h"
#include "session/delegates.h"
#include "session/sessions.h"
#include "storage/database.h"

/// What the handlers of the API share: who asks, what they ask, and how an answer looks.
namespace doorward::console {

struct Dependencies {
  storage::Database& database;
  const Clock& clock;
  session::Sessions& sessions;
  /// Null for what setup links do not reach.
  const session::Delegates* delegates = nullptr;
};

http::Response answer(const json::Object& object, http::Status status = http::Status::Ok);
http::Response refuse(http::Status status, std::string_view code, std::string_view message);
/// 401.
http::Response nobody_signed_in();

/// Whoever is signed in, if they are an administrator, or whom a setup link let in; otherwise the answer that
/// says so.
struct Admission {
  std::shared_ptr<const directory::SignedIn> administrator;
  std::optional<http::Response> refusal;
  std::optional<directory::Delegate> delegate = {};

  /// As it was read: it may be older than what the database says.
  const directory::Account& company() const { return delegate ? delegate->account : administrator->account; }
  directory::AccountId account() const { return company().id; }
  directory::Actor actor() const;
};
/// Administrators alone. A request that says it comes by a setup link is refused, whoever is signed in beside
/// it.
Result<Admission> admit_administrator(session::Sessions& sessions, const http::Request& request);
/// Also whom a setup link let in: for what a colleague does in the setup. Every handler that asks this is in
/// the list of the test of server/.
Result<Admission> admit_setup(const Dependencies& dependencies, const http::Request& request);
/// Whoever was let in may have lost the right since: for the transaction that changes something.
Result<void> still_admitted(storage::Transaction& transaction, const Admission& admission, Timestamp now);

/// A field of the query; one that is there twice could mean either.
Result<std::optional<std::string_view>> text_field(const http::Form& query, std::string_view name);
Result<std::optional<std::int64_t>> integer_field(const http::Form& query, std::string_view name,
                                                  std::int64_t least, std::int64_t most);
Result<std::optional<bool>> switch_field(const http::Form& query, std::string_view name);
/// `limit`, from 1 to 200; 50 when absent.
Result<int> limit_field(const http::Form& query);
/// A row's id that a page begins behind.
template <class IdType>
Result<std::optional<IdType>> cursor_field(const http::Form& query, std::string_view name) {
  ASSIGN_OR_RETURN(const auto number, integer_field(query, name, 1, INT64_MAX));
  if (!number) return std::nullopt;
  return IdType{*number};
}

/// Longer than a few sentences is no body of the console's, unless a handler says otherwise.
inline constexpr std::size_t kMaxBodyBytes = std::size_t{64} * 1024;
/// The body as a JSON object; 415 unless the content type says that it is JSON, which no form can say.
Result<json::Object> json_body(const http::Request& request, std::size_t max_bytes = kMaxBodyBytes);
/// Refuses a member with another name than these: a misspelt one must not count as absent.
Result<void> only_members(const json::Object& body, std::span<const std::string_view> names);
/// Names the state of what a form edits: the same members with the same values have the same version.
std::string version_of(const json::Object& editable);
/// Refuses a body whose member `version` names another state than that of `editable` (`kChangedMeanwhile`):
/// somebody changed it since it was read, and would lose that. Whoever names none overwrites what is there.
Result<void> check_version(const json::Object& body, const json::Object& editable);
inline constexpr ErrorCode kChangedMeanwhile = "api.changed_meanwhile";

/// The member that must be there.
Result<bool> required_bool(const json::Object& body, std::string_view name);
Result<int> required_integer(const json::Object& body, std::string_view name, int least, int most);

/// The administrator's department with this public id; nothing for none.
Result<std::optional<directory::DepartmentId>> find_department_id(
    storage::Transaction& transaction, const Admission& admission,
    const std::optional<std::string>& public_id);

json::Value time_or_null(const std::optional<Timestamp>& time);

/// The rows of a page, and where the next one begins when this one is full.
template <class Row>
json::Object page_of(std::string_view name, const std::vector<Row>& rows, json::Array items, int limit) {
  json::Object page{{name, std::move(items)}, {"next", nullptr}};
  if (!rows.empty() && static_cast<int>(rows.size()) == limit) page["next"] = rows.back().id.value;
  return page;
}

}  // namespace doorward::console
