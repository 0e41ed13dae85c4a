#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace doorward::net {

/// The server that takes our mails. It is the operator's word, so it may be any address.
struct MailServer {
  enum class Security : std::uint8_t {
    Tls,       ///< `smtps://`: TLS from the first byte, port 465.
    StartTls,  ///< `smtp://`: TLS is demanded before anything is said, port 587.
    None,      ///< `smtp://` on loopback, where a local relay listens: port 25.
  };
  Security security = Security::StartTls;
  std::string host;
  std::uint16_t port = 0;
  /// Empty: no authentication.
  std::string user;
  crypto::Secret password;
  /// PEM file of certificates that are trusted besides the system's; empty for none.
  std::string extra_ca_file;
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds total_timeout = std::chrono::seconds(60);

  /// `smtps://mail.example.com`, `smtp://mail.example.com:587`, `smtp://127.0.0.1:25`.
  static std::optional<MailServer> parse(std::string_view url);
};

/// A mailbox: `portal@contoso.example`, or with a name, `Contoso portal <portal@contoso.example>`.
struct Mailbox {
  std::string name;
  std::string address;

  /// Nothing for what is no address that a mail can be sent to: a local part and a domain, ASCII (RFC 5321
  /// section 4.1.2), at most 254 characters, no quoted local part and no address literal.
  static std::optional<Mailbox> parse(std::string_view text);
};

struct Mail {
  Mailbox from;
  Mailbox to;
  std::string subject;
  /// Plain text, lines separated by `\n`.
  std::string text;
  /// The left side of the Message-ID: equal for the same mail sent again.
  std::string id;
  Timestamp date = {};
};

/// The message as it goes over the wire (RFC 5322, RFC 2045, RFC 2047): UTF-8 as base64, so that no line is
/// too long and none begins with a dot; `Auto-Submitted: auto-generated` (RFC 3834), so that no vacation
/// answers it.
std::string message_of(const Mail& mail);

/// Hands one mail over. Blocks for at most `total_timeout`.
///
/// Failures, with messages for administrators: `net.mail_server_unreachable`, `net.mail_tls_failed`,
/// `net.mail_sign_in_refused`, `net.mail_refused_for_good` (a 5xx answer: kind `Refused`, sending again does
/// not help), `net.mail_refused_for_now` (a 4xx answer), `net.mail_timeout`.
Result<void> send_mail(const MailServer& server, const Mail& mail);

}  // namespace doorward::net
