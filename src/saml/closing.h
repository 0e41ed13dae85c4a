#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "directory/accounts.h"
#include "directory/connections.h"
#include "directory/identity.h"
#include "directory/sessions.h"
#include "saml/attempt.h"
#include "saml/protocol/assertion.h"
#include "session/flow.h"
#include "storage/database.h"

namespace doorward::saml {

/// What is known when an assertion has been verified. References outlive the call of `close_sign_in`.
struct Closing {
  const directory::Account& account;
  const directory::Connection& connection;
  const protocol::VerifiedAssertion& assertion;
  /// Nothing for an accepted unsolicited answer.
  const std::optional<session::Flow>& flow;
  const AttemptReport& report;
  /// For the session that is opened, unless it is a test.
  const directory::SessionToken& token;
  /// Whose session the browser's cookie stood for until now, if anybody's.
  std::shared_ptr<const directory::SignedIn> previous;
  directory::SessionLifetime lifetime;
  std::string client_address;
  std::string user_agent;
  Timestamp now;

  bool is_test() const { return flow && flow->purpose == session::FlowPurpose::Test; }
};

/// Writes the record of an attempt, also to the test run that follows the flow, and gives the reference
/// number.
Result<std::string> record_outcome(storage::Transaction& transaction, const directory::NewAttempt& attempt,
                                   const std::optional<session::Flow>& flow, Timestamp now);

struct Closed {
  /// The answer, or its request, had been used before: there is no decision then.
  bool used_before = false;
  directory::Decision decision;
  /// Of the attempt record.
  std::string reference;
};

/// Ends a sign-in in one transaction: consumes the answer, decides who it is and whether they may come in,
/// opens the session and writes the attempt record. It may run again after a conflict, so it only reads
/// `closing`.
Result<Closed> close_sign_in(storage::Transaction& transaction, const Closing& closing);

}  // namespace doorward::saml
