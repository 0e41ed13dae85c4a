#include "console/api.h"

#include <charconv>

#include <fmt/format.h>

#include "console/views.h"
#include "json/json.h"

namespace doorward::console {

namespace {

constexpr int kDefaultLimit = 50;
constexpr int kMaxLimit = 200;

http::Response answer(const json::Object& object) {
  return http::Response::json(http::Status::Ok, json::serialize(object));
}

http::Response refuse(http::Status status, std::string_view code, std::string_view message) {
  return http::Response::json(
      status, json::serialize(json::Object{{"error", json::Object{{"code", code}, {"message", message}}}}));
}

http::Response nobody_signed_in() {
  return refuse(http::Status::Unauthorized, "session.none",
                "Nobody is signed in. Sign in at /sign-in first.");
}

/// A field of the query; one that is there twice could mean either.
Result<std::optional<std::string_view>> text_field(const http::Form& query, std::string_view name) {
  if (query.count(name) > 1) {
    return fail(ErrorKind::InvalidInput, "api.bad_query", fmt::format("`{}` is there twice.", name));
  }
  return query.find(name);
}

Result<std::optional<std::int64_t>> integer_field(const http::Form& query, std::string_view name,
                                                  std::int64_t least, std::int64_t most) {
  ASSIGN_OR_RETURN(const auto text, text_field(query, name));
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < least || value > most) {
    return fail(ErrorKind::InvalidInput, "api.bad_query",
                fmt::format("`{}` must be a whole number from {} to {}.", name, least, most));
  }
  return value;
}

Result<std::optional<bool>> switch_field(const http::Form& query, std::string_view name) {
  ASSIGN_OR_RETURN(const auto text, text_field(query, name));
  if (!text) return std::nullopt;
  if (*text != "true" && *text != "false") {
    return fail(ErrorKind::InvalidInput, "api.bad_query", fmt::format("`{}` must be true or false.", name));
  }
  return *text == "true";
}

Result<int> limit_field(const http::Form& query) {
  ASSIGN_OR_RETURN(const auto limit, integer_field(query, "limit", 1, kMaxLimit));
  return static_cast<int>(limit.value_or(kDefaultLimit));
}

/// The rows of a page, and where the next one begins when this one is full.
template <class Row>
json::Object newest_first_page(std::string_view name, const std::vector<Row>& rows, json::Array items,
                               int limit) {
  json::Object page{{name, std::move(items)}, {"next", nullptr}};
  if (!rows.empty() && static_cast<int>(rows.size()) == limit) page["next"] = rows.back().id.value;
  return page;
}

/// With the employee's name, where there is one.
Result<json::Object> named_view(storage::Transaction& transaction, const directory::Attempt& attempt) {
  json::Object shown = view(attempt);
  shown["employeeName"] = "";
  if (attempt.employee.empty()) return shown;
  ASSIGN_OR_RETURN(const auto employee,
                   directory::find_employee(transaction, attempt.account, attempt.employee));
  if (employee) shown["employeeName"] = employee->shown_name();
  return shown;
}

}  // namespace

Result<http::Response> Api::session(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  if (!visitor) return nobody_signed_in();
  return http::Response::json(http::Status::Ok, visitor->described([](const directory::SignedIn& signed_in) {
    return json::serialize(view(signed_in));
  }));
}

Result<Api::Admission> Api::admit(const http::Request& request) {
  ASSIGN_OR_RETURN(auto signed_in, deps_.sessions.who(request));
  if (!signed_in) return Admission{nullptr, nobody_signed_in()};
  if (!signed_in->employee.administrator) {
    return Admission{nullptr, refuse(http::Status::Forbidden, "api.administrators_only",
                                     "This is for administrators of the account.")};
  }
  return Admission{std::move(signed_in), std::nullopt};
}

Result<http::Response> Api::employees(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit(request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  directory::EmployeeFilter filter;
  ASSIGN_OR_RETURN(const auto search, text_field(query, "search"));
  filter.user_name_prefix = search.value_or("");
  ASSIGN_OR_RETURN(filter.active, switch_field(query, "active"));
  ASSIGN_OR_RETURN(const auto after_text, text_field(query, "after"));
  std::optional<std::string> after;
  if (after_text) after = std::string(*after_text);
  ASSIGN_OR_RETURN(const auto page, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::list_employees(transaction, admission.administrator->account.id, filter, after, limit);
  }));
  json::Array items;
  for (const directory::Employee& employee : page.employees)
    items.push_back(view(employee));
  json::Object result{{"employees", std::move(items)}, {"next", nullptr}};
  if (page.next) result["next"] = *page.next;
  return answer(result);
}

Result<http::Response> Api::domains(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit(request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto domains, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::list_domains(transaction, admission.administrator->account.id);
  }));
  json::Array items;
  for (const directory::Domain& domain : domains)
    items.push_back(view(domain));
  return answer({{"domains", std::move(items)}});
}

Result<http::Response> Api::connections(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit(request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto connections, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::list_connections(transaction, admission.administrator->account.id);
  }));
  json::Array items;
  for (const directory::Connection& connection : connections)
    items.push_back(view(connection));
  return answer({{"connections", std::move(items)}});
}

Result<http::Response> Api::attempts(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit(request));
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
    return answer(newest_first_page("attempts", attempts, std::move(items), limit));
  });
}

Result<http::Response> Api::attempt(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit(request));
  if (admission.refusal) return *std::move(admission.refusal);
  std::optional<directory::Attempt> attempt;
  json::Object result;
  RETURN_IF_ERROR(deps_.database.read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(attempt, directory::find_attempt(transaction, admission.administrator->account.id,
                                                      request.parameter("reference")));
    if (!attempt) return {};
    ASSIGN_OR_RETURN(result, named_view(transaction, *attempt));
    return {};
  }));
  if (!attempt) {
    return fail(
        ErrorKind::NotFound, "api.no_attempt",
        "There is no sign-in attempt under this reference number. Check it for typing errors; attempts are "
        "kept for 90 days.");
  }
  ASSIGN_OR_RETURN(result["report"], json::parse(attempt->report.empty() ? "{}" : attempt->report));
  return answer(result);
}

Result<http::Response> Api::audit(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit(request));
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
  return answer(newest_first_page("audit", entries, std::move(items), limit));
}

}  // namespace doorward::console
