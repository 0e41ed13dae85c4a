#include "signin/forwarded.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "base/url.h"

namespace doorward::signin {

namespace {

using http::Request;

std::size_t count(const Request& request, std::string_view name) {
  const auto& fields = request.headers.all();
  return static_cast<std::size_t>(std::count_if(fields.begin(), fields.end(), [&](const auto& field) {
    return equal_ignoring_ascii_case(field.first, name);
  }));
}

/// Empty when absent or repeated: a proxy that appends a field leaves the client's own beside it.
std::string_view only(const Request& request, std::string_view name) {
  const auto value = request.headers.find(name);
  if (!value || count(request, name) != 1) return {};
  return *value;
}

/// `https://wiki.contoso.example/a?b` taken apart at the path.
struct OriginalUrl {
  std::string_view origin;
  std::string_view target;
};
OriginalUrl split_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const auto path = std::min(url.find_first_of("/?", scheme_end + 3), url.size());
  return {url.substr(0, path), url.substr(path)};
}

bool is_get(const Request& request) {
  // The question itself is a GET, whatever it is about.
  std::string_view method = only(request, "X-Forwarded-Method");
  if (method.empty()) method = only(request, "X-Original-Method");
  return method.empty() ? request.method == http::Method::Get : method == "GET";
}

}  // namespace

std::optional<std::string> forwarded_origin(const Request& request) {
  const bool says_host = request.headers.find("X-Forwarded-Host").has_value();
  const std::string_view host = only(request, "X-Forwarded-Host");
  const std::string_view scheme = only(request, "X-Forwarded-Proto");
  if (says_host && host.empty()) return std::nullopt;
  if (!request.headers.find("X-Original-URL")) {
    if (host.empty() || scheme.empty()) return std::nullopt;
    return fmt::format("{}://{}", scheme, host);
  }
  // Caddy and Traefik write X-Forwarded-Host and pass X-Original-URL on; nginx as an ingress does the
  // opposite. Whoever could have the other one count would be asked about with another application's token.
  const std::string_view origin = split_url(only(request, "X-Original-URL")).origin;
  const auto original = normal_origin(origin);
  if (!original) return std::nullopt;
  if (!host.empty()) {
    const auto said = normal_origin(
        fmt::format("{}://{}", scheme.empty() ? origin.substr(0, origin.find(':')) : scheme, host));
    if (said != original) return std::nullopt;
  }
  return original;
}

std::optional<std::string> normal_origin(std::string_view origin) {
  const auto url = Url::parse(origin);
  if (!url || url->text() != url->origin() + "/") return std::nullopt;
  return url->origin();
}

std::string forwarded_target(const Request& request) {
  std::string_view target = only(request, "X-Forwarded-Uri");
  if (target.empty()) target = split_url(only(request, "X-Original-URL")).target;
  return target.starts_with('/') ? std::string(target) : "/";
}

bool is_navigation(const Request& request) {
  if (!is_get(request)) return false;
  // nginx takes Upgrade away, but not what goes with it (RFC 6455 section 4.1).
  for (const std::string_view mark : {"Upgrade", "Sec-WebSocket-Key", "X-Requested-With"})
    if (request.headers.find(mark)) return false;
  // Fetch Metadata, where the browser sends it: over https and on loopback.
  if (const auto mode = request.headers.find("Sec-Fetch-Mode")) return *mode == "navigate";
  return request.headers.find("Accept").value_or("").find("text/html") != std::string_view::npos;
}

}  // namespace doorward::signin
