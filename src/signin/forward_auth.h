#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "crypto/seal.h"
#include "directory/applications.h"
#include "directory/grants.h"
#include "http/message.h"
#include "pages/language.h"
#include "session/sealed_cookies.h"
#include "session/sessions.h"
#include "session/token_bearers.h"
#include "storage/database.h"

namespace doorward::signin {

/// Forward-auth: a reverse proxy asks for each request of an application who it is from (nginx auth_request,
/// Caddy forward_auth, Traefik ForwardAuth, Envoy ext_authz), and forwards three paths of the application's
/// host to us. docs/forward-auth.md shows how; docs/adr/0008-forward-auth.md says why it is done so.
class ForwardAuth {
 public:
  struct Dependencies {
    storage::Database& database;
    const Clock& clock;
    session::Sessions& sessions;
    session::TokenBearers& bearers;
    const crypto::Sealer& sealer;
    /// Without a final slash.
    std::string public_url;
    metrics::Registry& metrics;
  };

  /// What of the application's own host comes here.
  static constexpr std::string_view kSignInPath = "/.doorward/sign-in";
  static constexpr std::string_view kCallbackPath = "/.doorward/callback";
  static constexpr std::string_view kSignOutPath = "/.doorward/sign-out";
  /// People pause at their provider to fetch a second factor.
  static constexpr std::chrono::minutes kFlowLifetime{30};
  /// Of a deep link; a longer one is lost on the way to signing in.
  static constexpr std::size_t kMaxTarget = 1024;

  explicit ForwardAuth(Dependencies dependencies);

  /// GET /auth/check, of the proxy: 200 with who it is, 401 with the way to sign in, 403 where there is no
  /// application. Query: `application` (a client id) allows that one only; `sign_in=redirect` sends people
  /// straight there. Answers from memory when the token is good.
  Result<http::Response> check(const http::Request& request);
  /// Any method, /auth/check/{rest...}: Envoy appends the path that it asks about; people are sent straight
  /// to sign in. The query is the visitor's own.
  Result<http::Response> check_below(const http::Request& request);

  /// GET /auth/sign-in, at the application's host. Query: `return_to`.
  Result<http::Response> sign_in(const http::Request& request);
  /// GET /auth/start, at ours. Query: `application`, `origin`, `state`.
  Result<http::Response> start(const http::Request& request);
  /// GET /auth/callback, at the application's host. Query: `code`, `state`.
  Result<http::Response> callback(const http::Request& request);
  /// GET /auth/sign-out, at the application's host: signs out when a page of the application leads there,
  /// and asks otherwise.
  Result<http::Response> sign_out(const http::Request& request);
  /// POST /auth/sign-out: the answer to that question.
  Result<http::Response> confirm_sign_out(const http::Request& request);

 private:
  /// An application's page, and where it is seen.
  struct Place {
    std::string origin;
    directory::Application application;
  };
  /// What a proxy wants to know.
  struct Question {
    std::string client_id = {};
    bool redirects = false;
    std::string target = {};
  };
  struct Start;

  using Bearer = std::shared_ptr<const session::Bearer>;

  Result<http::Response> answer(const http::Request& request, const Question& question);
  http::Response ask_to_sign_in(const http::Request& request, const Question& question,
                                std::string_view origin);
  http::Response unknown_application(const http::Request& request, bool at_home);
  http::Response denied(const http::Request& request);
  http::Response lost(const http::Request& request, pages::Trouble trouble);

  Result<std::optional<Place>> find_place(const http::Request& request);
  /// Whose the application's cookie at this origin is; null for nobody's, also when it is another
  /// application's.
  Result<Bearer> bearer_at(const http::Request& request, std::string_view origin);
  /// The code to go back with; nothing when the employee may not use the application.
  Result<std::optional<directory::GrantToken>> give_code(const http::Request& request, const Start& start,
                                                         const session::Visitor& visitor);
  /// The token for the cookie, for a code that fits; nothing for one that does not.
  Result<std::optional<directory::GrantToken>> take_code(const http::Request& request, const Place& place,
                                                         std::string_view code, std::string_view state);
  Result<http::Response> end(const http::Request& request, const Place& place);
  session::SealedCookies flows(std::string_view origin) const;

  Dependencies deps_;
  directory::GrantLifetime lifetime_;
  metrics::Counter& allowed_;
  metrics::Counter& asked_;
  metrics::Counter& refused_;
};

}  // namespace doorward::signin
