#include "net/dns.h"

#include <algorithm>
#include <array>
#include <memory>

// What c-ares 1.34 calls deprecated is all that 1.18 has.
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include "base/text.h"
#include "net/sigpipe_guard.h"

namespace doorward::net {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// RFC 1035 section 3.2.
constexpr int kInternetClass = 1;
constexpr int kTxtType = 16;
/// Fits into every path without fragments, which attackers can replace (RFC 9715 section 3.1).
constexpr int kDatagramBytes = 1232;
constexpr int kTries = 3;

struct ChannelCloser {
  void operator()(ares_channeldata* channel) const { ares_destroy(channel); }
};
using ChannelOwner = std::unique_ptr<ares_channeldata, ChannelCloser>;

struct DataFreer {
  void operator()(void* data) const { ares_free_data(data); }
};
using TxtOwner = std::unique_ptr<ares_txt_ext, DataFreer>;

struct Answer {
  bool came = false;
  int status = ARES_SUCCESS;
  std::string message = {};
};

void take_answer(void* data, int status, int /*timeouts*/, unsigned char* bytes, int count) {
  auto& answer = *static_cast<Answer*>(data);
  answer.came = true;
  answer.status = status;
  if (bytes != nullptr && count > 0) {
    answer.message.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  }
}

/// Host names and the underscore of RFC 8552; c-ares would take a backslash for an escape.
bool is_name(std::string_view name) {
  const auto is_inner = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return name.size() <= 253 && std::ranges::all_of(split(name, '.'), [&](std::string_view label) {
           return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, is_inner);
         });
}

tl::unexpected<Error> failure(int status, std::string_view name) {
  const std::string detail = ares_strerror(status);
  switch (status) {
    case ARES_ENOTFOUND:
      return fail(ErrorKind::NotFound, kDnsNoName, fmt::format("The name {} does not exist.", name), detail);
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED:
      return fail(ErrorKind::Unavailable, "net.dns_timeout",
                  fmt::format("The name server did not answer in time when asked for {}.", name), detail);
    case ARES_ESERVFAIL:
    case ARES_EREFUSED:
    case ARES_ENOTIMP:
    case ARES_EFORMERR:
    case ARES_ECONNREFUSED:
    case ARES_EOF:
      return fail(
          ErrorKind::Unavailable, "net.dns_refused",
          fmt::format("The name server gave no answer for {}: it could not be reached, or it reports a "
                      "failure. The name servers of the domain, or its DNSSEC, may be set up wrong.",
                      name),
          detail);
    case ARES_EBADRESP:
      return fail(ErrorKind::Unavailable, "net.dns_bad_answer",
                  fmt::format("The name server's answer for {} cannot be read.", name), detail);
    case ARES_EBADNAME:
    case ARES_EBADQUERY:
      return fail(ErrorKind::InvalidInput, "net.dns_bad_name",
                  fmt::format("{} is nothing that a name server can be asked for.", printable(name)), detail);
    default:
      return fail(ErrorKind::Internal, "net.dns_failed", "The name server could not be asked.", detail);
  }
}

Result<ChannelOwner> open_channel(const DnsOptions& options) {
  static const int kLibrary = ares_library_init(ARES_LIB_INIT_ALL);
  if (kLibrary != ARES_SUCCESS) return failure(kLibrary, "");
  ares_options wanted = {};
  wanted.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_EDNS;
  wanted.ednspsz = kDatagramBytes;
  // Each round waits twice as long as the one before; the caller's deadline cuts the last one.
  wanted.timeout = std::max(static_cast<int>(options.timeout.count() / 4), 50);
  wanted.tries = kTries;
  ares_channel channel = nullptr;
  int status = ares_init_options(&channel, &wanted,
                                 ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
  if (status != ARES_SUCCESS) return failure(status, "");
  ChannelOwner owner(channel);
  if (!options.servers.empty()) {
    status = ares_set_servers_ports_csv(channel, fmt::format("{}", fmt::join(options.servers, ",")).c_str());
    if (status != ARES_SUCCESS) return failure(status, "");
  }
  return owner;
}

timeval to_timeval(milliseconds time) {
  timeval made = {};
  made.tv_sec = time.count() / 1000;
  made.tv_usec = (time.count() % 1000) * 1000;
  return made;
}

/// Waits for what c-ares waits for, and lets it go on. `ares_fds` is of no use to a server: it knows only the
/// first 1,024 descriptors.
void advance(ares_channeldata* channel, milliseconds at_most) {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets = {};
  const auto wanted = static_cast<unsigned>(ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM));
  std::array<pollfd, ARES_GETSOCK_MAXNUM> polled = {};
  nfds_t count = 0;
  for (unsigned i = 0; i < sockets.size(); ++i) {
    const bool reads = (wanted & (1U << i)) != 0;
    const bool writes = (wanted & (1U << (i + ARES_GETSOCK_MAXNUM))) != 0;
    if (!reads && !writes) continue;
    const int events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
    polled[count++] = {sockets[i], static_cast<short>(events), 0};
  }
  timeval longest = to_timeval(at_most);
  timeval next = {};
  const timeval* wait = ares_timeout(channel, &longest, &next);
  const auto wait_ms = static_cast<int>(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000);
  const int ready = ::poll(polled.data(), count, wait_ms);
  if (ready <= 0) return ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  for (nfds_t i = 0; i < count; ++i) {
    const auto& [socket, events, found] = polled[i];
    const bool readable = (found & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) != 0;
    const bool writable = (found & POLLOUT) != 0;
    if (!readable && !writable) continue;
    ares_process_fd(channel, readable ? socket : ARES_SOCKET_BAD, writable ? socket : ARES_SOCKET_BAD);
  }
}

Result<std::vector<std::string>> read_records(const std::string& message, std::string_view name) {
  ares_txt_ext* parsed = nullptr;
  const int status = ares_parse_txt_reply_ext(reinterpret_cast<const unsigned char*>(message.data()),
                                              static_cast<int>(message.size()), &parsed);
  const TxtOwner owner(parsed);
  std::vector<std::string> records;
  if (status == ARES_ENODATA) return records;
  // Names in the answer can be broken as well as records.
  if (status != ARES_SUCCESS) return failure(status == ARES_ENOMEM ? status : ARES_EBADRESP, name);
  for (const ares_txt_ext* piece = parsed; piece != nullptr; piece = piece->next) {
    if (piece->record_start != 0 || records.empty()) {
      if (records.size() == kMaxTxtRecords) break;
      records.emplace_back();
    }
    records.back().append(reinterpret_cast<const char*>(piece->txt), piece->length);
  }
  return records;
}

}  // namespace

Result<std::vector<std::string>> lookup_txt(std::string_view name, const DnsOptions& options) {
  if (!is_name(name)) return failure(ARES_EBADNAME, name);
  const auto deadline = Clock::now() + options.timeout;
  const SigpipeGuard guard;
  Answer answer;
  // Destroyed before the answer, which it may still write to.
  ASSIGN_OR_RETURN(const ChannelOwner channel, open_channel(options));
  ares_query(channel.get(), std::string(name).c_str(), kInternetClass, kTxtType, take_answer, &answer);
  while (!answer.came) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      ares_cancel(channel.get());
    } else {
      advance(channel.get(), left);
    }
  }
  if (answer.status == ARES_ENODATA) return std::vector<std::string>();
  if (answer.status != ARES_SUCCESS) return failure(answer.status, name);
  return read_records(answer.message, name);
}

}  // namespace doorward::net
