#include "net/send.h"

#include <algorithm>
#include <array>
#include <optional>

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "net/address.h"
#include "net/curl_handle.h"
#include "net/sigpipe_guard.h"

namespace doorward::net {

namespace {

bool is_allowed(const OutboundPolicy& policy, AddressScope scope) {
  switch (scope) {
    case AddressScope::Public:
      return true;
    case AddressScope::Private:
      return policy.allow_private;
    case AddressScope::Loopback:
      return policy.allow_loopback;
    case AddressScope::Never:
      return false;
  }
  return false;
}

/// What the callbacks of one request share.
struct Transfer {
  const SendOptions& options;
  std::string body = {};
  bool too_large = false;
  std::optional<IpAddress> refused_address = {};
  std::array<char, CURL_ERROR_SIZE> words = {};
};

curl_socket_t open_socket(void* data, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(data);
  const auto ip = IpAddress::of(address->addr);
  if (!ip || !is_allowed(transfer.options.policy, ip->scope())) {
    transfer.refused_address = ip;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t take_body(char* bytes, std::size_t /*size*/, std::size_t count, void* data) {
  auto& transfer = *static_cast<Transfer*>(data);
  const std::size_t room = transfer.options.max_bytes - transfer.body.size();
  if (count > room) {
    transfer.too_large = true;
    transfer.body.append(bytes, room);
    return 0;
  }
  transfer.body.append(bytes, count);
  return count;
}

void configure(CURL* handle, Transfer& transfer, const Url& url) {
  const SendOptions& options = transfer.options;
  set_option(handle, CURLOPT_URL, url.text().c_str());
  set_option(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set_option(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set_option(handle, CURLOPT_USERAGENT, "Doorward/" DOORWARD_VERSION);
  set_option(handle, CURLOPT_NOSIGNAL, 1L);
  // Or the end of the time would still wait for a name server that does not answer.
  set_option(handle, CURLOPT_QUICK_EXIT, 1L);
  set_option(handle, CURLOPT_ERRORBUFFER, transfer.words.data());

  // An empty proxy also keeps libcurl from reading the environment.
  set_option(handle, CURLOPT_PROXY, "");
  set_option(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set_option(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set_option(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set_option(handle, CURLOPT_OPENSOCKETDATA, &transfer);

  set_option(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set_option(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set_option(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // The system's certificates stay trusted through the folder that Debian builds libcurl with.
  if (!options.extra_ca_file.empty()) set_option(handle, CURLOPT_CAINFO, options.extra_ca_file.c_str());

  set_option(handle, CURLOPT_CONNECTTIMEOUT_MS,
             static_cast<long>(std::min(options.connect_timeout, options.total_timeout).count()));
  set_option(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_timeout.count()));
  if (options.excess == Excess::Refuse)
    set_option(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.max_bytes));
  set_option(handle, CURLOPT_WRITEFUNCTION, &take_body);
  set_option(handle, CURLOPT_WRITEDATA, &transfer);
}

std::string site_of(const Url& url) {
  return printable(url.origin());
}

tl::unexpected<Error> unavailable(ErrorCode code, std::string message, const Transfer& transfer) {
  return fail(ErrorKind::Unavailable, code, std::move(message), printable(transfer.words.data()));
}

tl::unexpected<Error> certificate_failure(CURL* handle, const Url& url, const Transfer& transfer) {
  // OpenSSL's X509_V_ERR_* numbers, which are part of its stable interface.
  constexpr long kOk = 0;
  constexpr long kUnspecified = 1;
  constexpr long kNotYetValid = 9;
  constexpr long kExpired = 10;
  constexpr long kHostMismatch = 62;
  constexpr long kAddressMismatch = 64;
  long reason = 0;
  curl_easy_getinfo(handle, CURLINFO_SSL_VERIFYRESULT, &reason);
  const std::string site = site_of(url);
  if (reason == kExpired) {
    return unavailable("net.certificate_expired", fmt::format("The TLS certificate of {} has expired.", site),
                       transfer);
  }
  if (reason == kNotYetValid) {
    return unavailable(
        "net.certificate_not_yet_valid",
        fmt::format("The TLS certificate of {} is not valid yet. Check the clock of this server.", site),
        transfer);
  }
  // libcurl compares the name itself, after the handshake and before it asks OpenSSL for the result, which is
  // then still "unspecified".
  if (reason == kOk || reason == kUnspecified || reason == kHostMismatch || reason == kAddressMismatch) {
    return unavailable("net.certificate_name",
                       fmt::format("The TLS certificate of {} was issued for another name.", site), transfer);
  }
  return unavailable(
      "net.certificate_untrusted",
      fmt::format("The TLS certificate of {} comes from an issuer that this server does not trust, or the "
                  "site does not send its whole chain.",
                  site),
      transfer);
}

tl::unexpected<Error> connection_failure(const Url& url, const Transfer& transfer) {
  if (!transfer.refused_address) {
    return unavailable(
        "net.connection_failed",
        fmt::format("Nothing answers at {}: no connection can be made to port {}.", site_of(url), url.port()),
        transfer);
  }
  return fail(
      ErrorKind::Refused, "net.address_refused",
      fmt::format(
          "{} leads to the address {}, which this server must not connect to. Only public addresses are "
          "allowed unless the server's configuration says otherwise.",
          site_of(url), transfer.refused_address->text()));
}

tl::unexpected<Error> transfer_failure(CURLcode code, CURL* handle, const Url& url,
                                       const Transfer& transfer) {
  if (transfer.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return unavailable(
        "net.too_large",
        fmt::format("The answer of {} is larger than {} bytes.", site_of(url), transfer.options.max_bytes),
        transfer);
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return unavailable("net.name_not_found",
                         fmt::format("The name {} is not known to the name servers.", printable(url.host())),
                         transfer);
    case CURLE_COULDNT_CONNECT:
      return connection_failure(url, transfer);
    case CURLE_OPERATION_TIMEDOUT:
      return unavailable("net.timeout", fmt::format("{} did not answer in time.", site_of(url)), transfer);
    case CURLE_PEER_FAILED_VERIFICATION:
      return certificate_failure(handle, url, transfer);
    case CURLE_SSL_CONNECT_ERROR:
      return unavailable(
          "net.tls_failed",
          fmt::format("No TLS connection could be made with {}. TLS 1.2 or newer is needed.", site_of(url)),
          transfer);
    case CURLE_SSL_CACERT_BADFILE:
      return fail(ErrorKind::Internal, "net.ca_file",
                  "The certificates that this server trusts cannot be read. Check the CA file in its "
                  "configuration and "
                  "the package ca-certificates.",
                  printable(transfer.words.data()));
    default:
      return unavailable("net.answer_broken",
                         fmt::format("The answer of {} broke off or is not an HTTP answer.", site_of(url)),
                         transfer);
  }
}

bool carries_body(const SendRequest& request) {
  return request.method == SendMethod::Post || request.method == SendMethod::Put ||
         request.method == SendMethod::Patch || !request.body.empty();
}

/// `request` must outlive the transfer.
void configure_method(CURL* handle, const SendRequest& request) {
  if (carries_body(request)) {
    set_option(handle, CURLOPT_POSTFIELDS, request.body.c_str());
    set_option(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  if (carries_body(request) || request.method != SendMethod::Get) {
    const std::string method(name_of(request.method));
    set_option(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  }
}

/// RFC 9110 section 5.6.2 for the name; no control characters in the value, or a line break in it would begin
/// another field.
bool is_valid_field(std::string_view name, std::string_view value) {
  constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
  const auto is_token = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kTokenMarks.find(c) != std::string_view::npos;
  };
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return !name.empty() && std::ranges::all_of(name, is_token) && std::ranges::none_of(value, is_control);
}

bool has_field(const HeaderFields& headers, std::string_view name) {
  return std::ranges::any_of(headers,
                             [&](const auto& field) { return equal_ignoring_ascii_case(field.first, name); });
}

Result<CurlList> field_list(const SendRequest& request) {
  CurlList list(nullptr, &curl_slist_free_all);
  const auto append = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    CHECK(longer != nullptr);
    // Appending to a list that is there leaves its head where it is.
    if (!list) list.reset(longer);
  };
  for (const auto& [name, value] : request.headers) {
    if (!is_valid_field(name, value)) {
      return fail(ErrorKind::InvalidInput, "net.header_invalid",
                  fmt::format("The header {} holds characters that cannot be sent.", printable(name)));
    }
    // With a semicolon, libcurl sends a field without a value instead of leaving it out.
    append(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  // What libcurl adds by itself: a media type that is not meant, and a question that many servers ignore.
  if (!has_field(request.headers, "Content-Type")) append("Content-Type:");
  append("Expect:");
  return list;
}

SendResponse response_of(CURL* handle, std::string body) {
  SendResponse response;
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  const curl_header* field = nullptr;
  while ((field = curl_easy_nextheader(handle, CURLH_HEADER, -1, const_cast<curl_header*>(field))) != nullptr)
    response.headers.emplace_back(field->name, field->value);
  const char* redirect = nullptr;
  curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) response.redirect = redirect;
  response.body = std::move(body);
  return response;
}

}  // namespace

std::string_view name_of(SendMethod method) {
  switch (method) {
    case SendMethod::Get:
      return "GET";
    case SendMethod::Post:
      return "POST";
    case SendMethod::Put:
      return "PUT";
    case SendMethod::Patch:
      return "PATCH";
    case SendMethod::Delete:
      return "DELETE";
  }
  return "GET";
}

std::optional<std::string_view> SendResponse::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (equal_ignoring_ascii_case(field, name)) return value;
  }
  return std::nullopt;
}

Result<SendResponse> send(const SendRequest& request, const SendOptions& options) {
  const Url& url = request.url;
  if (!url.is_https() && !options.policy.allow_plain_http) {
    return fail(ErrorKind::Refused, "net.not_https",
                fmt::format("{} does not begin with https://. Over http, anybody could change the answer.",
                            site_of(url)));
  }
  // For libcurl, no time would be all the time.
  if (options.total_timeout.count() <= 0) {
    return fail(ErrorKind::Unavailable, "net.timeout",
                fmt::format("{} did not answer in time.", site_of(url)));
  }
  ASSIGN_OR_RETURN(const CurlList fields, field_list(request));
  const SigpipeGuard guard;
  const CurlOwner handle = make_curl_handle();
  Transfer transfer{.options = options};
  configure(handle.get(), transfer, url);
  configure_method(handle.get(), request);
  set_option(handle.get(), CURLOPT_HTTPHEADER, fields.get());

  const CURLcode code = curl_easy_perform(handle.get());
  const bool cut_off = code == CURLE_WRITE_ERROR && transfer.too_large && options.excess == Excess::Discard;
  if (code != CURLE_OK && !cut_off) return transfer_failure(code, handle.get(), url, transfer);
  SendResponse response = response_of(handle.get(), std::move(transfer.body));
  const auto encoding = response.header("Content-Encoding");
  if (encoding && !equal_ignoring_ascii_case(*encoding, "identity")) {
    return unavailable("net.compressed",
                       fmt::format("{} sent a compressed answer although none was asked for.", site_of(url)),
                       transfer);
  }
  return response;
}

}  // namespace doorward::net
