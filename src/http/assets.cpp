#include "http/assets.h"

#include <cstdint>

#include <fmt/format.h>

namespace doorward::http {

namespace {

/// FNV-1a: tells versions of a file apart, nothing more.
std::uint64_t fingerprint(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return hash;
}

}  // namespace

std::string Assets::add(std::string_view stem, std::string_view suffix, std::string_view content_type,
                        std::string content) {
  std::string path = fmt::format("{}{}-{:016x}.{}", folder_, stem, fingerprint(content), suffix);
  assets_.push_back({path, std::string(content_type), std::move(content)});
  return path;
}

Result<Response> Assets::serve(const Request& request) const {
  for (const Asset& asset : assets_) {
    if (request.path != asset.path) continue;
    auto response = Response::bytes(Status::Ok, asset.content_type, asset.content);
    response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
    return response;
  }
  return fail(ErrorKind::NotFound, "http.no_asset", "There is no such file.");
}

}  // namespace doorward::http
