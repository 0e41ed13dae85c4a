#include "console/test_runs_api.h"

#include <array>

#include <fmt/format.h>

#include "base/url.h"
#include "console/views.h"
#include "directory/accounts.h"
#include "directory/attempts.h"
#include "directory/connections.h"
#include "directory/employees.h"
#include "directory/test_runs.h"
#include "setup/connection_check.h"

namespace doorward::console {

namespace {

using directory::Connection;
using directory::TestRun;

/// The active connection that is meant.
Result<Connection> choose_connection(storage::Transaction& transaction, directory::AccountId account,
                                     const std::optional<std::string>& public_id) {
  ASSIGN_OR_RETURN(auto connections, directory::list_connections(transaction, account));
  std::erase_if(connections, [&](const Connection& connection) {
    return !connection.active || (public_id && connection.public_id != *public_id);
  });
  if (connections.size() == 1) return std::move(connections.front());
  if (connections.empty()) {
    return fail(ErrorKind::Conflict, "api.no_connection",
                "There is no active connection to test. Connect your identity provider first.");
  }
  return fail(ErrorKind::InvalidInput, "api.which_connection",
              "The account has several connections. Say which one is to be tested.");
}

/// Where the test is: a link may be followed again after an attempt.
std::string_view state_of(const TestRun& run, const std::optional<directory::Attempt>& attempt,
                          Timestamp now) {
  const bool answered = attempt && (!run.opened_at || attempt->at >= *run.opened_at);
  if (answered) return attempt->finding.empty() ? "passed" : "failed";
  if (now >= run.expires_at) return "expired";
  return run.opened_at ? "opened" : "waiting";
}

}  // namespace

Result<json::Object> TestRunsApi::shown(storage::Transaction& transaction, const directory::Account& account,
                                        std::string_view id) const {
  ASSIGN_OR_RETURN(const auto run, directory::find_test_run(transaction, account.id, id));
  if (!run) {
    return fail(ErrorKind::NotFound, "api.no_test_run",
                "There is no such test any more. Make a new link and follow that one.");
  }
  ASSIGN_OR_RETURN(const auto connection,
                   directory::load_connection(transaction, account.id, run->connection));
  std::optional<directory::Attempt> attempt;
  if (!run->reference.empty()) {
    ASSIGN_OR_RETURN(attempt, directory::find_attempt(transaction, account.id, run->reference));
  }
  json::Object result{{"id", run->public_id},
                      {"url", fmt::format("{}/saml/{}/login?purpose=test&connection={}&run={}", public_url_,
                                          account.slug, percent_encode(connection.name), run->public_id)},
                      {"connection", connection.name},
                      {"state", state_of(*run, attempt, deps_.clock.now())},
                      {"createdAt", format_rfc3339(run->created_at)},
                      {"expiresAt", format_rfc3339(run->expires_at)},
                      {"openedAt", time_or_null(run->opened_at)},
                      {"attempt", nullptr},
                      {"employee", nullptr},
                      {"attributes", json::Array()}};
  if (!attempt) return result;
  ASSIGN_OR_RETURN(json::Object story, attempt_story(transaction, *attempt));
  if (const auto* received = story.at("report").as_object().if_contains("received"))
    result["attributes"] = *received;
  if (!attempt->employee.empty()) {
    ASSIGN_OR_RETURN(const auto employee,
                     directory::find_employee(transaction, account.id, attempt->employee));
    if (employee) {
      result["employee"] = json::Object{{"id", employee->public_id},
                                        {"name", employee->shown_name()},
                                        {"administrator", employee->administrator}};
    }
  }
  result["attempt"] = std::move(story);
  return result;
}

Result<http::Response> TestRunsApi::create(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, std::array<std::string_view, 1>{"connection"}));
  ASSIGN_OR_RETURN(const auto wanted, json::optional_string(body, "connection"));
  ASSIGN_OR_RETURN(
      const auto made, deps_.database.write([&](storage::Transaction& transaction) -> Result<json::Object> {
        // The session's copy of the account may be older than its plan.
        ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
        RETURN_IF_ERROR(setup::check_plan(account));
        RETURN_IF_ERROR(still_admitted(transaction, admission, deps_.clock.now()));
        ASSIGN_OR_RETURN(const Connection connection, choose_connection(transaction, account.id, wanted));
        ASSIGN_OR_RETURN(const TestRun run, directory::create_test_run(transaction, account.id, connection.id,
                                                                       admission.actor(), deps_.clock.now()));
        return shown(transaction, account, run.public_id);
      }));
  return answer(made, http::Status::Created);
}

Result<http::Response> TestRunsApi::test_run(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto found, deps_.database.read([&](storage::Transaction& transaction) {
    return shown(transaction, admission.company(), request.parameter("id"));
  }));
  return answer(found);
}

}  // namespace doorward::console
