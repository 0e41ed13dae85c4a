#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "directory/grants.h"
#include "directory/key_ring.h"
#include "http/message.h"
#include "oidc/address_limit.h"
#include "oidc/client_authentication.h"
#include "oidc/protocol/authorization_request.h"
#include "oidc/tokens.h"
#include "pages/language.h"
#include "session/sessions.h"
#include "session/token_bearers.h"
#include "storage/database.h"

namespace doorward::oidc {

struct Dependencies {
  storage::Database& database;
  const Clock& clock;
  session::Sessions& sessions;
  session::TokenBearers& bearers;
  directory::KeyRing& keys;
  /// The issuer. Without a final slash.
  std::string public_url;
  directory::GrantLifetime lifetime = {};
  /// Requests in a minute from one client address, which may be a whole company's, that are stored for
  /// somebody who is not known yet.
  int stored_per_minute = 3'000;
};

/// The OpenID provider of all accounts: one member function a route, one file a concern.
class Provider {
 public:
  /// An authorization request waits so long for its employee to sign in: people pause at their provider.
  static constexpr std::chrono::minutes kWaiting{30};
  /// A pushed one is picked up at once (RFC 9126 section 2.2).
  static constexpr std::chrono::seconds kPushed{90};
  static constexpr std::size_t kMaxPushedBytes = std::size_t{32} * 1024;

  explicit Provider(const Dependencies& dependencies)
      : deps_(dependencies),
        clients_(deps_.database, deps_.clock, deps_.public_url),
        stored_(deps_.stored_per_minute) {}

  /// GET /.well-known/openid-configuration and /.well-known/oauth-authorization-server
  Result<http::Response> discovery(const http::Request& request);
  /// GET /oauth2/jwks
  Result<http::Response> jwks(const http::Request& request);

  /// GET and POST /oauth2/authorize
  Result<http::Response> authorize(const http::Request& request);
  /// POST /oauth2/consent: what the person answered on our page.
  Result<http::Response> consent(const http::Request& request);
  /// POST /oauth2/par (RFC 9126)
  Result<http::Response> push(const http::Request& request);

  /// POST /oauth2/token
  Result<http::Response> token(const http::Request& request);
  /// GET and POST /oauth2/userinfo
  Result<http::Response> userinfo(const http::Request& request);
  /// POST /oauth2/introspect (RFC 7662)
  Result<http::Response> introspect(const http::Request& request);
  /// POST /oauth2/revoke (RFC 7009)
  Result<http::Response> revoke(const http::Request& request);

  /// GET and POST /oauth2/logout (OpenID Connect RP-Initiated Logout 1.0)
  Result<http::Response> logout(const http::Request& request);
  /// POST /oauth2/logout/confirm: the person pressed the button on our page.
  Result<http::Response> confirm_logout(const http::Request& request);

  /// A failure at an address that programs call, as they understand it.
  static bool is_for_programs(std::string_view path);
  static http::Response error_response(const Error& error);

 private:
  struct Asking;
  /// An answer that ends the way; nothing to go on.
  using Stop = std::optional<http::Response>;

  // The steps of an authorization request.
  Result<Stop> find_client(Asking& asking);
  Result<Stop> read_request(Asking& asking);
  Result<Stop> find_company(Asking& asking);
  Result<Stop> require_person(Asking& asking);
  Result<Stop> require_company(Asking& asking);
  Result<Stop> require_right(Asking& asking);
  Result<Stop> require_consent(Asking& asking);
  Result<http::Response> go_on(Asking& asking);
  Result<http::Response> give_code(Asking& asking);

  /// Stores the request unless it is stored, and gives the short address that goes on with it.
  Result<std::string> wait(Asking& asking);
  Result<std::string> store(const directory::Application& application, const protocol::Parameters& parameters,
                            Duration lifetime);
  /// Where the person signs in, and comes back from.
  Result<std::string> way_in(Asking& asking, bool reauthenticate);
  Result<Stop> send_to_sign_in(Asking& asking, bool reauthenticate);

  http::Response answer_application(const Asking& asking, protocol::Parameters values) const;
  Stop refuse_application(const Asking& asking, const protocol::OAuthError& error) const;

  using Outcome = std::variant<Given, protocol::OAuthError>;
  using Form = protocol::Parameters;
  Result<Outcome> exchange(const http::Request& request, const directory::Application& client,
                           const Form& form, const directory::KeyRing::View& keys);
  Result<Outcome> exchange_code(const directory::Application& client, const Form& form,
                                const directory::KeyRing::View& keys);
  Result<Outcome> refresh(const directory::Application& client, const Form& form,
                          const directory::KeyRing::View& keys);
  Result<Outcome> serve_service(const http::Request& request, const directory::Application& client,
                                const Form& form, const directory::KeyRing::View& keys);
  Issuing issuing(const directory::TokenBearer& bearer, std::string scope,
                  const directory::KeyRing::View& keys) const;

  struct LogoutWish;
  Result<std::optional<LogoutWish>> read_logout(const protocol::Parameters& parameters);
  Result<http::Response> end_session(const http::Request& request, const LogoutWish& wish);

  /// What an ID token of ours says that came back as a hint, however old it is. `audience` is whose it must
  /// be; empty for anybody's.
  struct Hint {
    std::string subject;
    std::string audience;
    std::string sid;
  };
  Result<Hint> read_hint(std::string_view id_token, std::string_view audience);

  std::string endpoint(std::string_view name) const {
    return deps_.public_url + "/oauth2/" + std::string(name);
  }

  Dependencies deps_;
  ClientAuthentication clients_;
  AddressLimit stored_;
};

}  // namespace doorward::oidc
