#pragma once

#include <optional>
#include <string>
#include <vector>

#include "directory/attempts.h"
#include "directory/identity.h"
#include "http/message.h"
#include "pages/language.h"
#include "saml/protocol/assertion.h"
#include "saml/protocol/finding.h"

namespace doorward::saml {

/// What an employee is told about a finding; the attempt record has the rest.
pages::Trouble trouble_of(protocol::Finding finding);
pages::Trouble trouble_of(directory::Refusal refusal);

/// The claims of a verified assertion that decide who somebody is.
directory::ClaimedIdentity claimed_identity(const protocol::VerifiedAssertion& assertion);

/// What the provider sent about the person, for whoever tests: the NameID and the attributes in their order,
/// at most 40, with at most 20 values each, cut to 400 bytes.
struct Received {
  std::string name;
  std::vector<std::string> values;
};
std::vector<Received> received_values(const protocol::VerifiedAssertion& assertion);

/// The attempt record as JSON: `{"checks":[{check, verdict, finding, message, expected, actual}…],
/// "decision":{…}, "received":[{name, values}…]}`. What was received is kept of tests alone: it is about a
/// person.
class AttemptReport {
 public:
  protocol::Report& checks() { return checks_; }

  /// A check of the flow rather than of the message.
  void fail(protocol::Check check, std::string_view finding, std::string_view message,
            std::string_view expected, std::string_view actual);
  void refused(const directory::Refused& refused);
  void admitted(const directory::Admitted& admitted);
  void received(std::vector<Received> values);

  std::string to_json() const;

 private:
  struct FlowFailure {
    protocol::Check check;
    std::string finding, message, expected, actual;
  };
  protocol::Report checks_;
  std::optional<FlowFailure> flow_failure_;
  std::optional<directory::Refused> refused_;
  std::optional<directory::Admitted> admitted_;
  std::vector<Received> received_;
};

}  // namespace doorward::saml
