#include "saml/protocol/assertion.h"

#include <algorithm>
#include <array>

#include "saml/protocol/claims.h"
#include "saml/protocol/names.h"

namespace doorward::saml::protocol {

namespace {

struct ClaimName {
  Claim claim;
  std::string_view attribute;
};

// For each claim the names that providers use, the most specific first. Entra and AD FS use URIs, Shibboleth
// and SimpleSAMLphp OIDs, the others plain words. LDAP's cn is left out: it commonly has several values.
constexpr auto kClaimNames = std::to_array<ClaimName>({
    {Claim::ObjectIdentifier, "http://schemas.microsoft.com/identity/claims/objectidentifier"},
    {Claim::TenantId, "http://schemas.microsoft.com/identity/claims/tenantid"},

    {Claim::EmailAddress, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"},
    {Claim::EmailAddress, "http://schemas.xmlsoap.org/claims/EmailAddress"},
    {Claim::EmailAddress, "urn:oid:0.9.2342.19200300.100.1.3"},
    {Claim::EmailAddress, "urn:oid:1.2.840.113549.1.9.1"},
    {Claim::EmailAddress, "urn:mace:dir:attribute-def:mail"},
    {Claim::EmailAddress, "mail"},
    {Claim::EmailAddress, "email"},
    {Claim::EmailAddress, "Email"},
    {Claim::EmailAddress, "emailAddress"},
    {Claim::EmailAddress, "User.email"},

    {Claim::Name, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"},
    {Claim::Name, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"},
    {Claim::Name, "urn:oid:1.3.6.1.4.1.5923.1.1.1.6"},
    {Claim::Name, "urn:mace:dir:attribute-def:eduPersonPrincipalName"},
    {Claim::Name, "urn:oid:0.9.2342.19200300.100.1.1"},
    {Claim::Name, "urn:mace:dir:attribute-def:uid"},
    {Claim::Name, "uid"},
    {Claim::Name, "username"},
    {Claim::Name, "login"},

    {Claim::GivenName, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname"},
    {Claim::GivenName, "urn:oid:2.5.4.42"},
    {Claim::GivenName, "urn:mace:dir:attribute-def:givenName"},
    {Claim::GivenName, "givenName"},
    {Claim::GivenName, "firstName"},
    {Claim::GivenName, "first_name"},
    {Claim::GivenName, "User.FirstName"},

    {Claim::Surname, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"},
    {Claim::Surname, "urn:oid:2.5.4.4"},
    {Claim::Surname, "urn:mace:dir:attribute-def:sn"},
    {Claim::Surname, "sn"},
    {Claim::Surname, "surname"},
    {Claim::Surname, "lastName"},
    {Claim::Surname, "last_name"},
    {Claim::Surname, "User.LastName"},

    {Claim::DisplayName, "http://schemas.microsoft.com/identity/claims/displayname"},
    {Claim::DisplayName, "urn:oid:2.16.840.1.113730.3.1.241"},
    {Claim::DisplayName, "urn:mace:dir:attribute-def:displayName"},
    {Claim::DisplayName, "displayName"},

    {Claim::Groups, "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"},
    {Claim::Groups, "http://schemas.xmlsoap.org/claims/Group"},
    {Claim::Groups, "urn:oid:1.3.6.1.4.1.5923.1.5.1.1"},
    {Claim::Groups, "groups"},
    {Claim::Groups, "memberOf"},
    {Claim::Groups, "member"},

    {Claim::GroupsLink, "http://schemas.microsoft.com/claims/groups.link"},
    {Claim::GroupsLink, "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups.link"},

    {Claim::Role, "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"},
    {Claim::Role, "Role"},
    {Claim::Role, "role"},
    {Claim::Role, "roles"},
});

std::vector<std::string_view> values_of(const std::vector<Attribute>& attributes, std::string_view name) {
  std::vector<std::string_view> values;
  for (const Attribute& attribute : attributes) {
    if (attribute.name != name) continue;
    for (const std::string_view value : attribute.values) {
      if (!value.empty()) values.push_back(value);
    }
  }
  return values;
}

}  // namespace

bool is_multi_valued(Claim claim) {
  return claim == Claim::Groups || claim == Claim::Role;
}

bool NameId::is_transient() const {
  return format == kTransientFormat;
}

std::optional<std::string_view> repeated_claim(std::span<const Attribute> attributes) {
  std::array<std::size_t, kClaimNames.size()> counts{};
  for (const Attribute& attribute : attributes) {
    const auto* const known = std::ranges::find(kClaimNames, attribute.name, &ClaimName::attribute);
    if (known == kClaimNames.end() || is_multi_valued(known->claim)) continue;
    std::size_t& count = counts[static_cast<std::size_t>(known - kClaimNames.begin())];
    for (const std::string_view value : attribute.values)
      count += value.empty() ? 0 : 1;
    if (count > 1) return attribute.name;
  }
  return std::nullopt;
}

std::vector<std::string_view> VerifiedAssertion::claims(Claim claim) const {
  for (const auto& [known, name] : kClaimNames) {
    if (known != claim) continue;
    auto values = values_of(attributes_, name);
    if (!values.empty()) return values;
  }
  return {};
}

std::optional<std::string_view> VerifiedAssertion::claim(Claim claim) const {
  const auto values = claims(claim);
  return values.size() == 1 ? std::optional(values.front()) : std::nullopt;
}

bool VerifiedAssertion::groups_overage() const {
  return claim(Claim::GroupsLink).has_value();
}

}  // namespace doorward::saml::protocol
