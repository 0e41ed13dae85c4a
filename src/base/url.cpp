#include "base/url.h"

#include <charconv>
#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/text.h"

namespace doorward {

namespace {

/// One part of a parsed URL, or nothing when it is absent.
std::string part_of(CURLU* handle, CURLUPart part, unsigned flags = 0) {
  char* value = nullptr;
  if (curl_url_get(handle, part, &value, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owner(value, &curl_free);
  return value;
}

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(ErrorKind::InvalidInput, "url.invalid",
              fmt::format("“{}” is not a usable address: {}.", printable(text), why));
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > kMaxLength) return refuse(text, fmt::format("it is longer than {} bytes", kMaxLength));
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) {
      return refuse(text, "it contains a space or a control character");
    }
  }
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle(curl_url(), &curl_url_cleanup);
  const auto code = curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), 0);
  if (code != CURLUE_OK) {
    return refuse(text, code == CURLUE_BAD_SCHEME || text.find("://") == std::string_view::npos
                            ? "it must begin with https:// or http://"
                            : "it is malformed");
  }
  Url url;
  url.scheme_ = part_of(handle.get(), CURLUPART_SCHEME);
  if (url.scheme_ != "https" && url.scheme_ != "http")
    return refuse(text, "it must begin with https:// or http://");
  if (!part_of(handle.get(), CURLUPART_USER).empty() || !part_of(handle.get(), CURLUPART_PASSWORD).empty()) {
    return refuse(text, "it contains a user name or password");
  }
  url.host_ = to_ascii_lower(part_of(handle.get(), CURLUPART_HOST));
  const bool ipv6 = url.host_.size() > 2 && url.host_.front() == '[' && url.host_.back() == ']';
  if (url.host_.empty()) return refuse(text, "it names no host");
  const std::string authority_host = url.host_;
  if (ipv6) url.host_ = url.host_.substr(1, url.host_.size() - 2);

  const std::string port = part_of(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto [end, status] = std::from_chars(port.data(), port.data() + port.size(), url.port_);
  if (status != std::errc() || end != port.data() + port.size() || url.port_ == 0) {
    return refuse(text, "its port is not a number between 1 and 65535");
  }
  url.path_ = part_of(handle.get(), CURLUPART_PATH);
  url.query_ = part_of(handle.get(), CURLUPART_QUERY);

  const bool default_port = url.port_ == (url.is_https() ? 443 : 80);
  url.origin_ = fmt::format("{}://{}", url.scheme_, authority_host);
  if (!default_port) url.origin_ += fmt::format(":{}", url.port_);
  url.text_ = url.origin_ + url.path_;
  if (!url.query_.empty()) url.text_ += '?' + url.query_;
  return url;
}

bool Url::is_loopback() const {
  return host_ == "localhost" || host_ == "::1" ||
         (host_.starts_with("127.") && host_.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace doorward
