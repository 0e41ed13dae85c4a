#include "saml/protocol/metadata.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "saml/protocol/names.h"
#include "saml/protocol/require.h"
#include "xml/signature.h"

namespace doorward::saml::protocol {

namespace {

constexpr xml::Limits kMetadataLimits{
    .bytes = IdpMetadata::kMaxBytes, .nodes = 100'000, .attributes = 64, .namespaces = 32};
/// SAML Core 8.3.6.
constexpr std::size_t kMaxEntityId = 1024;
constexpr std::size_t kMaxEndpoints = 64;
constexpr std::size_t kMaxNameIdFormats = 32;
constexpr auto kExpiresSoon = std::chrono::days(60);
/// How far a provider's clock may be ahead that has just made a certificate.
constexpr auto kClockSkew = std::chrono::minutes(5);

bool is_md(xml::Element element, std::string_view local_name) {
  return element.is(kMetadataNamespace, local_name);
}

/// Administrators often paste the address of a sign-in page, which answers everybody with HTML.
bool looks_like_web_page(BytesView document) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (document.starts_with(byte_order_mark)) document.remove_prefix(byte_order_mark.size());
  const std::string start = to_ascii_lower(trim(document).substr(0, 512));
  return start.starts_with("<!doctype html") || start.find("<html") != std::string::npos;
}

bool supports_saml2(xml::Element role) {
  const auto protocols = role.attribute("protocolSupportEnumeration").value_or("");
  for (std::string_view rest = xml::trim_white_space(protocols); !rest.empty();
       rest = xml::trim_white_space(rest)) {
    const auto word = rest.substr(0, rest.find_first_of(" \t\r\n"));
    if (word == kProtocolNamespace) return true;
    rest.remove_prefix(word.size());
  }
  return false;
}

std::optional<xml::Element> provider_role(xml::Element entity) {
  for (const xml::Element child : entity.children()) {
    if (is_md(child, "IDPSSODescriptor") && supports_saml2(child)) return child;
  }
  return std::nullopt;
}

/// All EntityDescriptors with a provider in them, groups within groups included.
void collect_providers(xml::Element element, std::vector<xml::Element>& providers) {
  if (is_md(element, "EntityDescriptor")) {
    if (provider_role(element)) providers.push_back(element);
  } else if (is_md(element, "EntitiesDescriptor")) {
    for (const xml::Element child : element.children())
      collect_providers(child, providers);
  }
}

std::optional<Binding> binding_of(std::string_view uri) {
  if (uri == kRedirectBinding) return Binding::Redirect;
  if (uri == kPostBinding) return Binding::Post;
  return std::nullopt;
}

const Endpoint* first_with(const std::vector<Endpoint>& endpoints, Binding binding) {
  const auto at = std::ranges::find(endpoints, binding, &Endpoint::binding);
  return at == endpoints.end() ? nullptr : &*at;
}

/// SAML Metadata 2.4.3, collecting every finding.
class MetadataReader {
 public:
  MetadataReader(const MetadataExpectations& expectations, Report& report)
      : expectations_(expectations), report_(report) {}

  Result<IdpMetadata, Finding> read(xml::Element root);

 private:
  Result<xml::Element, Finding> find_entity(xml::Element root);
  void read_entity_id(xml::Element entity);
  void read_validity(xml::Element element);
  void read_keys(xml::Element role);
  void read_key_info(xml::Element key_info);
  void read_certificate(xml::Element element);
  void check_certificates();
  void read_endpoints(xml::Element role, std::string_view name, std::vector<Endpoint>& endpoints);
  bool check_location(std::string_view location);
  void read_name_id_formats(xml::Element role);

  const MetadataExpectations& expectations_;
  Report& report_;
  IdpMetadata metadata_;
};

Result<IdpMetadata, Finding> MetadataReader::read(xml::Element root) {
  ASSIGN_OR_RETURN(const auto entity, find_entity(root));
  const xml::Element role = *provider_role(entity);
  read_entity_id(entity);
  for (auto at = std::optional(role); at; at = at->parent())
    read_validity(*at);
  read_keys(role);
  read_endpoints(role, "SingleSignOnService", metadata_.single_sign_on);
  if (metadata_.single_sign_on.empty()) report_.fail(Check::Endpoints, Finding::MetadataNoSignOn);
  read_endpoints(role, "SingleLogoutService", metadata_.single_logout);
  read_name_id_formats(role);
  const auto wants_signed = role.attribute("WantAuthnRequestsSigned");
  metadata_.want_authn_requests_signed = wants_signed == "true" || wants_signed == "1";
  if (const auto failure = report_.failure()) return fail(*failure->finding);
  return std::move(metadata_);
}

Result<xml::Element, Finding> MetadataReader::find_entity(xml::Element root) {
  if (!is_md(root, "EntityDescriptor") && !is_md(root, "EntitiesDescriptor")) {
    const bool is_page = equal_ignoring_ascii_case(root.local_name(), "html");
    return refuse(report_, Check::Structure, is_page ? Finding::MetadataIsWebPage : Finding::MetadataKind,
                  "EntityDescriptor", root.local_name());
  }
  std::vector<xml::Element> providers;
  collect_providers(root, providers);
  if (providers.empty()) return refuse(report_, Check::EntityId, Finding::MetadataNoProvider);
  if (providers.size() == 1) return providers.front();
  const auto wanted = std::ranges::find_if(providers, [&](xml::Element entity) {
    return !expectations_.entity_id.empty() && entity.attribute("entityID") == expectations_.entity_id;
  });
  if (wanted != providers.end()) return *wanted;
  return refuse(report_, Check::EntityId, Finding::MetadataSeveralProviders, expectations_.entity_id,
                std::to_string(providers.size()) + " providers");
}

void MetadataReader::read_entity_id(xml::Element entity) {
  metadata_.entity_id = entity.attribute("entityID").value_or("");
  const std::string& id = metadata_.entity_id;
  if (id.empty() || id.size() > kMaxEntityId) {
    report_.fail(Check::EntityId, Finding::MetadataEntityIdMissing, {}, id);
  } else if (id.find("{tenant") != std::string::npos) {
    // `{tenant}` and, in some clouds, `{tenantid}`.
    report_.fail(Check::EntityId, Finding::MetadataTenantIndependent, {}, id);
  } else if (!expectations_.entity_id.empty() && id != expectations_.entity_id) {
    report_.fail(Check::EntityId, Finding::MetadataEntityChanged, expectations_.entity_id, id);
  } else {
    report_.pass(Check::EntityId, expectations_.entity_id, id);
  }
}

/// The role, its entity and the groups around it may each set a limit; the earliest holds.
void MetadataReader::read_validity(xml::Element element) {
  const auto time = optional_time(report_, Check::Validity, element, "validUntil");
  if (!time || !*time) return;
  metadata_.valid_until = std::min(**time, metadata_.valid_until.value_or(**time));
  if (**time <= expectations_.now) {
    report_.fail(Check::Validity, Finding::MetadataExpired, format_rfc3339(expectations_.now),
                 format_rfc3339(**time));
  }
}

// SAML Metadata 2.4.1.1: a KeyDescriptor without `use` serves all purposes.
void MetadataReader::read_keys(xml::Element role) {
  for (const xml::Element descriptor : role.children()) {
    if (!is_md(descriptor, "KeyDescriptor")) continue;
    if (descriptor.attribute("use").value_or("signing") != "signing") continue;
    for (const xml::Element key_info : descriptor.children()) {
      if (key_info.is(xml::kDsNamespace, "KeyInfo")) read_key_info(key_info);
    }
  }
  if (metadata_.signing_certificates.empty()) {
    report_.fail(Check::Certificates, Finding::MetadataNoSigningKey);
  } else if (metadata_.signing_certificates.size() > IdpMetadata::kMaxCertificates) {
    report_.fail(Check::Certificates, Finding::MetadataTooManyKeys,
                 std::to_string(IdpMetadata::kMaxCertificates));
  } else {
    check_certificates();
  }
}

void MetadataReader::read_key_info(xml::Element key_info) {
  bool has_certificate = false;
  for (const xml::Element data : key_info.children()) {
    if (!data.is(xml::kDsNamespace, "X509Data")) continue;
    for (const xml::Element certificate : data.children()) {
      if (!certificate.is(xml::kDsNamespace, "X509Certificate")) continue;
      has_certificate = true;
      read_certificate(certificate);
    }
  }
  if (!has_certificate) {
    report_.warn(Check::Certificates, Finding::MetadataKeyRefused, "X509Certificate", "KeyInfo without one");
  }
}

void MetadataReader::read_certificate(xml::Element element) {
  // One more than allowed is enough to know that there are too many.
  if (metadata_.signing_certificates.size() > IdpMetadata::kMaxCertificates) return;
  const auto text = element.text();
  const auto der = text ? from_base64(*text, Base64Space::Allowed) : std::nullopt;
  if (!der) {
    report_.warn(Check::Certificates, Finding::MetadataKeyRefused, "base64");
    return;
  }
  auto certificate = crypto::Certificate::from_der(*der);
  if (!certificate) {
    report_.warn(Check::Certificates, Finding::MetadataKeyRefused, {}, certificate.error().message);
    return;
  }
  const bool is_known =
      std::ranges::any_of(metadata_.signing_certificates, [&](const crypto::Certificate& known) {
        return known.public_key().id() == certificate->public_key().id();
      });
  if (!is_known) metadata_.signing_certificates.push_back(*std::move(certificate));
}

void MetadataReader::check_certificates() {
  for (const auto& certificate : metadata_.signing_certificates) {
    const auto end = format_rfc3339(certificate.not_after());
    const std::string description = certificate.thumbprint() + ", valid until " + end;
    if (certificate.not_after() <= expectations_.now) {
      report_.warn(Check::Certificates, Finding::MetadataCertificateExpired,
                   format_rfc3339(expectations_.now), description);
    } else if (certificate.not_before() > expectations_.now + kClockSkew) {
      report_.warn(Check::Certificates, Finding::MetadataCertificateNotYetValid,
                   format_rfc3339(expectations_.now),
                   certificate.thumbprint() + ", valid from " + format_rfc3339(certificate.not_before()));
    } else if (certificate.not_after() <= expectations_.now + kExpiresSoon) {
      report_.warn(Check::Certificates, Finding::MetadataCertificateExpiresSoon,
                   format_rfc3339(expectations_.now), description);
    } else {
      report_.pass(Check::Certificates, {}, description);
    }
  }
}

void MetadataReader::read_endpoints(xml::Element role, std::string_view name,
                                    std::vector<Endpoint>& endpoints) {
  for (const xml::Element element : role.children()) {
    if (!is_md(element, name) || endpoints.size() == kMaxEndpoints) continue;
    const auto binding = binding_of(element.attribute("Binding").value_or(""));
    if (!binding) continue;
    const auto location = element.attribute("Location").value_or("");
    const auto response_location = element.attribute("ResponseLocation").value_or(location);
    if (!check_location(location) || !check_location(response_location)) continue;
    endpoints.push_back({*binding, std::string(location), std::string(response_location)});
  }
}

/// https everywhere, except on the machine itself, where the demo and tests run.
bool MetadataReader::check_location(std::string_view location) {
  const auto url = Url::parse(location);
  if (!url) {
    report_.fail(Check::Endpoints, Finding::MetadataEndpointInvalid, "https://…", location);
    return false;
  }
  if (!url->is_https() && !url->is_loopback()) {
    report_.fail(Check::Endpoints, Finding::MetadataEndpointInsecure, "https://…", location);
    return false;
  }
  report_.pass(Check::Endpoints, {}, location);
  return true;
}

void MetadataReader::read_name_id_formats(xml::Element role) {
  for (const xml::Element element : role.children()) {
    if (!is_md(element, "NameIDFormat") || metadata_.name_id_formats.size() == kMaxNameIdFormats) continue;
    if (const auto text = element.trimmed_text()) metadata_.name_id_formats.emplace_back(*text);
  }
}

}  // namespace

const Endpoint* IdpMetadata::sign_on(Binding binding) const {
  return first_with(single_sign_on, binding);
}

const Endpoint* IdpMetadata::logout(Binding binding) const {
  return first_with(single_logout, binding);
}

Result<IdpMetadata, Finding> parse_idp_metadata(BytesView document, const MetadataExpectations& expectations,
                                                Report& report) {
  if (document.size() > IdpMetadata::kMaxBytes) {
    return refuse(report, Check::Message, Finding::MessageTooLarge,
                  std::to_string(IdpMetadata::kMaxBytes) + " bytes",
                  std::to_string(document.size()) + " bytes");
  }
  auto parsed = xml::Document::parse(std::string(document), kMetadataLimits);
  if (!parsed) {
    if (looks_like_web_page(document)) {
      return refuse(report, Check::Message, Finding::MetadataIsWebPage, "XML", "HTML");
    }
    return refuse(report, Check::Message, finding_of(parsed.error()), {}, parsed.error().message);
  }
  report.pass(Check::Message, {}, std::to_string(document.size()) + " bytes");
  // A report of its own, so that nothing that the caller noted before counts as a finding here.
  Report findings;
  auto metadata = MetadataReader(expectations, findings).read(parsed->root());
  report.append(findings);
  return metadata;
}

}  // namespace doorward::saml::protocol
