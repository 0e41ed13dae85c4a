#pragma once

#include <string>

#include "base/clock.h"

namespace doorward::saml::protocol {

/// What we ask a provider (SAML Core 3.4.1). There is no Subject (Entra refuses it: send `login_hint`) and no
/// RequestedAuthnContext (Entra's AADSTS75011 for people without a password).
struct AuthnRequest {
  /// Must not begin with a digit: `crypto::random_xml_id()`.
  std::string id;
  Timestamp issue_instant;
  /// The provider's endpoint that it goes to.
  std::string destination;
  std::string sp_entity_id;
  std::string acs_url;
  /// Asks for a fresh sign-in although the person has a session at the provider.
  bool force_authn = false;
  /// Empty: the provider decides.
  std::string name_id_format = {};
};

/// The unsigned message; `redirect_url` and `post_form` sign and wrap it.
std::string write(const AuthnRequest& request);

}  // namespace doorward::saml::protocol
