#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "saml/protocol/name_id.h"
#include "xml/reader.h"

namespace doorward::saml::protocol {

/// What it names lives as long as the `VerifiedAssertion`.
struct Attribute {
  std::string_view name;
  std::string_view name_format;
  std::string_view friendly_name;
  /// In document order. A value that is not text (nested elements, xsi:nil) is left out.
  std::span<const std::string_view> values;
};

/// The claims that Doorward knows. Each is found under the names that Entra, AD FS, Okta, Google, Keycloak,
/// OneLogin, Shibboleth and SimpleSAMLphp give it.
enum class Claim : std::uint8_t {
  ObjectIdentifier,
  TenantId,
  EmailAddress,
  Name,  ///< The user name; in Entra the userPrincipalName.
  GivenName,
  Surname,
  DisplayName,
  Groups,
  GroupsLink,  ///< Entra sends it instead of more than 150 groups.
  Role,
};

/// Claims that may have several values; several values of any other one are a finding.
bool is_multi_valued(Claim claim);

/// What a provider said and signed. Only `verify` makes one, from the signed bytes, after all checks. It
/// keeps them: attributes are views into them, which moving it leaves valid.
class VerifiedAssertion {
 public:
  const std::string& issuer() const { return issuer_; }
  const std::string& id() const { return id_; }
  const NameId& name_id() const { return name_id_; }
  /// In document order; a name may occur more than once.
  const std::vector<Attribute>& attributes() const { return attributes_; }

  /// The only value of a single-valued claim; nothing when it is absent or empty.
  std::optional<std::string_view> claim(Claim claim) const;
  /// All values of a claim.
  std::vector<std::string_view> claims(Claim claim) const;
  /// The person is in more groups than the provider lists.
  bool groups_overage() const;

  /// Empty when the provider gave none.
  const std::string& session_index() const { return session_index_; }
  /// Our session may not outlive it.
  std::optional<Timestamp> session_not_on_or_after() const { return session_not_on_or_after_; }
  Timestamp authn_instant() const { return authn_instant_; }
  /// The AuthnContextClassRef; empty when the provider gave none.
  const std::string& authn_context() const { return authn_context_; }
  /// From here on a replay is refused by its age; until then (issuer, id) must be remembered.
  Timestamp replay_until() const { return replay_until_; }
  /// Empty when nobody asked for it.
  const std::string& in_response_to() const { return in_response_to_; }
  bool one_time_use() const { return one_time_use_; }

 private:
  friend class AssertionReader;
  explicit VerifiedAssertion(std::optional<xml::Document> source) : source_(std::move(source)) {}

  std::optional<xml::Document> source_;
  std::string issuer_, id_, session_index_, authn_context_, in_response_to_;
  NameId name_id_;
  std::vector<Attribute> attributes_;
  std::vector<std::string_view> values_;  ///< Of all attributes.
  std::optional<Timestamp> session_not_on_or_after_;
  Timestamp authn_instant_, replay_until_;
  bool one_time_use_ = false;
};

}  // namespace doorward::saml::protocol
