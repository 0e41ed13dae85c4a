#pragma once

#include <string>
#include <string_view>

#include "simulator/model.h"

/// Federation metadata in Entra's shape: a byte-order mark, a signature, two WS-Federation RoleDescriptors,
/// an IDPSSODescriptor with every certificate, one logout and two sign-on endpoints.
namespace doorward::simulator {

/// `{public_url}/{tenant}/federationmetadata/2007-06/federationmetadata.xml?appid={app}`
std::string metadata_url(std::string_view public_url, const Tenant& tenant, const Application& application);

/// The document of one application.
Result<std::string> application_metadata(std::string_view public_url, const Tenant& tenant,
                                         const Application& application, Timestamp now);
/// The document of a tenant without `appid`: it lists Microsoft's own key only, so no response of an
/// application verifies with it.
Result<std::string> tenant_metadata(std::string_view public_url, const Tenant& tenant,
                                    const SigningCertificate& shared);
/// The tenant-independent document: `{tenant}` stands where the tenant's id belongs.
Result<std::string> common_metadata(std::string_view public_url, const SigningCertificate& shared);

}  // namespace doorward::simulator
