#include "pages/assets.h"

#include "http/assets.h"

extern "C" {
extern const char doorward_colours_css[];
extern const char doorward_colours_css_end[];
extern const char doorward_pages_css[];
extern const char doorward_pages_css_end[];
extern const char doorward_pages_submit_js[];
extern const char doorward_pages_submit_js_end[];
}

namespace doorward::pages {

namespace {

struct PageAssets {
  http::Assets files{"/assets/"};
  std::string stylesheet = files.add("pages", "css", "text/css; charset=utf-8",
                                     http::embedded(doorward_colours_css, doorward_colours_css_end) +
                                         http::embedded(doorward_pages_css, doorward_pages_css_end));
  std::string submit_script =
      files.add("submit", "js", "text/javascript; charset=utf-8",
                http::embedded(doorward_pages_submit_js, doorward_pages_submit_js_end));
};

const PageAssets& page_assets() {
  static const auto* assets = new PageAssets;
  return *assets;
}

}  // namespace

std::string_view stylesheet_path() {
  return page_assets().stylesheet;
}

std::string_view submit_script_path() {
  return page_assets().submit_script;
}

Result<http::Response> serve_asset(const http::Request& request) {
  return page_assets().files.serve(request);
}

}  // namespace doorward::pages
