#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "directory/setup_links.h"
#include "http/message.h"
#include "storage/database.h"

namespace doorward::session {

/// Who a request is by a setup link: a cookie apart from that of sessions, which nothing reads but the setup.
/// Each request asks the database, so that whoever loses the link loses it with the next one.
class Delegates {
 public:
  /// A request says with this field, whatever its value, that it comes by a setup link and by nothing else. A
  /// browser may hold both cookies, of different companies even: neither ever stands in for the other.
  static constexpr std::string_view kHeader = "X-Doorward-Setup-Link";
  static bool is_asked(const http::Request& request) { return request.headers.find(kHeader).has_value(); }

  Delegates(storage::Database& database, const Clock& clock, bool secure)
      : database_(database), clock_(clock), secure_(secure) {}
  Delegates(const Delegates&) = delete;
  Delegates& operator=(const Delegates&) = delete;

  /// Nothing when the request does not ask for it, has no cookie, or its link has ended.
  Result<std::optional<directory::Delegate>> who(const http::Request& request) const;

  void set_cookie(http::Response& response, const directory::DelegateSecret& secret,
                  std::chrono::seconds max_age) const;
  void clear_cookie(http::Response& response) const;

 private:
  std::string_view cookie_name() const;

  storage::Database& database_;
  const Clock& clock_;
  const bool secure_;
};

}  // namespace doorward::session
