#include "console/api.h"

#include "console/views.h"
#include "directory/daily_counts.h"
#include "directory/departments.h"
#include "directory/employee_search.h"
#include "json/json.h"

namespace doorward::console {

namespace {

Result<std::optional<directory::Origin>> origin_field(const http::Form& query) {
  ASSIGN_OR_RETURN(const auto text, text_field(query, "origin"));
  if (!text) return std::nullopt;
  const auto origin = directory::parse_origin(*text);
  if (!origin) {
    return fail(ErrorKind::InvalidInput, "api.bad_query", "`origin` must be manual, directory or sign-in.");
  }
  return origin;
}

constexpr int kActivityDays = 30;
constexpr int kMostActivityDays = 90;

json::Object day_view(const directory::DayCounts& counts) {
  // As `2026-05-31`.
  constexpr std::size_t kDateLength = 10;
  return {{"day", format_rfc3339(counts.day).substr(0, kDateLength)},
          {"signedIn", counts.signed_in},
          {"refused", counts.refused},
          {"provisioned", counts.provisioned},
          {"provisioningFailed", counts.provisioning_failed}};
}

}  // namespace

Result<http::Response> Api::session(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  if (!visitor) return nobody_signed_in();
  return http::Response::json(http::Status::Ok, visitor->described([](const directory::SignedIn& signed_in) {
    return json::serialize(view(signed_in));
  }));
}

Result<http::Response> Api::employees(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  directory::EmployeeSearch search;
  ASSIGN_OR_RETURN(const auto words, text_field(query, "search"));
  search.words = words.value_or("");
  ASSIGN_OR_RETURN(search.active, switch_field(query, "active"));
  ASSIGN_OR_RETURN(search.administrator, switch_field(query, "administrator"));
  ASSIGN_OR_RETURN(search.origin, origin_field(query));
  ASSIGN_OR_RETURN(const auto department, text_field(query, "department"));
  ASSIGN_OR_RETURN(const auto after_text, text_field(query, "after"));
  const std::optional<std::string> after(after_text);
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    if (department) {
      ASSIGN_OR_RETURN(search.department,
                       find_department_id(transaction, admission, std::string(*department)));
    }
    ASSIGN_OR_RETURN(const auto page,
                     directory::search_employees(transaction, admission.account(), search, after, limit));
    ASSIGN_OR_RETURN(const auto total, directory::count_employees(transaction, admission.account()));
    json::Array items;
    for (const directory::Employee& employee : page.employees)
      items.push_back(view(employee));
    json::Object result{{"employees", std::move(items)}, {"next", nullptr}, {"total", total}};
    if (page.next) result["next"] = *page.next;
    return answer(result);
  });
}

Result<http::Response> Api::attempts(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto before, integer_field(query, "before", 1, INT64_MAX));
  std::optional<directory::AttemptId> before_id;
  if (before) before_id = directory::AttemptId{*before};
  const auto account = admission.administrator->account.id;
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto attempts, directory::list_attempts(transaction, account, before_id, limit));
    json::Array items;
    for (const directory::Attempt& attempt : attempts) {
      ASSIGN_OR_RETURN(json::Object item, named_view(transaction, attempt));
      items.push_back(std::move(item));
    }
    return answer(page_of("attempts", attempts, std::move(items), limit));
  });
}

Result<http::Response> Api::attempt(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  std::optional<directory::Attempt> attempt;
  json::Object result;
  RETURN_IF_ERROR(deps_.database.read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(attempt, directory::find_attempt(transaction, admission.administrator->account.id,
                                                      request.parameter("reference")));
    if (!attempt) return {};
    ASSIGN_OR_RETURN(result, attempt_story(transaction, *attempt));
    return {};
  }));
  if (!attempt) {
    return fail(
        ErrorKind::NotFound, "api.no_attempt",
        "There is no sign-in attempt under this reference number. Check it for typing errors; attempts are "
        "kept for 90 days.");
  }
  return answer(result);
}

Result<http::Response> Api::activity(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const auto asked, integer_field(query, "days", 1, kMostActivityDays));
  const int days = static_cast<int>(asked.value_or(kActivityDays));
  ASSIGN_OR_RETURN(const auto counts, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::list_daily_counts(transaction, admission.account(), days, deps_.clock.now());
  }));
  json::Array items;
  for (const directory::DayCounts& each : counts)
    items.push_back(day_view(each));
  return answer({{"days", std::move(items)}});
}

Result<http::Response> Api::audit(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto before, integer_field(query, "before", 1, INT64_MAX));
  std::optional<directory::AuditId> before_id;
  if (before) before_id = directory::AuditId{*before};
  ASSIGN_OR_RETURN(const auto entries, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::list_audit(transaction, admission.administrator->account.id, before_id, limit);
  }));
  json::Array items;
  for (const directory::AuditEntry& entry : entries)
    items.push_back(view(entry));
  return answer(page_of("audit", entries, std::move(items), limit));
}

}  // namespace doorward::console
