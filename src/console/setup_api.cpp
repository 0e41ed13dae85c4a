#include "console/setup_api.h"

#include <array>
#include <climits>

#include <fmt/format.h>

#include "console/views.h"
#include "directory/census.h"
#include "directory/employees.h"
#include "setup/proposal.h"
#include "setup/wizard.h"

namespace doorward::console {

namespace {

json::Object census_view(const directory::Census& people) {
  return {{"active", people.active},
          {"outside", people.outside},
          {"accepted", people.accepted},
          {"administratorsInside", people.administrators_inside}};
}

json::Value setup_state_view(const std::optional<directory::Setup>& setup) {
  if (!setup) return nullptr;
  return json::Object{{"provider", setup->provider},
                      {"startedAt", format_rfc3339(setup->started_at)},
                      {"startedBy", setup->started_by},
                      {"applicationDoneAt", time_or_null(setup->application_done_at)},
                      {"provisioningDeclinedAt", time_or_null(setup->provisioning_declined_at)},
                      {"departmentChosenAt", time_or_null(setup->department_chosen_at)}};
}

json::Object standing_view(const setup::StepStanding& standing) {
  return {{"step", setup::to_text(standing.step)},
          {"state", setup::to_text(standing.state)},
          {"message", standing.message},
          {"blocks", standing.blocks}};
}

json::Object proposed_view(const directory::Connection& connection, std::string_view provider) {
  json::Object shown = view(connection);
  json::Array sign_on;
  for (const directory::Endpoint& endpoint : connection.provider.sign_on)
    sign_on.emplace_back(endpoint.url);
  shown["signOn"] = std::move(sign_on);
  const auto doubts = setup::doubts_about(connection, provider);
  shown["doubts"] = json::Array(doubts.begin(), doubts.end());
  return shown;
}

/// What waits for an administrator; null for nothing.
json::Value proposal_view(const setup::Wizard& wizard) {
  const setup::Proposal& proposal = wizard.proposal;
  if (proposal.empty()) return nullptr;
  const std::string provider = wizard.setup ? wizard.setup->provider : std::string();
  json::Array connections;
  for (const directory::Connection& connection : proposal.connections)
    connections.push_back(proposed_view(connection, provider));
  json::Array tokens;
  for (const directory::ProvisioningToken& token : proposal.tokens) {
    tokens.push_back(json::Object{{"id", token.public_id},
                                  {"name", token.name},
                                  {"scope", directory::to_text(token.scope)},
                                  {"createdAt", format_rfc3339(token.created_at)},
                                  {"lastUsedAt", time_or_null(token.last_used_at)},
                                  {"lastUsedAddress", token.last_used_address},
                                  {"proposedBy", token.proposed_by}});
  }
  return json::Object{{"version", proposal.version()},
                      {"connections", std::move(connections)},
                      {"tokens", std::move(tokens)}};
}

/// The body, which may have this member and no other.
Result<json::Object> body_with(const http::Request& request, std::string_view member) {
  ASSIGN_OR_RETURN(json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, std::array{member}));
  return body;
}

}  // namespace

Result<json::Object> SetupApi::shown(storage::Transaction& transaction, directory::AccountId account,
                                     Timestamp now) {
  ASSIGN_OR_RETURN(const auto loaded, directory::load_account(transaction, account));
  ASSIGN_OR_RETURN(const auto wizard, setup::load_wizard(transaction, loaded, now));
  json::Array providers;
  for (const std::string_view provider : setup::providers())
    providers.emplace_back(provider);
  json::Array steps;
  for (const setup::StepStanding& standing : wizard.steps)
    steps.push_back(standing_view(standing));
  return json::Object{{"account", json::Object{{"name", loaded.name},
                                               {"slug", loaded.slug},
                                               {"testAccountOf", test_account_of(loaded)}}},
                      {"planAllows", loaded.plan == directory::Plan::Enterprise},
                      {"enforcedAt", time_or_null(loaded.sso_enforced_at)},
                      {"setup", setup_state_view(wizard.setup)},
                      {"providers", std::move(providers)},
                      {"steps", std::move(steps)},
                      {"next", setup::to_text(wizard.next())},
                      {"mayEnable", wizard.may_enable()},
                      {"people", census_view(wizard.people)},
                      {"proposal", proposal_view(wizard)},
                      {"signInUrl", fmt::format("{}/sign-in?account={}", public_url_, loaded.slug)}};
}

Result<http::Response> SetupApi::change(const Admission& admission, const Change& make) {
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    const Timestamp now = deps_.clock.now();
    // The session's copy of the account may be older than its plan.
    ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
    RETURN_IF_ERROR(still_admitted(transaction, admission, now));
    RETURN_IF_ERROR(make(transaction, account, now));
    ASSIGN_OR_RETURN(const json::Object wizard, shown(transaction, account.id, now));
    return answer(wizard);
  });
}

Result<http::Response> SetupApi::wizard(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object wizard, deps_.database.read([&](storage::Transaction& transaction) {
    return shown(transaction, admission.account(), deps_.clock.now());
  }));
  return answer(wizard);
}

Result<http::Response> SetupApi::start(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, {}));
  return change(admission,
                [&](storage::Transaction& transaction, const directory::Account& account, Timestamp now) {
                  return setup::start(transaction, account, admission.actor(), now);
                });
}

Result<http::Response> SetupApi::choose_provider(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, body_with(request, "provider"));
  ASSIGN_OR_RETURN(const std::string provider, json::required_string(body, "provider"));
  return change(admission, [&](storage::Transaction& transaction, const directory::Account& account,
                               Timestamp) { return setup::choose_provider(transaction, account, provider); });
}

Result<http::Response> SetupApi::application(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, body_with(request, "done"));
  ASSIGN_OR_RETURN(const bool done, required_bool(body, "done"));
  return change(admission,
                [&](storage::Transaction& transaction, const directory::Account& account, Timestamp now) {
                  return setup::set_application_done(transaction, account, done, now);
                });
}

Result<http::Response> SetupApi::provisioning(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, body_with(request, "declined"));
  ASSIGN_OR_RETURN(const bool declined, required_bool(body, "declined"));
  return change(
      admission, [&](storage::Transaction& transaction, const directory::Account& account, Timestamp now) {
        return setup::set_provisioning_declined(transaction, account, declined, admission.actor(), now);
      });
}

Result<http::Response> SetupApi::department(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, body_with(request, "department"));
  ASSIGN_OR_RETURN(const std::string id, json::required_string(body, "department"));
  return change(admission,
                [&](storage::Transaction& transaction, const directory::Account& account,
                    Timestamp now) -> Result<void> {
                  ASSIGN_OR_RETURN(const auto department, find_department_id(transaction, admission, id));
                  return setup::choose_department(transaction, account, *department, admission.actor(), now);
                });
}

Result<http::Response> SetupApi::outsiders(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto after_field, text_field(query, "after"));
  std::optional<std::string> after;
  if (after_field) after = *after_field;
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto page,
                     directory::list_outsiders(transaction, admission.account(), after, limit));
    ASSIGN_OR_RETURN(const auto people, directory::take_census(transaction, admission.account()));
    json::Array items;
    for (const directory::Outsider& outsider : page.outsiders) {
      json::Object item = view(outsider.employee);
      item["accepted"] = outsider.accepted;
      items.push_back(std::move(item));
    }
    return answer({{"outsiders", std::move(items)},
                   {"next", page.next ? json::Value(*page.next) : json::Value(nullptr)},
                   {"people", census_view(people)}});
  });
}

Result<http::Response> SetupApi::set_loss(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, body_with(request, "accepted"));
  ASSIGN_OR_RETURN(const bool accepted, required_bool(body, "accepted"));
  return change(admission,
                [&](storage::Transaction& transaction, const directory::Account& account,
                    Timestamp now) -> Result<void> {
                  ASSIGN_OR_RETURN(const auto employee, directory::find_employee(transaction, account.id,
                                                                                 request.parameter("id")));
                  if (!employee) {
                    return fail(ErrorKind::NotFound, directory::kNoEmployee,
                                "There is no such employee. Your directory may have deleted them.");
                  }
                  RETURN_IF_ERROR(setup::open_setup(transaction, account));
                  return directory::set_loss(transaction, account.id, employee->id,
                                             accepted ? directory::Loss::Accepted : directory::Loss::Refused,
                                             admission.actor(), now);
                });
}

Result<http::Response> SetupApi::accept_all(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, body_with(request, "expected"));
  ASSIGN_OR_RETURN(const int expected, required_integer(body, "expected", 0, INT_MAX));
  return change(admission,
                [&](storage::Transaction& transaction, const directory::Account& account,
                    Timestamp now) -> Result<void> {
                  RETURN_IF_ERROR(setup::open_setup(transaction, account));
                  return directory::accept_all_losses(transaction, account.id, expected, admission.actor(),
                                                      now);
                });
}

Result<http::Response> SetupApi::accept(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, body_with(request, "version"));
  ASSIGN_OR_RETURN(const std::string version, json::required_string(body, "version"));
  return change(admission,
                [&](storage::Transaction& transaction, const directory::Account& account, Timestamp now) {
                  return setup::accept_proposal(transaction, account.id, version, admission.actor(), now);
                });
}

Result<http::Response> SetupApi::discard(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, {}));
  return change(admission,
                [&](storage::Transaction& transaction, const directory::Account& account, Timestamp now) {
                  return setup::discard_proposal(transaction, account.id, admission.actor(), now);
                });
}

Result<http::Response> SetupApi::enable(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, body_with(request, "accountName"));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "accountName"));
  return change(admission,
                [&](storage::Transaction& transaction, const directory::Account& account, Timestamp now) {
                  return setup::enable(transaction, account, name, admission.actor(), now);
                });
}

Result<http::Response> SetupApi::cancel(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, body_with(request, "accountName"));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "accountName"));
  return change(admission,
                [&](storage::Transaction& transaction, const directory::Account& account, Timestamp now) {
                  return setup::cancel(transaction, account, name, admission.actor(), now);
                });
}

}  // namespace doorward::console
