#include "saml/protocol/cases.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace doorward::saml::protocol::test {

namespace {

/// Tests stop at once when their own data cannot be read.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

std::string data_folder() {
  return std::string(DOORWARD_TEST_DATA) + "/saml/";
}

std::vector<std::string> strings(const json::Value& list) {
  std::vector<std::string> out;
  for (const auto& item : list.as_array())
    out.emplace_back(item.as_string());
  return out;
}

SignaturePolicy policy(std::string_view name) {
  if (name == "assertion") return SignaturePolicy::Assertion;
  if (name == "response") return SignaturePolicy::Response;
  if (name == "both") return SignaturePolicy::Both;
  throw std::runtime_error("unknown policy");
}

void apply(const json::Object& params, Expectations& expectations) {
  const auto text = [&](std::string_view name) { return must(json::optional_string(params, name)); };
  if (const auto value = text("now")) expectations.now = time(*value);
  if (const auto value = text("acs_url")) expectations.acs_url = *value;
  if (const auto value = text("sp_entity_id")) expectations.sp_entity_id = *value;
  if (const auto value = text("idp_entity_id")) expectations.idp_entity_id = *value;
  if (const auto value = text("policy")) expectations.signature_policy = policy(*value);
  if (const auto value = text("authenticated_after")) expectations.authenticated_after = time(*value);
  if (params.contains("in_response_to")) expectations.in_response_to = text("in_response_to");
  if (text("unsolicited") == "accepted") expectations.unsolicited = Unsolicited::Accepted;
  expectations.allow_sha1 = must(json::optional_bool(params, "allow_sha1")).value_or(false);
  if (const auto seconds = must(json::optional_integer(params, "clock_skew"))) {
    expectations.clock_skew = std::chrono::seconds(*seconds);
  }
  if (params.contains("certificates")) {
    expectations.signing_certificates.clear();
    for (const auto& name : strings(params.at("certificates")))
      expectations.signing_certificates.push_back(certificate(name));
  }
  if (params.contains("decryption_keys")) {
    expectations.decryption_keys.clear();
    for (const auto& name : strings(params.at("decryption_keys")))
      expectations.decryption_keys.push_back(private_key(name));
  }
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream out;
  out << file.rdbuf();
  return std::move(out).str();
}

std::string read_data(std::string_view name) {
  return read_file(data_folder() + std::string(name));
}

Timestamp time(std::string_view text) {
  return parse_rfc3339(text).value();
}

crypto::Certificate certificate(std::string_view name) {
  return must(crypto::Certificate::from_text(read_data("keys/" + std::string(name) + ".crt")));
}

crypto::PrivateKey private_key(std::string_view name) {
  return must(crypto::PrivateKey::from_pem(crypto::Secret(read_data("keys/" + std::string(name) + ".key"))));
}

Expectations usual_expectations() {
  Expectations expectations{.acs_url = std::string(kAcsUrl),
                            .sp_entity_id = std::string(kSpEntityId),
                            .idp_entity_id = std::string(kIdpEntityId),
                            .signing_certificates = {certificate("idp")},
                            .now = time("2030-03-01T09:30:00Z"),
                            .in_response_to = std::string(kRequestId)};
  expectations.decryption_keys = {private_key("sp")};
  return expectations;
}

std::vector<std::string> case_names(std::string_view kind) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(data_folder() + std::string(kind)))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

Case load_case(std::string_view kind, std::string_view name) {
  const std::string folder = std::string(kind) + "/" + std::string(name) + "/";
  Case loaded{std::string(name), read_data(folder + "response.xml"),
              must(json::parse(read_data(folder + "params.json"))).as_object(), usual_expectations()};
  apply(loaded.params, loaded.expectations);
  return loaded;
}

Result<VerifiedAssertion, Finding> verify_xml(BytesView xml, const Expectations& expectations,
                                              Report& report) {
  ASSIGN_OR_RETURN(const auto response, UnverifiedResponse::from_xml(xml, report));
  return verify(response, expectations, report);
}

std::string describe(const Report& report) {
  std::string out;
  for (const auto& entry : report.entries()) {
    out.append(name(entry.check)).append(": ").append(name(entry.verdict));
    if (entry.finding) out.append(" ").append(code(*entry.finding).name());
    out.append(" expected <" + entry.expected + "> actual <" + entry.actual + ">\n");
  }
  return out;
}

}  // namespace doorward::saml::protocol::test
