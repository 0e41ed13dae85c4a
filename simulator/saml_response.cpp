#include "simulator/saml_response.h"

#include <fmt/format.h>
#include <libxml/tree.h>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "pages/html.h"
#include "simulator/names.h"
#include "simulator/saml_request.h"
#include "simulator/xml_security.h"

namespace doorward::simulator {

namespace {

// The five characters that HTML escapes are the ones of XML, so the same templates serve both.
using Markup = pages::Html;
using pages::html;

constexpr std::chrono::minutes kLifetime{70};
constexpr std::chrono::hours kFaultyShift{2};
constexpr std::size_t kMaxGroups = 150;
constexpr const char* kRepeatedAssertionId = "_00000000-0000-4000-8000-000000000000";
constexpr const char* kOtherTenantId = "00000000-0000-4000-8000-00000000dead";

bool has(const Tenant& tenant, Fault fault) {
  return tenant.faults.contains(fault);
}

const char* format_name(NameIdFormat format) {
  switch (format) {
    case NameIdFormat::EmailAddress:
      return names::kNameIdEmailAddress;
    case NameIdFormat::Persistent:
      return names::kNameIdPersistent;
    case NameIdFormat::Unspecified:
      return names::kNameIdUnspecified;
    case NameIdFormat::Transient:
      return names::kNameIdTransient;
  }
  return names::kNameIdUnspecified;
}

std::string name_id_value(const Application& application, const User& user, NameIdFormat format) {
  if (format == NameIdFormat::Transient) return crypto::random_xml_id();
  // Pairwise: the same for ever towards one application, and another one towards each.
  if (format == NameIdFormat::Persistent)
    return to_base64(crypto::sha256(application.app_id + '|' + user.object_id));
  switch (application.name_id_source) {
    case NameIdSource::ObjectId:
      return user.object_id;
    case NameIdSource::Mail:
      return user.mail.empty() ? user.user_principal_name : user.mail;
    case NameIdSource::UserPrincipalName:
      return user.user_principal_name;
  }
  return user.user_principal_name;
}

Markup value_element(std::string_view value) {
  return html("<AttributeValue>{}</AttributeValue>", value);
}

Markup claim(std::string_view name, const Markup& values) {
  return html(R"(<Attribute Name="{}">{}</Attribute>)", name, values);
}

/// A claim without a value is left out, as Entra does.
Markup claim(std::string_view name, std::string_view value) {
  return value.empty() ? Markup() : claim(name, value_element(value));
}

Markup group_claims(const Tenant& tenant, const User& user) {
  std::size_t count = 0;
  Markup values;
  for (const Group& group : tenant.groups) {
    if (!group.members.contains(user.object_id)) continue;
    ++count;
    values += value_element(group.object_id);
  }
  if (count == 0) return {};
  if (count <= kMaxGroups)
    return claim("http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", values);
  return claim("http://schemas.microsoft.com/claims/groups.link",
               fmt::format("https://graph.windows.net/{}/users/{}/getMemberObjects", tenant.tenant_id,
                           user.object_id));
}

Markup attribute_statement(const Tenant& tenant, const Application& application, const User& user) {
  constexpr const char* kPassword =
      "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password";
  constexpr const char* kPasswordless =
      "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/x509";
  Markup claims;
  claims += claim("http://schemas.microsoft.com/identity/claims/tenantid",
                  has(tenant, Fault::OtherTenant) ? std::string_view(kOtherTenantId) : tenant.tenant_id);
  claims += claim("http://schemas.microsoft.com/identity/claims/objectidentifier", user.object_id);
  claims += claim("http://schemas.microsoft.com/identity/claims/displayname", user.display_name);
  if (application.emit_groups) claims += group_claims(tenant, user);
  claims += claim("http://schemas.microsoft.com/identity/claims/identityprovider", issuer_of(tenant));
  claims += claim("http://schemas.microsoft.com/claims/authnmethodsreferences",
                  std::string_view(user.passwordless ? kPasswordless : kPassword));
  if (const auto assignment = application.assignments.find(user.object_id);
      assignment != application.assignments.end()) {
    claims += claim("http://schemas.microsoft.com/ws/2008/06/identity/claims/role", assignment->second);
  }
  claims += claim("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", user.given_name);
  claims += claim("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", user.surname);
  claims += claim("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", user.mail);
  claims += claim("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", user.user_principal_name);
  return html("<AttributeStatement>{}</AttributeStatement>", claims);
}

/// Everything about one response that the faults may bend.
struct Plan {
  std::string issuer;
  std::string destination;
  std::string recipient;
  std::string audience;
  std::optional<std::string> in_response_to;
  std::string assertion_id;
  std::string name_id;
  NameIdFormat format;
  Timestamp now;
  Timestamp authenticated;
};

Plan make_plan(const Tenant& tenant, const Application& application, const User& user,
               const ResponseParameters& parameters) {
  Plan plan;
  plan.issuer = has(tenant, Fault::WrongIssuer) ? fmt::format("https://sts.windows.net/{}/", kOtherTenantId)
                                                : issuer_of(tenant);
  plan.destination = parameters.reply_url + (has(tenant, Fault::WrongDestination) ? "/other" : "");
  plan.recipient = parameters.reply_url + (has(tenant, Fault::WrongRecipient) ? "/other" : "");
  plan.audience = has(tenant, Fault::WrongAudience) ? "https://other.example.com/saml/metadata"
                                                    : application.identifiers.front();
  plan.in_response_to = parameters.in_response_to;
  if (has(tenant, Fault::WrongInResponseTo)) plan.in_response_to = crypto::random_xml_id();
  plan.assertion_id = has(tenant, Fault::RepeatedAssertionId) ? kRepeatedAssertionId : "_" + new_guid();
  plan.format = parameters.name_id_format.value_or(application.name_id_format);
  plan.name_id = name_id_value(application, user, plan.format);
  plan.now = parameters.now;
  plan.authenticated = parameters.authenticated;
  if (has(tenant, Fault::Expired)) plan.now -= kFaultyShift;
  if (has(tenant, Fault::NotYetValid)) plan.now += kFaultyShift;
  return plan;
}

Markup subject(const Tenant& tenant, const Plan& plan) {
  const std::string not_on_or_after = format_rfc3339(plan.now + kLifetime);
  const Markup name_id = has(tenant, Fault::NoNameId) ? Markup()
                                                      : html(R"(<NameID Format="{}">{}</NameID>)",
                                                             format_name(plan.format), plan.name_id);
  const Markup confirmation =
      plan.in_response_to
          ? html(R"(<SubjectConfirmationData InResponseTo="{}" NotOnOrAfter="{}" Recipient="{}"/>)",
                 *plan.in_response_to, not_on_or_after, plan.recipient)
          : html(R"(<SubjectConfirmationData NotOnOrAfter="{}" Recipient="{}"/>)", not_on_or_after,
                 plan.recipient);
  return html(
      R"(<Subject>{}<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">{}</SubjectConfirmation></Subject>)",
      name_id, confirmation);
}

Markup assertion(const Tenant& tenant, const Application& application, const User& user, const Plan& plan) {
  const std::string now = format_rfc3339(plan.now);
  return html(
      R"(<Assertion ID="{}" IssueInstant="{}" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>{}</Issuer>{}<Conditions NotBefore="{}" NotOnOrAfter="{}"><AudienceRestriction><Audience>{}</Audience></AudienceRestriction></Conditions>{}<AuthnStatement AuthnInstant="{}" SessionIndex="{}"><AuthnContext><AuthnContextClassRef>{}</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion>)",
      plan.assertion_id, now, plan.issuer, subject(tenant, plan), now, format_rfc3339(plan.now + kLifetime),
      plan.audience, attribute_statement(tenant, application, user), format_rfc3339(plan.authenticated),
      plan.assertion_id,
      user.passwordless ? "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"
                        : "urn:oasis:names:tc:SAML:2.0:ac:classes:Password");
}

Markup response(const Plan& plan, std::string_view status, const Markup& content) {
  const std::string id = "_" + new_guid();
  const std::string now = format_rfc3339(plan.now);
  const Markup start =
      plan.in_response_to
          ? html(
                R"(<samlp:Response ID="{}" Version="2.0" IssueInstant="{}" Destination="{}" InResponseTo="{}" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">)",
                id, now, plan.destination, *plan.in_response_to)
          : html(
                R"(<samlp:Response ID="{}" Version="2.0" IssueInstant="{}" Destination="{}" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">)",
                id, now, plan.destination);
  return html(
      R"({}<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{}</Issuer><samlp:Status><samlp:StatusCode Value="{}"/></samlp:Status>{}</samlp:Response>)",
      start, plan.issuer, status, content);
}

/// The NameID's text node is cut in two with a comment between: `ali<!---->ce@…`.
void split_name_id(const XmlDocument& document, _xmlNode* name_id) {
  const std::string text = text_content(name_id);
  const std::size_t middle = text.size() / 2;
  xmlNodeSetContent(name_id, nullptr);
  const auto add_text = [name_id](std::string_view part) {
    xmlNodeAddContentLen(name_id, reinterpret_cast<const xmlChar*>(part.data()),
                         static_cast<int>(part.size()));
  };
  add_text(std::string_view(text).substr(0, middle));
  xmlAddChild(name_id, xmlNewDocComment(document.handle(), reinterpret_cast<const xmlChar*>("")));
  add_text(std::string_view(text).substr(middle));
}

/// Changes behind the signature's back.
void tamper(const Tenant& tenant, const XmlDocument& document, _xmlNode* assertion_node) {
  _xmlNode* subject_node = child(assertion_node, names::kAssertion, "Subject");
  _xmlNode* name_id = subject_node == nullptr ? nullptr : child(subject_node, names::kAssertion, "NameID");
  if (name_id == nullptr) return;
  if (has(tenant, Fault::TamperedNameId)) {
    xmlNodeAddContent(name_id, reinterpret_cast<const xmlChar*>(".tampered.example"));
  }
  if (has(tenant, Fault::CommentInNameId)) split_name_id(document, name_id);
}

/// Signs, tampers and encrypts, in the order in which Entra does the first and the last.
Result<void> protect(const Tenant& tenant, const Application& application, const XmlDocument& document,
                     Timestamp now) {
  const SignatureDigest digest =
      has(tenant, Fault::WeakDigest) ? SignatureDigest::Sha1 : SignatureDigest::Sha256;
  std::optional<SigningCertificate> stranger;
  if (has(tenant, Fault::OtherKey)) stranger = new_certificate(now);
  const SigningCertificate& signer = stranger ? *stranger : signing_certificate(application, now);
  const bool sign_anything = !has(tenant, Fault::Unsigned);
  const bool sign_assertion = sign_anything && application.signing_option != SigningOption::Response;
  const bool sign_response = sign_anything && application.signing_option != SigningOption::Assertion;

  _xmlNode* assertion_node = child(document.root(), names::kAssertion, "Assertion");
  if (assertion_node != nullptr && sign_assertion)
    RETURN_IF_ERROR(sign(document, assertion_node, signer, digest));
  const bool encrypts = application.encryption.enabled && application.encryption.certificate.has_value();
  // In a signed response the change comes after that signature; inside encryption it must come before.
  if (assertion_node != nullptr && encrypts) {
    tamper(tenant, document, assertion_node);
    RETURN_IF_ERROR(encrypt_assertion(document, assertion_node, *application.encryption.certificate,
                                      application.encryption.cipher));
  }
  if (sign_response) RETURN_IF_ERROR(sign(document, document.root(), signer, digest));
  if (assertion_node != nullptr && !encrypts) tamper(tenant, document, assertion_node);
  return {};
}

}  // namespace

std::string issuer_of(const Tenant& tenant) {
  return fmt::format("https://sts.windows.net/{}/", tenant.tenant_id);
}

Result<IssuedResponse> issue_response(const Tenant& tenant, const Application& application, const User& user,
                                      const ResponseParameters& parameters) {
  if (application.identifiers.empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.no_identifier",
                "The application has no Identifier (Entity ID) under Basic SAML Configuration.");
  }
  const Plan plan = make_plan(tenant, application, user, parameters);
  const Markup message =
      has(tenant, Fault::StatusResponder)
          ? response(plan, names::kStatusResponder, {})
          : response(plan, names::kStatusSuccess, assertion(tenant, application, user, plan));
  ASSIGN_OR_RETURN(const XmlDocument document, XmlDocument::parse(message.markup()));
  RETURN_IF_ERROR(protect(tenant, application, document, parameters.now));
  return IssuedResponse{document.text(), plan.assertion_id, plan.name_id, format_name(plan.format)};
}

std::string logout_response_xml(const Tenant& tenant, std::string_view destination,
                                std::string_view in_response_to, Timestamp now) {
  // The issuer differs from that of responses: so it is in Entra.
  return html(
             R"(<samlp:LogoutResponse ID="{}" Version="2.0" IssueInstant="{}" Destination="{}" InResponseTo="{}" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{}</Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>)",
             "_" + new_guid(), format_rfc3339(now), destination, in_response_to,
             fmt::format("https://login.microsoftonline.com/{}/", tenant.tenant_id))
      .markup();
}

std::string logout_request_xml(const Tenant& tenant, std::string_view destination, std::string_view name_id,
                               std::string_view name_id_format, std::string_view session_index,
                               Timestamp now) {
  return html(
             R"(<samlp:LogoutRequest ID="{}" Version="2.0" IssueInstant="{}" Destination="{}" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{}</Issuer><NameID Format="{}" xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{}</NameID><samlp:SessionIndex>{}</samlp:SessionIndex></samlp:LogoutRequest>)",
             "_" + new_guid(), format_rfc3339(now), destination, issuer_of(tenant), name_id_format, name_id,
             session_index)
      .markup();
}

std::string redirect_url(const Tenant& tenant, const SigningCertificate& signer, std::string_view url,
                         std::string_view parameter, std::string_view xml,
                         std::optional<std::string_view> relay_state) {
  std::string query = fmt::format("{}={}", parameter, percent_encode(encode_redirect_message(xml)));
  if (relay_state) query += "&RelayState=" + percent_encode(*relay_state);
  if (!has(tenant, Fault::Unsigned)) {
    query += "&SigAlg=" + percent_encode(names::kRsaSha256);
    const Bytes signature = crypto::sign(crypto::SignatureAlgorithm::RsaSha256, signer.key, query);
    query += "&Signature=" + percent_encode(to_base64(signature));
  }
  return fmt::format("{}{}{}", url, url.find('?') == std::string_view::npos ? '?' : '&', query);
}

}  // namespace doorward::simulator
