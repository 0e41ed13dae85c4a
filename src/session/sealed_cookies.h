#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "http/message.h"
#include "json/json.h"

namespace doorward::session {

inline constexpr ErrorCode kNoFlow = "session.no_flow";

/// What is under way in a browser, in cookies of that browser: a sealed one for each flow, found again by the
/// flow's id. Nothing is stored here, and nobody else can go on with a flow.
class SealedCookies {
 public:
  struct Rules {
    /// Of the cookies' names; over https `__Host-` goes before it.
    std::string_view prefix;
    bool secure = true;
    http::SameSite same_site = http::SameSite::Lax;
    std::chrono::seconds lifetime{};
    /// Flows that one browser may have open, so that abandoned ones do not fill its cookie header.
    std::size_t max_open = 6;
  };
  /// What `set` was given; `id` and `started` are members of ours.
  struct Opened {
    std::string id;
    Timestamp started;
    json::Object content;
  };

  SealedCookies(const crypto::Sealer& sealer, const Rules& rules) : sealer_(sealer), rules_(rules) {}

  /// Adds the cookie of a flow and deletes the oldest ones that are too many, or those that no longer open.
  void set(http::Response& response, const http::Request& request, std::string_view id, json::Object content,
           Timestamp started, Timestamp now) const;

  /// The flow with this id in this browser; fails with `kNoFlow` when there is none, when it has expired or
  /// was changed.
  Result<Opened> find(const http::Request& request, std::string_view id, Timestamp now) const;

  /// All of the browser, by their cookies' names.
  std::vector<std::pair<std::string, Result<Opened>>> all(const http::Request& request) const;

  void clear(http::Response& response, std::string_view id) const;

 private:
  std::string cookie_name(std::string_view id) const;
  std::string name_prefix() const;
  /// Visitors choose the names of the cookies they send: only such a name may go back in a Set-Cookie.
  bool is_ours(std::string_view cookie_name) const;
  Result<Opened> open(std::string_view cookie_name, std::string_view value) const;
  http::Cookie cookie(std::string name, std::string value, std::chrono::seconds max_age) const;

  const crypto::Sealer& sealer_;
  Rules rules_;
};

/// `kNoFlow` in words for people; `detail` is for the log.
tl::unexpected<Error> no_flow(std::string detail);

}  // namespace doorward::session
