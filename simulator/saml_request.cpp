#include "simulator/saml_request.h"

#include <algorithm>

#include <fmt/format.h>
#include <zlib.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "simulator/names.h"
#include "simulator/xml_security.h"

namespace doorward::simulator {

namespace {

constexpr int kRawDeflate = -15;  // Window bits; negative means without the zlib header (RFC 1951).

EntraError not_saml() {
  return {75005, "The request is not a valid Saml2 protocol message."};
}

std::optional<std::string> inflate_message(BytesView bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kRawDeflate) != Z_OK) return std::nullopt;
  std::string out(kMaxMessageLength, '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int outcome = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  if (outcome != Z_STREAM_END) return std::nullopt;
  return out;
}

std::optional<NameIdFormat> known_format(std::string_view format) {
  if (format == names::kNameIdEmailAddress) return NameIdFormat::EmailAddress;
  if (format == names::kNameIdPersistent) return NameIdFormat::Persistent;
  if (format == names::kNameIdTransient) return NameIdFormat::Transient;
  return std::nullopt;  // Unspecified, or anything else: the application's own setting holds.
}

struct Common {
  std::string id;
  std::string issuer;
};

/// What requests of both kinds must have.
Result<Common, EntraError> parse_common(const _xmlNode* root) {
  const auto id = attribute(root, "ID");
  const _xmlNode* issuer = child(root, names::kAssertion, "Issuer");
  if (!id || id->empty() || issuer == nullptr) return fail(not_saml());
  if (id->front() >= '0' && id->front() <= '9') {
    return fail(
        EntraError{7500529, fmt::format("The value '{}' is not a valid SAML ID. The ID must not begin with a "
                                        "number.",
                                        printable(*id))});
  }
  return Common{*id, std::string(trim(text_content(issuer)))};
}

bool is_true(const std::optional<std::string>& value) {
  return value == "true" || value == "1";
}

}  // namespace

Result<std::string, EntraError> decode_message(Binding binding, std::string_view encoded) {
  auto bytes =
      encoded.size() > 2 * kMaxMessageLength ? std::nullopt : from_base64(encoded, Base64Space::Allowed);
  if (!bytes) return fail(EntraError{750056, "SAML message was not properly base64-encoded."});
  if (binding == Binding::Post) return *std::move(bytes);
  auto inflated = inflate_message(*bytes);
  if (!inflated)
    return fail(EntraError{750054, "The SAML message is not properly DEFLATE-encoded, or too long."});
  return *std::move(inflated);
}

std::string encode_redirect_message(std::string_view xml) {
  z_stream stream{};
  constexpr int kMemoryLevel = 8;
  CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawDeflate, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(xml.size())), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(xml.data()));
  stream.avail_in = static_cast<uInt>(xml.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return to_base64(out);
}

Result<AuthnRequest, EntraError> parse_authn_request(std::string_view xml) {
  const auto document = XmlDocument::parse(xml);
  if (!document || !is_element(document->root(), names::kProtocol, "AuthnRequest")) return fail(not_saml());
  const _xmlNode* root = document->root();
  ASSIGN_OR_RETURN(Common common, parse_common(root));
  AuthnRequest request;
  request.id = std::move(common.id);
  request.issuer = std::move(common.issuer);
  request.assertion_consumer_service_url = attribute(root, "AssertionConsumerServiceURL");
  request.force_authn = is_true(attribute(root, "ForceAuthn"));
  request.is_passive = is_true(attribute(root, "IsPassive"));
  request.has_subject = child(root, names::kAssertion, "Subject") != nullptr;
  request.has_requested_authn_context = child(root, names::kProtocol, "RequestedAuthnContext") != nullptr;
  if (const _xmlNode* policy = child(root, names::kProtocol, "NameIDPolicy"); policy != nullptr) {
    request.name_id_format = known_format(attribute(policy, "Format").value_or(""));
  }
  return request;
}

Result<LogoutRequest, EntraError> parse_logout_request(std::string_view xml) {
  const auto document = XmlDocument::parse(xml);
  if (!document || !is_element(document->root(), names::kProtocol, "LogoutRequest")) return fail(not_saml());
  ASSIGN_OR_RETURN(Common common, parse_common(document->root()));
  return LogoutRequest{std::move(common.id), std::move(common.issuer)};
}

bool is_logout_request(std::string_view xml) {
  const auto document = XmlDocument::parse(xml);
  return document && is_element(document->root(), names::kProtocol, "LogoutRequest");
}

Result<Target, EntraError> judge_request(Tenant& tenant, const AuthnRequest& request) {
  const Application* application = find_application_by_identifier(tenant, request.issuer);
  if (application == nullptr) {
    return fail(EntraError{
        700016,
        fmt::format(
            "Application with identifier '{}' was not found in the directory '{}'. This can happen if "
            "the application has not been installed by the administrator of the tenant or consented to "
            "by any user in the tenant. You may have sent your authentication request to the wrong "
            "tenant.",
            printable(request.issuer), tenant.name)});
  }
  if (request.has_subject) {
    return fail(EntraError{
        900236, "The SAML authentication request property 'Subject' is not supported and must not be set."});
  }
  if (application->reply_urls.empty()) {
    return fail(EntraError{500113, "No reply address is registered for the application."});
  }
  if (!request.assertion_consumer_service_url) return Target{application, application->reply_urls.front()};
  const std::string& wanted = *request.assertion_consumer_service_url;
  if (std::ranges::find(application->reply_urls, wanted) == application->reply_urls.end()) {
    return fail(EntraError{
        50011, fmt::format("The reply URL '{}' specified in the request does not match the reply "
                           "URLs configured for the application '{}'. Make sure the reply URL sent "
                           "in the request matches one added to your application in the Azure "
                           "portal.",
                           printable(wanted), request.issuer)});
  }
  return Target{application, wanted};
}

Result<void, EntraError> judge_user(const Tenant& tenant, const Application& application, const User& user,
                                    const AuthnRequest* request) {
  if (user.deleted) {
    return fail(EntraError{50034,
                           "The user account has been deleted from the directory. To sign into this "
                           "application, the account must be added to the directory."});
  }
  if (!user.account_enabled) return fail(EntraError{50057, "The user account is disabled."});
  if (!is_assigned(tenant, application, user.object_id)) {
    return fail(EntraError{
        50105,
        fmt::format(
            "Your administrator has configured the application {} ('{}') to block users unless they are "
            "specifically granted ('assigned') access to the application. The signed in user '{}' is "
            "blocked because they are not a direct member of a group with access, nor had access "
            "directly assigned by an administrator. Please contact your administrator to assign access "
            "to this application.",
            application.name, application.app_id, user.user_principal_name)});
  }
  if (request != nullptr && request->has_requested_authn_context && user.passwordless) {
    return fail(EntraError{
        75011,
        fmt::format(
            "Authentication method 'X509, MultiFactor' by which the user authenticated with the service "
            "doesn't match requested authentication method 'Password, ProtectedTransport'. Contact the "
            "{} application owner.",
            application.name)});
  }
  return {};
}

EntraError no_such_tenant(std::string_view name) {
  return {
      90002,
      fmt::format("Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing "
                  "into the correct cloud. Check with your subscription administrator, this may happen if "
                  "there are no active subscriptions for the tenant.",
                  printable(name))};
}

EntraError no_such_user(const Tenant& tenant, std::string_view name) {
  return {50034,
          fmt::format(
              "The user account {} does not exist in the {} directory. To sign into this application, the "
              "account must be added to the directory.",
              printable(name), tenant.name)};
}

}  // namespace doorward::simulator
