#include "net/fetch.h"

#include <fmt/format.h>

#include "base/text.h"

namespace doorward::net {

namespace {

using Clock = std::chrono::steady_clock;

/// The address of a redirect, checked against the one that sent it.
Result<Url> next_url(const Url& from, std::string_view location) {
  // The fragment is the browser's business.
  auto next = Url::parse(location.substr(0, location.find('#')));
  if (!next) {
    return fail(ErrorKind::Unavailable, "net.redirect_invalid",
                fmt::format("{} redirects to an address that cannot be used.", printable(from.origin())),
                next.error().message);
  }
  if (from.is_https() && !next->is_https()) {
    return fail(ErrorKind::Refused, "net.redirect_to_http",
                fmt::format("{} redirects from https to http ({}), where anybody could change the answer.",
                            printable(from.origin()), printable(next->origin())));
  }
  return next;
}

}  // namespace

Result<FetchResponse> fetch(const Url& url, const FetchOptions& options) {
  SendOptions one_request{.policy = options.policy,
                          .connect_timeout = options.connect_timeout,
                          .total_timeout = options.total_timeout,
                          .max_bytes = options.max_bytes,
                          .extra_ca_file = options.extra_ca_file};
  const auto deadline = Clock::now() + options.total_timeout;
  Url current = url;
  for (int redirects = 0; redirects <= options.max_redirects; ++redirects) {
    one_request.total_timeout = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    ASSIGN_OR_RETURN(auto answer,
                     send({.url = current, .headers = {{"Accept", options.accept}}}, one_request));
    const bool redirected = answer.status >= 300 && answer.status < 400 && !answer.redirect.empty();
    if (redirected) {
      ASSIGN_OR_RETURN(current, next_url(current, answer.redirect));
      continue;
    }
    if (answer.status < 200 || answer.status > 299) {
      return fail(ErrorKind::Unavailable, "net.http_status",
                  fmt::format("{} answered with HTTP status {} instead of the document.",
                              printable(current.origin()), answer.status));
    }
    std::string content_type(answer.header("Content-Type").value_or(""));
    return FetchResponse{std::move(current), std::move(content_type), std::move(answer.body)};
  }
  return fail(
      ErrorKind::Unavailable, "net.too_many_redirects",
      fmt::format("{} redirects more than {} times.", printable(url.origin()), options.max_redirects));
}

}  // namespace doorward::net
