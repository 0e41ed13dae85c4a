#include "console/test_accounts_api.h"

#include <fmt/format.h>

namespace doorward::console {

namespace {

tl::unexpected<Error> no_test_account() {
  return fail(ErrorKind::NotFound, directory::kNoTestAccount,
              "There is no such test account. Somebody may have deleted it: look at the list again.");
}

Result<void> expect_empty_object(const http::Request& request) {
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  return only_members(body, {});
}

}  // namespace

json::Object TestAccountsApi::shown(const directory::TestAccount& test_account) const {
  const directory::Account& account = test_account.account;
  return {{"id", account.public_id},
          {"name", account.name},
          {"slug", account.slug},
          {"createdAt", format_rfc3339(account.created_at)},
          {"employees", test_account.employees},
          {"ssoEnforced", account.sso_enforced_at.has_value()},
          {"signInUrl", fmt::format("{}/sign-in?account={}", public_url_, account.slug)}};
}

Result<json::Object> TestAccountsApi::list(storage::Transaction& transaction,
                                           const Admission& admission) const {
  ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
  ASSIGN_OR_RETURN(const auto found, directory::list_test_accounts(transaction, account.id));
  json::Array items;
  for (const directory::TestAccount& each : found)
    items.push_back(shown(each));
  return json::Object{{"testAccounts", std::move(items)},
                      {"most", directory::kMaxTestAccounts},
                      {"planAllows", account.plan == directory::Plan::Enterprise},
                      {"isTestAccount", account.parent.has_value()}};
}

Result<http::Response> TestAccountsApi::opened(storage::Transaction& transaction, const Admission& admission,
                                               const directory::Account& test_account,
                                               http::Status status) const {
  ASSIGN_OR_RETURN(const auto access,
                   directory::open_test_account(transaction, test_account, admission.administrator->employee,
                                                admission.actor(), deps_.clock.now()));
  ASSIGN_OR_RETURN(json::Object answered, list(transaction, admission));
  json::Object way_in{{"id", test_account.public_id},
                      {"userName", access.employee.profile.user_name},
                      {"link", nullptr},
                      {"linkExpiresAt", nullptr}};
  if (access.link) {
    way_in["link"] = fmt::format("{}/access?link={}", public_url_, access.link->value().reveal());
    way_in["linkExpiresAt"] = format_rfc3339(access.link_expires_at);
  }
  answered["access"] = std::move(way_in);
  return answer(answered, status);
}

Result<http::Response> TestAccountsApi::test_accounts(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto found, deps_.database.read([&](storage::Transaction& transaction) {
    return list(transaction, admission);
  }));
  return answer(found);
}

Result<http::Response> TestAccountsApi::create(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  RETURN_IF_ERROR(expect_empty_object(request));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto made,
                     directory::create_test_account(transaction, admission.administrator->account,
                                                    admission.actor(), deps_.clock.now()));
    return opened(transaction, admission, made, http::Status::Created);
  });
}

Result<http::Response> TestAccountsApi::open(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  RETURN_IF_ERROR(expect_empty_object(request));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found,
                     directory::find_test_account(transaction, admission.account(), request.parameter("id")));
    if (!found) return no_test_account();
    return opened(transaction, admission, *found, http::Status::Ok);
  });
}

Result<http::Response> TestAccountsApi::remove(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found,
                     directory::find_test_account(transaction, admission.account(), request.parameter("id")));
    if (!found) return no_test_account();
    RETURN_IF_ERROR(
        directory::delete_test_account(transaction, *found, admission.actor(), deps_.clock.now()));
    ASSIGN_OR_RETURN(const auto left, list(transaction, admission));
    return answer(left);
  });
}

}  // namespace doorward::console
