#include "simulator/metadata.h"

#include <vector>

#include <fmt/format.h>

#include "base/encoding.h"
#include "pages/html.h"
#include "simulator/names.h"
#include "simulator/saml_response.h"
#include "simulator/xml_security.h"

namespace doorward::simulator {

namespace {

using Markup = pages::Html;
using pages::html;

struct ClaimType {
  const char* uri;
  const char* display_name;
  const char* description;
};

constexpr ClaimType kClaimTypes[] = {
    {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "Name",
     "The mutable display name of the user."},
    {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier", "Subject",
     "An immutable, globally unique, non-reusable identifier of the user that is unique to the application."},
    {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "Given Name",
     "First name of the user."},
    {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "Surname", "Last name of the user."},
    {"http://schemas.microsoft.com/identity/claims/displayname", "Display Name", "Display name of the user."},
    {"http://schemas.microsoft.com/identity/claims/tenantid", "Tenant ID",
     "Identifier of the user's tenant."},
    {"http://schemas.microsoft.com/identity/claims/objectidentifier", "ObjectID",
     "Primary identifier of the user in the directory."},
    {"http://schemas.microsoft.com/ws/2008/06/identity/claims/role", "Role", "Roles of the user."},
    {"http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", "Groups", "Groups of the user."},
    {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "Email",
     "Email address of the user."},
};

Markup key_descriptors(const std::vector<const SigningCertificate*>& certificates) {
  Markup all;
  for (const SigningCertificate* certificate : certificates) {
    all += html(
        R"(<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>)",
        to_base64(certificate->certificate.der()));
  }
  return all;
}

Markup claim_types() {
  Markup all;
  for (const ClaimType& type : kClaimTypes) {
    all += html(
        R"(<auth:ClaimType Uri="{}" xmlns:auth="http://docs.oasis-open.org/wsfed/authorization/200706"><auth:DisplayName>{}</auth:DisplayName><auth:Description>{}</auth:Description></auth:ClaimType>)",
        type.uri, type.display_name, type.description);
  }
  return all;
}

Markup endpoint(std::string_view address) {
  return html(
      R"(<wsa:EndpointReference xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>{}</wsa:Address></wsa:EndpointReference>)",
      address);
}

/// The two WS-Federation roles, which SAML service providers must skip.
Markup ws_federation_roles(const Markup& keys, std::string_view entity_id,
                           std::string_view ws_federation_url) {
  const Markup address = endpoint(ws_federation_url);
  Markup roles = html(
      R"(<RoleDescriptor xsi:type="fed:SecurityTokenServiceType" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">{}<fed:ClaimTypesOffered>{}</fed:ClaimTypesOffered><fed:SecurityTokenServiceEndpoint>{}</fed:SecurityTokenServiceEndpoint><fed:PassiveRequestorEndpoint>{}</fed:PassiveRequestorEndpoint></RoleDescriptor>)",
      keys, claim_types(), address, address);
  roles += html(
      R"(<RoleDescriptor xsi:type="fed:ApplicationServiceType" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">{}<fed:TargetScopes>{}</fed:TargetScopes><fed:ApplicationServiceEndpoint>{}</fed:ApplicationServiceEndpoint><fed:PassiveRequestorEndpoint>{}</fed:PassiveRequestorEndpoint></RoleDescriptor>)",
      keys, endpoint(entity_id), address, address);
  return roles;
}

Result<std::string> document(std::string_view public_url, std::string_view tenant_id,
                             const std::vector<const SigningCertificate*>& certificates,
                             const SigningCertificate& signer) {
  const std::string entity_id = fmt::format("https://sts.windows.net/{}/", tenant_id);
  const std::string saml_url = fmt::format("{}/{}/saml2", public_url, tenant_id);
  const Markup keys = key_descriptors(certificates);
  const Markup markup = html(
      R"(<EntityDescriptor ID="{}" entityID="{}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{}<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{}<SingleLogoutService Binding="{}" Location="{}"/><SingleSignOnService Binding="{}" Location="{}"/><SingleSignOnService Binding="{}" Location="{}"/></IDPSSODescriptor></EntityDescriptor>)",
      "_" + new_guid(), entity_id,
      ws_federation_roles(keys, entity_id, fmt::format("{}/{}/wsfed", public_url, tenant_id)), keys,
      names::kRedirectBinding, saml_url, names::kRedirectBinding, saml_url, names::kPostBinding, saml_url);
  ASSIGN_OR_RETURN(const XmlDocument parsed, XmlDocument::parse(markup.markup()));
  RETURN_IF_ERROR(sign(parsed, parsed.root(), signer));
  constexpr const char* kByteOrderMark = "\xEF\xBB\xBF";
  return fmt::format(R"({}<?xml version="1.0" encoding="utf-8"?>{})", kByteOrderMark, parsed.text());
}

}  // namespace

std::string metadata_url(std::string_view public_url, const Tenant& tenant, const Application& application) {
  return fmt::format("{}/{}/federationmetadata/2007-06/federationmetadata.xml?appid={}", public_url,
                     tenant.tenant_id, application.app_id);
}

Result<std::string> application_metadata(std::string_view public_url, const Tenant& tenant,
                                         const Application& application, Timestamp now) {
  const SigningCertificate& signer = signing_certificate(application, now);
  std::vector<const SigningCertificate*> certificates{&signer};
  for (const SigningCertificate& certificate : application.certificates) {
    if (&certificate != &signer) certificates.push_back(&certificate);
  }
  return document(public_url, tenant.tenant_id, certificates, signer);
}

Result<std::string> tenant_metadata(std::string_view public_url, const Tenant& tenant,
                                    const SigningCertificate& shared) {
  return document(public_url, tenant.tenant_id, {&shared}, shared);
}

Result<std::string> common_metadata(std::string_view public_url, const SigningCertificate& shared) {
  return document(public_url, "{tenant}", {&shared}, shared);
}

}  // namespace doorward::simulator
