#pragma once

#include <string>

#include "crypto/key.h"

/// What Entra ID posts to an assertion consumer service, for measuring.
namespace doorward::bench {

inline constexpr const char* kIssuer = "https://sts.windows.net/6f1d0000-0000-4000-8000-000000000000/";
inline constexpr const char* kAcsUrl = "https://portal.example.com/saml/contoso/acs";
inline constexpr const char* kEntityId = "https://portal.example.com/saml/contoso/metadata";
inline constexpr const char* kRequestId = "_request";
inline constexpr const char* kAssertionId = "_assertion";
/// A moment at which the responses are valid.
inline constexpr const char* kNow = "2026-03-01T09:31:00Z";

/// A response whose assertion xmlsec1 signed with RSA-SHA256: 15 attributes and so many group values.
std::string entra_response(int groups, const crypto::PrivateKey& key);

/// 6 KB.
inline constexpr int kFewGroups = 2;
/// 29 KB.
inline constexpr int kManyGroups = 236;

}  // namespace doorward::bench
