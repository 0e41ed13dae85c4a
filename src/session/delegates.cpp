#include "session/delegates.h"

namespace doorward::session {

std::string_view Delegates::cookie_name() const {
  return secure_ ? "__Host-doorward_setup" : "doorward_setup";
}

Result<std::optional<directory::Delegate>> Delegates::who(const http::Request& request) const {
  if (!is_asked(request)) return std::nullopt;
  const auto cookie = request.cookie(cookie_name());
  if (!cookie) return std::nullopt;
  const auto secret = directory::DelegateSecret::parse(*cookie);
  if (!secret) return std::nullopt;
  return database_.read([&](storage::Transaction& transaction) {
    return directory::find_delegate(transaction, *secret, clock_.now());
  });
}

void Delegates::set_cookie(http::Response& response, const directory::DelegateSecret& secret,
                           std::chrono::seconds max_age) const {
  http::Cookie cookie;
  cookie.name = cookie_name();
  cookie.value = secret.value().reveal();
  cookie.same_site = http::SameSite::Strict;
  cookie.secure = secure_;
  cookie.max_age = max_age;
  response.set_cookie(cookie);
}

void Delegates::clear_cookie(http::Response& response) const {
  http::Cookie cookie;
  cookie.name = cookie_name();
  cookie.same_site = http::SameSite::Strict;
  cookie.secure = secure_;
  cookie.max_age = std::chrono::seconds(0);
  response.set_cookie(cookie);
}

}  // namespace doorward::session
