#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "saml/protocol/response.h"

/// The messages in tests/data/saml, made by make_cases.py.
namespace doorward::saml::protocol::test {

inline constexpr std::string_view kRequestId = "_request1";
inline constexpr std::string_view kIdpEntityId =
    "https://sts.windows.net/11111111-2222-4333-8444-555555555555/";
inline constexpr std::string_view kSpEntityId = "https://door.example.com/saml/contoso/metadata";
inline constexpr std::string_view kAcsUrl = "https://door.example.com/saml/contoso/acs";
inline constexpr std::string_view kSloUrl = "https://door.example.com/saml/contoso/logout";

std::string read_file(const std::string& path);
/// A file of tests/data/saml.
std::string read_data(std::string_view name);

Timestamp time(std::string_view text);
crypto::Certificate certificate(std::string_view name);
crypto::PrivateKey private_key(std::string_view name);

struct Case {
  std::string name;
  std::string xml;
  json::Object params;
  Expectations expectations;
};

/// What the good messages are measured against unless their params say otherwise.
Expectations usual_expectations();

/// The names of the folders in `good` or `bad`.
std::vector<std::string> case_names(std::string_view kind);
Case load_case(std::string_view kind, std::string_view name);

Result<VerifiedAssertion, Finding> verify_xml(BytesView xml, const Expectations& expectations,
                                              Report& report);

/// The checks with verdict, expected and actual, one a line, for failure messages.
std::string describe(const Report& report);

}  // namespace doorward::saml::protocol::test
