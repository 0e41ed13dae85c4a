#include "session/sessions.h"

namespace doorward::session {

namespace {

metrics::Counter& session_checks(metrics::Registry& metrics, std::string_view labels) {
  return metrics.counter("doorward_session_checks_total",
                         "Requests with a session cookie, by where it was found", labels);
}

}  // namespace

Sessions::Sessions(storage::Database& database, const Clock& clock, SessionOptions options,
                   metrics::Registry& metrics)
    : database_(database),
      clock_(clock),
      options_(options),
      cache_(database, options.lifetime.idle, session_checks(metrics, "from=\"memory\""),
             session_checks(metrics, "from=\"database\"")) {}

std::string_view Sessions::cookie_name() const {
  return options_.secure ? "__Host-doorward_session" : "doorward_session";
}

Result<std::shared_ptr<const Visitor>> Sessions::who(const http::Request& request) {
  const auto cookie = request.cookie(cookie_name());
  if (!cookie) return nullptr;
  const auto token = directory::SessionToken::parse(*cookie);
  if (!token) return nullptr;
  const Timestamp now = clock_.now();
  return cache_.find(token->hash(), now, [&](storage::Transaction& transaction) {
    return directory::find_session(transaction, *token, now);
  });
}

void Sessions::set_cookie(http::Response& response, const directory::SessionToken& token) const {
  http::Cookie cookie;
  cookie.name = cookie_name();
  cookie.value = token.value().reveal();
  cookie.secure = options_.secure;
  response.set_cookie(cookie);
}

void Sessions::clear_cookie(http::Response& response) const {
  http::Cookie cookie;
  cookie.name = cookie_name();
  cookie.secure = options_.secure;
  cookie.max_age = std::chrono::seconds(0);
  response.set_cookie(cookie);
}

Result<void> Sessions::flush() {
  const std::vector<directory::SessionTouch> touches = cache_.take_touches();
  if (touches.empty()) return {};
  return database_.write([&](storage::Transaction& transaction) {
    return directory::touch_sessions(transaction, touches, options_.lifetime.idle);
  });
}

}  // namespace doorward::session
