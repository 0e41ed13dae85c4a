#include "saml/closing.h"

#include <variant>

#include <fmt/format.h>

#include "directory/replay.h"
#include "directory/test_runs.h"

namespace doorward::saml {

namespace {

constexpr std::string_view kReplayed = "saml.replayed";

/// Each answer works once, and so does each request, on every node (SAML Profiles section 4.1.4.5).
Result<bool> consume(storage::Transaction& transaction, const Closing& closing) {
  const protocol::VerifiedAssertion& assertion = closing.assertion;
  ASSIGN_OR_RETURN(const bool first,
                   directory::consume_once(transaction, closing.account.id, directory::Once::Assertion,
                                           fmt::format("{}\n{}", assertion.issuer(), assertion.id()),
                                           assertion.replay_until()));
  if (!first || !closing.flow) return first;
  return directory::consume_once(transaction, closing.account.id, directory::Once::Request,
                                 closing.flow->request_id,
                                 closing.flow->started + session::FlowCookies::kLifetime);
}

Result<void> open_session(storage::Transaction& transaction, const Closing& closing,
                          const directory::Employee& employee) {
  const protocol::VerifiedAssertion& assertion = closing.assertion;
  directory::NewSession session;
  session.account = closing.account.id;
  session.employee = employee.id;
  session.method = directory::SignInMethod::Saml;
  session.provider = directory::ProviderSession{closing.connection.id, assertion.name_id().value,
                                                assertion.name_id().format, assertion.session_index()};
  session.not_on_or_after = assertion.session_not_on_or_after();
  session.client_address = closing.client_address;
  session.user_agent = closing.user_agent;
  ASSIGN_OR_RETURN(
      const directory::Session opened,
      directory::create_session(transaction, closing.token, session, closing.lifetime, closing.now));
  // The browser's cookie is about to be replaced: what it stood for must not live on.
  if (!closing.previous) return {};
  return directory::replace_session(transaction, closing.previous->session, opened, closing.now);
}

/// Decides, and does what the decision says; `attempt` and `report` learn what came of it.
Result<directory::Decision> decide(storage::Transaction& transaction, const Closing& closing,
                                   directory::NewAttempt& attempt, AttemptReport& report) {
  const auto purpose = closing.is_test() ? directory::SignInPurpose::Test : directory::SignInPurpose::Session;
  ASSIGN_OR_RETURN(auto decision,
                   directory::resolve_sign_in(transaction, closing.account, closing.connection,
                                              claimed_identity(closing.assertion), purpose, closing.now));
  if (const auto* refused = std::get_if<directory::Refused>(&decision)) {
    report.refused(*refused);
    attempt.finding = directory::finding_code(refused->reason);
    if (refused->employee) attempt.employee = refused->employee->public_id;
    return decision;
  }
  const auto& admitted = std::get<directory::Admitted>(decision);
  report.admitted(admitted);
  attempt.outcome = directory::AttemptOutcome::Success;
  attempt.employee = admitted.employee.public_id;
  if (!closing.is_test()) RETURN_IF_ERROR(open_session(transaction, closing, admitted.employee));
  return decision;
}

}  // namespace

Result<std::string> record_outcome(storage::Transaction& transaction, const directory::NewAttempt& attempt,
                                   const std::optional<session::Flow>& flow, Timestamp now) {
  ASSIGN_OR_RETURN(auto reference, directory::record_attempt(transaction, attempt, now));
  if (flow && !flow->test_run.empty()) {
    RETURN_IF_ERROR(directory::finish_test_run(transaction, attempt.account, flow->test_run, reference, now));
  }
  return reference;
}

Result<Closed> close_sign_in(storage::Transaction& transaction, const Closing& closing) {
  Closed closed;
  AttemptReport report = closing.report;
  directory::NewAttempt attempt;
  attempt.account = closing.account.id;
  attempt.connection = closing.connection.id;
  attempt.client_address = closing.client_address;

  ASSIGN_OR_RETURN(const bool first, consume(transaction, closing));
  if (first) {
    ASSIGN_OR_RETURN(closed.decision, decide(transaction, closing, attempt, report));
  } else {
    closed.used_before = true;
    attempt.finding = kReplayed;
    report.fail(protocol::Check::InResponseTo, kReplayed, "This answer has been used before.",
                "an answer that was not used yet", closing.assertion.id().substr(0, 80));
  }
  if (closing.is_test()) {
    attempt.outcome = directory::AttemptOutcome::Test;
    report.received(received_values(closing.assertion));
  }
  attempt.report = report.to_json();
  ASSIGN_OR_RETURN(closed.reference, record_outcome(transaction, attempt, closing.flow, closing.now));
  return closed;
}

}  // namespace doorward::saml
