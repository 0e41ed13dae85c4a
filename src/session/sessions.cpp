#include "session/sessions.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace doorward::session {

namespace {

std::string employee_key(directory::AccountId account, directory::EmployeeId employee) {
  return fmt::format("{}/{}", account.value, employee.value);
}

}  // namespace

Sessions::Sessions(storage::Database& database, const Clock& clock, SessionOptions options,
                   metrics::Registry& metrics)
    : database_(database),
      clock_(clock),
      options_(options),
      hits_(metrics.counter("doorward_session_checks_total",
                            "Requests with a session cookie, by where it was found", "from=\"memory\"")),
      misses_(metrics.counter("doorward_session_checks_total",
                              "Requests with a session cookie, by where it was found", "from=\"database\"")) {
  directory::on_notice(database_, [this](const directory::Notice& notice) { forget(notice); });
}

std::string_view Sessions::cookie_name() const {
  return options_.secure ? "__Host-doorward_session" : "doorward_session";
}

Result<std::shared_ptr<const Visitor>> Sessions::who(const http::Request& request) {
  const auto cookie = request.cookie(cookie_name());
  if (!cookie) return nullptr;
  const auto token = directory::SessionToken::parse(*cookie);
  if (!token) return nullptr;
  RETURN_IF_ERROR(follow_other_processes());

  const Timestamp now = clock_.now();
  if (auto cached = find_cached(token->hash(), now)) {
    hits_.add();
    return cached;
  }
  misses_.add();
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
  }
  ASSIGN_OR_RETURN(auto found, database_.read([&](storage::Transaction& transaction) {
    return directory::find_session(transaction, *token, now);
  }));
  if (!found) return nullptr;
  auto visitor = std::make_shared<const Visitor>(*std::move(found));
  keep(token->hash(), visitor, generation, now);
  return visitor;
}

Result<void> Sessions::follow_other_processes() {
  ASSIGN_OR_RETURN(const std::int64_t version, database_.foreign_version());
  const std::lock_guard lock(mutex_);
  if (version == foreign_version_) return {};
  foreign_version_ = version;
  forget_all();
  return {};
}

std::shared_ptr<const Visitor> Sessions::find_cached(const Bytes& hash, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_token_.find(hash);
  if (found == by_token_.end()) return nullptr;
  Entry& entry = found->second;
  const directory::Session& session = entry.visitor->session;
  if (now >= entry.idle_expires_at || now >= session.expires_at) {
    erase(hash);
    return nullptr;
  }
  entry.idle_expires_at = now + options_.lifetime.idle;
  if (now - entry.touched_at >= kTouchInterval) {
    entry.touched_at = now;
    touches_[session.id.value] = {session.account, session.id, now};
  }
  return entry.visitor;
}

void Sessions::keep(const Bytes& hash, std::shared_ptr<const Visitor> visitor, std::uint64_t generation,
                    Timestamp now) {
  const std::lock_guard lock(mutex_);
  // Something was forgotten while this was read: it may be what was read.
  if (generation != generation_) return;
  if (by_token_.size() >= kMaxCached) erase(Bytes(by_token_.begin()->first));
  const directory::Session& session = visitor->session;
  auto& tokens = by_employee_[employee_key(session.account, session.employee)];
  if (std::find(tokens.begin(), tokens.end(), hash) == tokens.end()) tokens.push_back(hash);
  if (now - session.last_seen_at >= kTouchInterval)
    touches_[session.id.value] = {session.account, session.id, now};
  by_token_[hash] = Entry{std::move(visitor), now + options_.lifetime.idle, now};
}

void Sessions::erase(const Bytes& hash) {
  const auto found = by_token_.find(hash);
  if (found == by_token_.end()) return;
  const directory::Session& session = found->second.visitor->session;
  const auto owner = by_employee_.find(employee_key(session.account, session.employee));
  if (owner != by_employee_.end()) {
    std::erase(owner->second, hash);
    if (owner->second.empty()) by_employee_.erase(owner);
  }
  by_token_.erase(found);
}

void Sessions::forget_all() {
  ++generation_;
  by_token_.clear();
  by_employee_.clear();
}

void Sessions::forget(const directory::Notice& notice) {
  const std::lock_guard lock(mutex_);
  ++generation_;
  if (notice.employee) {
    const auto owner = by_employee_.find(employee_key(notice.account, *notice.employee));
    if (owner == by_employee_.end()) return;
    for (const Bytes& hash : owner->second)
      by_token_.erase(hash);
    by_employee_.erase(owner);
    return;
  }
  std::vector<Bytes> gone;
  for (const auto& [hash, entry] : by_token_) {
    const directory::Session& session = entry.visitor->session;
    if (session.account == notice.account && (!notice.session || session.id == *notice.session))
      gone.push_back(hash);
  }
  for (const Bytes& hash : gone)
    erase(hash);
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
  std::vector<directory::SessionTouch> touches;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, touch] : touches_)
      touches.push_back(touch);
    touches_.clear();
  }
  if (touches.empty()) return {};
  return database_.write([&](storage::Transaction& transaction) {
    return directory::touch_sessions(transaction, touches, options_.lifetime.idle);
  });
}

}  // namespace doorward::session
