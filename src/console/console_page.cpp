#include "console/console_page.h"

#include <fmt/format.h>

#include "http/assets.h"

extern "C" {
extern const char doorward_console_css[];
extern const char doorward_console_css_end[];
extern const char doorward_console_js[];
extern const char doorward_console_js_end[];
}

namespace doorward::console {

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

struct Bundle {
  http::Assets files{"/console/assets/"};
  std::string stylesheet = files.add("console", "css", "text/css; charset=utf-8",
                                     http::embedded(doorward_console_css, doorward_console_css_end));
  std::string script = files.add("console", "js", "text/javascript; charset=utf-8",
                                 http::embedded(doorward_console_js, doorward_console_js_end));
  std::string page = fmt::format(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Doorward</title>
<link rel="stylesheet" href="{}">
<link rel="icon" href="data:,">
<script type="module" src="{}"></script>
</head>
<body>
<div id="console"></div>
<noscript><p>The console needs JavaScript. Signing in works without it.</p></noscript>
</body>
</html>
)",
                                 stylesheet, script);
};

const Bundle& bundle() {
  static const auto* made = new Bundle;
  return *made;
}

}  // namespace

Result<http::Response> console_page(const http::Request&) {
  auto response = http::Response::html(http::Status::Ok, bundle().page);
  response.headers.set("Content-Security-Policy", kPolicy);
  return response;
}

Result<http::Response> console_asset(const http::Request& request) {
  return bundle().files.serve(request);
}

}  // namespace doorward::console
