#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "crypto/seal.h"
#include "http/message.h"
#include "pages/language.h"
#include "saml/account_setup.h"
#include "saml/attempt.h"
#include "saml/protocol/logout.h"
#include "saml/protocol/response.h"
#include "session/attempt_budget.h"
#include "session/flow.h"
#include "session/sessions.h"
#include "storage/database.h"

namespace doorward::saml {

struct Dependencies {
  storage::Database& database;
  const Clock& clock;
  session::Sessions& sessions;
  const session::FlowCookies& flows;
  AccountSetups& setups;
  /// Without a final slash.
  std::string public_url;
  metrics::Registry& metrics;
};

/// The service provider of every account: what happens at `/saml/{account}/…`.
class ServiceProvider {
 public:
  explicit ServiceProvider(const Dependencies& dependencies);

  /// GET metadata: us, as the provider wants to know us.
  Result<http::Response> metadata(const http::Request& request);
  /// GET login: sends the browser to the provider. Query: `return_to`, `login_hint` (an e-mail address),
  /// `connection` (a name, where an account has several), `purpose=test` and with it perhaps
  /// `run` (a test run that somebody follows), `reauthenticate=1` (the provider must ask anew: ForceAuthn).
  Result<http::Response> login(const http::Request& request);
  /// POST acs: the provider's answer (HTTP-POST binding).
  Result<http::Response> acs(const http::Request& request);
  /// GET logout: ends the browser's session, here and at the provider; or a provider's message by
  /// HTTP-Redirect.
  Result<http::Response> logout(const http::Request& request);
  /// POST logout: a provider's message by HTTP-POST.
  Result<http::Response> logout_post(const http::Request& request);

 private:
  struct Answer;

  Result<std::shared_ptr<const AccountSetup>> setup_of(const http::Request& request);
  /// How a sign-in begins.
  struct Beginning {
    session::FlowPurpose purpose = session::FlowPurpose::SignIn;
    std::string_view return_to = "/";
    std::string_view login_hint = {};
    std::string_view test_run = {};
    bool reauthenticate = false;
  };
  Result<http::Response> start(const http::Request& request, const AccountSetup& setup,
                               const ReadyConnection& connection, const Beginning& beginning);
  Result<void> open_test_run(const AccountSetup& setup, std::string_view test_run);
  Result<const ReadyConnection*> choose_connection(const AccountSetup& setup, const http::Form& query);

  Result<http::Response> unsolicited(Answer& answer, std::string_view relay_state);
  Result<http::Response> verify_and_finish(Answer& answer);
  Result<http::Response> finish(Answer& answer, const protocol::VerifiedAssertion& assertion);
  Result<http::Response> refuse(Answer& answer, protocol::Finding finding);
  Result<http::Response> refuse(Answer& answer, pages::Trouble trouble, std::string_view finding);

  Result<http::Response> start_logout(const http::Request& request, const AccountSetup& setup);
  Result<http::Response> provider_logout(const http::Request& request, const AccountSetup& setup,
                                         Result<protocol::UnverifiedLogout, protocol::Finding> message,
                                         protocol::Report& report);

  Dependencies deps_;
  session::AttemptBudget budget_;
  metrics::Counter& accepted_;
  metrics::Counter& refused_;
};

}  // namespace doorward::saml
