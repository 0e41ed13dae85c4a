#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/encoding.h"
#include "simulator/defaults.h"
#include "simulator/saml_request.h"
#include "simulator/simulator.h"

namespace doorward::simulator::test {

inline constexpr std::string_view kIdentifier = "https://portal.example.com/saml/contoso/metadata";
inline constexpr std::string_view kReplyUrl = "https://portal.example.com/saml/contoso/acs";
inline constexpr std::string_view kLogoutUrl = "https://portal.example.com/saml/contoso/logout";

class FixedClock final : public Clock {
 public:
  Timestamp now() const override { return time; }
  Timestamp time = *parse_rfc3339("2026-03-01T09:30:00.250Z");
};

/// The default tenant with an application *Portal*, everybody assigned. The key is made once a process.
inline State state_with_portal() {
  static const State* made = [] {
    auto* state = new State(default_state());
    const DemoApplication demo{.name = "Portal",
                               .identifiers = {std::string(kIdentifier)},
                               .reply_urls = {std::string(kReplyUrl)},
                               .sign_on_url = {},
                               .logout_url = std::string(kLogoutUrl)};
    CHECK(set_up(*state, demo, FixedClock().time));
    state->shared_certificate = new_certificate(FixedClock().time);
    return state;
  }();
  return *made;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string encode_fields(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + "=" + percent_encode(value);
  }
  return out;
}

/// A browser without a network: asks the routes and keeps cookies.
class Browser {
 public:
  explicit Browser(Simulator& simulator) : router_(simulator.routes()) {}

  Result<http::Response> get(std::string_view target) { return send(http::Method::Get, target, "", ""); }
  Result<http::Response> post(std::string_view target, const Fields& fields = {}) {
    return send(http::Method::Post, target, "application/x-www-form-urlencoded", encode_fields(fields));
  }

  Result<http::Response> send(http::Method method, std::string_view target, std::string_view content_type,
                              std::string body) {
    http::Request request;
    request.method = method;
    request.target = target;
    const auto question = target.find('?');
    request.path = percent_decode(target.substr(0, question)).value_or("");
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    if (!content_type.empty()) request.headers.set("Content-Type", content_type);
    request.body = std::move(body);
    std::string cookies;
    for (const auto& [name, value] : cookies_)
      cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
    if (!cookies.empty()) request.headers.set("Cookie", cookies);
    for (const auto& [name, value] : extra_headers)
      request.headers.set(name, value);

    const auto match = router_.find(method, request.path);
    if (match.route == nullptr) return fail(ErrorKind::NotFound, "test.no_route", "There is no such route.");
    request.parameters = match.parameters;
    auto response = match.route->handler(request);
    if (response) keep_cookies(*response);
    return response;
  }

  std::vector<std::pair<std::string, std::string>> extra_headers;

 private:
  void keep_cookies(const http::Response& response) {
    for (const auto& [name, value] : response.headers.all()) {
      if (name != "Set-Cookie") continue;
      const auto equals = value.find('=');
      cookies_[value.substr(0, equals)] = value.substr(equals + 1, value.find(';') - equals - 1);
    }
  }

  http::Router router_;
  std::map<std::string, std::string> cookies_;
};

/// The value of the first `name="…"` field of a page, unescaped as far as base64 and URLs need it.
inline std::string input_value(std::string_view page, std::string_view name) {
  const std::string marker = fmt::format("name=\"{}\" value=\"", name);
  const auto at = page.find(marker);
  if (at == std::string_view::npos) return {};
  const auto begin = at + marker.size();
  return std::string(page.substr(begin, page.find('"', begin) - begin));
}

inline std::string authn_request(std::string_view inside = "", std::string_view attributes = "",
                                 std::string_view issuer = kIdentifier, std::string_view id = "_request1") {
  return fmt::format(
      R"(<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="{}" Version="2.0" IssueInstant="2026-03-01T09:30:00Z" {}><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{}</saml:Issuer>{}</samlp:AuthnRequest>)",
      id, attributes, issuer, inside);
}

inline constexpr std::string_view kTenantId = "c0117050-5a3e-4d0b-9b1f-2f6a1d7e4a10";

inline std::string redirect_target(std::string_view xml, std::string_view more = "") {
  return fmt::format("/{}/saml2?SAMLRequest={}{}", kTenantId, percent_encode(encode_redirect_message(xml)),
                     more);
}

}  // namespace doorward::simulator::test
