#include "console/setup_links_api.h"

#include <array>

#include <fmt/format.h>

#include "base/check.h"
#include "console/views.h"
#include "directory/accounts.h"
#include "directory/employees.h"
#include "directory/setup_links.h"
#include "setup/wizard.h"

namespace doorward::console {

namespace {

/// More than anybody looks through; the rest is in the audit.
constexpr int kShownLinks = 20;
constexpr std::array<std::string_view, 2> kCreateMembers = {"name", "days"};

std::string_view state_of(const directory::SetupLink& link, Timestamp now) {
  if (link.ended_at) return "ended";
  if (link.expires_at <= now) return "expired";
  return link.opened_at ? "opened" : "waiting";
}

json::Object link_view(const directory::SetupLink& link, Timestamp now) {
  return {{"id", link.public_id},
          {"name", link.name},
          {"state", state_of(link, now)},
          {"createdAt", format_rfc3339(link.created_at)},
          {"createdBy", link.created_by},
          {"expiresAt", format_rfc3339(link.expires_at)},
          {"openedAt", time_or_null(link.opened_at)},
          {"openedFrom", link.opened_from},
          {"endedAt", time_or_null(link.ended_at)},
          {"endReason", link.end ? json::Value(directory::to_text(*link.end)) : json::Value(nullptr)},
          {"endedBy", link.ended_by}};
}

Result<json::Object> delegate_view(storage::Transaction& transaction, const directory::Delegate& delegate) {
  ASSIGN_OR_RETURN(const auto administrator,
                   directory::load_employee(transaction, delegate.account.id, delegate.link.creator));
  return json::Object{{"account", json::Object{{"name", delegate.account.name},
                                               {"slug", delegate.account.slug},
                                               {"testAccountOf", test_account_of(delegate.account)}}},
                      {"name", delegate.link.name},
                      {"administrator", administrator.shown_name()},
                      {"expiresAt", format_rfc3339(delegate.link.expires_at)}};
}

/// What opening a link came to.
struct Opened {
  json::Object shown;
  directory::DelegateSecret session;
  Timestamp expires_at;
};
Result<Opened> open_link(storage::Transaction& transaction, const directory::SetupLinkSecret& secret,
                         std::string_view client_address, Timestamp now) {
  // Only the account's public id, which the secret carries, goes into the other one.
  directory::Account account;
  account.public_id = secret.account_public_id();
  auto session = directory::DelegateSecret::issue(account);
  ASSIGN_OR_RETURN(const auto delegate,
                   directory::open_setup_link(transaction, secret, session, client_address, now));
  ASSIGN_OR_RETURN(auto shown, delegate_view(transaction, delegate));
  return Opened{std::move(shown), std::move(session), delegate.link.expires_at};
}

}  // namespace

SetupLinksApi::SetupLinksApi(const Dependencies& dependencies, std::string_view public_url)
    : deps_(dependencies), public_url_(public_url) {
  CHECK(deps_.delegates != nullptr);
}

Result<json::Object> SetupLinksApi::list(storage::Transaction& transaction,
                                         directory::AccountId account) const {
  ASSIGN_OR_RETURN(const auto found, directory::list_setup_links(transaction, account, kShownLinks));
  json::Array items;
  for (const directory::SetupLink& link : found)
    items.push_back(link_view(link, deps_.clock.now()));
  return json::Object{{"setupLinks", std::move(items)},
                      {"defaultDays", directory::kDefaultSetupLinkDays},
                      {"mostDays", directory::kMaxSetupLinkDays}};
}

Result<http::Response> SetupLinksApi::links(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto shown, deps_.database.read([&](storage::Transaction& transaction) {
    return list(transaction, admission.account());
  }));
  return answer(shown);
}

Result<http::Response> SetupLinksApi::create(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kCreateMembers));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "name"));
  int days = directory::kDefaultSetupLinkDays;
  if (body.contains("days")) {
    ASSIGN_OR_RETURN(days, required_integer(body, "days", 1, directory::kMaxSetupLinkDays));
  }
  const auto secret = directory::SetupLinkSecret::issue(admission.company());
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    const Timestamp now = deps_.clock.now();
    ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
    RETURN_IF_ERROR(setup::start(transaction, account, admission.actor(), now));
    RETURN_IF_ERROR(directory::create_setup_link(transaction, admission.administrator->employee, name, days,
                                                 secret, admission.actor(), now));
    ASSIGN_OR_RETURN(json::Object shown, list(transaction, account.id));
    // Behind the #, which browsers send to no server and write into no Referer.
    shown["link"] = fmt::format("{}/console/setup-link#{}", public_url_, secret.value().reveal());
    return answer(shown, http::Status::Created);
  });
}

Result<http::Response> SetupLinksApi::end(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    RETURN_IF_ERROR(directory::end_setup_link(transaction, admission.account(), request.parameter("id"),
                                              directory::LinkEnd::Revoked, admission.actor(),
                                              deps_.clock.now()));
    ASSIGN_OR_RETURN(const auto shown, list(transaction, admission.account()));
    return answer(shown);
  });
}

Result<http::Response> SetupLinksApi::open(const http::Request& request) {
  // JSON, which no form of another site can send.
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, std::array<std::string_view, 1>{"link"}));
  ASSIGN_OR_RETURN(const std::string text, json::required_string(body, "link"));
  const auto secret = directory::SetupLinkSecret::parse(text);
  if (!secret) {
    return fail(ErrorKind::NotFound, directory::kNoSetupLink,
                "This is no setup link. Copy the whole address that you were given, to its last character.");
  }
  const Timestamp now = deps_.clock.now();
  ASSIGN_OR_RETURN(const Opened opened, deps_.database.write([&](storage::Transaction& transaction) {
    return open_link(transaction, *secret, request.client_address, now);
  }));
  auto response = answer(opened.shown);
  deps_.delegates->set_cookie(response, opened.session,
                              std::chrono::ceil<std::chrono::seconds>(opened.expires_at - now));
  return response;
}

Result<http::Response> SetupLinksApi::session(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  if (!admission.delegate) {
    return refuse(http::Status::Unauthorized, "setup_session.none", "This request comes by no setup link.");
  }
  ASSIGN_OR_RETURN(const auto shown, deps_.database.read([&](storage::Transaction& transaction) {
    return delegate_view(transaction, *admission.delegate);
  }));
  return answer(shown);
}

Result<http::Response> SetupLinksApi::finish(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  if (!admission.delegate) {
    return refuse(http::Status::Unauthorized, "setup_session.none", "This request comes by no setup link.");
  }
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
    return directory::end_setup_link(transaction, admission.account(), admission.delegate->link.public_id,
                                     directory::LinkEnd::Finished, admission.actor(), deps_.clock.now());
  }));
  auto response = answer({{"finished", true}});
  deps_.delegates->clear_cookie(response);
  return response;
}

}  // namespace doorward::console
