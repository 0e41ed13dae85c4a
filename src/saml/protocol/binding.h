#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/result.h"
#include "crypto/key.h"

namespace doorward::saml::protocol {

enum class MessageKind : std::uint8_t { Request, Response };

using Parameter = std::pair<std::string, std::string>;

/// A message on its way through the browser.
struct OutgoingMessage {
  /// SAML Bindings 3.4.3.
  static constexpr std::size_t kMaxRelayState = 80;

  MessageKind kind = MessageKind::Request;
  /// Unsigned; each binding puts its own signature.
  std::string xml;
  /// The provider's endpoint.
  std::string destination;
  /// Opaque; at most `kMaxRelayState` bytes. Left out when empty.
  std::string relay_state = {};
  /// Signs the message when there is one.
  std::optional<crypto::PrivateKey> signing_key = std::nullopt;
  /// Not part of SAML and not signed, for example Entra's `login_hint`. HTTP-Redirect only.
  std::vector<Parameter> extra_parameters = {};
};

/// The URL to send the browser to (SAML Bindings 3.4, DEFLATE encoding). Extra parameters follow the
/// signature, so that verifiers that take the text before `&Signature=` and those that rebuild it agree.
Result<std::string> redirect_url(const OutgoingMessage& message);

/// A form that the browser posts by itself (SAML Bindings 3.5).
struct PostForm {
  std::string action;
  std::vector<Parameter> fields;
};

/// The form of the HTTP-POST binding, with an enveloped XML signature when there is a key.
Result<PostForm> post_form(const OutgoingMessage& message);

/// Raw DEFLATE (RFC 1951).
Bytes deflate(BytesView plain);
/// Undoes it. Nothing for broken or trailing data and when more than `max_bytes` would come out.
std::optional<Bytes> inflate(BytesView compressed, std::size_t max_bytes);

}  // namespace doorward::saml::protocol
