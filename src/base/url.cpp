#include "base/url.h"

#include <charconv>
#include <memory>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>

#include "base/encoding.h"
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

/// RFC 3986's characters. libcurl, browsers and other readers disagree on what the rest means, a backslash
/// above all.
bool is_url_character(char c) {
  constexpr std::string_view kMarks = "-._~:/?#[]@!$&'()*+,;=%";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

/// The rules that libcurl's parser leaves open; why they are broken, or nothing.
std::string_view fault_of(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F)
      return "it contains a space or a control character";
    if (!is_url_character(c)) {
      return "it contains a character that must be percent-encoded (in a host name, write the xn-- form)";
    }
  }
  const auto colon = text.find("://");
  const std::string scheme = to_ascii_lower(text.substr(0, colon));
  if (colon == std::string_view::npos || (scheme != "https" && scheme != "http")) {
    return "it must begin with https:// or http://";
  }
  if (text.find('#') != std::string_view::npos) return "it contains a fragment (#), which is never sent";
  if (!percent_decode(text)) return "a % is not followed by two hexadecimal digits";
  const std::string_view rest = text.substr(colon + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.empty()) return "it names no host";
  if (authority.find('@') != std::string_view::npos) return "it contains a user name or password";
  if (authority.find('%') != std::string_view::npos) return "its host contains a %";
  return {};
}

/// No empty label, and a host that ends in a number is an IPv4 address: libcurl has brought those into their
/// dotted form already.
bool is_host(const std::string& host) {
  const auto labels = split(host, '.');
  for (const std::string_view label : labels) {
    if (label.empty()) return false;
  }
  if (labels.back().find_first_not_of("0123456789") != std::string_view::npos) return true;
  in_addr address = {};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

/// `%2e%2e` is a dot segment to browsers and to newer versions of libcurl, and an odd name to others.
bool has_encoded_dot_segment(std::string_view path) {
  for (const std::string_view segment : split(path, '/')) {
    const auto name = percent_decode(segment);
    if (name == "." || name == "..") return true;
  }
  return false;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > kMaxLength) return refuse(text, fmt::format("it is longer than {} bytes", kMaxLength));
  if (const auto fault = fault_of(text); !fault.empty()) return refuse(text, fault);
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle(curl_url(), &curl_url_cleanup);
  const auto code = curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), 0);
  if (code != CURLUE_OK) return refuse(text, "it is malformed");
  Url url;
  url.scheme_ = part_of(handle.get(), CURLUPART_SCHEME);
  url.host_ = to_ascii_lower(part_of(handle.get(), CURLUPART_HOST));
  const bool ipv6 = url.host_.size() > 2 && url.host_.front() == '[' && url.host_.back() == ']';
  if (!ipv6 && !is_host(url.host_)) return refuse(text, "its host is neither a name nor an address");
  const std::string authority_host = url.host_;
  if (ipv6) url.host_ = url.host_.substr(1, url.host_.size() - 2);

  const std::string port = part_of(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto [end, status] = std::from_chars(port.data(), port.data() + port.size(), url.port_);
  if (status != std::errc() || end != port.data() + port.size() || url.port_ == 0) {
    return refuse(text, "its port is not a number between 1 and 65535");
  }
  url.path_ = part_of(handle.get(), CURLUPART_PATH);
  if (has_encoded_dot_segment(url.path_)) return refuse(text, "its path contains an encoded . or .. segment");
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
