#pragma once

#include <memory>
#include <optional>
#include <string>

#include "directory/accounts.h"
#include "directory/applications.h"
#include "oidc/provider.h"

namespace doorward::oidc {

inline constexpr std::string_view kRequestUriPrefix = "urn:ietf:params:oauth:request_uri:";

/// Whether employees sign in to it here.
bool signs_people_in(const directory::Application& application);
protocol::ClientFacts facts_of(const directory::Application& application);

/// One authorization request on its way to its answer.
struct Provider::Asking {
  const http::Request& request;
  protocol::Parameters parameters;
  directory::Application application = {};
  /// Of the stored request; empty while there is none.
  std::string reference = {};
  /// Since when it waits for its employee. Only a session that began later is what it asked for.
  std::optional<Timestamp> waiting_since = {};
  protocol::AnswerAddress address = {};
  protocol::AuthorizationRequest wanted = {};

  /// The company whose employee is wanted, as far as the application or the request says.
  std::optional<directory::Account> company = {};
  /// Only their door is known to be the right one, which is no demand.
  bool company_is_a_guess = false;
  /// The request itself named the company's provider (`domain_hint`).
  bool straight_to_provider = false;
  std::shared_ptr<const session::Visitor> visitor = nullptr;

  /// What the person answered on the consent page, and who that was.
  enum class Answer : std::uint8_t { None, Allow, Deny };
  Answer consent = Answer::None;
  std::string consent_by = {};

  bool has_answer() const {
    return consent != Answer::None && visitor && consent_by == visitor->employee.public_id;
  }
};

}  // namespace doorward::oidc
