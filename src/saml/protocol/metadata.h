#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "saml/protocol/finding.h"

namespace doorward::saml::protocol {

enum class Binding : std::uint8_t { Redirect, Post };

struct Endpoint {
  Binding binding;
  std::string location;
  /// Where answers go; the same as `location` unless the provider says otherwise.
  std::string response_location;
};

/// What a connection learns from its provider's metadata. Everything else in the document is ignored.
struct IdpMetadata {
  static constexpr std::size_t kMaxBytes = 2 * 1024 * 1024;
  static constexpr std::size_t kMaxCertificates = 32;

  std::string entity_id;
  /// At least one; in document order.
  std::vector<Endpoint> single_sign_on;
  std::vector<Endpoint> single_logout;
  /// At least one; each key once, in document order.
  std::vector<crypto::Certificate> signing_certificates;
  bool want_authn_requests_signed = false;
  std::optional<Timestamp> valid_until;
  std::vector<std::string> name_id_formats;

  /// The first endpoint with that binding, or null.
  const Endpoint* sign_on(Binding binding) const;
  const Endpoint* logout(Binding binding) const;
};

struct MetadataExpectations {
  Timestamp now;
  /// The entity that is wanted from a federation's document; also what a refresh must find again.
  std::string entity_id = {};
};

/// Reads metadata as Entra, AD FS, Okta, Google, Keycloak, Shibboleth and SimpleSAMLphp publish it (SAML
/// Metadata 2.4). A signature on it is not looked at: trust comes from where it was fetched, or from the
/// administrator who pasted it. All findings go into `report`, warnings too; the first failure is returned.
Result<IdpMetadata, Finding> parse_idp_metadata(BytesView document, const MetadataExpectations& expectations,
                                                Report& report);

/// Ourselves, as providers want to know us.
struct SpMetadata {
  std::string entity_id;
  std::string acs_url;
  /// Left out when empty.
  std::string slo_url;
  /// Current and next one.
  std::vector<crypto::Certificate> signing_certificates;
  std::vector<crypto::Certificate> encryption_certificates;
  bool authn_requests_signed = false;
};

std::string write(const SpMetadata& metadata);

}  // namespace doorward::saml::protocol
