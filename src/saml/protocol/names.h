#pragma once

#include <string_view>

/// Names of the specifications that more than one file of this room needs.
namespace doorward::saml::protocol {

inline constexpr std::string_view kProtocolNamespace = "urn:oasis:names:tc:SAML:2.0:protocol";
inline constexpr std::string_view kAssertionNamespace = "urn:oasis:names:tc:SAML:2.0:assertion";
inline constexpr std::string_view kMetadataNamespace = "urn:oasis:names:tc:SAML:2.0:metadata";
inline constexpr std::string_view kXsiNamespace = "http://www.w3.org/2001/XMLSchema-instance";

inline constexpr std::string_view kRedirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
inline constexpr std::string_view kPostBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

inline constexpr std::string_view kEntityFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
inline constexpr std::string_view kTransientFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
inline constexpr std::string_view kBearerMethod = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

inline constexpr std::string_view kStatusSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success";
inline constexpr std::string_view kStatusRequester = "urn:oasis:names:tc:SAML:2.0:status:Requester";
inline constexpr std::string_view kStatusResponder = "urn:oasis:names:tc:SAML:2.0:status:Responder";
inline constexpr std::string_view kStatusPartialLogout = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout";
inline constexpr std::string_view kStatusRequestDenied = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied";

}  // namespace doorward::saml::protocol
