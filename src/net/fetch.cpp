#include "net/fetch.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "net/address.h"

namespace doorward::net {

namespace {

using Clock = std::chrono::steady_clock;
using CurlOwner = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using ListOwner = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

bool is_allowed(const FetchPolicy& policy, AddressScope scope) {
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

/// Keeps SIGPIPE from the thread: with signals off, libcurl leaves it to others, and OpenSSL writes to
/// sockets that the peer may have closed.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeGuard() {
    const timespec no_wait = {};
    if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&pipe_, nullptr, &no_wait);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t pipe_ = {};
  sigset_t before_ = {};
};

/// What the callbacks of one request share.
struct Transfer {
  const FetchOptions& options;
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
  if (count > transfer.options.max_bytes - transfer.body.size()) {
    transfer.too_large = true;
    return 0;
  }
  transfer.body.append(bytes, count);
  return count;
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
}

CurlOwner make_handle() {
  static std::once_flag once;
  std::call_once(once, [] { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
  CurlOwner handle(curl_easy_init(), &curl_easy_cleanup);
  CHECK(handle);
  return handle;
}

void configure(CURL* handle, Transfer& transfer, const Url& url, std::chrono::milliseconds time_left) {
  const FetchOptions& options = transfer.options;
  set(handle, CURLOPT_URL, url.text().c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_USERAGENT, "Doorward/" DOORWARD_VERSION);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  // Or the end of the time would still wait for a name server that does not answer.
  set(handle, CURLOPT_QUICK_EXIT, 1L);
  set(handle, CURLOPT_ERRORBUFFER, transfer.words.data());

  // An empty proxy also keeps libcurl from reading the environment.
  set(handle, CURLOPT_PROXY, "");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(handle, CURLOPT_OPENSOCKETDATA, &transfer);

  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // The system's certificates stay trusted through the folder that Debian builds libcurl with.
  if (!options.extra_ca_file.empty()) set(handle, CURLOPT_CAINFO, options.extra_ca_file.c_str());

  set(handle, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(options.connect_timeout, time_left).count()));
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(time_left.count()));
  set(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.max_bytes));
  set(handle, CURLOPT_WRITEFUNCTION, &take_body);
  set(handle, CURLOPT_WRITEDATA, &transfer);
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

/// The answer of one request, redirects not followed.
struct Answer {
  long status = 0;
  std::string redirect;  // The absolute address of the Location header, empty when there is none.
  std::string content_type;
  std::string body;
};

Result<Answer> request(const Url& url, const FetchOptions& options, std::chrono::milliseconds time_left) {
  const SigpipeGuard guard;
  const CurlOwner handle = make_handle();
  Transfer transfer{.options = options};
  configure(handle.get(), transfer, url, time_left);
  const ListOwner headers(curl_slist_append(nullptr, ("Accept: " + options.accept).c_str()),
                          &curl_slist_free_all);
  CHECK(headers);
  set(handle.get(), CURLOPT_HTTPHEADER, headers.get());

  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return transfer_failure(code, handle.get(), url, transfer);

  Answer answer;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  const char* redirect = nullptr;
  curl_easy_getinfo(handle.get(), CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) answer.redirect = redirect;
  const char* content_type = nullptr;
  curl_easy_getinfo(handle.get(), CURLINFO_CONTENT_TYPE, &content_type);
  if (content_type != nullptr) answer.content_type = content_type;
  curl_header* encoding = nullptr;
  if (curl_easy_header(handle.get(), "Content-Encoding", 0, CURLH_HEADER, -1, &encoding) == CURLHE_OK &&
      !equal_ignoring_ascii_case(encoding->value, "identity")) {
    return unavailable("net.compressed",
                       fmt::format("{} sent a compressed answer although none was asked for.", site_of(url)),
                       transfer);
  }
  answer.body = std::move(transfer.body);
  return answer;
}

/// The address of a redirect, checked against the one that sent it.
Result<Url> next_url(const Url& from, std::string_view location) {
  // The fragment is the browser's business.
  auto next = Url::parse(location.substr(0, location.find('#')));
  if (!next) {
    return fail(ErrorKind::Unavailable, "net.redirect_invalid",
                fmt::format("{} redirects to an address that cannot be used.", site_of(from)),
                next.error().message);
  }
  if (from.is_https() && !next->is_https()) {
    return fail(ErrorKind::Refused, "net.redirect_to_http",
                fmt::format("{} redirects from https to http ({}), where anybody could change the answer.",
                            site_of(from), site_of(*next)));
  }
  return next;
}

}  // namespace

Result<FetchResponse> fetch(const Url& url, const FetchOptions& options) {
  if (!url.is_https() && !options.policy.allow_plain_http) {
    return fail(ErrorKind::Refused, "net.not_https",
                fmt::format("{} does not begin with https://. Over http, anybody could change the answer.",
                            site_of(url)));
  }
  const auto deadline = Clock::now() + options.total_timeout;
  Url current = url;
  for (int redirects = 0; redirects <= options.max_redirects; ++redirects) {
    const auto time_left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (time_left.count() <= 0) {
      return fail(ErrorKind::Unavailable, "net.timeout",
                  fmt::format("{} did not answer in time.", site_of(current)));
    }
    ASSIGN_OR_RETURN(auto answer, request(current, options, time_left));
    const bool redirected = answer.status >= 300 && answer.status < 400 && !answer.redirect.empty();
    if (redirected) {
      ASSIGN_OR_RETURN(current, next_url(current, answer.redirect));
      continue;
    }
    if (answer.status < 200 || answer.status > 299) {
      return fail(ErrorKind::Unavailable, "net.http_status",
                  fmt::format("{} answered with HTTP status {} instead of the document.", site_of(current),
                              answer.status));
    }
    return FetchResponse{std::move(current), std::move(answer.content_type), std::move(answer.body)};
  }
  return fail(ErrorKind::Unavailable, "net.too_many_redirects",
              fmt::format("{} redirects more than {} times.", site_of(url), options.max_redirects));
}

}  // namespace doorward::net
