#include "saml/service_provider.h"

#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "crypto/random.h"
#include "directory/domains.h"
#include "directory/metadata_refreshes.h"
#include "directory/test_runs.h"
#include "pages/layout.h"
#include "pages/pages.h"
#include "saml/closing.h"
#include "saml/protocol/authn_request.h"
#include "saml/protocol/binding.h"
#include "saml/protocol/metadata.h"
#include "session/return_to.h"

namespace doorward::saml {

namespace {

/// RelayState of a sign-in that an unsolicited response gave rise to. Providers send it back, so a provider
/// that never answers what it was asked cannot make the browser go round for ever, even without cookies.
constexpr std::string_view kBouncedRelayState = "bounced";
/// A second unsolicited response within this time is the provider's answer to the bounce, not another click.
constexpr Duration kBounceMemory = std::chrono::seconds(20);

/// Whether the provider may have begun to sign with a key that it had not published when we last looked.
bool may_be_new_key(std::string_view finding) {
  return finding == protocol::code(protocol::Finding::SignatureKeyUnknown).name() ||
         finding == protocol::code(protocol::Finding::SignatureInvalid).name();
}

constexpr std::string_view kPromptHint = "login_hint";

std::string_view value_of(const http::Form& form, std::string_view name) {
  return form.find(name).value_or(std::string_view());
}

const directory::Endpoint* endpoint(const std::vector<directory::Endpoint>& endpoints) {
  return endpoints.empty() ? nullptr : &endpoints.front();
}

protocol::Expectations response_expectations(const AccountSetup& setup, const ReadyConnection& ready,
                                             Timestamp now) {
  const directory::ConnectionSettings& settings = ready.connection.settings;
  protocol::Expectations expected;
  expected.acs_url = setup.urls.acs;
  expected.sp_entity_id = setup.urls.entity_id;
  expected.idp_entity_id = ready.connection.provider.entity_id;
  expected.signing_certificates = ready.signing_certificates;
  expected.decryption_keys = setup.decryption_keys;
  expected.signature_policy = settings.require_signed_response
                                  ? protocol::SignaturePolicy::Response
                                  : protocol::SignaturePolicy::AssertionOrResponse;
  expected.allow_sha1 = settings.allow_sha1;
  expected.clock_skew = std::chrono::seconds(settings.clock_skew_seconds);
  expected.now = now;
  return expected;
}

/// The same for the page at the end of a test, one line an attribute.
std::vector<std::pair<std::string, std::string>> shown_values(const protocol::VerifiedAssertion& assertion) {
  std::vector<std::pair<std::string, std::string>> shown;
  for (const auto& [name, values] : received_values(assertion))
    shown.emplace_back(name, fmt::format("{}", fmt::join(values, ", ")));
  return shown;
}

http::Response trouble(const http::Request& request, pages::Trouble what, http::Status status,
                       std::string reference, std::optional<std::string> retry) {
  return pages::trouble_page(pages::language_of(request),
                             {what, status, std::move(reference), std::move(retry)});
}

}  // namespace

/// One answer at the ACS on its way through the checks.
struct ServiceProvider::Answer {
  const http::Request& request;
  std::shared_ptr<const AccountSetup> setup;
  AttemptReport report = {};
  const ReadyConnection* connection = nullptr;
  std::optional<session::Flow> flow = std::nullopt;
  std::optional<protocol::UnverifiedResponse> response = std::nullopt;

  bool is_test() const { return flow && flow->purpose == session::FlowPurpose::Test; }
};

ServiceProvider::ServiceProvider(const Dependencies& dependencies)
    : deps_(dependencies),
      accepted_(deps_.metrics.counter("doorward_saml_sign_ins_total", "Answers at the ACS, by outcome",
                                      "outcome=\"accepted\"")),
      refused_(deps_.metrics.counter("doorward_saml_sign_ins_total", "Answers at the ACS, by outcome",
                                     "outcome=\"refused\"")) {}

Result<std::shared_ptr<const AccountSetup>> ServiceProvider::setup_of(const http::Request& request) {
  ASSIGN_OR_RETURN(auto setup, deps_.setups.find(request.parameter("account")));
  if (!setup) return fail(ErrorKind::NotFound, "saml.no_account", "There is no account at this address.");
  return setup;
}

Result<http::Response> ServiceProvider::metadata(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto setup, setup_of(request));
  protocol::SpMetadata metadata;
  metadata.entity_id = setup->urls.entity_id;
  metadata.acs_url = setup->urls.acs;
  metadata.slo_url = setup->urls.logout;
  metadata.signing_certificates = setup->signing_certificates;
  metadata.encryption_certificates = setup->encryption_certificates;
  for (const ReadyConnection& ready : setup->connections) {
    metadata.authn_requests_signed |= ready.connection.settings.sign_requests;
  }
  auto response = http::Response::bytes(http::Status::Ok, "application/samlmetadata+xml", write(metadata));
  response.headers.set("Content-Disposition",
                       fmt::format("inline; filename=\"{}-metadata.xml\"", setup->account.slug));
  return response;
}

Result<const ReadyConnection*> ServiceProvider::choose_connection(const AccountSetup& setup,
                                                                  const http::Form& query) {
  const std::string_view name = value_of(query, "connection");
  if (!name.empty()) return setup.find_by_name(name);
  if (const ReadyConnection* sole = setup.find_sole()) return sole;
  const std::string_view hint = value_of(query, "login_hint");
  if (hint.empty()) return nullptr;
  ASSIGN_OR_RETURN(const auto route, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::find_route(transaction, hint);
  }));
  if (!route || route->account != setup.account.id || !route->connection) return nullptr;
  return setup.find(*route->connection);
}

Result<http::Response> ServiceProvider::login(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto setup, setup_of(request));
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  if (setup->account.plan != directory::Plan::Enterprise) {
    return trouble(request, pages::Trouble::PlanWithoutSso, http::Status::Forbidden, {}, "/sign-in");
  }
  const bool reauthenticate = value_of(query, "reauthenticate") == "1";
  ASSIGN_OR_RETURN(const ReadyConnection* connection, choose_connection(*setup, query));
  if (!connection) {
    if (setup->connections.size() > 1 && value_of(query, "connection").empty()) {
      // The e-mail address tells which of them it is.
      return http::Response::see_other(fmt::format("/sign-in?account={}&return_to={}{}", setup->account.slug,
                                                   percent_encode(value_of(query, "return_to")),
                                                   reauthenticate ? "&reauthenticate=1" : ""));
    }
    return trouble(request, pages::Trouble::NotConfigured, http::Status::NotFound, {}, "/sign-in");
  }
  const bool test = value_of(query, "purpose") == "test";
  // Nobody is sent on: whoever set it up may not be of the company, and would see passwords typed there.
  if (connection->connection.is_proposed() && !test) {
    return trouble(request, pages::Trouble::ConnectionNotAccepted, http::Status::Forbidden, {}, "/sign-in");
  }
  Beginning beginning{.return_to = value_of(query, "return_to"),
                      .login_hint = value_of(query, kPromptHint),
                      .reauthenticate = reauthenticate};
  if (test) {
    beginning.purpose = session::FlowPurpose::Test;
    if (directory::is_uuid(value_of(query, "run"))) beginning.test_run = value_of(query, "run");
    RETURN_IF_ERROR(open_test_run(*setup, beginning.test_run));
  }
  return start(request, *setup, *connection, beginning);
}

/// Anybody may call it: what names no run costs no write.
Result<void> ServiceProvider::open_test_run(const AccountSetup& setup, std::string_view test_run) {
  if (test_run.empty()) return {};
  ASSIGN_OR_RETURN(const auto run, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::find_test_run(transaction, setup.account.id, test_run);
  }));
  if (!run) return {};
  return deps_.database.write([&](storage::Transaction& transaction) {
    return directory::open_test_run(transaction, setup.account.id, test_run, deps_.clock.now());
  });
}

Result<http::Response> ServiceProvider::start(const http::Request& request, const AccountSetup& setup,
                                              const ReadyConnection& connection, const Beginning& beginning) {
  const directory::ConnectionSettings& settings = connection.connection.settings;
  const directory::Endpoint* target = endpoint(connection.connection.provider.sign_on);
  if (!target) return trouble(request, pages::Trouble::NotConfigured, http::Status::NotFound, {}, "/sign-in");

  const Timestamp now = deps_.clock.now();
  session::Flow flow;
  flow.request_id = crypto::random_xml_id();
  flow.account = setup.account.slug;
  flow.connection = connection.connection.id.value;
  flow.return_to = session::safe_return_to(beginning.return_to, deps_.public_url);
  flow.purpose = beginning.purpose;
  flow.test_run = beginning.test_run;
  flow.reauthenticate = beginning.reauthenticate;
  flow.started = now;

  protocol::AuthnRequest authn_request;
  authn_request.id = flow.request_id;
  authn_request.issue_instant = now;
  authn_request.destination = target->url;
  authn_request.sp_entity_id = setup.urls.entity_id;
  authn_request.acs_url = setup.urls.acs;
  authn_request.force_authn = settings.force_authn || beginning.reauthenticate;

  protocol::OutgoingMessage message;
  message.xml = write(authn_request);
  message.destination = target->url;
  if (beginning.purpose == session::FlowPurpose::Bounced) message.relay_state = kBouncedRelayState;
  if (settings.sign_requests && !setup.signing_keys.empty()) message.signing_key = setup.signing_keys.front();

  http::Response response;
  if (target->binding == directory::Binding::Redirect) {
    if (!beginning.login_hint.empty())
      message.extra_parameters.emplace_back(kPromptHint, beginning.login_hint);
    ASSIGN_OR_RETURN(const std::string url, redirect_url(message));
    response = http::Response::see_other(url);
  } else {
    ASSIGN_OR_RETURN(auto form, post_form(message));
    response =
        pages::post_form_page(pages::language_of(request), {std::move(form.action), std::move(form.fields)});
  }
  response.headers.set("Cache-Control", "no-store");
  deps_.flows.set(response, request, flow, now);
  return response;
}

Result<http::Response> ServiceProvider::acs(const http::Request& request) {
  ASSIGN_OR_RETURN(auto setup, setup_of(request));
  Answer answer{request, std::move(setup)};
  ASSIGN_OR_RETURN(const http::Form form, request.form());
  if (form.count("SAMLResponse") != 1 || form.count("RelayState") > 1) {
    answer.report.checks().fail(
        protocol::Check::Message, protocol::Finding::MessageParameters,
        "one SAMLResponse, at most one RelayState",
        fmt::format("{} and {}", form.count("SAMLResponse"), form.count("RelayState")));
    return refuse(answer, protocol::Finding::MessageParameters);
  }
  if (answer.setup->account.plan != directory::Plan::Enterprise) {
    return refuse(answer, pages::Trouble::PlanWithoutSso,
                  directory::finding_code(directory::Refusal::AccountPlan));
  }
  auto parsed = protocol::UnverifiedResponse::parse(value_of(form, "SAMLResponse"), answer.report.checks());
  if (!parsed) return refuse(answer, parsed.error());
  answer.response.emplace(*std::move(parsed));

  const std::string& request_id = answer.response->in_response_to();
  if (request_id.empty()) return unsolicited(answer, value_of(form, "RelayState"));

  auto flow = deps_.flows.find(request, request_id, deps_.clock.now());
  if (!flow || flow->account != answer.setup->account.slug) {
    answer.report.fail(
        protocol::Check::InResponseTo, session::kNoFlow.name(),
        "The answer belongs to no sign-in of this browser: it was started in another browser or "
        "account or too long ago, or cookies are blocked.",
        "the sign-in that this browser started", request_id.substr(0, 80));
    return refuse(answer, pages::Trouble::OtherBrowser, session::kNoFlow.name());
  }
  answer.flow = *std::move(flow);
  answer.connection = answer.setup->find(directory::ConnectionId{answer.flow->connection});
  if (!answer.connection) {
    return refuse(answer, pages::Trouble::NotConfigured,
                  directory::finding_code(directory::Refusal::ConnectionInactive));
  }
  return verify_and_finish(answer);
}

Result<http::Response> ServiceProvider::unsolicited(Answer& answer, std::string_view relay_state) {
  // The issuer is not believed: it only says which connection's policy counts and where a fresh sign-in
  // starts.
  answer.connection = answer.setup->find_by_entity_id(answer.response->issuer());
  if (!answer.connection) {
    answer.report.checks().fail(protocol::Check::Issuer, protocol::Finding::IssuerMismatch,
                                "a provider of this account", answer.response->issuer());
    return refuse(answer, protocol::Finding::IssuerMismatch);
  }
  if (answer.connection->connection.is_proposed()) {
    return refuse(answer, pages::Trouble::ConnectionNotAccepted,
                  directory::finding_code(directory::Refusal::ConnectionNotAccepted));
  }
  const auto policy = answer.connection->connection.settings.unsolicited;
  if (policy == directory::UnsolicitedPolicy::Accept) return verify_and_finish(answer);

  const Timestamp now = deps_.clock.now();
  const bool came_back = relay_state == kBouncedRelayState ||
                         deps_.flows.was_just_bounced(answer.request, answer.connection->connection.id.value,
                                                      now, kBounceMemory);
  if (policy == directory::UnsolicitedPolicy::Reject || came_back) {
    answer.report.checks().fail(protocol::Check::InResponseTo, protocol::Finding::Unsolicited,
                                "an answer to a request of ours",
                                came_back ? "unsolicited again after a fresh sign-in" : "unsolicited");
    return refuse(answer, protocol::Finding::Unsolicited);
  }
  log::info("saml.unsolicited_bounced", {{"account", answer.setup->account.slug}});
  return start(answer.request, *answer.setup, *answer.connection, {.purpose = session::FlowPurpose::Bounced});
}

Result<http::Response> ServiceProvider::verify_and_finish(Answer& answer) {
  auto expected = response_expectations(*answer.setup, *answer.connection, deps_.clock.now());
  if (answer.flow) {
    expected.in_response_to = answer.flow->request_id;
    if (answer.connection->connection.settings.force_authn || answer.flow->reauthenticate)
      expected.authenticated_after = answer.flow->started;
  } else {
    expected.unsolicited = protocol::Unsolicited::Accepted;
  }
  const auto verified = verify(*answer.response, expected, answer.report.checks());
  if (!verified) return refuse(answer, verified.error());
  return finish(answer, *verified);
}

Result<http::Response> ServiceProvider::finish(Answer& answer, const protocol::VerifiedAssertion& assertion) {
  const directory::Account& account = answer.setup->account;
  const auto token = directory::SessionToken::issue(account);
  ASSIGN_OR_RETURN(auto previous, deps_.sessions.who(answer.request));
  const Closing closing{account,
                        answer.connection->connection,
                        assertion,
                        answer.flow,
                        answer.report,
                        token,
                        std::move(previous),
                        deps_.sessions.lifetime(),
                        answer.request.client_address,
                        std::string(answer.request.headers.find("User-Agent").value_or("")),
                        deps_.clock.now()};
  ASSIGN_OR_RETURN(const Closed closed, deps_.database.write([&](storage::Transaction& transaction) {
    return close_sign_in(transaction, closing);
  }));

  const auto* admitted = closed.used_before ? nullptr : std::get_if<directory::Admitted>(&closed.decision);
  const bool signed_in = admitted && !closing.is_test();
  http::Response response;
  if (signed_in) {
    response = http::Response::see_other(answer.flow ? answer.flow->return_to : "/");
    deps_.sessions.set_cookie(response, token);
  } else if (admitted) {
    response = pages::test_passed_page(
        pages::language_of(answer.request),
        {account.name, admitted->employee.shown_name(), shown_values(assertion), closed.reference});
  } else if (closed.used_before) {
    response = trouble(answer.request, pages::Trouble::AlreadyUsed, http::Status::Forbidden, closed.reference,
                       answer.setup->urls.login.substr(deps_.public_url.size()));
  } else {
    const auto& refused = std::get<directory::Refused>(closed.decision);
    response = trouble(answer.request, trouble_of(refused.reason), http::Status::Forbidden, closed.reference,
                       std::nullopt);
  }
  (admitted ? accepted_ : refused_).add();
  response.headers.set("Cache-Control", "no-store");
  if (answer.flow) deps_.flows.clear(response, answer.flow->request_id);
  log::info("saml.answer", {{"account", account.slug},
                            {"connection", answer.connection->connection.name},
                            {"outcome", signed_in ? "signed_in" : "not_signed_in"},
                            {"reference", closed.reference}});
  return response;
}

Result<http::Response> ServiceProvider::refuse(Answer& answer, protocol::Finding finding) {
  return refuse(answer, trouble_of(finding), protocol::code(finding).name());
}

Result<http::Response> ServiceProvider::refuse(Answer& answer, pages::Trouble what,
                                               std::string_view finding) {
  refused_.add();
  const Timestamp now = deps_.clock.now();
  std::string reference;
  if (budget_.take(now)) {
    directory::NewAttempt attempt;
    attempt.account = answer.setup->account.id;
    if (answer.connection) attempt.connection = answer.connection->connection.id;
    attempt.outcome = answer.is_test() ? directory::AttemptOutcome::Test : directory::AttemptOutcome::Refused;
    attempt.finding = finding;
    attempt.report = answer.report.to_json();
    attempt.client_address = answer.request.client_address;
    const auto record = [&](storage::Transaction& transaction) -> Result<std::string> {
      if (attempt.connection && may_be_new_key(finding)) {
        RETURN_IF_ERROR(
            directory::hasten_metadata_refresh(transaction, attempt.account, *attempt.connection, now));
      }
      return record_outcome(transaction, attempt, answer.flow, now);
    };
    ASSIGN_OR_RETURN(reference, deps_.database.write(record));
  } else {
    // The log line below carries this id as well.
    reference = answer.request.request_id;
  }
  log::warning("saml.refused",
               {{"account", answer.setup->account.slug}, {"finding", finding}, {"reference", reference}});
  const bool unreadable = what == pages::Trouble::Unreadable;
  auto response =
      trouble(answer.request, what, unreadable ? http::Status::BadRequest : http::Status::Forbidden,
              reference, answer.setup->urls.login.substr(deps_.public_url.size()));
  if (answer.flow) deps_.flows.clear(response, answer.flow->request_id);
  return response;
}

}  // namespace doorward::saml
