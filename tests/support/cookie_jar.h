#pragma once

#include <map>
#include <string>

#include "http/message.h"

namespace doorward::test {

/// A browser's cookies, as far as tests of one origin need them.
class CookieJar {
 public:
  /// Takes over what an answer sets and deletes.
  void keep(const http::Response& response) {
    for (const auto& [field, value] : response.headers.all()) {
      if (field != "Set-Cookie") continue;
      const auto equals = value.find('=');
      const std::string name = value.substr(0, equals);
      if (value.find("Max-Age=0") != std::string::npos) {
        cookies_.erase(name);
      } else {
        cookies_[name] = value.substr(equals + 1, value.find(';') - equals - 1);
      }
    }
  }

  void send_with(http::Request& request) const {
    std::string header;
    for (const auto& [name, value] : cookies_)
      header += (header.empty() ? "" : "; ") + name + "=" + value;
    if (!header.empty()) request.headers.set("Cookie", header);
  }

  const std::map<std::string, std::string>& all() const { return cookies_; }

 private:
  std::map<std::string, std::string> cookies_;
};

}  // namespace doorward::test
