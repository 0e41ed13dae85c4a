#include "net/mail.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "net/curl_handle.h"
#include "net/sigpipe_guard.h"

namespace doorward::net {

namespace {

constexpr std::size_t kMaxAddress = 254;   // RFC 5321 section 4.5.3.1.3, without the angle brackets.
constexpr std::size_t kMaxLocalPart = 64;  // Section 4.5.3.1.1.
constexpr std::size_t kMaxLine = 76;       // RFC 2045 section 6.8.
constexpr std::size_t kWordBytes = 45;     // 60 characters of base64: an encoded-word has at most 75.

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Dot-string (RFC 5321 section 4.1.2).
bool is_local_part(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~.";
  if (text.empty() || text.size() > kMaxLocalPart) return false;
  if (text.front() == '.' || text.back() == '.' || text.find("..") != text.npos) return false;
  return std::ranges::all_of(
      text, [&](char c) { return is_letter_or_digit(c) || kMarks.find(c) != std::string_view::npos; });
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (const std::string_view label : split(text, '.')) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; })) return false;
  }
  return true;
}

bool is_ascii_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// Where a piece of at most `most` bytes ends without cutting a character.
std::size_t whole_characters(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return end;
}

/// Unstructured text in a header: as it is when plain, else as encoded-words (RFC 2047 section 2). No line
/// break survives, so nothing that a directory sent can begin another field.
std::string header_text(std::string_view text) {
  const std::string clean = printable(text, 1000);
  if (is_ascii_text(clean) && clean.find("=?") == clean.npos && clean.size() < kMaxLine - 10) return clean;
  std::string words;
  for (std::string_view rest = clean; !rest.empty();) {
    const std::size_t end = whole_characters(rest, kWordBytes);
    if (!words.empty()) words += "\r\n ";
    words += fmt::format("=?UTF-8?B?{}?=", to_base64(rest.substr(0, end)));
    rest.remove_prefix(end);
  }
  return words;
}

std::string mailbox_text(const Mailbox& mailbox) {
  if (mailbox.name.empty()) return fmt::format("<{}>", mailbox.address);
  // A plain name is quoted, since commas and dots mean something between names.
  std::string name = header_text(mailbox.name);
  if (!name.starts_with("=?")) {
    std::erase_if(name, [](char c) { return c == '"' || c == '\\'; });
    name = fmt::format("\"{}\"", name);
  }
  return fmt::format("{} <{}>", name, mailbox.address);
}

/// RFC 5322 section 3.3: `Sun, 29 Nov 2026 13:40:00 +0000`.
std::string date_text(Timestamp time) {
  using std::chrono::days;
  using std::chrono::seconds;
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
                     kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string_view domain_of(const Mailbox& mailbox) {
  return std::string_view(mailbox.address).substr(mailbox.address.rfind('@') + 1);
}

/// Base64 in lines of 76 characters.
std::string body_text(std::string_view text) {
  std::string lines;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r')) lines += '\r';
    lines += text[at];
  }
  const std::string encoded = to_base64(lines);
  std::string body;
  for (std::size_t at = 0; at < encoded.size(); at += kMaxLine)
    body.append(encoded, at, kMaxLine).append("\r\n");
  return body;
}

/// What the callbacks of one mail share.
struct MailTransfer {
  std::string_view unsent;
  std::string last_answer = {};
  std::array<char, CURL_ERROR_SIZE> words = {};
};

std::size_t give_message(char* buffer, std::size_t /*size*/, std::size_t count, void* data) {
  auto& transfer = *static_cast<MailTransfer*>(data);
  const std::size_t taken = transfer.unsent.copy(buffer, count);
  transfer.unsent.remove_prefix(taken);
  return taken;
}

/// The server's lines; the last one that refuses says why (RFC 5321 section 4.2.1: 4yz, 5yz). libcurl takes
/// its leave afterwards, and the answer to that says nothing.
std::size_t take_mail_answer(char* bytes, std::size_t /*size*/, std::size_t count, void* data) {
  std::string& kept = static_cast<MailTransfer*>(data)->last_answer;
  const std::string_view line(bytes, count);
  const auto refuses = [](std::string_view answer) {
    return answer.starts_with('4') || answer.starts_with('5');
  };
  if (refuses(line) || !refuses(kept)) kept = line;
  return count;
}

std::string url_of(const MailServer& server) {
  const bool ipv6 = server.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", server.security == MailServer::Security::Tls ? "smtps" : "smtp",
                     ipv6 ? "[" : "", server.host, ipv6 ? "]" : "", server.port);
}

void configure(CURL* handle, MailTransfer& transfer, const MailServer& server) {
  set_option(handle, CURLOPT_URL, url_of(server).c_str());
  set_option(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set_option(handle, CURLOPT_NOSIGNAL, 1L);
  set_option(handle, CURLOPT_QUICK_EXIT, 1L);
  set_option(handle, CURLOPT_ERRORBUFFER, transfer.words.data());
  set_option(handle, CURLOPT_PROXY, "");
  set_option(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set_option(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set_option(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set_option(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!server.extra_ca_file.empty()) set_option(handle, CURLOPT_CAINFO, server.extra_ca_file.c_str());
  // Demanded, not tried: an attacker on the way could strike STARTTLS out of the server's answer.
  if (server.security == MailServer::Security::StartTls) {
    set_option(handle, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  }
  if (!server.user.empty()) {
    set_option(handle, CURLOPT_USERNAME, server.user.c_str());
    // libcurl wants it to end with a zero, and keeps a copy of its own.
    std::string password(server.password.reveal());
    set_option(handle, CURLOPT_PASSWORD, password.c_str());
    crypto::wipe(password);
  }
  set_option(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.connect_timeout.count()));
  set_option(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(server.total_timeout.count()));
  set_option(handle, CURLOPT_UPLOAD, 1L);
  set_option(handle, CURLOPT_READFUNCTION, &give_message);
  set_option(handle, CURLOPT_READDATA, &transfer);
  set_option(handle, CURLOPT_HEADERFUNCTION, &take_mail_answer);
  set_option(handle, CURLOPT_HEADERDATA, &transfer);
}

tl::unexpected<Error> mail_failure(CURLcode code, CURL* handle, const MailServer& server,
                                   const MailTransfer& transfer) {
  const std::string site = fmt::format("{}:{}", printable(server.host), server.port);
  const std::string detail = printable(transfer.words.data());
  const std::string answer(trim(printable(trim(transfer.last_answer))));
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return fail(ErrorKind::Unavailable, "net.mail_server_unreachable",
                  fmt::format("The mail server {} cannot be reached.", site), detail);
    case CURLE_OPERATION_TIMEDOUT:
      return fail(ErrorKind::Unavailable, "net.mail_timeout",
                  fmt::format("The mail server {} did not answer in time.", site), detail);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_USE_SSL_FAILED:
      return fail(ErrorKind::Unavailable, "net.mail_tls_failed",
                  fmt::format("The mail server {} cannot be talked to safely: it offers no TLS, or its "
                              "certificate is not trusted or has another name.",
                              site),
                  detail);
    case CURLE_LOGIN_DENIED:
      return fail(ErrorKind::Unavailable, "net.mail_sign_in_refused",
                  fmt::format("The mail server {} refused our user name and password: {}", site, answer),
                  detail);
    default:
      break;
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 500) {
    return fail(ErrorKind::Refused, "net.mail_refused_for_good",
                fmt::format("The mail server {} refused the mail: {}", site, answer), detail);
  }
  return fail(ErrorKind::Unavailable, "net.mail_refused_for_now",
              fmt::format("The mail server {} did not take the mail: {}", site, answer), detail);
}

bool is_loopback_host(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

std::optional<MailServer> MailServer::parse(std::string_view url) {
  MailServer server;
  const bool tls = url.starts_with("smtps://");
  if (!tls && !url.starts_with("smtp://")) return std::nullopt;
  url.remove_prefix(url.find("://") + 3);
  if (url.ends_with('/')) url.remove_suffix(1);
  std::string_view port;
  if (url.starts_with('[')) {
    const auto end = url.find(']');
    if (end == url.npos) return std::nullopt;
    server.host = url.substr(1, end - 1);
    if (server.host.find(':') == std::string::npos) return std::nullopt;
    if (server.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos) return std::nullopt;
    url.remove_prefix(end + 1);
    if (!url.empty() && url.front() != ':') return std::nullopt;
    if (!url.empty()) port = url.substr(1);
    if (!url.empty() && port.empty()) return std::nullopt;
  } else {
    const auto colon = url.find(':');
    server.host = url.substr(0, colon);
    if (!is_host_name(server.host)) return std::nullopt;
    if (colon != url.npos) {
      port = url.substr(colon + 1);
      if (port.empty()) return std::nullopt;
    }
  }
  server.security = tls ? Security::Tls : is_loopback_host(server.host) ? Security::None : Security::StartTls;
  constexpr std::array<std::uint16_t, 3> kPorts = {465, 587, 25};
  server.port = kPorts[static_cast<std::size_t>(server.security)];
  if (port.empty()) return server;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), server.port);
  if (error != std::errc() || end != port.data() + port.size() || server.port == 0) return std::nullopt;
  return server;
}

std::optional<Mailbox> Mailbox::parse(std::string_view text) {
  Mailbox mailbox;
  text = trim(text);
  if (text.ends_with('>')) {
    const auto open = text.rfind('<');
    if (open == text.npos) return std::nullopt;
    std::string_view name = trim(text.substr(0, open));
    if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"'))
      name = name.substr(1, name.size() - 2);
    if (!is_valid_utf8(name) || printable(name) != name) return std::nullopt;
    mailbox.name = name;
    text = text.substr(open + 1, text.size() - open - 2);
  }
  const auto at = text.rfind('@');
  if (at == text.npos || text.size() > kMaxAddress) return std::nullopt;
  if (!is_local_part(text.substr(0, at)) || !is_host_name(text.substr(at + 1))) return std::nullopt;
  mailbox.address = text;
  return mailbox;
}

std::string message_of(const Mail& mail) {
  return fmt::format(
      "Date: {}\r\n"
      "From: {}\r\n"
      "To: {}\r\n"
      "Subject: {}\r\n"
      "Message-ID: <{}@{}>\r\n"
      "Auto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: base64\r\n"
      "\r\n"
      "{}",
      date_text(mail.date), mailbox_text(mail.from), mailbox_text(mail.to), header_text(mail.subject),
      mail.id, domain_of(mail.from), body_text(mail.text));
}

Result<void> send_mail(const MailServer& server, const Mail& mail) {
  const SigpipeGuard guard;
  const CurlOwner handle = make_curl_handle();
  const std::string message = message_of(mail);
  MailTransfer transfer{.unsent = message};
  configure(handle.get(), transfer, server);
  set_option(handle.get(), CURLOPT_MAIL_FROM, mail.from.address.c_str());
  const CurlList recipients(curl_slist_append(nullptr, mail.to.address.c_str()), &curl_slist_free_all);
  CHECK(recipients);
  set_option(handle.get(), CURLOPT_MAIL_RCPT, recipients.get());
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return mail_failure(code, handle.get(), server, transfer);
  return {};
}

}  // namespace doorward::net
