#include "pages/layout.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/url.h"
#include "pages/assets.h"

namespace doorward::pages {

namespace {

// Plain http only matters for development; a page served over https cannot post to it unnoticed.
constexpr std::string_view kElsewhere = "'self' https: http:";

/// Of a page at another host: nothing of that host but its forms, and our stylesheet.
std::string policy_abroad(std::string_view our_origin) {
  return fmt::format(
      "default-src 'none'; style-src {}; img-src data:; form-action 'self'; frame-ancestors 'none'; "
      "base-uri 'none'",
      our_origin);
}

}  // namespace

http::Response page(http::Status status, Language language, std::string_view title, const Html& main,
                    FormTarget forms, const Html& head, std::string_view our_origin) {
  const Html document = html(R"(<!doctype html>
<html lang="{}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{} · Doorward</title>
<link rel="stylesheet" href="{}{}">
<link rel="icon" href="data:,">
{}</head>
<body>
<main class="card">
{}</main>
<footer class="foot">Doorward</footer>
</body>
</html>
)",
                             language_tag(language), title, our_origin, stylesheet_path(), head, main);
  auto response = http::Response::html(status, document.markup());
  if (our_origin.empty()) {
    allow_forms_to(response, forms == FormTarget::Ourselves ? "'self'" : kElsewhere);
  } else {
    response.headers.set("Content-Security-Policy", policy_abroad(our_origin));
  }
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("Content-Language", language_tag(language));
  response.headers.set("Vary", "Accept-Language");
  return response;
}

void allow_forms_to(http::Response& page, std::string_view sources) {
  page.headers.set("Content-Security-Policy",
                   fmt::format("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' "
                               "data:; form-action {}; frame-ancestors 'none'; base-uri 'none'",
                               sources));
}

std::string form_source(std::string_view address) {
  const auto url = Url::parse(address);
  if (!url) {
    const std::string_view scheme = address.substr(0, address.find(':'));
    const bool is_scheme = std::ranges::all_of(scheme, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
             c == '-' || c == '+';
    });
    return is_scheme && !scheme.empty() && scheme.size() < address.size() ? fmt::format("{}:", scheme)
                                                                          : "'none'";
  }
  if (url->host().find(':') != std::string::npos) return url->scheme() + ":";
  std::string source = url->origin();
  for (const char c : url->path()) {
    // What would end the source or the directive (CSP section 2.3.1).
    if (c == ';') {
      source += "%3B";
    } else if (c == ',') {
      source += "%2C";
    } else {
      source += c;
    }
  }
  return source;
}

Html problem_note(Language language, const std::optional<Phrase>& problem) {
  if (!problem) return {};
  return html(R"(<p class="problem" id="problem" role="alert">{}</p>
)",
              phrase(language, *problem));
}

Language language_of(const http::Request& request) {
  return negotiate(request.headers.find("Accept-Language"));
}

}  // namespace doorward::pages
