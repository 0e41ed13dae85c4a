#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "simulator/model.h"

/// What service providers send to `/{tenant}/saml2`, read with libxml2 and judged as Entra does.
namespace doorward::simulator {

/// A refusal that Microsoft's sign-in pages show: `AADSTS50011: The reply URL …`.
struct EntraError {
  int code;
  std::string message;
};

enum class Binding : std::uint8_t { Redirect, Post };

struct AuthnRequest {
  std::string id = {};
  std::string issuer = {};
  std::optional<std::string> assertion_consumer_service_url = std::nullopt;
  /// What NameIDPolicy asks for, when that is one that Entra can give.
  std::optional<NameIdFormat> name_id_format = std::nullopt;
  bool force_authn = false;
  bool is_passive = false;
  bool has_subject = false;
  bool has_requested_authn_context = false;
};

struct LogoutRequest {
  std::string id;
  std::string issuer;
};

/// The most that a message may have after inflation.
inline constexpr std::size_t kMaxMessageLength = 64 * 1024;

/// Undoes the encoding of a binding: base64, and DEFLATE for the redirect binding (SAML Bindings
/// section 3.4.4.1).
Result<std::string, EntraError> decode_message(Binding binding, std::string_view encoded);
/// The counterpart for the redirect binding, not yet percent-encoded.
std::string encode_redirect_message(std::string_view xml);

Result<AuthnRequest, EntraError> parse_authn_request(std::string_view xml);
Result<LogoutRequest, EntraError> parse_logout_request(std::string_view xml);
/// Whether the message is a `samlp:LogoutRequest` or `samlp:LogoutResponse` rather than an AuthnRequest.
bool is_logout_request(std::string_view xml);

struct Target {
  const Application* application;
  std::string reply_url;
};

/// Which application asks and where its answer goes; refuses what Entra refuses before anybody signs in.
Result<Target, EntraError> judge_request(Tenant& tenant, const AuthnRequest& request);
/// Whether this user may sign in to the application.
Result<void, EntraError> judge_user(const Tenant& tenant, const Application& application, const User& user,
                                    const AuthnRequest* request);

EntraError no_such_tenant(std::string_view name);
EntraError no_such_user(const Tenant& tenant, std::string_view name);

}  // namespace doorward::simulator
