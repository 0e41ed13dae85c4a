#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "crypto/secret.h"
#include "directory/applications.h"
#include "http/message.h"
#include "oidc/address_limit.h"
#include "oidc/protocol/authorization_request.h"
#include "storage/database.h"

namespace doorward::oidc {

/// Which application asks, or the answer that says why we do not know.
struct ClientAdmission {
  std::optional<directory::Application> client = {};
  std::optional<http::Response> refusal = {};
};

/// Client authentication (RFC 6749 section 2.3): by a secret in the Authorization header or in the body, by a
/// signed assertion (RFC 7523 section 2.2), or none, for applications that can keep nothing secret.
class ClientAuthentication {
 public:
  /// Wrong secrets from one address in a minute. A secret has 256 bits: the limit is for the noise.
  static constexpr int kMaxFailures = 60;

  ClientAuthentication(storage::Database& database, const Clock& clock, std::string issuer)
      : database_(database), clock_(clock), issuer_(std::move(issuer)) {}

  /// `form` is the request's body. A web application or service must prove who it is, a public one must not
  /// pretend to be able to; others are no clients. Consumes the assertion.
  Result<ClientAdmission> admit(const http::Request& request, const protocol::Parameters& form);

 private:
  /// What the request shows.
  struct Shown {
    std::string client_id = {};
    crypto::Secret secret = {};
    std::string assertion = {};
  };

  static Result<Shown, protocol::OAuthError> read_shown(const http::Request& request,
                                                        const protocol::Parameters& form);
  Result<bool> is_proven(const http::Request& request, const directory::Application& client,
                         const Shown& shown);
  Result<bool> is_proven_by_assertion(const http::Request& request, const directory::Application& client,
                                      std::string_view assertion);
  Result<ClientAdmission> fail_client(const http::Request& request, std::string_view client_id,
                                      std::string_view why);

  storage::Database& database_;
  const Clock& clock_;
  const std::string issuer_;
  AddressLimit failures_{kMaxFailures};
};

}  // namespace doorward::oidc
