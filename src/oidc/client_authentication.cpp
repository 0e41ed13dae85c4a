#include "oidc/client_authentication.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "directory/accounts.h"
#include "directory/replay.h"
#include "oidc/answers.h"
#include "oidc/protocol/client_assertion.h"
#include "oidc/protocol/jwk.h"

namespace doorward::oidc {

namespace {

constexpr std::size_t kMaxSecretBytes = 1024;

/// A name and a secret by HTTP Basic, each encoded as a form's value first (RFC 6749 section 2.3.1).
struct Basic {
  std::string client_id;
  std::string secret;
};
/// Nothing when the field is of another scheme or broken.
std::optional<Basic> parse_basic(std::string_view field) {
  constexpr std::string_view kScheme = "Basic ";
  if (!equal_ignoring_ascii_case(field.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const auto pair = from_base64(trim(field.substr(kScheme.size())));
  if (!pair) return std::nullopt;
  const auto colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  auto client_id = percent_decode(std::string_view(*pair).substr(0, colon), PlusSign::Space);
  auto secret = percent_decode(std::string_view(*pair).substr(colon + 1), PlusSign::Space);
  if (!client_id || !secret) return std::nullopt;
  return Basic{*std::move(client_id), *std::move(secret)};
}

tl::unexpected<protocol::OAuthError> malformed(std::string description) {
  return fail(protocol::OAuthError{"invalid_request", std::move(description)});
}

}  // namespace

Result<ClientAuthentication::Shown, protocol::OAuthError> ClientAuthentication::read_shown(
    const http::Request& request, const protocol::Parameters& form) {
  Shown shown{.client_id = std::string(find(form, "client_id"))};
  const auto field = request.headers.find("Authorization");
  const std::string_view secret = find(form, "client_secret");
  const std::string_view assertion = find(form, "client_assertion");
  // RFC 6749 section 2.3: not more than one way in each request.
  if ((field ? 1 : 0) + (secret.empty() ? 0 : 1) + (assertion.empty() ? 0 : 1) > 1) {
    return malformed("Authenticate in one way only: by the header, by client_secret or by client_assertion.");
  }
  if (field) {
    const auto basic = parse_basic(*field);
    if (!basic) return malformed("The Authorization field is no HTTP Basic of a client id and its secret.");
    if (!shown.client_id.empty() && shown.client_id != basic->client_id) {
      return malformed("The parameter client_id names another client than the Authorization field.");
    }
    shown.client_id = basic->client_id;
    shown.secret = crypto::Secret(basic->secret);
  } else if (!secret.empty()) {
    shown.secret = crypto::Secret(std::string(secret));
  } else if (!assertion.empty()) {
    if (find(form, "client_assertion_type") != protocol::kClientAssertionType) {
      return malformed(fmt::format("The client_assertion_type must be {}.", protocol::kClientAssertionType));
    }
    shown.assertion = assertion;
    // RFC 7521 section 4.2: the client id is optional beside an assertion, which names the client.
    const auto asserted = protocol::asserted_client(assertion);
    if (shown.client_id.empty() && asserted) shown.client_id = *asserted;
  }
  if (shown.client_id.empty() && shown.assertion.empty())
    return malformed("The parameter client_id is missing.");
  return shown;
}

Result<ClientAdmission> ClientAuthentication::admit(const http::Request& request,
                                                    const protocol::Parameters& form) {
  auto shown = read_shown(request, form);
  if (!shown) return ClientAdmission{.refusal = refuse(shown.error())};
  if (failures_.is_reached(request.client_address, clock_.now())) {
    auto response = refuse({"temporarily_unavailable", "Too many wrong secrets came from this address."},
                           http::Status::TooManyRequests);
    response.headers.set("Retry-After", "60");
    return ClientAdmission{.refusal = std::move(response)};
  }
  ASSIGN_OR_RETURN(auto client, database_.read([&](storage::Transaction& transaction) {
    return directory::find_application(transaction, shown->client_id);
  }));
  if (!client || !client->settings.active)
    return fail_client(request, shown->client_id, "unknown or switched off");
  const bool shows_something = !shown->secret.empty() || !shown->assertion.empty();
  switch (client->kind) {
    case directory::ApplicationKind::Web:
    case directory::ApplicationKind::Service: {
      if (!shows_something) return fail_client(request, client->client_id, "nothing shown");
      ASSIGN_OR_RETURN(const bool proven, is_proven(request, *client, *shown));
      if (!proven) return fail_client(request, client->client_id, "wrong secret or assertion");
      break;
    }
    case directory::ApplicationKind::Public:
    case directory::ApplicationKind::Mobile:
      // Somebody believes that this client has a secret, and would rely on it.
      if (shows_something) return fail_client(request, client->client_id, "a secret of a public client");
      break;
    case directory::ApplicationKind::Proxy:
      return fail_client(request, client->client_id, "a proxy application");
  }
  return ClientAdmission{.client = std::move(client)};
}

Result<bool> ClientAuthentication::is_proven(const http::Request& request,
                                             const directory::Application& client, const Shown& shown) {
  if (!shown.assertion.empty()) return is_proven_by_assertion(request, client, shown.assertion);
  if (shown.secret.reveal().size() > kMaxSecretBytes) return false;
  return database_.read([&](storage::Transaction& transaction) {
    return directory::is_application_secret(transaction, client.id, shown.secret.reveal());
  });
}

namespace {

/// Whose rows remember that an assertion was used: of an application of all accounts, the first account's.
Result<directory::AccountId> keeper_of(storage::Transaction& transaction,
                                       const directory::Application& client) {
  if (client.account) return *client.account;
  ASSIGN_OR_RETURN(const auto accounts, directory::list_accounts(transaction, std::nullopt, 1));
  if (accounts.empty()) return fail(ErrorKind::Refused, "oidc.no_account", "There is no account yet.");
  return accounts.front().id;
}

}  // namespace

// https://www.rfc-editor.org/rfc/rfc7523#section-3
Result<bool> ClientAuthentication::is_proven_by_assertion(const http::Request& request,
                                                          const directory::Application& client,
                                                          std::string_view assertion) {
  if (client.settings.jwks.empty()) return false;
  ASSIGN_OR_RETURN(const auto keys, protocol::JwkSet::parse(client.settings.jwks));
  const Timestamp now = clock_.now();
  const auto verified = protocol::verify_client_assertion(
      assertion, keys, client.client_id, {issuer_, issuer_ + "/oauth2/token", issuer_ + request.path}, now);
  if (!verified) {
    log::info("oidc.assertion_refused",
              {{"client_id", client.client_id}, {"why", verified.error().code.name()}});
    return false;
  }
  return database_.write([&](storage::Transaction& transaction) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto keeper, keeper_of(transaction, client));
    return directory::consume_once(transaction, keeper, directory::Once::ClientAssertion,
                                   fmt::format("{}\n{}", client.client_id, verified->jti),
                                   verified->expires_at);
  });
}

/// One answer for an unknown client, a wrong secret and a wrong way: `why` is for the log.
Result<ClientAdmission> ClientAuthentication::fail_client(const http::Request& request,
                                                          std::string_view client_id, std::string_view why) {
  failures_.count(request.client_address, clock_.now());
  log::warning("oidc.client_refused",
               {{"client_id", printable(client_id)}, {"why", why}, {"client", request.client_address}});
  auto response = refuse({"invalid_client", "The client is unknown or did not prove who it is."},
                         http::Status::Unauthorized);
  response.headers.set("WWW-Authenticate", "Basic realm=\"Doorward\"");
  return ClientAdmission{.refusal = std::move(response)};
}

}  // namespace doorward::oidc
