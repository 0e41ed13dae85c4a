#include "pages/layout.h"

#include <fmt/format.h>

#include "pages/assets.h"

namespace doorward::pages {

namespace {

constexpr std::string_view kPolicyOwnForms =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'";
// Plain http only matters for development; a page served over https cannot post to it unnoticed.
constexpr std::string_view kPolicyProviderForms =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self' "
    "https: http:; "
    "frame-ancestors 'none'; base-uri 'none'";

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
  const std::string_view at_home = forms == FormTarget::Ourselves ? kPolicyOwnForms : kPolicyProviderForms;
  response.headers.set("Content-Security-Policy",
                       our_origin.empty() ? std::string(at_home) : policy_abroad(our_origin));
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("Content-Language", language_tag(language));
  response.headers.set("Vary", "Accept-Language");
  return response;
}

Language language_of(const http::Request& request) {
  return negotiate(request.headers.find("Accept-Language"));
}

}  // namespace doorward::pages
