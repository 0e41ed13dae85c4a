#pragma once

#include <optional>
#include <string>

#include "simulator/model.h"

/// What Entra sends to service providers.
namespace doorward::simulator {

struct ResponseParameters {
  std::string reply_url;
  /// Nothing for a sign-in that begins at My Apps.
  std::optional<std::string> in_response_to;
  /// What the request asked for; the application's own setting otherwise.
  std::optional<NameIdFormat> name_id_format;
  Timestamp now;
  Timestamp authenticated;
};

struct IssuedResponse {
  std::string xml;
  std::string session_index;
  std::string name_id;
  std::string name_id_format;
};

/// A Response for `user`, signed and encrypted as the application is set up, with the tenant's faults in it.
Result<IssuedResponse> issue_response(const Tenant& tenant, const Application& application, const User& user,
                                      const ResponseParameters& parameters);

/// A LogoutResponse for the redirect binding; its signature, if any, belongs into the query.
std::string logout_response_xml(const Tenant& tenant, std::string_view destination,
                                std::string_view in_response_to, Timestamp now);
/// A LogoutRequest for the redirect binding, as the other applications of the session get it.
std::string logout_request_xml(const Tenant& tenant, std::string_view destination, std::string_view name_id,
                               std::string_view name_id_format, std::string_view session_index,
                               Timestamp now);

/// `url` with the message, RelayState and, unless the tenant's faults forbid it, SigAlg and Signature as
/// query (SAML Bindings section 3.4.4.1). `parameter` is `SAMLRequest` or `SAMLResponse`.
std::string redirect_url(const Tenant& tenant, const SigningCertificate& signer, std::string_view url,
                         std::string_view parameter, std::string_view xml,
                         std::optional<std::string_view> relay_state);

/// `https://sts.windows.net/<tenant id>/`
std::string issuer_of(const Tenant& tenant);

}  // namespace doorward::simulator
