#include "pages/assets.h"

#include <array>
#include <cstdint>

#include <fmt/format.h>

extern "C" {
extern const char doorward_pages_css[];
extern const char doorward_pages_css_end[];
extern const char doorward_pages_submit_js[];
extern const char doorward_pages_submit_js_end[];
}

namespace doorward::pages {

namespace {

/// FNV-1a: tells versions of a file apart, nothing more.
std::uint64_t fingerprint(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return hash;
}

struct Asset {
  std::string path;
  std::string_view content_type;
  std::string_view content;
};

Asset make_asset(std::string_view stem, std::string_view suffix, std::string_view content_type,
                 const char* begin, const char* end) {
  const std::string_view content(begin, static_cast<std::size_t>(end - begin));
  return {fmt::format("/assets/{}-{:016x}.{}", stem, fingerprint(content), suffix), content_type, content};
}

const std::array<Asset, 2>& assets() {
  static const auto* all = new std::array<Asset, 2>{
      make_asset("pages", "css", "text/css; charset=utf-8", doorward_pages_css, doorward_pages_css_end),
      make_asset("submit", "js", "text/javascript; charset=utf-8", doorward_pages_submit_js,
                 doorward_pages_submit_js_end)};
  return *all;
}

}  // namespace

std::string_view stylesheet_path() {
  return assets()[0].path;
}

std::string_view submit_script_path() {
  return assets()[1].path;
}

Result<http::Response> serve_asset(const http::Request& request) {
  for (const Asset& asset : assets()) {
    if (request.path != asset.path) continue;
    auto response = http::Response::bytes(http::Status::Ok, asset.content_type, std::string(asset.content));
    response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
    return response;
  }
  return fail(ErrorKind::NotFound, "pages.no_asset", "There is no such file.");
}

}  // namespace doorward::pages
