#include "console/mobile_api.h"

#include <array>

#include "directory/accounts.h"
#include "directory/connections.h"
#include "directory/mobile_setups.h"
#include "json/json.h"
#include "setup/connection_check.h"

namespace doorward::console {

namespace {

/// The configuration stands in the body as JSON text, which is longer than what it means.
constexpr std::size_t kMaxBytes = 2 * setup::MobileSubmission::kMaxMsalBytes;

Result<setup::MobileSubmission> read_submission(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto body, json_body(request, kMaxBytes));
  constexpr std::array<std::string_view, 2> kMobileMembers = {"ios_redirect", "msal_configuration"};
  RETURN_IF_ERROR(only_members(body, kMobileMembers));
  setup::MobileSubmission submission;
  ASSIGN_OR_RETURN(submission.ios_redirect, json::optional_string(body, "ios_redirect"));
  ASSIGN_OR_RETURN(const auto msal_configuration, json::optional_string(body, "msal_configuration"));
  submission.msal_configuration = msal_configuration.value_or("");
  return submission;
}

json::Array list(const std::vector<std::string>& texts) {
  return json::Array(texts.begin(), texts.end());
}

json::Object app_view(const setup::MobileApp& app) {
  return {{"ios_bundle_id", app.ios_bundle_id},
          {"ios_redirect", app.ios_redirect()},
          {"android_package", app.android_package},
          {"android_signature_hashes", list(app.android_signature_hashes)},
          {"android_redirects", list(app.android_redirects())}};
}

json::Object setup_view(const directory::MobileSetup& setup) {
  return {{"client_id", setup.client_id},
          {"tenant_id", setup.tenant_id},
          {"authority", setup.authority},
          {"ios_redirect", setup.ios_redirect},
          {"android_redirects", list(setup.android_redirects)},
          {"saved_at", format_rfc3339(setup.saved_at)},
          {"saved_by", setup.saved_by}};
}

json::Object check_view(const setup::MobileCheck& check) {
  json::Array findings;
  for (const setup::MobileFinding& finding : check.findings) {
    json::Object shown{{"check", setup::to_text(finding.item)},
                       {"verdict", setup::to_text(finding.verdict)},
                       {"message", finding.message}};
    if (!finding.expected.empty()) shown["expected"] = finding.expected;
    if (!finding.actual.empty()) shown["actual"] = finding.actual;
    findings.push_back(std::move(shown));
  }
  return {{"findings", std::move(findings)}, {"ok", check.setup.has_value()}};
}

Result<setup::MobileCheck> check_against_account(storage::Transaction& transaction,
                                                 const setup::MobileApp& app, directory::AccountId account,
                                                 const setup::MobileSubmission& submission) {
  ASSIGN_OR_RETURN(const auto loaded, directory::load_account(transaction, account));
  RETURN_IF_ERROR(setup::check_plan(loaded));
  ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, account));
  return setup::check_mobile(app, connections, submission);
}

}  // namespace

Result<http::Response> MobileApi::show(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto setup, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::find_mobile_setup(transaction, admission.account());
  }));
  json::Object shown{{"app", app_view(app_)}, {"setup", nullptr}};
  if (setup) shown["setup"] = setup_view(*setup);
  return answer(shown);
}

Result<http::Response> MobileApi::check(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto submission, read_submission(request));
  ASSIGN_OR_RETURN(const auto checked, deps_.database.read([&](storage::Transaction& transaction) {
    return check_against_account(transaction, app_, admission.account(), submission);
  }));
  return answer(check_view(checked));
}

Result<http::Response> MobileApi::save(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto submission, read_submission(request));
  const Timestamp now = deps_.clock.now();
  const auto check_and_save = [&](storage::Transaction& transaction) -> Result<setup::MobileCheck> {
    ASSIGN_OR_RETURN(auto checked, check_against_account(transaction, app_, admission.account(), submission));
    if (checked.setup) {
      RETURN_IF_ERROR(directory::save_mobile_setup(transaction, *checked.setup, admission.actor(), now));
    }
    return checked;
  };
  ASSIGN_OR_RETURN(const auto checked, deps_.database.write(check_and_save));
  return answer(check_view(checked), checked.setup ? http::Status::Ok : http::Status::UnprocessableContent);
}

Result<http::Response> MobileApi::remove(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
    return directory::remove_mobile_setup(transaction, admission.account(), admission.actor(),
                                          deps_.clock.now());
  }));
  return answer(json::Object());
}

}  // namespace doorward::console
