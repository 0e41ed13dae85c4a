#include "saml/attempt.h"

#include <algorithm>

#include "base/text.h"
#include "json/json.h"

namespace doorward::saml {

using protocol::Finding;

pages::Trouble trouble_of(Finding finding) {
  switch (finding) {
    case Finding::MessageTooLarge:
    case Finding::MessageNotBase64:
    case Finding::MessageNotXml:
    case Finding::MessageNotDeflate:
    case Finding::MessageParameters:
    case Finding::MessageKind:
    case Finding::VersionUnsupported:
    case Finding::ElementUnexpected:
    case Finding::AttributeMissing:
    case Finding::ValueNotText:
    case Finding::TimeMalformed:
    case Finding::DecryptionNoKey:
    case Finding::DecryptionAlgorithm:
    case Finding::DecryptionFailed:
    case Finding::EncryptedIdentifier:
    case Finding::EncryptedAttribute:
      return pages::Trouble::Unreadable;
    case Finding::DecryptionCbcUnsigned:
      return pages::Trouble::EncryptionUnsafe;
    case Finding::StatusNotSuccess:
      return pages::Trouble::ProviderRefused;
    case Finding::DestinationMissing:
    case Finding::DestinationMismatch:
    case Finding::RecipientMissing:
    case Finding::RecipientMismatch:
    case Finding::AudienceMissing:
    case Finding::AudienceMismatch:
      return pages::Trouble::WrongAccount;
    case Finding::Unsolicited:
      return pages::Trouble::Unsolicited;
    case Finding::InResponseToMissing:
    case Finding::InResponseToMismatch:
      return pages::Trouble::OtherBrowser;
    case Finding::IssuedInFuture:
    case Finding::NotYetValid:
    case Finding::AuthnInstantInFuture:
      return pages::Trouble::Clock;
    case Finding::IssuedTooLongAgo:
    case Finding::Expired:
    case Finding::ConfirmationExpired:
    case Finding::AuthnInstantTooOld:
    case Finding::SessionExpired:
      return pages::Trouble::TooOld;
    case Finding::SignatureKeyUnknown:
      return pages::Trouble::UnknownCertificate;
    default:
      return pages::Trouble::NotTrusted;
  }
}

pages::Trouble trouble_of(directory::Refusal refusal) {
  using directory::Refusal;
  switch (refusal) {
    case Refusal::AccountPlan:
      return pages::Trouble::PlanWithoutSso;
    case Refusal::ConnectionInactive:
      return pages::Trouble::NotConfigured;
    case Refusal::ConnectionNotAccepted:
      return pages::Trouble::ConnectionNotAccepted;
    case Refusal::NoEmail:
      return pages::Trouble::NoEmail;
    case Refusal::OutsideDomains:
    case Refusal::OtherConnection:
    case Refusal::WrongTenant:
      return pages::Trouble::OutsideDomains;
    case Refusal::NotProvisioned:
      return pages::Trouble::NotProvisioned;
    case Refusal::Deactivated:
      return pages::Trouble::Deactivated;
    case Refusal::AmbiguousIdentity:
    case Refusal::LinkedElsewhere:
      return pages::Trouble::IdentityUnclear;
    case Refusal::SsoEnforced:
    case Refusal::NoPassword:
      return pages::Trouble::PasswordClosed;
  }
  return pages::Trouble::NotTrusted;
}

directory::ClaimedIdentity claimed_identity(const protocol::VerifiedAssertion& assertion) {
  using protocol::Claim;
  constexpr std::string_view kEmailFormat = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
  const auto claim = [&](Claim which) { return std::string(assertion.claim(which).value_or("")); };

  directory::ClaimedIdentity claimed;
  claimed.object_identifier = claim(Claim::ObjectIdentifier);
  claimed.tenant_id = claim(Claim::TenantId);
  const protocol::NameId& name_id = assertion.name_id();
  claimed.name_id = {name_id.value, name_id.format, name_id.name_qualifier, name_id.sp_name_qualifier};
  claimed.email = claim(Claim::EmailAddress);
  // Google and Okta send the address as NameID alone. Entra writes the user principal name there, which looks
  // like an address and need not be one; it is known by its objectidentifier.
  if (claimed.email.empty() && claimed.object_identifier.empty() && name_id.format == kEmailFormat) {
    claimed.email = name_id.value;
  }
  claimed.user_name = claim(Claim::Name);
  if (claimed.user_name.empty() && !name_id.is_transient()) claimed.user_name = name_id.value;
  claimed.given_name = claim(Claim::GivenName);
  claimed.family_name = claim(Claim::Surname);
  claimed.display_name = claim(Claim::DisplayName);
  for (const std::string_view group : assertion.claims(Claim::Groups))
    claimed.groups.emplace_back(group);
  return claimed;
}

std::vector<Received> received_values(const protocol::VerifiedAssertion& assertion) {
  constexpr std::size_t kMaxAttributes = 40;
  constexpr std::size_t kMaxValues = 20;
  constexpr std::size_t kMaxBytes = 400;
  std::vector<Received> received{{"NameID", {printable(assertion.name_id().value, kMaxBytes)}}};
  for (const protocol::Attribute& attribute : assertion.attributes()) {
    if (received.size() > kMaxAttributes) break;
    Received shown{printable(attribute.name, kMaxBytes), {}};
    for (const std::string_view value : attribute.values.first(std::min(attribute.values.size(), kMaxValues)))
      shown.values.push_back(printable(value, kMaxBytes));
    received.push_back(std::move(shown));
  }
  return received;
}

void AttemptReport::fail(protocol::Check check, std::string_view finding, std::string_view message,
                         std::string_view expected, std::string_view actual) {
  flow_failure_ = FlowFailure{check, std::string(finding), std::string(message), std::string(expected),
                              std::string(actual)};
}

void AttemptReport::refused(const directory::Refused& refused) {
  refused_ = refused;
}

void AttemptReport::admitted(const directory::Admitted& admitted) {
  admitted_ = admitted;
}

void AttemptReport::received(std::vector<Received> values) {
  received_ = std::move(values);
}

std::string AttemptReport::to_json() const {
  json::Array checks;
  for (const protocol::Report::Entry& entry : checks_.entries()) {
    json::Object check{{"check", name(entry.check)}, {"verdict", name(entry.verdict)}};
    if (entry.finding) {
      check["finding"] = protocol::code(*entry.finding).name();
      check["message"] = protocol::message(*entry.finding);
    }
    if (!entry.expected.empty()) check["expected"] = entry.expected;
    if (!entry.actual.empty()) check["actual"] = entry.actual;
    checks.push_back(std::move(check));
  }
  if (flow_failure_) {
    checks.push_back(json::Object{{"check", name(flow_failure_->check)},
                                  {"verdict", "failed"},
                                  {"finding", flow_failure_->finding},
                                  {"message", flow_failure_->message},
                                  {"expected", flow_failure_->expected},
                                  {"actual", flow_failure_->actual}});
  }
  json::Object report{{"checks", std::move(checks)}};
  if (refused_) {
    report["decision"] = json::Object{{"admitted", false},
                                      {"finding", directory::finding_code(refused_->reason)},
                                      {"expected", refused_->expected},
                                      {"actual", refused_->actual}};
  } else if (admitted_) {
    report["decision"] = json::Object{{"admitted", true},
                                      {"employee", admitted_->employee.public_id},
                                      {"recognised_by", directory::to_text(admitted_->match)},
                                      {"linked_now", admitted_->link_created}};
  }
  if (!received_.empty()) {
    json::Array received;
    for (const auto& [name, values] : received_)
      received.push_back(json::Object{{"name", name}, {"values", json::Array(values.begin(), values.end())}});
    report["received"] = std::move(received);
  }
  return json::serialize(report);
}

}  // namespace doorward::saml
