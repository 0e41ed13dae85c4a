#include "console/connections_api.h"

#include <array>
#include <optional>

#include "base/text.h"
#include "console/views.h"
#include "directory/accounts.h"
#include "directory/certificate_notices.h"
#include "directory/employees.h"
#include "directory/metadata_refreshes.h"
#include "directory/service_provider.h"
#include "json/json.h"
#include "saml/protocol/metadata.h"
#include "setup/metadata_refresh.h"

namespace doorward::console {

namespace {

/// The document stands in the body as JSON text, which is never shorter.
constexpr std::size_t kMaxCheckBytes = saml::protocol::IdpMetadata::kMaxBytes;

/// What is to be checked.
struct CheckRequest {
  /// One of the two.
  std::optional<std::string> url;
  std::optional<std::string> document;
  std::optional<std::string> connection;
  directory::EntityIdChange change = directory::EntityIdChange::Refuse;
};

std::optional<std::string> without_space(const std::optional<std::string>& text) {
  if (!text || trim(*text).empty()) return std::nullopt;
  return std::string(trim(*text));
}

Result<CheckRequest> check_request(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto body, json_body(request, kMaxCheckBytes));
  constexpr std::array<std::string_view, 4> kMembers = {"url", "document", "connection", "replaceProvider"};
  RETURN_IF_ERROR(only_members(body, kMembers));
  CheckRequest asked;
  ASSIGN_OR_RETURN(asked.url, json::optional_string(body, "url"));
  ASSIGN_OR_RETURN(asked.document, json::optional_string(body, "document"));
  if (asked.url.has_value() == asked.document.has_value()) {
    return fail(ErrorKind::InvalidInput, "api.bad_body",
                "Give either `url`, the address of the metadata, or `document`, the metadata itself.");
  }
  ASSIGN_OR_RETURN(const auto connection, json::optional_string(body, "connection"));
  asked.connection = without_space(connection);
  ASSIGN_OR_RETURN(const auto replace, json::optional_bool(body, "replaceProvider"));
  if (replace.value_or(false)) asked.change = directory::EntityIdChange::Allow;
  return asked;
}

json::Object finding_view(const setup::CheckFinding& finding) {
  json::Object shown{{"check", setup::to_text(finding.item)},
                     {"verdict", saml::protocol::name(finding.verdict)}};
  const auto add = [&shown](std::string_view name, std::string_view value) {
    if (!value.empty()) shown[name] = value;
  };
  add("finding", finding.code);
  add("message", finding.message);
  add("expected", finding.expected);
  add("actual", finding.actual);
  return shown;
}

json::Object replacement_view(const setup::Replacement& replacement) {
  return {{"connection", replacement.connection},
          {"entityId", replacement.entity_id},
          {"newEntityId", replacement.new_entity_id},
          {"linkedEmployees", replacement.linked_employees}};
}

json::Object check_result_view(const setup::ConnectionCheck& check, const setup::Establishment& established) {
  json::Array checks;
  for (const setup::CheckFinding& finding : check.findings)
    checks.push_back(finding_view(finding));
  json::Object shown{{"established", established.stored.has_value()},
                     {"checks", std::move(checks)},
                     {"connection", nullptr},
                     {"replaces", nullptr}};
  if (established.stored) shown["connection"] = console::view(established.stored->connection);
  if (established.replaces) shown["replaces"] = replacement_view(*established.replaces);
  return shown;
}

json::Value view(const std::optional<directory::MetadataRefresh>& refresh) {
  if (!refresh || !refresh->at) return nullptr;
  return json::Object{{"at", format_rfc3339(*refresh->at)},
                      {"dueAt", format_rfc3339(refresh->due_at)},
                      {"verdict", directory::to_text(refresh->verdict)},
                      {"changes", json::Array(refresh->changes.begin(), refresh->changes.end())},
                      {"problem", refresh->problem},
                      {"held", refresh->held},
                      {"failingSince", time_or_null(refresh->failing_since)}};
}

json::Object view(const directory::EndingCertificate& certificate, Timestamp now) {
  return {
      {"use", directory::to_text(certificate.use)}, {"connection", certificate.connection},
      {"thumbprint", certificate.thumbprint},       {"endsAt", format_rfc3339(certificate.ends_at)},
      {"ended", certificate.ends_at <= now},        {"message", directory::notice_words(certificate, now)}};
}

/// The account's connections, and what is to be done about them.
Result<json::Object> overview(storage::Transaction& transaction, directory::AccountId account,
                              Timestamp now) {
  ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, account));
  json::Array items;
  for (const directory::Connection& connection : connections) {
    ASSIGN_OR_RETURN(const auto refresh,
                     directory::find_metadata_refresh(transaction, account, connection.id));
    json::Object item = console::view(connection);
    item["refresh"] = view(refresh);
    items.push_back(std::move(item));
  }
  ASSIGN_OR_RETURN(const auto ending, directory::list_ending_certificates(transaction, account, now));
  json::Array ends;
  for (const directory::EndingCertificate& certificate : ending)
    ends.push_back(view(certificate, now));
  return json::Object{{"connections", std::move(items)}, {"ending", std::move(ends)}};
}

}  // namespace

Result<http::Response> ConnectionsApi::connections(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto shown, deps_.database.read([&](storage::Transaction& transaction) {
    return overview(transaction, admission.account(), deps_.clock.now());
  }));
  return answer(shown);
}

Result<http::Response> ConnectionsApi::service_provider(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  const auto urls = directory::ServiceProviderUrls::of(public_url_, admission.company().slug);
  return answer({{"acsUrl", urls.acs},
                 {"entityId", urls.entity_id},
                 {"metadataUrl", urls.entity_id},
                 {"signOnUrl", urls.login},
                 {"logoutUrl", urls.logout}});
}

Result<http::Response> ConnectionsApi::check(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(CheckRequest asked, check_request(request));
  // A setup link knows of one connection: the one that it makes.
  if (admission.delegate) asked.connection.reset();
  const auto load_account = [&](storage::Transaction& transaction) {
    return directory::load_account(transaction, admission.account());
  };
  ASSIGN_OR_RETURN(const auto account, deps_.database.read(load_account));
  RETURN_IF_ERROR(setup::check_plan(account));
  const Timestamp now = deps_.clock.now();
  ASSIGN_OR_RETURN(const CheckGuard::Turn turn, guard_.begin(admission.account(), now));
  const setup::ConnectionCheck checked = asked.url ? setup::check_connection(*asked.url, fetch_, now)
                                                   : setup::check_document(*asked.document, now);
  setup::Establishment established;
  if (checked.provider) {
    // Fetching takes its time, in which SSO may have been enabled, or the administrator's rights have gone.
    const auto establish = [&](storage::Transaction& transaction) -> Result<setup::Establishment> {
      ASSIGN_OR_RETURN(const auto current, load_account(transaction));
      RETURN_IF_ERROR(still_admitted(transaction, admission, deps_.clock.now()));
      return setup::establish_connection(transaction, current, asked.connection, *checked.provider,
                                         checked.source, asked.change, admission.actor(), deps_.clock.now());
    };
    ASSIGN_OR_RETURN(established, deps_.database.write(establish));
  }
  return answer(check_result_view(checked, established));
}

Result<http::Response> ConnectionsApi::refresh(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto body, json_body(request));
  constexpr std::array<std::string_view, 2> kMembers = {"connection", "accept"};
  RETURN_IF_ERROR(only_members(body, kMembers));
  ASSIGN_OR_RETURN(const auto name, json::optional_string(body, "connection"));
  ASSIGN_OR_RETURN(const auto accept, json::optional_string(body, "accept"));
  const auto find = [&](storage::Transaction& transaction) -> Result<directory::ConnectionId> {
    ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
    RETURN_IF_ERROR(setup::check_plan(account));
    ASSIGN_OR_RETURN(const auto target, setup::find_target(transaction, account, without_space(name)));
    if (target) return target->id;
    return fail(ErrorKind::NotFound, "directory.no_connection", "There is no such connection.");
  };
  ASSIGN_OR_RETURN(const auto connection, deps_.database.read(find));
  ASSIGN_OR_RETURN(const CheckGuard::Turn turn, guard_.begin(admission.account(), deps_.clock.now()));
  setup::RefreshOrder order{.account = admission.account(),
                            .connection = connection,
                            .actor = admission.actor(),
                            .accepted = accept.value_or(""),
                            .interval = refresh_interval_};
  order.still_allowed = [&](storage::Transaction& transaction) {
    return still_admitted(transaction, admission, deps_.clock.now());
  };
  ASSIGN_OR_RETURN(const auto refreshed, setup::refresh_metadata(deps_.database, deps_.clock, fetch_, order));
  ASSIGN_OR_RETURN(auto shown, deps_.database.read([&](storage::Transaction& transaction) {
    return overview(transaction, admission.account(), deps_.clock.now());
  }));
  shown["refresh"] = view(std::optional(refreshed));
  return answer(shown);
}

}  // namespace doorward::console
