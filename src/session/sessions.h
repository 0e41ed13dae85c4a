#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/metrics.h"
#include "base/result.h"
#include "directory/notices.h"
#include "directory/sessions.h"
#include "http/message.h"
#include "storage/database.h"

namespace doorward::session {

struct SessionOptions {
  /// Our public URL is https: the cookie is `__Host-doorward_session` and `Secure`.
  bool secure = true;
  directory::SessionLifetime lifetime;
};

/// Somebody's session as it is kept in memory.
class Visitor : public directory::SignedIn {
 public:
  explicit Visitor(directory::SignedIn signed_in) : SignedIn(std::move(signed_in)) {}

  /// What `describe` made of this first: an answer that is the same for every request of the session.
  template <class Describe>
  const std::string& described(Describe describe) const {
    std::call_once(once_, [&] { description_ = describe(*this); });
    return description_;
  }

 private:
  mutable std::once_flag once_;
  mutable std::string description_;
};

/// Who a request is. Sessions are found in memory; what ends one, on this node, on another or in another
/// process, makes the memory forget it before that change is answered.
class Sessions {
 public:
  /// Sessions kept in memory; the others are found in the database.
  static constexpr std::size_t kMaxCached = 20'000;
  /// How far the stored last-seen time may lag behind.
  static constexpr std::chrono::seconds kTouchInterval{60};

  Sessions(storage::Database& database, const Clock& clock, SessionOptions options,
           metrics::Registry& metrics);
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  /// Null when the request has no cookie, or its session has ended.
  Result<std::shared_ptr<const Visitor>> who(const http::Request& request);

  /// The cookie for a session that was created with `token`.
  void set_cookie(http::Response& response, const directory::SessionToken& token) const;
  void clear_cookie(http::Response& response) const;

  const directory::SessionLifetime& lifetime() const { return options_.lifetime; }

  /// Writes the last-seen times that were collected. Call it about once a minute and at the end.
  Result<void> flush();

 private:
  struct Entry {
    std::shared_ptr<const Visitor> visitor;
    Timestamp idle_expires_at;
    Timestamp touched_at;
  };

  void forget(const directory::Notice& notice);
  void forget_all();
  /// Drops everything when another process has written since the last call.
  Result<void> follow_other_processes();
  std::shared_ptr<const Visitor> find_cached(const Bytes& hash, Timestamp now);
  void keep(const Bytes& hash, std::shared_ptr<const Visitor> visitor, std::uint64_t generation,
            Timestamp now);
  std::string_view cookie_name() const;
  void erase(const Bytes& hash);

  storage::Database& database_;
  const Clock& clock_;
  const SessionOptions options_;
  metrics::Counter& hits_;
  metrics::Counter& misses_;

  std::mutex mutex_;  // Guards what follows.
  std::unordered_map<Bytes, Entry> by_token_;
  /// The tokens of an employee, to forget them by. The key holds account and employee.
  std::unordered_map<std::string, std::vector<Bytes>> by_employee_;
  std::unordered_map<std::int64_t, directory::SessionTouch> touches_;
  std::int64_t foreign_version_ = -1;
  /// Grows with everything that is forgotten: what was read before must not be kept after.
  std::uint64_t generation_ = 0;
};

}  // namespace doorward::session
